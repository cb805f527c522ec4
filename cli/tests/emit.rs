//! `--emit`, `--list` and the other windows into the compiler.

mod common;
use common::{Folder, have};

const SQUARE: &str = "def square(x: int) -> int:\n    return x * x\n";

#[test]
fn assembly_comes_without_a_subcommand() {
    let folder = Folder::with("f.py", SQUARE);
    let text = folder.run(&["--emit", "asm", "f.py"]).ok();
    assert!(text.contains("square:") && text.contains("imul"), "{text}");
    assert_eq!(folder.names(), ["f.py"], "nothing else is written");
    if have("as") {
        folder.write("f.s", &text);
        folder.tool("as", &["f.s", "-o", "f.o"]);
    }
}

#[test]
fn every_stage_can_be_seen_in_one_run() {
    let folder = Folder::with("f.py", SQUARE);
    let stages = "ast=ast.txt,hir=hir.txt,ir=ir.pir,opt=opt.pir,vcode=vcode.txt,ra=ra.txt,asm=asm.s";
    folder.run(&["--emit", stages, "--emit", "obj=f.o", "f.py"]).ok();
    for (name, part) in [
        ("ast.txt", "FunctionDef"),
        ("hir.txt", "square"),
        ("ir.pir", "smul_overflow"),
        ("opt.pir", "square"),
        ("vcode.txt", "imul"),
        ("ra.txt", "imul"),
        ("asm.s", "imul"),
    ] {
        let text = folder.text(name);
        let part = if name == "ra.txt" { "" } else { part };
        assert!(!text.is_empty() && text.contains(part), "{name}:\n{text}");
    }
    assert_eq!(&folder.read("f.o")[..4], b"\x7fELF");
    let both = folder.run(&["--emit", "hir,ir", "f.py"]).ok();
    assert!(both.starts_with("; ---- hir\n") && both.contains("; ---- ir\n"), "{both}");
}

#[test]
fn emitted_ir_parses_and_its_print_is_stable() {
    let folder = Folder::with("f.py", SQUARE);
    for stage in ["ir", "opt"] {
        folder.run(&["--emit", &format!("{stage}=f.pir"), "f.py"]).ok();
        let once = folder.run(&["cat", "f.pir"]).ok();
        folder.write("g.pir", &once);
        assert_eq!(folder.run(&["cat", "g.pir"]).ok(), once);
    }
}

#[test]
fn lists_are_not_empty() {
    let folder = Folder::new();
    for (list, part) in [
        ("targets", "x86_64-unknown-linux-gnu (this machine)"),
        ("passes", "dce"),
        ("opcodes", "iadd"),
        ("helpers", "pyexec_big_add"),
        ("constructs", "while"),
    ] {
        let text = folder.run(&["--list", list]).ok();
        assert!(text.to_lowercase().contains(part), "{list}:\n{text}");
    }
}

#[test]
fn times_and_changes() {
    let folder = Folder::with("f.py", "print(6 * 7)\n");
    let ran = folder.run(&["run", "--time-passes", "f.py"]);
    assert_eq!(ran.stdout, "42\n");
    for stage in ["parse", "infer", "lower", "select", "allocate", "encode", "link"] {
        assert!(ran.stderr.contains(stage), "{stage} is missing in\n{}", ran.stderr);
    }
    let changed = folder.run(&["build", "--print-changed", "f.py", "-o", "f.o"]).ok();
    assert!(changed.contains("; ---- after lower"), "{changed}");
}

#[test]
fn completions_and_manual() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.run(&["completions", shell]).ok().contains("pyexec-cg"));
    }
    assert!(folder.run(&["man"]).ok().contains(".TH pyexec-cg"));
    assert!(folder.run(&["--version"]).ok().starts_with("pyexec-cg "));
    assert!(folder.run(&["--help"]).ok().contains("Exit status"));
}

#[test]
fn module_level_code_can_be_seen_though_nothing_is_exported() {
    let folder = Folder::with("f.py", "print(6 * 7)\n");
    let ran = folder.run(&["--emit", "asm", "f.py"]);
    assert!(ran.stdout.contains("__main__:") && ran.stderr.is_empty(), "{ran:?}");
    let ran = folder.run(&["build", "f.py", "-o", "f.o"]);
    assert!(ran.status == 0 && ran.stderr.contains("warning[W0901]"), "{ran:?}");
}

#[test]
fn allocations_are_checked() {
    let folder = Folder::with(
        "f.py",
        "def f(x: float) -> float:\n    return x * x\n\ndef g(y: float) -> float:\n    return y\n",
    );
    folder.run(&["--emit", "ra=f.ra", "f.py"]).ok();
    let text = folder.text("f.ra");
    assert_eq!(text.matches("solution").count(), text.matches("machine").count());
    let printed = folder.run(&["cat", "f.ra"]).ok();
    assert_eq!(printed.matches("solution").count(), text.matches("solution").count());
    folder.write("bad.ra", text.replacen("fixed(f0)", "fixed(f99)", 1));
    folder.run(&["cat", "bad.ra"]).fails(1, &["bad.ra:", "f99"]);
    folder.write("wrong.ra", text.replacen("i1: f0", "i1: f1", 1));
    folder.run(&["cat", "wrong.ra"]).fails(1, &["R0002", "f1 does not hold"]);
}
