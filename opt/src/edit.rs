//! Small changes to functions that several passes make.

use pyexec_base::Loc;
use pyexec_ir::{Block, BlockCall, Edge, Func, Imm, Inst, Opcode, Type, Value, signed};

fn constant(ty: Type, bits: u128) -> (Opcode, Imm) {
    match ty {
        Type::F32 | Type::F64 => (Opcode::Fconst, Imm::Bits(bits as u64)),
        _ => (Opcode::Iconst, Imm::Int(signed(ty, bits) as i64)),
    }
}

/// A new constant instruction in no block. The bits must be `rules::writable`.
pub(crate) fn make_const(func: &mut Func, ty: Type, bits: u128, loc: Loc) -> Inst {
    let (op, imm) = constant(ty, bits);
    func.make_inst(op, ty, imm, &[], &[], &[ty], loc)
}

/// Turns an instruction with one result into a constant.
pub(crate) fn become_const(func: &mut Func, inst: Inst, ty: Type, bits: u128) {
    let (op, imm) = constant(ty, bits);
    become_op(func, inst, op, ty, imm, &[]);
}

/// Turns an instruction into another one with results of the same types. Branch targets stay.
pub(crate) fn become_op(func: &mut Func, inst: Inst, op: Opcode, ty: Type, imm: Imm, args: &[Value]) {
    func.set_args(inst, args);
    let data = func.inst_mut(inst);
    (data.op, data.ty, data.imm) = (op, ty, imm);
}

/// Turns a terminator into a jump.
pub(crate) fn become_jump(func: &mut Func, inst: Inst, target: BlockCall) {
    become_op(func, inst, Opcode::Jump, Type::I64, Imm::None, &[]);
    func.set_targets(inst, &[target]);
}

/// A new instruction in no block, with the results of its opcode's row.
pub(crate) fn make_op(func: &mut Func, op: Opcode, ty: Type, args: &[Value], loc: Loc) -> Inst {
    let results: Vec<Type> = op.info().results.iter().map(|rule| rule.result(ty)).collect();
    func.make_inst(op, ty, Imm::None, args, &[], &results, loc)
}

/// A new jump in no block.
pub(crate) fn make_jump(func: &mut Func, target: Block, args: &[Value], loc: Loc) -> Inst {
    let call = func.make_block_call(target, args);
    func.make_inst(Opcode::Jump, Type::I64, Imm::None, &[], &[call], &[], loc)
}

/// The first result of an instruction that has one.
pub(crate) fn result(func: &Func, inst: Inst) -> Value {
    func.first_result(inst).expect("invariant: the instruction has a result")
}

/// A copy of an instruction whose operands and branch arguments are `map` of the original's.
pub(crate) fn copy_inst(from: &Func, inst: Inst, into: &mut Func, map: &dyn Fn(Value) -> Value) -> Inst {
    let data = *from.inst(inst);
    let args: Vec<Value> = from.args(inst).iter().map(|v| map(*v)).collect();
    let targets: Vec<BlockCall> = from
        .targets(inst)
        .iter()
        .map(|call| {
            let args: Vec<Value> = from.block_call_args(*call).iter().map(|v| map(*v)).collect();
            into.make_block_call(call.block, &args)
        })
        .collect();
    let results: Vec<Type> = from.results(inst).map(|v| from.ty(v)).collect();
    into.make_inst(data.op, data.ty, data.imm, &args, &targets, &results, data.loc)
}

/// The last instruction of a block that has one.
pub(crate) fn terminator(func: &Func, block: Block) -> Inst {
    func.terminator(block).expect("invariant: a valid block has a terminator")
}

/// The target that an edge names.
pub(crate) fn edge_call(func: &Func, edge: Edge) -> BlockCall {
    func.successors(edge.from)[edge.index as usize]
}

/// The values that an edge passes.
pub(crate) fn edge_args(func: &Func, edge: Edge) -> &[Value] {
    func.block_call_args(edge_call(func, edge))
}

/// Makes an edge go elsewhere.
pub(crate) fn set_edge(func: &mut Func, edge: Edge, block: Block, args: &[Value]) {
    let call = func.make_block_call(block, args);
    let inst = terminator(func, edge.from);
    func.targets_mut(inst)[edge.index as usize] = call;
}

/// Puts a new block, last in the layout, on an edge and returns it: it jumps where the edge went, with
/// the same values.
pub(crate) fn split_edge(func: &mut Func, edge: Edge) -> Block {
    let call = edge_call(func, edge);
    let loc = func.inst(terminator(func, edge.from)).loc;
    let middle = func.add_block();
    let jump = func.make_inst(Opcode::Jump, Type::I64, Imm::None, &[], &[call], &[], loc);
    func.block_mut(middle).insts.push(jump);
    let cold = func.block(call.block).cold;
    func.block_mut(middle).cold = cold;
    set_edge(func, edge, middle, &[]);
    middle
}

/// How often each value is used by the instructions in the layout.
pub(crate) fn use_counts(func: &Func) -> Vec<u32> {
    let mut counts = vec![0; func.value_count()];
    for block in &func.layout {
        for inst in &func.block(*block).insts {
            func.for_each_use(*inst, |v| counts[pyexec_base::EntityId::index(v)] += 1);
        }
    }
    counts
}
