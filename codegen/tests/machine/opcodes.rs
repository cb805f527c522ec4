//! Every opcode, at every type, in every surrounding that selection treats differently, against the meaning
//! in the opcode table: operands in registers, constants, loaded, living on; results branched on, chosen by,
//! trapped on.

use super::Rng;
use super::native::{Call, Native, Outcome};
use pyexec_ir::{
    Block, Builder, CallConv, Func, Imm, Inst, Linkage, Module, Opcode, Region, Signature, SlotData,
    TrapCode, TyRule, Type, Value,
};

/// What surrounds the instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// Operands are parameters, results are returned.
    Plain,
    /// Operands are returned too: they live on.
    LiveOn,
    /// This operand is a constant.
    Const(usize, u128),
    /// This operand is loaded from memory.
    Loaded(usize),
    /// The last result (an `i8`) decides a branch.
    Branch,
    /// ... a choice between two integers.
    Select,
    /// ... a choice between two floats.
    SelectFloat,
    /// ... a trap.
    TrapIf,
    /// Only the last result is wanted.
    LastOnly,
}

struct Case {
    op: Opcode,
    ty: Type,
    operands: Vec<Type>,
    shape: Shape,
}

impl Case {
    fn params(&self) -> Vec<Type> {
        let skip = if let Shape::Const(i, _) = self.shape { i } else { usize::MAX };
        self.operands.iter().enumerate().filter(|(i, _)| *i != skip).map(|(_, t)| *t).collect()
    }
    fn op_results(&self) -> Vec<Type> {
        self.op.info().results.iter().map(|r| r.result(self.ty)).collect()
    }
    fn results(&self) -> Vec<Type> {
        let own = self.op_results();
        match self.shape {
            Shape::LiveOn => own.into_iter().chain(self.operands.clone()).collect(),
            Shape::Branch | Shape::Select if own.len() == 1 => vec![Type::I64],
            Shape::Branch | Shape::Select => vec![own[0], Type::I64],
            Shape::SelectFloat => vec![Type::F64],
            Shape::TrapIf => own[..own.len() - 1].to_vec(),
            Shape::LastOnly => vec![own[own.len() - 1]],
            _ => own,
        }
    }
}

fn combinations(op: Opcode, ty: Type) -> Vec<Vec<Type>> {
    let mut all = vec![Vec::new()];
    for rule in op.info().operands {
        let types: Vec<Type> = match rule {
            TyRule::T => vec![ty],
            _ => Type::ALL.into_iter().filter(|t| rule.accepts(ty, *t)).collect(),
        };
        all = all
            .into_iter()
            .flat_map(|list: Vec<Type>| {
                types.iter().map(move |t| [list.clone(), vec![*t]].concat()).collect::<Vec<_>>()
            })
            .collect();
    }
    all
}

fn constants(ty: Type, rng: &mut Rng) -> Vec<u128> {
    if ty.is_float() {
        return (0..3).map(|_| value(ty, rng)).chain([0]).collect();
    }
    let mask = ty.mask();
    let small = [0u128, 1, 2, 3, 5, 7, 8, 10, 63, 64, 127, 128, 255, 1000].map(|c| c & mask);
    let mut list: Vec<u128> = (0..5).map(|_| rng.pick(&small)).collect();
    list.extend([mask, mask >> 1, (mask >> 1) + 1, value(ty, rng), value(ty, rng), 0xffff_ffff & mask]);
    // iconst reaches what sign-extends from 64 bits.
    list.iter().map(|c| if ty == Type::I128 { *c as i64 as i128 as u128 } else { *c }).collect()
}

fn value(ty: Type, rng: &mut Rng) -> u128 {
    let edges_f64 = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        1.5,
        2.5,
        1e300,
        -1e300,
        f64::NAN,
        f64::INFINITY,
        5e-324,
        f64::NEG_INFINITY,
        2147483647.0,
        2147483648.0,
        -2147483648.0,
        -2147483649.0,
        4294967295.5,
        4294967296.0,
        -0.9999999,
        9223372036854775808.0,
        9223372036854774784.0,
        -9223372036854775808.0,
        18446744073709551616.0,
        18446744073709549568.0,
        4503599627370497.5,
        0.49999999999999994,
    ];
    match (ty, rng.below(4)) {
        (Type::F64, 0..3) => u128::from(rng.pick(&edges_f64).to_bits()),
        (Type::F32, 0..3) => u128::from((rng.pick(&edges_f64) as f32).to_bits()),
        (Type::F64, _) => {
            let scale = (rng.below(130) as f64 - 40.0).exp2();
            u128::from((rng.next() as i64 as f64 / 1e18 * scale).to_bits())
        }
        (Type::F32, _) => {
            u128::from((rng.next() as i32 as f32 * (rng.below(70) as f32 - 40.0).exp2()).to_bits())
        }
        (ty, 0) => {
            let (mask, k, bit) = (ty.mask(), rng.below(3) as u128, rng.below(ty.bits() as usize));
            rng.pick(&[k, mask - k, (mask >> 1) + k, (mask >> 1) - k, 1 << bit]) & mask
        }
        (ty, 1) => (rng.below(300) as i128 - 150) as u128 & ty.mask(),
        (ty, 2) => {
            let wide = u128::from(rng.next()) << 64 | u128::from(rng.next());
            (wide >> rng.below(ty.bits() as usize)) & ty.mask()
        }
        (ty, _) => (u128::from(rng.next()) << 64 | u128::from(rng.next())) & ty.mask(),
    }
}

fn constant(b: &mut Builder<'_>, ty: Type, bits: u128) -> Value {
    match ty {
        Type::F32 => b.f32const(f32::from_bits(bits as u32)),
        Type::F64 => b.f64const(f64::from_bits(bits as u64)),
        _ => b.iconst(ty, bits as i64),
    }
}

fn build(case: &Case, name: String) -> Func {
    let sig = Signature::new(CallConv::Fast, &case.params(), &case.results());
    let mut func = Func::new(name, sig, Linkage::Export);
    let entry = func.add_block();
    let params: Vec<Value> = case.params().iter().map(|t| func.add_param(entry, *t)).collect();
    let slot = func.slots.push(SlotData { size: 16, align: 16 });
    let mut b = Builder::new(&mut func, entry);
    let mut next = params.iter();
    let mut operands = Vec::new();
    for (i, ty) in case.operands.iter().enumerate() {
        operands.push(match case.shape {
            Shape::Const(at, bits) if at == i => constant(&mut b, *ty, bits),
            _ => *next.next().expect("a parameter"),
        });
    }
    if let Shape::Loaded(at) = case.shape {
        let address = b.stack_addr(slot, 0);
        b.store(Region::Stack, operands[at], address, 0);
        operands[at] = b.load(case.operands[at], Region::Stack, address, 0);
    }
    let inst = b.push(case.op, case.ty, Imm::None, &operands, &[]);
    let results: Vec<Value> = b.func.results(inst).collect();
    finish(&mut b, case, &operands, &results, inst);
    func
}

fn finish(b: &mut Builder<'_>, case: &Case, operands: &[Value], results: &[Value], _: Inst) {
    let last = *results.last().expect("a result");
    match case.shape {
        Shape::LiveOn => b.ret(&[results, operands].concat()),
        Shape::Branch => {
            let (yes, no): (Block, Block) = (b.func.add_block(), b.func.add_block());
            b.br_if(last, (yes, &[]), (no, &[]));
            for (block, answer) in [(yes, 111), (no, 222)] {
                b.switch_to(block);
                let answer = b.iconst(Type::I64, answer);
                b.ret(&[&results[..results.len() - 1], &[answer]].concat());
            }
        }
        Shape::Select => {
            let (yes, no) = (b.iconst(Type::I64, 111), b.iconst(Type::I64, 222));
            let answer = b.plain(Opcode::Select, &[last, yes, no]);
            b.ret(&[&results[..results.len() - 1], &[answer]].concat());
        }
        Shape::SelectFloat => {
            let (yes, no) = (b.f64const(111.0), b.f64const(222.0));
            let answer = b.plain(Opcode::Select, &[last, yes, no]);
            b.ret(&[answer]);
        }
        Shape::TrapIf => {
            b.trap_if(last, TrapCode::User1);
            b.ret(&results[..results.len() - 1]);
        }
        Shape::LastOnly => b.ret(&[last]),
        _ => b.ret(results),
    }
}

fn expected(case: &Case, operands: &[u128]) -> Result<Vec<u128>, TrapCode> {
    let from = case.operands.first().copied().unwrap_or(case.ty);
    let types = case.op_results();
    let pair = case.op.eval(case.ty, from, operands)?;
    let own: Vec<u128> = types.iter().zip(pair).map(|(t, v)| v & t.mask()).collect();
    let last = own[own.len() - 1];
    let before = own[..own.len() - 1].to_vec();
    let chosen = if last != 0 { 111 } else { 222 };
    Ok(match case.shape {
        Shape::LiveOn => [own, operands.to_vec()].concat(),
        Shape::Branch | Shape::Select => [before, vec![chosen]].concat(),
        Shape::SelectFloat => vec![u128::from((chosen as f64).to_bits())],
        Shape::TrapIf if last != 0 => return Err(TrapCode::User1),
        Shape::TrapIf => before,
        Shape::LastOnly => vec![last],
        _ => own,
    })
}

fn cells(types: &[Type], values: &[u128], junk: u64) -> Vec<u64> {
    let mut out = Vec::new();
    for (ty, value) in types.iter().zip(values) {
        // Bits above a narrow type are anything.
        let above = if ty.bits() < 64 { junk << ty.bits() } else { 0 };
        out.push(*value as u64 | above);
        if *ty == Type::I128 {
            out.push((*value >> 64) as u64);
        }
    }
    out
}

/// Whether an opcode keeps NaN bits.
fn exact_bits(op: Opcode) -> bool {
    use Opcode::*;
    matches!(op, Fneg | Fabs | Fcopysign | Bitcast | Select)
}

fn same(op: Opcode, ty: Type, ours: u128, theirs: u128) -> bool {
    let nan = |bits: u128| match ty {
        Type::F32 => f32::from_bits(bits as u32).is_nan(),
        Type::F64 => f64::from_bits(bits as u64).is_nan(),
        _ => false,
    };
    let quiet = if ty == Type::F32 { 1u128 << 22 } else { 1 << 51 };
    ours == theirs || !exact_bits(op) && nan(theirs) && nan(ours) && ours & quiet != 0
}

fn check(
    case: &Case,
    operands: &[u128],
    outcome: &Outcome,
    want: &Result<Vec<u128>, TrapCode>,
) -> Result<(), String> {
    let fail = |what: String| {
        Err(format!(
            "{:?}.{} {:?} {:?} of {operands:x?}: {what}",
            case.op, case.ty, case.operands, case.shape
        ))
    };
    match (outcome, want) {
        (Outcome::Trap(ours), Err(theirs)) if ours == theirs => Ok(()),
        (Outcome::Cells(cells), Ok(values)) => {
            let mut cells = cells.iter();
            for (ty, theirs) in case.results().iter().zip(values) {
                let mut ours = u128::from(*cells.next().expect("a cell"));
                if *ty == Type::I128 {
                    ours |= u128::from(*cells.next().expect("a cell")) << 64;
                }
                if !same(case.op, *ty, ours, *theirs) {
                    return fail(format!("got {ours:#x}, not {theirs:#x} (all: {values:x?})"));
                }
            }
            Ok(())
        }
        _ => fail(format!("got {outcome:x?}, not {want:x?}")),
    }
}

fn shapes(op: Opcode, ty: Type, operands: &[Type], rng: &mut Rng) -> Vec<Shape> {
    let mut list = vec![Shape::Plain, Shape::LiveOn];
    for (i, operand) in operands.iter().enumerate() {
        list.push(Shape::Loaded(i));
        let all = constants(*operand, rng);
        let dense = matches!(op, Opcode::Sdiv | Opcode::Udiv | Opcode::Srem | Opcode::Urem);
        list.extend(all.into_iter().take(if dense { 20 } else { 7 }).map(|c| Shape::Const(i, c)));
    }
    let results = op.info().results;
    if results.last().is_some_and(|r| r.result(ty) == Type::I8)
        && (results.len() == 2 || op.info().results[0] == TyRule::I8)
    {
        list.extend([Shape::Branch, Shape::Select, Shape::SelectFloat, Shape::TrapIf, Shape::LastOnly]);
    }
    list
}

fn cases(rng: &mut Rng) -> Vec<Case> {
    let mut list = Vec::new();
    let pure =
        |op: &&Opcode| op.info().results.iter().len() > 0 && op.is_scalar() && !op.info().operands.is_empty();
    for &op in Opcode::ALL.iter().filter(pure) {
        for ty in op.info().class.types() {
            for operands in combinations(op, ty) {
                let shapes = shapes(op, ty, &operands, rng);
                list.extend(shapes.into_iter().map(|shape| Case {
                    op,
                    ty,
                    operands: operands.clone(),
                    shape,
                }));
            }
        }
    }
    list
}

/// Compiles a function a case, as `native` does, and runs them.
pub fn check_all(native: &dyn Fn(&Module) -> Option<Native>) {
    let mut rng = Rng(0x1234_5678_9abc_def1);
    let cases = cases(&mut rng);
    let mut module = Module::new();
    for (i, case) in cases.iter().enumerate() {
        module.funcs.push(build(case, format!("f{i}")));
    }
    let violations = pyexec_ir::verify(&module);
    assert!(violations.is_empty(), "{}", violations[0]);
    let Some(native) = native(&module) else { return };
    let (mut calls, mut inputs) = (Vec::new(), Vec::new());
    for (func, case) in cases.iter().enumerate() {
        for _ in 0..24 {
            let mut operands: Vec<u128> = case.operands.iter().map(|t| value(*t, &mut rng)).collect();
            let mut args = operands.clone();
            if let Shape::Const(at, bits) = case.shape {
                operands[at] = bits;
                args.remove(at);
            }
            let args = cells(&case.params(), &args, rng.next());
            let results = case.results().iter().map(|t| t.bytes().div_ceil(8) as usize).sum();
            calls.push(Call { func, args, results });
            inputs.push(operands);
        }
    }
    let outcomes = native.run(&calls);
    let mut faults = Vec::new();
    for ((call, operands), outcome) in calls.iter().zip(&inputs).zip(&outcomes) {
        let case = &cases[call.func];
        if let Err(fault) = check(case, operands, outcome, &expected(case, operands)) {
            faults.push(format!("f{}: {fault}", call.func));
        }
    }
    let total = faults.len();
    faults.dedup_by_key(|f| f.split(' ').next().map(str::to_string));
    assert!(
        faults.is_empty(),
        "{total} of {} wrong, {} functions:\n{}",
        calls.len(),
        faults.len(),
        faults[..faults.len().min(40)].join("\n")
    );
}
