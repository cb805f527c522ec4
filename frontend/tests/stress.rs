//! Deep and long sources: an answer or an error, in time and memory in proportion to the source.

mod common;

use common::compiled;
use pyexec_frontend::Options;
use std::time::Instant;

fn outcome(source: &str) -> Result<(), String> {
    compiled(source, &Options::default()).map(|_| ()).map_err(|errors| errors.concat())
}

#[test]
fn deep_nesting_works_or_is_an_error() {
    let fine = [
        format!("x = {}1{}\n", "(".repeat(2000), ")".repeat(2000)),
        format!("x = {}True\n", "not ".repeat(900)),
        format!("x = {}\n", ["1"; 900].join(" + ")),
        (0..99).fold(String::from("x = 1\n"), |s, i| s + &" ".repeat(i) + "if x == 1:\n")
            + &" ".repeat(99)
            + "x = 2\n",
    ];
    for source in fine {
        assert_eq!(outcome(&source), Ok(()), "{}", &source[..60]);
    }
    let too_deep = [
        format!("x = {}1{}\n", "[".repeat(3000), "]".repeat(3000)),
        format!("x = {}1\n", "-".repeat(100_000)),
        format!("x = {}1\n", "a ** ".repeat(50_000)),
        format!("x = {}1\n", "1 + ".repeat(50_000)),
        format!("x = a{}\n", ".b".repeat(50_000)),
        format!("x = a{}\n", "()".repeat(50_000)),
        format!("x = {}1\n", "1 if a else ".repeat(20_000)),
        format!("x = {}1\n", "lambda: ".repeat(20_000)),
        format!("match 1:\n  case {}1{}: pass\n", "(".repeat(5000), ")".repeat(5000)),
    ];
    for source in too_deep {
        let message = outcome(&source).expect_err(&source[..60]);
        assert!(message.contains("error[E00"), "{message}");
    }
}

#[test]
fn long_chains_of_calls_and_elifs_compile() {
    let calls: String = (0..500).map(|i| format!("def f{i}(x): return f{}(x) + 1\n", i + 1)).collect();
    assert_eq!(outcome(&format!("{calls}def f500(x): return x\nprint(f0(1))\n")), Ok(()));
    let elifs: String = (1..3000).map(|i| format!("    elif x == {i}: return {i}\n")).collect();
    let source = format!("def f(x: int) -> int:\n    if x == 0: return 0\n{elifs}    return -1\n");
    assert_eq!(outcome(&source), Ok(()));
    let loops: String = (0..19).map(|i| format!("{}for i{i} in range(n):\n", "    ".repeat(i + 1))).collect();
    let source =
        format!("def f(n: int) -> int:\n    s = 0\n{loops}{}s += 1\n    return s\n", "    ".repeat(20));
    assert_eq!(outcome(&source), Ok(()));
}

/// A function of `lines` lines, all of which depend on one another.
fn long_function(lines: usize) -> String {
    let body: String = (0..lines)
        .map(|i| match i % 4 {
            0 => format!("    x = x * {} % 1000003 + {i}\n", i % 7 + 1),
            1 => format!("    if x > {i}: y = x\n"),
            2 => "    x = x // (y + 1)\n".to_owned(),
            _ => format!("    y = y ^ {i}\n"),
        })
        .collect();
    format!("def f(x: int) -> int:\n    y = 1\n{body}    return x\nprint(f(3))\n")
}

#[test]
fn time_grows_with_the_length_of_a_function() {
    let time = |lines: usize| {
        let source = long_function(lines);
        (0..3)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(outcome(&source), Ok(()));
                start.elapsed()
            })
            .min()
            .expect("three runs")
    };
    let (short, long) = (time(2_000), time(20_000));
    // Ten times the lines: ten times the time, with room for a busy machine.
    assert!(long < short * 40, "{short:?} for 2,000 lines, {long:?} for 20,000");
}

#[test]
fn bytes_that_are_no_program_do_not_panic() {
    let pieces = [
        "def f(",
        ":",
        "\n    ",
        "if x",
        "else",
        "(",
        ")",
        "[",
        "{",
        "'''",
        "f'{",
        "}",
        "=",
        ":=",
        "*",
        "**",
        "1e999",
        "0x",
        "lambda",
        "é",
        "\u{0}",
        "\t",
        "#",
        "\\\n",
        "match x:\n case ",
        "try:",
        "finally",
        "@",
        ";",
        ",",
        "...",
        "return",
    ];
    let mut state = 12345u64;
    for _ in 0..2000 {
        let mut source = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            source.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            source.push(' ');
        }
        let _ = outcome(&source);
    }
}
