//! Building functions: one method an opcode, derived from the opcode table.
//!
//! Methods append to the current block. Where the controlling type follows from an operand it is not
//! asked for; where it does not (constants, conversions, loads) it is the first argument.

use crate::{
    Block, BlockCall, Format, Func, FuncId, GlobalId, Imm, Inst, Module, Opcode, Region, SigId, Signature,
    Slot, TrapCode, TyRule, Type, Value,
};
use pyexec_base::Loc;

/// Appends instructions to blocks of a function.
pub struct Builder<'f> {
    /// The function.
    pub func: &'f mut Func,
    block: Block,
    loc: Loc,
}

impl<'f> Builder<'f> {
    /// A builder at the end of `block`.
    pub fn new(func: &'f mut Func, block: Block) -> Self {
        Self { func, block, loc: Loc::UNKNOWN }
    }
    /// The block that instructions are appended to.
    pub fn block(&self) -> Block {
        self.block
    }
    /// Goes to the end of another block.
    pub fn switch_to(&mut self, block: Block) {
        self.block = block;
    }
    /// Source position of the instructions that follow.
    pub fn set_loc(&mut self, loc: Loc) {
        self.loc = loc;
    }
    /// Source position of the instructions that follow.
    pub fn loc(&self) -> Loc {
        self.loc
    }
    /// Whether the current block already has its terminator.
    pub fn is_terminated(&self) -> bool {
        self.func.terminator(self.block).is_some_and(|i| self.func.inst(i).op.is_terminator())
    }

    /// Appends an instruction of any opcode; its results are those of the opcode's row.
    pub fn push(&mut self, op: Opcode, ty: Type, imm: Imm, args: &[Value], targets: &[BlockCall]) -> Inst {
        let mut results = [ty; 2];
        let rules = op.info().results;
        for (result, rule) in results.iter_mut().zip(rules) {
            *result = rule.result(ty);
        }
        self.append(op, ty, imm, args, targets, &results[..rules.len()])
    }

    fn append(
        &mut self,
        op: Opcode,
        ty: Type,
        imm: Imm,
        args: &[Value],
        targets: &[BlockCall],
        results: &[Type],
    ) -> Inst {
        let inst = self.func.make_inst(op, ty, imm, args, targets, results, self.loc);
        self.func.block_mut(self.block).insts.push(inst);
        inst
    }

    fn one(&mut self, op: Opcode, ty: Type, imm: Imm, args: &[Value]) -> Value {
        let inst = self.push(op, ty, imm, args, &[]);
        self.func.first_result(inst).expect("invariant: the row has a result")
    }

    /// A plain opcode with one result. The controlling type is that of the first operand with rule `T`;
    /// conversions, whose operands do not tell it, have methods of their own.
    pub fn plain(&mut self, op: Opcode, args: &[Value]) -> Value {
        let ty = self.controlling_type(op, args);
        self.one(op, ty, Imm::None, args)
    }

    /// A plain opcode with two results.
    pub fn plain2(&mut self, op: Opcode, args: &[Value]) -> (Value, Value) {
        let ty = self.controlling_type(op, args);
        let inst = self.push(op, ty, Imm::None, args, &[]);
        let mut results = self.func.results(inst);
        let mut next = || results.next().expect("invariant: the row has two results");
        (next(), next())
    }

    /// A conversion to `ty`.
    pub fn convert(&mut self, op: Opcode, ty: Type, arg: Value) -> Value {
        self.one(op, ty, Imm::None, &[arg])
    }

    fn controlling_type(&self, op: Opcode, args: &[Value]) -> Type {
        let position = op.info().operands.iter().position(|rule| *rule == TyRule::T);
        position.and_then(|i| args.get(i)).map_or(op.info().default_type(), |v| self.func.ty(*v))
    }

    // ---- What carries more than operands ----

    /// An integer constant.
    pub fn iconst(&mut self, ty: Type, value: i64) -> Value {
        self.one(Opcode::Iconst, ty, Imm::Int(value), &[])
    }
    /// An `f64` constant.
    pub fn f64const(&mut self, value: f64) -> Value {
        self.one(Opcode::Fconst, Type::F64, Imm::Bits(value.to_bits()), &[])
    }
    /// An `f32` constant.
    pub fn f32const(&mut self, value: f32) -> Value {
        self.one(Opcode::Fconst, Type::F32, Imm::Bits(value.to_bits() as u64), &[])
    }
    /// One of the loads.
    pub fn load_op(&mut self, op: Opcode, ty: Type, region: Region, address: Value, offset: i32) -> Value {
        self.one(op, ty, Imm::Mem(offset, region), &[address])
    }
    /// A full-width load.
    pub fn load(&mut self, ty: Type, region: Region, address: Value, offset: i32) -> Value {
        self.load_op(Opcode::Load, ty, region, address, offset)
    }
    /// One of the stores.
    pub fn store_op(&mut self, op: Opcode, region: Region, value: Value, address: Value, offset: i32) {
        let ty = self.func.ty(value);
        self.push(op, ty, Imm::Mem(offset, region), &[value, address], &[]);
    }
    /// A full-width store.
    pub fn store(&mut self, region: Region, value: Value, address: Value, offset: i32) {
        self.store_op(Opcode::Store, region, value, address, offset);
    }
    /// One of the atomic opcodes; gives what was there, if the row does.
    pub fn atomic(
        &mut self,
        op: Opcode,
        ty: Type,
        region: Region,
        values: &[Value],
        (address, offset): (Value, i32),
    ) -> Option<Value> {
        let args: Vec<Value> = values.iter().copied().chain([address]).collect();
        let inst = self.push(op, ty, Imm::Mem(offset, region), &args, &[]);
        self.func.first_result(inst)
    }
    /// A fence.
    pub fn fence(&mut self) {
        self.push(Opcode::Fence, Type::I64, Imm::None, &[], &[]);
    }
    /// Address of a stack slot.
    pub fn stack_addr(&mut self, slot: Slot, offset: i32) -> Value {
        self.one(Opcode::StackAddr, Type::I64, Imm::Slot(slot, offset), &[])
    }
    /// Address of a global.
    pub fn global_addr(&mut self, global: GlobalId, offset: i32) -> Value {
        self.one(Opcode::GlobalAddr, Type::I64, Imm::Global(global, offset), &[])
    }
    /// Address of a function.
    pub fn func_addr(&mut self, func: FuncId) -> Value {
        self.one(Opcode::FuncAddr, Type::I64, Imm::Func(func), &[])
    }
    /// The stack pointer.
    pub fn stack_ptr(&mut self) -> Value {
        self.one(Opcode::StackPtr, Type::I64, Imm::None, &[])
    }

    // ---- Control ----

    /// A jump.
    pub fn jump(&mut self, block: Block, args: &[Value]) {
        let target = self.func.make_block_call(block, args);
        self.push(Opcode::Jump, Type::I64, Imm::None, &[], &[target]);
    }
    /// A two-way branch: `then` if `cond` is nonzero.
    pub fn br_if(&mut self, cond: Value, then: (Block, &[Value]), other: (Block, &[Value])) {
        let targets =
            [self.func.make_block_call(then.0, then.1), self.func.make_block_call(other.0, other.1)];
        self.push(Opcode::BrIf, Type::I64, Imm::None, &[cond], &targets);
    }
    /// A multi-way branch on an `i64`.
    pub fn br_table(&mut self, index: Value, default: BlockCall, table: &[BlockCall]) {
        let mut targets = vec![default];
        targets.extend_from_slice(table);
        self.push(Opcode::BrTable, Type::I64, Imm::None, &[index], &targets);
    }
    /// A return.
    pub fn ret(&mut self, values: &[Value]) {
        self.push(Opcode::Ret, Type::I64, Imm::None, values, &[]);
    }
    /// A trap.
    pub fn trap(&mut self, code: TrapCode) {
        self.push(Opcode::Trap, Type::I64, Imm::Trap(code), &[], &[]);
    }
    /// A trap if `cond` is nonzero.
    pub fn trap_if(&mut self, cond: Value, code: TrapCode) {
        self.push(Opcode::TrapIf, Type::I64, Imm::Trap(code), &[cond], &[]);
    }
    /// A direct call. `results` are the result types of the callee's signature.
    pub fn call(&mut self, callee: FuncId, results: &[Type], args: &[Value]) -> Inst {
        self.append(Opcode::Call, Type::I64, Imm::Func(callee), args, &[], results)
    }
    /// An indirect call.
    pub fn call_indirect(&mut self, sig: SigId, results: &[Type], callee: Value, args: &[Value]) -> Inst {
        let args: Vec<Value> = std::iter::once(callee).chain(args.iter().copied()).collect();
        self.append(Opcode::CallIndirect, Type::I64, Imm::Sig(sig), &args, &[], results)
    }
    /// A direct tail call.
    pub fn tail_call(&mut self, callee: FuncId, args: &[Value]) {
        self.append(Opcode::TailCall, Type::I64, Imm::Func(callee), args, &[], &[]);
    }
    /// An indirect tail call.
    pub fn tail_call_indirect(&mut self, sig: SigId, callee: Value, args: &[Value]) {
        let args: Vec<Value> = std::iter::once(callee).chain(args.iter().copied()).collect();
        self.append(Opcode::TailCallIndirect, Type::I64, Imm::Sig(sig), &args, &[], &[]);
    }
}

/// Derives a builder method from each plain row. The number of operands and results decides its shape.
macro_rules! builder_methods {
    ($($name:ident $variant:ident [$class:ident] ($($operand:ident),*) -> ($($result:ident),*)
       $format:ident $effects:ident $doc:literal => $meaning:expr;)*) => {
        impl Builder<'_> {
            $(builder_methods!(@one $format $name $variant ($($operand)*) ($($result)*) $doc);)*
        }
    };
    (@one Plain $name:ident $variant:ident ($($from:ident)?) (T) $doc:literal) => {
        builder_methods!(@unary $name $variant ($($from)?) $doc);
    };
    (@one Plain $name:ident $variant:ident (T T) (T I8) $doc:literal) => {
        #[doc = $doc]
        pub fn $name(&mut self, a: Value, b: Value) -> (Value, Value) {
            self.plain2(Opcode::$variant, &[a, b])
        }
    };
    (@one Plain $name:ident $variant:ident (T) (I64 I64) $doc:literal) => {
        #[doc = $doc]
        pub fn $name(&mut self, a: Value) -> (Value, Value) {
            self.plain2(Opcode::$variant, &[a])
        }
    };
    (@one Plain $name:ident $variant:ident ($a:ident $b:ident) ($r:ident) $doc:literal) => {
        #[doc = $doc]
        pub fn $name(&mut self, a: Value, b: Value) -> Value {
            self.plain(Opcode::$variant, &[a, b])
        }
    };
    (@one Plain $name:ident $variant:ident ($a:ident $b:ident $c:ident) ($r:ident) $doc:literal) => {
        #[doc = $doc]
        pub fn $name(&mut self, a: Value, b: Value, c: Value) -> Value {
            self.plain(Opcode::$variant, &[a, b, c])
        }
    };
    (@one $($rest:tt)*) => {};
    (@unary $name:ident $variant:ident (T) $doc:literal) => {
        #[doc = $doc]
        pub fn $name(&mut self, a: Value) -> Value {
            self.plain(Opcode::$variant, &[a])
        }
    };
    (@unary $name:ident $variant:ident ($from:ident) $doc:literal) => {
        #[doc = $doc]
        pub fn $name(&mut self, ty: Type, a: Value) -> Value {
            self.convert(Opcode::$variant, ty, a)
        }
    };
}

crate::opcode_table!(builder_methods);

/// The result types of a call or of any other instruction, given the module's signatures.
pub fn result_types(module: &Module, op: Opcode, ty: Type, imm: Imm) -> Vec<Type> {
    let signature: Option<&Signature> = match (op.format(), imm) {
        (Format::Call, Imm::Func(callee)) => module.funcs.get(callee).map(|f| &f.sig),
        (Format::CallIndirect, Imm::Sig(sig)) => module.sigs.get(sig),
        _ => None,
    };
    match signature {
        Some(signature) => signature.results.clone(),
        None => op.info().results.iter().map(|rule| rule.result(ty)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallConv, Linkage};

    #[test]
    fn methods_type_their_results_by_the_table() {
        let sig = Signature::new(CallConv::Fast, &[Type::I64, Type::F32], &[Type::I64]);
        let mut func = Func::new("f", sig, Linkage::Local);
        let entry = func.add_block();
        let (a, x) = (func.add_param(entry, Type::I64), func.add_param(entry, Type::F32));
        let mut b = Builder::new(&mut func, entry);
        let (sum, overflow) = b.sadd_overflow(a, a);
        let less = b.slt(sum, a);
        let wide = b.fpromote(Type::F64, x);
        let bits = b.bitcast(Type::I64, wide);
        b.ret(&[bits]);
        let types = [sum, overflow, less, wide, bits].map(|v| func.ty(v));
        assert_eq!(types, [Type::I64, Type::I8, Type::I8, Type::F64, Type::I64]);
    }

    #[test]
    fn every_plain_row_evaluates_for_every_type_it_allows() {
        for op in Opcode::ALL.iter().filter(|op| op.is_scalar()) {
            for ty in op.info().class.types() {
                // The high half of a wide dividend is below the divisor.
                let args = [1, 1, 2];
                let result = op.eval(ty, ty, &args[..op.info().operands.len()]);
                assert!(result.is_ok(), "{op}.{ty}");
            }
        }
        assert_eq!(Opcode::Sdiv.eval(Type::I8, Type::I8, &[0x80, 0xff]), Err(TrapCode::IntOverflow));
        assert_eq!(Opcode::SaddOverflow.eval(Type::I8, Type::I8, &[0x7f, 1]), Ok([0x80, 1]));
        assert_eq!(Opcode::Rotl.eval(Type::I16, Type::I16, &[0x8001, 17]), Ok([3, 0]));
    }
}
