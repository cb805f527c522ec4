//! The text form: printing and parsing are inverse, and errors are many, placed and never a panic.

use proptest::prelude::*;
use pyexec_base::Diagnostic;
use pyexec_ir::{Module, parse_module};

const SAMPLE: &str = include_str!("sample.pir");

fn parse(text: &str) -> Module {
    parse_module(text, 0).unwrap_or_else(|errors| panic!("{errors:#?}"))
}
fn errors(text: &str) -> Vec<Diagnostic> {
    parse_module(text, 0).expect_err("the text is wrong")
}

#[test]
fn the_sample_is_canonical() {
    let module = parse(SAMPLE);
    assert_eq!(module.to_string(), SAMPLE);
    assert_eq!(parse(&module.to_string()), module);
    assert_eq!(module.compacted(), module);
}

#[test]
fn the_grammar_pages_example_is_canonical() {
    let page = include_str!("../../docs/ir-grammar.md");
    let example = page.split("```pir\n").nth(1).and_then(|rest| rest.split("```").next());
    let example = example.expect("the page has an example");
    assert_eq!(parse(example).to_string(), example);
}

#[test]
fn ids_may_have_gaps_and_any_order() {
    let text = "sig7 = c () -> ()\nsig3 = fast (i8) -> ()\n\
        func fast local @f(i64) -> (i64) { ; a comment\n\
        b9(v5: i64):\r\n jump b2\n b4(v1: i64): \n ret v1 @7\n\n cold b2:\n v0 = iconst.i64 0x10\n jump b4(v0)\n}";
    let expected = "sig0 = c () -> ()\nsig1 = fast (i8) -> ()\n\nfunc fast local @f(i64) -> (i64) {\n\
        b0(v0: i64):\n  jump b2\nb1(v1: i64):\n  ret v1 @7\ncold b2:\n  v2 = iconst.i64 16\n  jump b1(v2)\n}\n";
    assert_eq!(parse(text).to_string(), expected);
}

#[test]
fn floats_may_be_written_in_decimal() {
    let text = "func c local @f() -> () {\nb0:\n v0 = fconst.f64 -1.5e-3\n v1 = fconst.f32 inf\n ret\n}";
    let printed = parse(text).to_string();
    assert!(printed.contains("fconst.f64 0xbf589374bc6a7efa") && printed.contains("fconst.f32 0x7f800000"));
}

#[test]
fn every_error_of_a_text_is_reported_with_its_place() {
    let text = "func fast local @f(i64) -> (i64) {\nb0(v0: i64):\n  v1 = iad.i64 v0, v0\n  v2 = iadd v0, v0\n  ret v1 v2\n}\nfunk";
    let found = errors(text);
    assert_eq!(found.len(), 4, "{found:#?}");
    for (error, at) in found.iter().zip(["iad.i64", "iadd ", "v2\n}", "funk"]) {
        let span = error.span.expect("a span");
        assert_eq!(text.find(at), Some(span.lo as usize), "{error:?}");
    }
}

#[test]
fn names_are_looked_up_and_defined_once() {
    let text = "global local data @g: size 8, align 8\nfunc c local @g() -> () {\nslot s0: size 1, align 1\nslot s0: size 1, align 1\n\
        b0:\n v0 = stack_addr s3\n v0 = global_addr @f\n call @nowhere(v9)\n jump b7\nb0:\n v1 = call @g()\n v4 = call_indirect sig0 v0()\n}\n\
        func c import @f() -> ()\n";
    let found = errors(text);
    let has = |what: &str| assert!(found.iter().any(|e| e.message.contains(what)), "{what}: {found:#?}");
    for what in [
        "`@g` is defined twice",
        "s0 is defined twice",
        "v0 is defined twice",
        "b0 is defined twice",
        "defines s3",
    ] {
        has(what);
    }
    for what in
        ["`@f` is a function, not a global", "defines `@nowhere`", "defines v9", "defines b7", "defines sig0"]
    {
        has(what);
    }
    has("`@g` is a global, not a function");
}

#[test]
fn nonsense_is_refused() {
    let texts = [
        "func c import @\"a",
        "global local data @g: size -1, align 8",
        "func",
        "@",
        "\"",
        "sig0 = c (..., i64) -> ()",
        "global local data @g: size 1, align 1 = \"\\q\"",
        "func c import @\"\\xff\"() -> ()",
        "func c local @f() -> () {",
        "func c local @f() -> () {\nv0 = iconst.i64 0\n}",
        "sig0 = c (i64) -> (i64) x",
        "func c local @f() -> () {\nb01:\n}",
        "}",
        "func c local @f() -> () {\nb0:\nv0 = iconst.i64 18446744073709551616\nret\n}",
        "sig0 = c (byval(size 1) -> ()",
        "func c local @f() -> () {\nb0:\nret @4294967295\n}",
        "global local data @g: size 1, align 1 = \"é",
    ];
    for text in texts {
        assert!(!errors(text).is_empty(), "{text}");
    }
    let many = "x\n".repeat(1000);
    assert_eq!(errors(&many).len(), 100);
}

/// Pieces from which texts near the grammar are made.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "func ",
        "fast ",
        "c ",
        "local ",
        "import ",
        "@f",
        "(",
        ")",
        "i64",
        "f32",
        "->",
        " {\n",
        "}\n",
        "b0",
        "b1",
        ":",
        "\n",
        "v0",
        "v1",
        " = ",
        "iadd.i64 ",
        "iconst.i8 ",
        "ret ",
        "jump ",
        "br_table ",
        "[",
        "]",
        ",",
        "-",
        "+",
        "1",
        "0x",
        "9999999999999999999999",
        "@3",
        "\"",
        "\\x",
        "é",
        ";",
        "global ",
        "data ",
        "const ",
        "size ",
        "align ",
        "relocs ",
        "sig0",
        "call ",
        "call_indirect ",
        "load.f64 ",
        "unknown ",
        "slot ",
        "s0",
        "cold ",
        "...",
        "byval(",
        "result(",
        " at ",
        "\0",
        "\u{7f}",
        "trap ",
        "div_zero",
        "fconst.f32 ",
        "1e",
        "nan",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in pieces()) {
        if let Ok(module) = parse_module(&text, 5) {
            let printed = module.to_string();
            prop_assert_eq!(parse(&printed).to_string(), printed);
        }
    }

    #[test]
    fn no_text_at_all_is_a_panic(text in ".{0,200}") {
        let _ = parse_module(&text, 0);
    }

    #[test]
    fn no_damage_to_a_text_is_a_panic(at in 0..SAMPLE.len(), len in 0usize..40, piece in pieces()) {
        let cut = |mut i: usize| { while !SAMPLE.is_char_boundary(i) { i -= 1 } i };
        let (lo, hi) = (cut(at), cut((at + len).min(SAMPLE.len())));
        let text = format!("{}{}{}", &SAMPLE[..lo], piece, &SAMPLE[hi..]);
        match parse_module(&text, 0) {
            Ok(module) => {
                let printed = module.to_string();
                prop_assert_eq!(parse(&printed).to_string(), printed);
            }
            Err(errors) => {
                for error in errors {
                    let span = error.span.expect("a span");
                    prop_assert!(span.lo <= span.hi && span.hi as usize <= text.len());
                }
            }
        }
    }
}
