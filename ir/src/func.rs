//! Functions: blocks with parameters, instructions, values.
//!
//! ```text
//! func fast local @gcd(i64, i64) -> (i64) {
//! b0(v0: i64, v1: i64):
//!   v2 = iconst.i64 0
//!   v3 = eq.i64 v1, v2
//!   br_if v3, b1(v0), b2
//! b1(v4: i64):
//!   ret v4
//! b2:
//!   v5 = srem.i64 v0, v1
//!   jump b0(v1, v5)        ; refused by the verifier: the entry block has no predecessors
//! }
//! ```
//!
//! Everything an instruction names lies in pools of the function, so an instruction has a fixed size and
//! building one allocates nothing. Ids are never reused; removed instructions stay in the pool, unlisted.

use crate::{FuncId, GlobalId, Linkage, Opcode, SigId, Signature, TrapCode, Type};
use pyexec_base::{EntityId, EntityVec, Loc, entity_id};
use std::marker::PhantomData;

entity_id! {
    /// An SSA value.
    pub struct Value("v");
}
entity_id! {
    /// An instruction.
    pub struct Inst("i");
}
entity_id! {
    /// A basic block.
    pub struct Block("b");
}
entity_id! {
    /// A piece of the stack frame.
    pub struct Slot("s");
}

/// A range in one of the function's pools.
pub struct ListRef<T> {
    start: u32,
    len: u32,
    item: PhantomData<T>,
}

impl<T> ListRef<T> {
    /// No items.
    pub const EMPTY: Self = Self { start: 0, len: 0, item: PhantomData };
    /// How many items.
    #[inline]
    pub const fn len(self) -> usize {
        self.len as usize
    }
    /// Whether there is no item.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
    #[inline]
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
    fn append(pool: &mut Vec<T>, items: &[T]) -> Self
    where
        T: Clone,
    {
        let start = pool.len() as u32;
        pool.extend_from_slice(items);
        Self { start, len: items.len() as u32, item: PhantomData }
    }
}

impl<T> Clone for ListRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for ListRef<T> {}
impl<T> PartialEq for ListRef<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.start, self.len) == (other.start, other.len)
    }
}
impl<T> std::fmt::Debug for ListRef<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}; {}]", self.start, self.len)
    }
}

/// A branch target with the values for the target's parameters.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BlockCall {
    /// Where to.
    pub block: Block,
    /// The values, in the value pool: [`Func::block_call_args`].
    pub args: ListRef<Value>,
}

/// What memory an access touches. Accesses of two different regions never alias, except that
/// `Unknown` may alias every region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Region {
    /// Anything.
    Unknown,
    /// A stack slot of this function.
    Stack,
    /// A writable global.
    Global,
    /// Memory that is never written while the program runs.
    Constant,
    /// Elements of arrays.
    Array,
    /// Headers of runtime objects.
    Header,
}

impl Region {
    /// Every region.
    pub const ALL: [Region; 6] =
        [Region::Unknown, Region::Stack, Region::Global, Region::Constant, Region::Array, Region::Header];
    /// The name in text.
    pub const fn name(self) -> &'static str {
        match self {
            Region::Unknown => "unknown",
            Region::Stack => "stack",
            Region::Global => "global",
            Region::Constant => "constant",
            Region::Array => "array",
            Region::Header => "header",
        }
    }
    /// What lies there.
    pub const fn doc(self) -> &'static str {
        match self {
            Region::Unknown => "Anything.",
            Region::Stack => "A stack slot of this function.",
            Region::Global => "A writable global.",
            Region::Constant => "Memory that is never written while the program runs.",
            Region::Array => "Elements of arrays.",
            Region::Header => "Headers of runtime objects.",
        }
    }
    /// Whether an access of `self` and one of `other` can touch the same byte.
    pub fn may_alias(self, other: Region) -> bool {
        self == other || self == Region::Unknown || other == Region::Unknown
    }
}

/// What an instruction carries beside operands and targets; which one is fixed by its format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Imm {
    /// Nothing.
    None,
    /// An integer constant; zero above the type's width is not required: it is sign-extended from 64.
    Int(i64),
    /// The bits of a float constant.
    Bits(u64),
    /// Offset in bytes and region of a memory access.
    Mem(i32, Region),
    /// A stack slot and an offset in bytes.
    Slot(Slot, i32),
    /// A global and an offset in bytes.
    Global(GlobalId, i32),
    /// A function.
    Func(FuncId),
    /// A signature.
    Sig(SigId),
    /// A trap code.
    Trap(TrapCode),
}

/// One instruction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InstData {
    /// What it does.
    pub op: Opcode,
    /// The controlling type; `i64` where the opcode has none.
    pub ty: Type,
    /// What it carries beside operands.
    pub imm: Imm,
    /// The operands: [`Func::args`].
    pub args: ListRef<Value>,
    /// The branch targets: [`Func::targets`].
    pub targets: ListRef<BlockCall>,
    /// The first result; the others follow with consecutive ids. Meaningless if there is none.
    first_result: Value,
    results: u32,
    /// Where it comes from.
    pub loc: Loc,
}

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueDef {
    /// A result of an instruction.
    Result(Inst, u32),
    /// A parameter of a block.
    Param(Block, u32),
    /// Replaced by another value: see [`Func::resolve`].
    Alias(Value),
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct ValueData {
    ty: Type,
    def: ValueDef,
}

/// One basic block.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BlockData {
    /// The parameters.
    pub params: Vec<Value>,
    /// The instructions; the last one is the terminator.
    pub insts: Vec<Inst>,
    /// Whether it is expected not to run; such blocks are laid out last.
    pub cold: bool,
}

/// A piece of the stack frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlotData {
    /// Size in bytes.
    pub size: u32,
    /// Alignment in bytes: a power of two, 16 at most.
    pub align: u32,
}

/// A function. Without blocks it is an import.
#[derive(Clone, PartialEq, Debug)]
pub struct Func {
    /// The symbol.
    pub name: String,
    /// What it takes and returns.
    pub sig: Signature,
    /// Who sees it.
    pub linkage: Linkage,
    /// Expected not to run: never inlined, optimised for size.
    pub cold: bool,
    /// The blocks in the order in which they are written and laid out; the first is the entry.
    pub layout: Vec<Block>,
    /// The frame's slots.
    pub slots: EntityVec<Slot, SlotData>,
    blocks: EntityVec<Block, BlockData>,
    insts: EntityVec<Inst, InstData>,
    values: EntityVec<Value, ValueData>,
    value_pool: Vec<Value>,
    target_pool: Vec<BlockCall>,
}

impl Func {
    /// A function without blocks.
    pub fn new(name: impl Into<String>, sig: Signature, linkage: Linkage) -> Self {
        Self {
            name: name.into(),
            sig,
            linkage,
            cold: false,
            layout: Vec::new(),
            slots: EntityVec::new(),
            blocks: EntityVec::new(),
            insts: EntityVec::new(),
            values: EntityVec::new(),
            value_pool: Vec::new(),
            target_pool: Vec::new(),
        }
    }

    /// Whether the function has no body here.
    pub fn is_import(&self) -> bool {
        self.layout.is_empty()
    }
    /// The block that runs first. `None` for imports.
    pub fn entry(&self) -> Option<Block> {
        self.layout.first().copied()
    }

    // ---- Blocks ----

    /// A new block at the end of the layout.
    pub fn add_block(&mut self) -> Block {
        let block = self.blocks.push(BlockData::default());
        self.layout.push(block);
        block
    }
    /// A new block that is not yet in the layout.
    pub fn add_detached_block(&mut self) -> Block {
        self.blocks.push(BlockData::default())
    }
    /// A block's contents.
    #[inline]
    pub fn block(&self, block: Block) -> &BlockData {
        &self.blocks[block]
    }
    /// A block's contents.
    #[inline]
    pub fn block_mut(&mut self, block: Block) -> &mut BlockData {
        &mut self.blocks[block]
    }
    /// How many block ids exist, those outside of the layout included: the size for a table by block.
    pub fn block_count(&self) -> usize {
        self.blocks.len()
    }
    /// Adds a parameter to a block.
    pub fn add_param(&mut self, block: Block, ty: Type) -> Value {
        let index = self.blocks[block].params.len() as u32;
        let value = self.values.push(ValueData { ty, def: ValueDef::Param(block, index) });
        self.blocks[block].params.push(value);
        value
    }
    /// Keeps the parameters for which `keep` says so (by position) and renumbers them. The caller
    /// drops the corresponding arguments of every predecessor and the uses of the dropped values.
    pub fn retain_params(&mut self, block: Block, mut keep: impl FnMut(usize) -> bool) {
        let old = std::mem::take(&mut self.blocks[block].params);
        for value in old.into_iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, v)| v) {
            let index = self.blocks[block].params.len() as u32;
            self.values[value].def = ValueDef::Param(block, index);
            self.blocks[block].params.push(value);
        }
    }
    /// The last instruction of a block.
    #[inline]
    pub fn terminator(&self, block: Block) -> Option<Inst> {
        self.blocks[block].insts.last().copied()
    }
    /// The branch targets of a block's terminator, in order, repetitions included.
    #[inline]
    pub fn successors(&self, block: Block) -> &[BlockCall] {
        self.terminator(block).map_or(&[], |inst| self.targets(inst))
    }

    // ---- Instructions ----

    /// A new instruction that is in no block. `results` are the types of its results.
    #[allow(clippy::too_many_arguments)] // One for each part of an instruction.
    pub fn make_inst(
        &mut self,
        op: Opcode,
        ty: Type,
        imm: Imm,
        args: &[Value],
        targets: &[BlockCall],
        results: &[Type],
        loc: Loc,
    ) -> Inst {
        let inst = self.insts.next_id();
        let first_result = self.values.next_id();
        for (index, ty) in results.iter().enumerate() {
            self.values.push(ValueData { ty: *ty, def: ValueDef::Result(inst, index as u32) });
        }
        let args = ListRef::append(&mut self.value_pool, args);
        let targets = ListRef::append(&mut self.target_pool, targets);
        self.insts.push(InstData {
            op,
            ty,
            imm,
            args,
            targets,
            first_result,
            results: results.len() as u32,
            loc,
        })
    }
    /// An instruction.
    #[inline]
    pub fn inst(&self, inst: Inst) -> &InstData {
        &self.insts[inst]
    }
    /// An instruction. Operands and targets are changed through [`args_mut`](Self::args_mut),
    /// [`set_args`](Self::set_args), [`set_targets`](Self::set_targets).
    #[inline]
    pub fn inst_mut(&mut self, inst: Inst) -> &mut InstData {
        &mut self.insts[inst]
    }
    /// How many instruction ids exist, removed ones included.
    pub fn inst_count(&self) -> usize {
        self.insts.len()
    }
    /// The operands.
    #[inline]
    pub fn args(&self, inst: Inst) -> &[Value] {
        &self.value_pool[self.insts[inst].args.range()]
    }
    /// The operands.
    #[inline]
    pub fn args_mut(&mut self, inst: Inst) -> &mut [Value] {
        &mut self.value_pool[self.insts[inst].args.range()]
    }
    /// Replaces all operands, however many.
    pub fn set_args(&mut self, inst: Inst, args: &[Value]) {
        self.insts[inst].args = self.make_value_list(args);
    }
    /// The branch targets.
    #[inline]
    pub fn targets(&self, inst: Inst) -> &[BlockCall] {
        &self.target_pool[self.insts[inst].targets.range()]
    }
    /// The branch targets.
    #[inline]
    pub fn targets_mut(&mut self, inst: Inst) -> &mut [BlockCall] {
        &mut self.target_pool[self.insts[inst].targets.range()]
    }
    /// Replaces all branch targets, however many.
    pub fn set_targets(&mut self, inst: Inst, targets: &[BlockCall]) {
        self.insts[inst].targets = ListRef::append(&mut self.target_pool, targets);
    }
    /// The values that a branch passes.
    #[inline]
    pub fn block_call_args(&self, call: BlockCall) -> &[Value] {
        &self.value_pool[call.args.range()]
    }
    /// The values that a branch passes.
    #[inline]
    pub fn block_call_args_mut(&mut self, call: BlockCall) -> &mut [Value] {
        &mut self.value_pool[call.args.range()]
    }
    /// A branch target.
    pub fn make_block_call(&mut self, block: Block, args: &[Value]) -> BlockCall {
        BlockCall { block, args: self.make_value_list(args) }
    }
    fn make_value_list(&mut self, values: &[Value]) -> ListRef<Value> {
        ListRef::append(&mut self.value_pool, values)
    }
    /// The results, in order.
    #[inline]
    pub fn results(&self, inst: Inst) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator + use<> {
        let data = &self.insts[inst];
        let first = data.first_result.as_u32();
        (0..data.results).map(move |i| Value::new(first + i))
    }
    /// The first result, if there is one.
    #[inline]
    pub fn first_result(&self, inst: Inst) -> Option<Value> {
        self.results(inst).next()
    }
    /// Calls `each` for every value that an instruction uses: operands, then branch arguments.
    pub fn for_each_use(&self, inst: Inst, mut each: impl FnMut(Value)) {
        self.args(inst).iter().for_each(|v| each(*v));
        for call in self.targets(inst) {
            self.block_call_args(*call).iter().for_each(|v| each(*v));
        }
    }
    /// Replaces every value that an instruction uses by `map` of it.
    pub fn map_uses(&mut self, inst: Inst, mut map: impl FnMut(Value) -> Value) {
        let data = self.insts[inst];
        for value in &mut self.value_pool[data.args.range()] {
            *value = map(*value);
        }
        for call in &self.target_pool[data.targets.range()] {
            for value in &mut self.value_pool[call.args.range()] {
                *value = map(*value);
            }
        }
    }

    // ---- Values ----

    /// A value's type.
    #[inline]
    pub fn ty(&self, value: Value) -> Type {
        self.values[value].ty
    }
    /// Where a value comes from.
    #[inline]
    pub fn def(&self, value: Value) -> ValueDef {
        self.values[value].def
    }
    /// The instruction that computes a value, unless it is a block parameter.
    #[inline]
    pub fn def_inst(&self, value: Value) -> Option<Inst> {
        match self.values[value].def {
            ValueDef::Result(inst, _) => Some(inst),
            _ => None,
        }
    }
    /// How many value ids exist: the size for a table by value.
    #[inline]
    pub fn value_count(&self) -> usize {
        self.values.len()
    }
    /// Whether `value` exists at all.
    pub fn is_value(&self, value: Value) -> bool {
        value.index() < self.values.len()
    }
    /// Makes `value` another name of `target`, which has the same type. Uses keep the old name until
    /// [`resolve_aliases`](Self::resolve_aliases).
    pub fn alias(&mut self, value: Value, target: Value) {
        let target = self.resolve(target);
        if target != value {
            self.values[value].def = ValueDef::Alias(target);
        }
    }
    /// The value that stands for `value` after all replacements.
    #[inline]
    pub fn resolve(&self, mut value: Value) -> Value {
        while let ValueDef::Alias(target) = self.values[value].def {
            value = target;
        }
        value
    }
    /// Rewrites every use in the layout to what it resolves to.
    pub fn resolve_aliases(&mut self) {
        for block in self.layout.clone() {
            for index in 0..self.blocks[block].insts.len() {
                let inst = self.blocks[block].insts[index];
                let values = &self.values;
                let resolve = |mut value: Value| {
                    while let ValueDef::Alias(target) = values[value].def {
                        value = target;
                    }
                    value
                };
                let data = self.insts[inst];
                self.value_pool[data.args.range()].iter_mut().for_each(|v| *v = resolve(*v));
                for call in &self.target_pool[data.targets.range()] {
                    self.value_pool[call.args.range()].iter_mut().for_each(|v| *v = resolve(*v));
                }
            }
        }
    }
    /// The constant bits of a value that is an `iconst` or `fconst`, zero-extended and cut to its type.
    #[inline]
    pub fn const_bits(&self, value: Value) -> Option<u128> {
        let data = &self.insts[self.def_inst(value)?];
        match data.imm {
            Imm::Int(int) if data.op == Opcode::Iconst => Some(int as i128 as u128 & data.ty.mask()),
            Imm::Bits(bits) if data.op == Opcode::Fconst => Some(bits as u128),
            _ => None,
        }
    }
    /// How many instructions are in the layout.
    pub fn live_inst_count(&self) -> usize {
        self.layout.iter().map(|b| self.blocks[*b].insts.len()).sum()
    }
}
