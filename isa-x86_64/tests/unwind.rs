//! Unwinding rules against the instructions themselves: at every instruction, the distance that the rules
//! give from rsp to the CFA is the distance that pushes, pops and adjustments have made, and every saved
//! register lies where the rules say.

mod common;

use common::compile;
use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register};
use pyexec_codegen::{CodeBlob, UnwindOp};
use pyexec_ir::{Builder, CallConv, Func, Linkage, Module, Opcode, Region, Signature, SlotData, Type, Value};
use pyexec_isa_x86_64::{CpuFeatures, X86Target};
use std::collections::BTreeMap;

/// A function with many values alive across a call, a slot of `size` bytes, and an early return.
fn func(n: usize, alive: usize, size: u32) -> Func {
    let sig = Signature::new(CallConv::C, &[Type::I64], &[Type::I64]);
    let mut func = Func::new(format!("f{n}"), sig, Linkage::Export);
    let (entry, early, rest) = (func.add_block(), func.add_block(), func.add_block());
    let param = func.add_param(entry, Type::I64);
    let slot = func.slots.push(SlotData { size: size.max(8), align: 8 });
    let mut b = Builder::new(&mut func, entry);
    let values: Vec<Value> = (0..alive as i64)
        .map(|i| {
            let c = b.iconst(Type::I64, 3 * i + 1);
            b.plain(Opcode::Imul, &[param, c])
        })
        .collect();
    let zero = b.iconst(Type::I64, 0);
    let cond = b.plain(Opcode::Eq, &[param, zero]);
    b.br_if(cond, (early, &[]), (rest, &[]));
    b.switch_to(early);
    b.ret(&[param]);
    b.switch_to(rest);
    if size > 0 {
        let address = b.stack_addr(slot, 0);
        b.store(Region::Stack, param, address, 0);
    }
    if alive > 0 {
        b.call(pyexec_ir::FuncId::new(0), &[], &[]);
    }
    let sum = values.iter().fold(param, |sum, v| b.plain(Opcode::Iadd, &[sum, *v]));
    b.ret(&[sum]);
    func
}

fn adjusts_rsp(inst: &Instruction) -> i64 {
    let rsp = inst.op0_register() == Register::RSP && inst.op1_kind() != OpKind::Register;
    match inst.mnemonic() {
        Mnemonic::Push => 8,
        Mnemonic::Pop => -8,
        Mnemonic::Sub if rsp => inst.immediate(1) as i64,
        Mnemonic::Add if rsp => -(inst.immediate(1) as i64),
        _ => 0,
    }
}

fn dwarf(reg: Register) -> u16 {
    [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15][reg as usize - Register::RAX as usize]
}

fn check(blob: &CodeBlob) {
    let (mut cfa, mut stack, mut saved, mut rows) =
        (8, Vec::new(), BTreeMap::new(), blob.unwind.iter().peekable());
    let (mut real, mut body, mut pushed, mut in_prologue) = (8i64, 8, BTreeMap::new(), true);
    for inst in Decoder::with_ip(64, &blob.bytes[..blob.code_len as usize], 0, DecoderOptions::NONE).iter() {
        while let Some((_, op)) = rows.next_if(|(at, _)| u64::from(*at) <= inst.ip()) {
            match op {
                UnwindOp::CfaOffset(offset) => cfa = i64::from(*offset),
                UnwindOp::Saved(reg, offset) => drop(saved.insert(*reg, i64::from(*offset))),
                UnwindOp::RememberState => stack.push(cfa),
                UnwindOp::RestoreState => cfa = stack.pop().expect("a remembered state"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(cfa, real, "{} at {:#x}: {inst}", blob.name, inst.ip());
        let change = adjusts_rsp(&inst);
        real += change;
        if inst.mnemonic() == Mnemonic::Push && inst.op0_register() != Register::R11 {
            pushed.insert(dwarf(inst.op0_register()), -real);
        }
        if change < 0 && inst.op0_register() != Register::R11 {
            in_prologue = false;
        }
        body = if in_prologue { real } else { body };
        if inst.mnemonic() == Mnemonic::Ret {
            assert_eq!(real, 8, "{}: a return from within the frame", blob.name);
            real = body;
        }
    }
    assert_eq!(saved, pushed, "{}", blob.name);
}

#[test]
fn rules_follow_the_stack_pointer() {
    let mut module = Module::new();
    module.import("callee", Signature::new(CallConv::C, &[], &[]));
    let sizes = [0, 16, 5000, 200_000];
    for (n, (alive, size)) in [0, 1, 2, 5, 12].into_iter().flat_map(|a| sizes.map(|s| (a, s))).enumerate() {
        module.funcs.push(func(n, alive, size));
    }
    assert!(pyexec_ir::verify(&module).is_empty());
    for level in [0, 1, 2] {
        let blobs = compile(&X86Target::new(CpuFeatures::BASELINE), &module, level);
        let rows: Vec<usize> = blobs.iter().map(|b| b.unwind.len()).collect();
        assert!((level == 0 || rows.contains(&0)) && rows.iter().any(|r| *r > 6), "{level}: {rows:?}");
        blobs.iter().for_each(check);
    }
}
