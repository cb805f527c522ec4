//! Every rule of the verifier has a case that breaks it, and good modules pass.

use pyexec_base::EntityId;
use pyexec_ir::{
    Block, Builder, CallConv, Func, Imm, Inst, Linkage, Module, Opcode, Rule, Signature, Type, Value,
    parse_module, verify, verify_body, verify_func,
};
use std::collections::BTreeSet;

fn parse(text: &str) -> Module {
    parse_module(text, 0).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}
fn broken(module: &Module) -> BTreeSet<Rule> {
    verify(module).into_iter().map(|v| v.rule).collect()
}

#[test]
fn good_modules_pass() {
    let page = include_str!("../../docs/ir-grammar.md");
    let example =
        page.split("```pir\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    for text in [include_str!("sample.pir"), example] {
        let module = parse(text);
        let found: Vec<String> = verify(&module).iter().map(|v| v.describe(&module)).collect();
        assert!(found.is_empty(), "{found:#?}");
    }
}

/// Breaks a rule in text: the rule, and the text.
const TEXTS: &[(Rule, &str)] = &[
    (Rule::SymbolName, "global local data @\"\": size 1, align 1"),
    (Rule::SymbolName, "global local data @\"a\\x00\": size 1, align 1"),
    (Rule::GlobalAlign, "global local data @g: size 1, align 3"),
    (Rule::GlobalAlign, "global local data @g: size 1, align 8192"),
    (Rule::GlobalInit, "global local data @g: size 1, align 1 = \"ab\""),
    (Rule::GlobalInit, "global import data @g: size 1, align 1 = \"a\""),
    (Rule::GlobalReloc, "global local data @g: size 8, align 1 relocs [1: @g]"),
    (Rule::GlobalReloc, "global local data @g: size 18, align 1 relocs [0: @g, 7: @g]"),
    (Rule::SigAggregate, "sig0 = fast (byval(size 8, align 8, i64 at 0)) -> ()"),
    (Rule::SigAggregate, "sig0 = c (byval(size 9, align 8, i64 at 0)) -> ()"),
    (Rule::SigAggregate, "sig0 = c (byval(size 0, align 8)) -> ()"),
    (Rule::SigAggregate, "sig0 = c (byval(size 8, align 8, i32 at 0, i8 at 2)) -> ()"),
    (Rule::SigAggregate, "sig0 = c (byval(size 8, align 2, i32 at 0)) -> ()"),
    (Rule::SigAggregate, "sig0 = c (byval(size 8, align 8, i64 at 8)) -> ()"),
    (Rule::SigResultArea, "sig0 = c (i64, result(size 8, align 8, i64 at 0)) -> ()"),
    (Rule::SigResultArea, "sig0 = c (result(size 8, align 8, i64 at 0)) -> (i64)"),
    (Rule::SigVariadic, "sig0 = fast (...) -> ()"),
    (Rule::SigSigned, "sig0 = fast (i8 signed) -> ()"),
    (Rule::SigSigned, "sig0 = c (i32 signed) -> ()"),
    (Rule::SigSigned, "sig0 = c () -> (f64 signed)"),
    (Rule::SigVariadic, "func c local @f(...) -> () {\nb0:\nret\n}"),
    (Rule::Linkage, "func c local @f() -> ()"),
    (Rule::Linkage, "func c import @f() -> () {\nb0:\nret\n}"),
    (Rule::EntryParams, "func c local @f(i64) -> () {\nb0(v0: i32):\nret\n}"),
    (Rule::EntryParams, "func c local @f(i64) -> () {\nb0:\nret\n}"),
];

/// Breaks a rule in a body of `fast (i64, f64) -> (i64)`, whose entry is `b0(v0, v1)`.
const BODIES: &[(Rule, &str)] = &[
    (Rule::SlotShape, "slot s0: size 1, align 32\nb0(v0: i64, v1: f64):\nret v0"),
    (Rule::SlotShape, "slot s0: size 4000000000, align 8\nb0(v0: i64, v1: f64):\nret v0"),
    (Rule::EntryPreds, "b0(v0: i64, v1: f64):\njump b0(v0, v1)"),
    (Rule::BlockEnd, "b0(v0: i64, v1: f64):\nv2 = iadd.i64 v0, v0"),
    (Rule::BlockEnd, "b0(v0: i64, v1: f64):\nret v0\nret v0"),
    (Rule::BlockEnd, "b0(v0: i64, v1: f64):"),
    (Rule::TypeClass, "b0(v0: i64, v1: f64):\nv2 = iadd.f64 v1, v1\nret v0"),
    (Rule::TypeClass, "b0(v0: i64, v1: f64):\nv2 = iconst.f64 1\nret v0"),
    (Rule::OperandCount, "b0(v0: i64, v1: f64):\nv2 = iadd.i64 v0\nret v0"),
    (Rule::OperandCount, "b0(v0: i64, v1: f64):\nret"),
    (Rule::OperandCount, "b0(v0: i64, v1: f64):\nv2 = call @g(v0)\nret v0"),
    (Rule::OperandType, "b0(v0: i64, v1: f64):\nv2 = iadd.i64 v0, v1\nret v0"),
    (Rule::OperandType, "b0(v0: i64, v1: f64):\nret v1"),
    (Rule::OperandType, "b0(v0: i64, v1: f64):\nv2 = call @g(v0, v0)\nret v0"),
    (Rule::OperandType, "b0(v0: i64, v1: f64):\nv2 = zext.i64 v0\nret v0"),
    (Rule::OperandType, "b0(v0: i64, v1: f64):\nv2 = load.i64 unknown v1\nret v0"),
    (Rule::OperandType, "b0(v0: i64, v1: f64):\nv2 = call_indirect sig0 v1(v0)\nret v0"),
    (Rule::Immediate, "b0(v0: i64, v1: f64):\nv2 = fconst.f32 0x100000000\nret v0"),
    (Rule::TargetArgs, "b0(v0: i64, v1: f64):\njump b1\nb1(v2: i64):\nret v2"),
    (Rule::TargetArgs, "b0(v0: i64, v1: f64):\njump b1(v1)\nb1(v2: i64):\nret v2"),
    (Rule::TailCall, "b0(v0: i64, v1: f64):\ntail_call @c(v0)"),
    (Rule::TailCall, "b0(v0: i64, v1: f64):\ntail_call @none()"),
    (Rule::TailCall, "b0(v0: i64, v1: f64):\ntail_call_indirect sig1 v0(v0)"),
    (Rule::VariadicArgs, "b0(v0: i64, v1: f64):\nv2 = fdemote.f32 v1\ncall @more(v2)\nret v0"),
    (Rule::StoreRegion, "b0(v0: i64, v1: f64):\nstore.i64 constant v0, v0\nret v0"),
    (Rule::StoreRegion, "b0(v0: i64, v1: f64):\nv2 = atomic_add.i64 constant v0, v0\nret v0"),
    (Rule::TypeClass, "b0(v0: i64, v1: f64):\nv2 = atomic_load.i128 array v0\nret v0"),
    (Rule::Dominance, "b0(v0: i64, v1: f64):\nv2 = iadd.i64 v3, v0\nv3 = iadd.i64 v0, v0\nret v0"),
    (
        Rule::Dominance,
        "b0(v0: i64, v1: f64):\nbr_table v0, b1, [b2]\nb1:\nv2 = iconst.i64 1\njump b2\nb2:\nret v2",
    ),
];

const AROUND: &str = "sig0 = fast (i64) -> (i64)\nsig1 = c (i64) -> (i64)\nfunc fast import @g(i64, f64) -> (i64)\n\
    func c import @c(i64) -> (i64)\nfunc fast import @none() -> ()\nfunc c import @more(...) -> ()\n";

/// Breaks a rule that no text can break.
fn by_hand() -> Vec<(Rule, Module)> {
    let base = || {
        parse(
            "func fast local @f(i64) -> (i64) {\nslot s0: size 8, align 8\nb0(v0: i64):\nv1 = iadd.i64 v0, v0\njump b1(v1)\nb1(v2: i64):\nret v2\n}",
        )
    };
    let f = || parse("").funcs.next_id();
    let edit = |rule, change: fn(&mut Func)| {
        let mut module = base();
        change(&mut module.funcs[f()]);
        (rule, module)
    };
    let mut twice = base();
    twice.funcs.push(twice.funcs[f()].clone());
    let mut sigs = base();
    sigs.sigs.push(Signature::new(CallConv::C, &[], &[]));
    sigs.sigs.push(Signature::new(CallConv::C, &[], &[]));
    let mut reloc = parse("global local data @g: size 8, align 8 relocs [0: @g]");
    reloc
        .globals
        .values_mut()
        .for_each(|g| g.relocs[0].target = pyexec_ir::DataTarget::Global(pyexec_ir::GlobalId::new(9)));
    let mut all = vec![
        (Rule::SymbolUnique, twice),
        (Rule::SigUnique, sigs),
        (Rule::GlobalReloc, reloc),
        edit(Rule::Layout, |f| f.layout.push(Block::new(1))),
        edit(Rule::Layout, |f| f.layout.push(Block::new(77))),
        edit(Rule::BlockParams, |f| f.block_mut(Block::new(1)).params.push(Value::new(0))),
        edit(Rule::InstOnce, |f| f.block_mut(Block::new(1)).insts.insert(0, Inst::new(0))),
        edit(Rule::InstOnce, |f| f.block_mut(Block::new(1)).insts.insert(0, Inst::new(99))),
        edit(Rule::ResultTypes, |f| f.inst_mut(Inst::new(0)).op = Opcode::Eq),
        edit(Rule::Immediate, |f| f.inst_mut(Inst::new(0)).imm = Imm::Int(3)),
        edit(Rule::Exists, |f| f.set_args(Inst::new(0), &[Value::new(0), Value::new(1000)])),
        edit(Rule::Exists, |f| f.block_mut(Block::new(1)).params.push(Value::new(1000))),
        edit(Rule::Exists, |f| {
            let call = f.make_block_call(Block::new(50), &[]);
            f.set_targets(Inst::new(1), &[call]);
        }),
        edit(Rule::Exists, |f| f.alias(Value::new(1), Value::new(0))),
        edit(Rule::Exists, |f| {
            f.block_mut(Block::new(0)).insts.remove(0);
        }),
        edit(Rule::TargetCount, |f| f.set_targets(Inst::new(1), &[])),
    ];
    all.push(edit(Rule::Exists, |f| {
        let block = f.layout[0];
        f.inst_mut(Inst::new(0)).imm = Imm::None;
        let mut b = Builder::new(f, block);
        let inst = b.push(Opcode::FuncAddr, Type::I64, Imm::Func(pyexec_ir::FuncId::new(9)), &[], &[]);
        let insts = &mut f.block_mut(block).insts;
        insts.pop();
        insts.insert(0, inst);
    }));
    all
}

#[test]
fn every_rule_has_a_case_that_breaks_it() {
    let mut seen = BTreeSet::new();
    let bodies = BODIES.iter().map(|(rule, body)| {
        (*rule, format!("{AROUND}func fast local @f(i64, f64) -> (i64) {{\n{body}\n}}\n"))
    });
    let texts = TEXTS.iter().map(|(rule, text)| (*rule, text.to_string()));
    let modules = texts.chain(bodies).map(|(rule, text)| (rule, parse(&text)));
    for (rule, module) in modules.chain(by_hand()) {
        let rules = broken(&module);
        assert!(rules.contains(&rule), "{rule} not found, but {rules:?}, in\n{module}");
        seen.insert(rule);
    }
    assert_eq!(seen, Rule::ALL.iter().copied().collect());
}

#[test]
fn all_violations_come_at_once_with_their_places() {
    let module = parse(
        "global local data @g: size 1, align 3\nfunc fast local @f(i64) -> (i64) {\nb0(v0: i64):\nv1 = fadd.i64 v0, v0\njump b1\n\
         b1:\nv2 = iadd.i8 v0, v0\nret\n}\nfunc c local @h() -> ()",
    );
    let found: Vec<String> = verify(&module).iter().map(|v| v.describe(&module)).collect();
    let expected = [
        ": [global-align] @g has alignment 3",
        "@f b0 i0: [type-class] `fadd` does not allow i64",
        "@f b1 i2: [operand-type] `iadd.i8` does not take v0 of type i64",
        "@f b1 i2: [operand-type] `iadd.i8` does not take v0 of type i64",
        "@f b1 i3: [operand-count] 0 operands, but the function returns 1",
        "@h: [linkage] linkage `local` with 0 blocks",
    ];
    assert_eq!(found, expected);
    let f = module.func_by_name("f").expect("f");
    assert_eq!(verify_func(&module, f).len(), 4);
    assert_eq!(verify_body(&module, &module.funcs[f]).len(), 4);
    assert!(verify(&module)[1].diagnostic(&module).help.is_some());
}

#[test]
fn unreachable_code_need_not_be_dominated() {
    let text = "func c local @f() -> (i64) {\nb0:\nv0 = iconst.i64 1\nret v0\nb1:\njump b2(v1)\nb2(v1: i64):\nret v1\nb3:\njump b4\nb4:\nret v0\n}";
    assert_eq!(verify(&parse(text)), []);
}

#[test]
fn linear_on_large_functions() {
    let sig = Signature::new(CallConv::Fast, &[Type::I64], &[Type::I64]);
    let mut func = Func::new("f", sig, Linkage::Local);
    let entry = func.add_block();
    let mut value = func.add_param(entry, Type::I64);
    let mut b = Builder::new(&mut func, entry);
    let exit = b.func.add_block();
    for _ in 0..50_000 {
        let (sum, overflow) = b.sadd_overflow(value, value);
        let next = b.func.add_block();
        b.br_if(overflow, (exit, &[]), (next, &[]));
        b.switch_to(next);
        value = sum;
    }
    b.ret(&[value]);
    b.switch_to(exit);
    b.trap(pyexec_ir::TrapCode::IntOverflow);
    assert_eq!(func.layout[1].index(), 1);
    let mut module = Module::new();
    module.funcs.push(func);
    let start = std::time::Instant::now();
    assert_eq!(verify(&module), []);
    assert!(start.elapsed().as_secs() < 5);
}
