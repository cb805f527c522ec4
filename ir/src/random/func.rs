//! One random function: signature, frame, body, end.

use super::{Callee, ENTRY, Kind, OBJECT, Rng, Shared};
use crate::{
    Block, Builder, CallConv, Func, FuncId, Linkage, Region, Signature, SlotData, TrapCode, Type, Value,
};
use pyexec_base::Loc;

/// A function may call itself this deep: two calls on each level.
const DEPTH: i64 = 3;
const RECURSION_FACTOR: u64 = 1 << (DEPTH + 1);

/// A function being made.
pub(super) struct FuncGen<'s> {
    pub(super) shared: &'s mut Shared,
    pub(super) func: Func,
    pub(super) block: Block,
    /// Values that are available here, by type.
    pub(super) pool: [Vec<Value>; 7],
    /// Addresses of writable memory that were passed in.
    pub(super) ptrs: Vec<Value>,
    /// The counter of a function that calls itself, and how many such calls may still be made.
    pub(super) depth: Option<(Value, u32)>,
    /// What later functions will know of it.
    pub(super) me: (FuncId, Vec<Kind>),
    /// How often the current block may run in one call.
    pub(super) times: u64,
    /// Upper bound of the steps so far, and the bound of the whole.
    pub(super) cost: u64,
    pub(super) limit: u64,
    /// Instructions still to be made.
    pub(super) left: i64,
}

impl<'s> FuncGen<'s> {
    /// Makes the function with this number and adds it to the module.
    pub(super) fn random(shared: &'s mut Shared, index: u32) -> Callee {
        let conv =
            if shared.options.conv_c && shared.rng.chance(1, 3) { CallConv::C } else { CallConv::Fast };
        let (kinds, results) = shape(shared, conv);
        let linkage = *shared.rng.pick(&[Linkage::Local, Linkage::Local, Linkage::Export, Linkage::Weak]);
        let share = shared.options.steps / u64::from(2 * shared.options.funcs.max(1));
        let recursive = kinds.first() == Some(&Kind::Depth);
        let limit = if recursive { share / RECURSION_FACTOR } else { share };
        let mut this = Self::new(shared, format!("f{index}"), conv, kinds, results, linkage, limit);
        this.func.cold = this.rng().chance(1, 8);
        this.prologue();
        this.body(0);
        this.finish();
        this.dead_code();
        let cost = if recursive { this.cost * RECURSION_FACTOR } else { this.cost };
        let (id, kinds) = this.me;
        let results = this.func.sig.results.clone();
        let id_given = this.shared.module.funcs.push(this.func);
        debug_assert_eq!(id, id_given);
        Callee { id, kinds, results, conv, cost: cost + 1 }
    }

    /// Makes the function that calls all others and hashes what they did.
    pub(super) fn entry(shared: &'s mut Shared) {
        let kinds = [Type::I64, Type::I64, Type::F64, Type::F64].map(Kind::Value).to_vec();
        let limit = shared.options.steps;
        let mut this =
            Self::new(shared, ENTRY.into(), CallConv::C, kinds, vec![Type::I64], Linkage::Export, limit);
        this.prologue();
        this.left /= 2;
        this.body(1);
        let mut hash = this.operand(Type::I64);
        for index in 0..this.shared.callees.len() {
            for value in this.call_number(index) {
                hash = this.mix(hash, value);
            }
        }
        let objects = this.shared.objects.clone();
        for (global, region) in objects {
            for offset in (0..OBJECT as i32).step_by(8) {
                let mut b = this.builder();
                let address = b.global_addr(global, offset);
                let word = b.load(Type::I64, region, address, 0);
                hash = this.mix(hash, word);
            }
        }
        let cell = this.shared.hash;
        let address = this.builder().global_addr(cell, 0);
        let total = this.builder().load(Type::I64, Region::Header, address, 0);
        hash = this.mix(hash, total);
        this.builder().ret(&[hash]);
        let func = this.func;
        this.shared.module.funcs.push(func);
    }

    fn new(
        shared: &'s mut Shared,
        name: String,
        conv: CallConv,
        kinds: Vec<Kind>,
        results: Vec<Type>,
        linkage: Linkage,
        limit: u64,
    ) -> Self {
        let params: Vec<Type> = kinds.iter().map(|kind| kind.ty()).collect();
        let mut func = Func::new(name, Signature::new(conv, &params, &results), linkage);
        let block = func.add_block();
        let id = shared.module.funcs.next_id();
        let left = i64::from(shared.options.insts);
        Self {
            shared,
            func,
            block,
            pool: Default::default(),
            ptrs: Vec::new(),
            depth: None,
            me: (id, kinds),
            times: 1,
            cost: 0,
            limit,
            left,
        }
    }

    pub(super) fn rng(&mut self) -> &mut Rng {
        &mut self.shared.rng
    }
    /// A builder at the current place.
    pub(super) fn builder(&mut self) -> Builder<'_> {
        let locs = self.shared.options.locs && self.shared.rng.chance(1, 4);
        let loc = if locs { Loc::at(self.shared.rng.below(10_000) as u32) } else { Loc::UNKNOWN };
        let mut builder = Builder::new(&mut self.func, self.block);
        builder.set_loc(loc);
        builder
    }
    /// Accounts for instructions that are about to be made.
    pub(super) fn spend(&mut self, insts: u64) {
        self.cost += insts * self.times;
        self.left -= insts as i64;
    }
    pub(super) fn new_block(&mut self) -> Block {
        let block = self.func.add_block();
        self.func.block_mut(block).cold = self.shared.rng.chance(1, 10);
        block
    }

    fn prologue(&mut self) {
        let kinds = self.me.1.clone();
        for kind in &kinds {
            let value = self.func.add_param(self.block, kind.ty());
            match kind {
                Kind::Value(_) => self.keep(value),
                Kind::Ptr => self.ptrs.push(value),
                Kind::Depth => self.depth = Some((value, 2)),
            }
        }
        if self.shared.options.memory {
            self.slots();
        }
        if let Some((depth, _)) = self.depth {
            self.recursion_base(depth);
        }
    }

    /// Stack slots, filled: memory that was never written has no defined contents.
    fn slots(&mut self) {
        for _ in 0..self.rng().below(3) {
            let (more, align) = (self.rng().below(20) as u32, 8 << self.rng().below(2));
            let slot = self.func.slots.push(SlotData { size: OBJECT + more, align });
            let value = self.operand(Type::I64);
            self.spend(9);
            let mut b = self.builder();
            let address = b.stack_addr(slot, 0);
            for offset in (0..OBJECT as i32).step_by(8) {
                b.store(Region::Stack, value, address, offset);
            }
        }
    }

    /// Returns at depth 0.
    fn recursion_base(&mut self, depth: Value) {
        let (base, rest) = (self.new_block(), self.new_block());
        let mut b = self.builder();
        let zero = b.iconst(Type::I64, 0);
        let ends = b.sle(depth, zero);
        b.br_if(ends, (base, &[]), (rest, &[]));
        self.spend(3);
        self.block = base;
        self.ret();
        self.block = rest;
    }

    /// Ends the current block by a return.
    pub(super) fn ret(&mut self) {
        let results = self.func.sig.results.clone();
        let values = self.operands(&results);
        self.spend(1);
        self.builder().ret(&values);
    }

    /// Looks at some values, so that not all is dead, and returns or tail-calls.
    fn finish(&mut self) {
        if self.shared.options.memory {
            for _ in 0..6 {
                let ty = self.shared.ty();
                if let Some(value) = self.pool[ty as usize].last().copied() {
                    self.observe(value);
                }
            }
        }
        if !self.tail_call() {
            self.ret();
        }
    }

    /// Sometimes a block that nothing reaches: compilers must cope.
    fn dead_code(&mut self) {
        if !self.rng().chance(1, 6) {
            return;
        }
        let (first, second) = (self.new_block(), self.new_block());
        self.pool = Default::default();
        self.block = first;
        let value = self.constant(Type::I64);
        let param = self.func.add_param(second, Type::I64);
        self.builder().jump(second, &[value]);
        self.block = second;
        let mut b = self.builder();
        let sum = b.iadd(param, value);
        let again = b.eq(sum, value);
        let end = b.func.add_block();
        b.br_if(again, (second, &[sum]), (end, &[]));
        b.switch_to(end);
        b.trap(TrapCode::Unreachable);
    }
}

impl Kind {
    pub(super) fn ty(self) -> Type {
        match self {
            Kind::Value(ty) => ty,
            _ => Type::I64,
        }
    }
}

fn shape(shared: &mut Shared, conv: CallConv) -> (Vec<Kind>, Vec<Type>) {
    let mut kinds = Vec::new();
    if shared.rng.chance(1, 4) {
        kinds.push(Kind::Depth);
    }
    if shared.options.memory && shared.rng.chance(1, 3) {
        kinds.push(Kind::Ptr);
    }
    let most = *shared.rng.pick(&[3, 6, 14]);
    kinds.extend(shared.types(most).into_iter().map(Kind::Value));
    // Tail calls need functions with equal results.
    let fast: Vec<usize> =
        (0..shared.callees.len()).filter(|i| shared.callees[*i].conv == CallConv::Fast).collect();
    let results = match conv {
        CallConv::C => shared.types(1),
        CallConv::Fast if !fast.is_empty() && shared.rng.chance(1, 2) => {
            let index = *shared.rng.pick(&fast);
            shared.callees[index].results.clone()
        }
        CallConv::Fast => shared.types(4),
    };
    (kinds, results)
}

/// How deep the outermost call of a function may let it call itself.
pub(super) fn first_depth(rng: &mut Rng) -> i64 {
    rng.below(DEPTH as u64 + 1) as i64
}
