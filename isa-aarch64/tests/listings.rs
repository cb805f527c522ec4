//! Listings of whole modules assemble to our bytes: the samples of the IR's text form, and any others in
//! the folder that `PYEXEC_PIR_DIR` names (what `--emit opt` wrote).

mod common;

use common::native::{can_run, check_assembled, compile, listing};
use common::{Dir, Rng};
use pyexec_ir::{Builder, CallConv, Func, Linkage, Module, Signature, Type};
use pyexec_isa_aarch64::A64Target;

fn check(name: &str, text: &str) {
    let module = pyexec_ir::parse_module(text, 0).unwrap_or_else(|e| panic!("{name}: {e:#?}"));
    for opt_level in [0, 2] {
        check_module(name, &module, opt_level);
    }
}

fn check_module(name: &str, module: &Module, opt_level: u8) {
    let blobs = compile(&A64Target::default(), module, opt_level);
    let dir = Dir::new("listing");
    let asm = dir.write("code.s", listing(module, &blobs));
    println!("{name} -O{opt_level}: {} functions", blobs.len());
    check_assembled(&dir, &asm, &blobs);
}

#[test]
fn samples_assemble_to_the_same_bytes() {
    if !can_run("listings") {
        return;
    }
    check("kernels", include_str!("kernels/kernels.pir"));
    let Some(folder) = std::env::var_os("PYEXEC_PIR_DIR") else { return };
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the folder").flatten().map(|f| f.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "pir"));
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a text file");
        check(&file.display().to_string(), &text);
    }
}

/// Names that the assembler would take for something else, or not take at all.
#[test]
fn any_name_is_a_symbol() {
    if !can_run("names") {
        return;
    }
    let mut module = Module::new();
    let mut previous = None;
    let mut rng = Rng(3);
    let odd =
        ["x0", "w5", "sp", "xzr", "d7", "v1", "lsl", "eq", "add", "Foo.bar", "f<locals>", "a b", "é", "1st"];
    for name in odd {
        let sig = Signature::new(CallConv::Fast, &[Type::I64], &[Type::I64]);
        let mut func = Func::new(name, sig, Linkage::Export);
        let entry = func.add_block();
        let x = func.add_param(entry, Type::I64);
        let mut b = Builder::new(&mut func, entry);
        let mut y = b.iconst(Type::I64, rng.next() as i64);
        if let Some(callee) = previous {
            let call = b.call(callee, &[Type::I64], &[x]);
            y = b.func.results(call).next().expect("a result");
            let address = b.func_addr(callee);
            y = b.plain(pyexec_ir::Opcode::Iadd, &[y, address]);
        }
        b.ret(&[y]);
        previous = Some(module.funcs.push(func));
    }
    check_module("names", &module, 1);
}
