//! The same IR through Cranelift, for tables that put both side by side (feature `cranelift`).
//!
//! A straight translation, one opcode at a time: Cranelift's IR has the same shape (block parameters, the
//! same checked arithmetic), so neither compiler gets an input that the other does not.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    self, AbiParam, BlockArg, InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, TrapCode,
};
use cranelift_codegen::isa::CallConv as ClifConv;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{DataDescription, DataId, FuncId as ClifFunc, Linkage as ClifLinkage, Module as _};
use pyexec_base::EntityVec;
use pyexec_ir::{
    Block, BlockCall, CallConv, Func, FuncId, GlobalId, Imm, Inst, Linkage, Module, Opcode, Signature, Slot,
    Type, Value,
};
use std::collections::HashMap;

/// A module being compiled by Cranelift.
pub struct Peer {
    jit: JITModule,
    funcs: HashMap<FuncId, ClifFunc>,
    globals: HashMap<GlobalId, DataId>,
}

/// What went wrong, in words.
pub type Failure = String;

fn said(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}

impl Peer {
    /// A compiler for this machine. `optimise` is Cranelift's `opt_level=speed`, else `none`; symbols that the
    /// module imports are found through `resolve`.
    pub fn new(
        optimise: bool,
        resolve: impl Fn(&str) -> Option<*const u8> + Send + 'static,
    ) -> Result<Self, Failure> {
        let mut flags = settings::builder();
        flags.set("opt_level", if optimise { "speed" } else { "none" }).map_err(said)?;
        flags.set("enable_verifier", "false").map_err(said)?;
        flags.set("is_pic", "false").map_err(said)?;
        let isa = cranelift_native::builder()?.finish(settings::Flags::new(flags)).map_err(said)?;
        let mut builder = JITBuilder::with_isa(isa, cranelift_module::default_libcall_names());
        builder.symbol_lookup_fn(Box::new(resolve));
        Ok(Self { jit: JITModule::new(builder), funcs: HashMap::new(), globals: HashMap::new() })
    }

    /// Compiles all functions of a module into memory.
    pub fn compile(&mut self, module: &Module) -> Result<(), Failure> {
        self.declare(module)?;
        let mut context = self.jit.make_context();
        let mut builder_context = FunctionBuilderContext::new();
        for (id, func) in module.funcs.iter().filter(|(_, f)| !f.is_import()) {
            context.func.signature = signature(&func.sig);
            let builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
            Translator::new(self, module, func, builder)?.translate()?;
            self.jit
                .define_function(self.funcs[&id], &mut context)
                .map_err(|e| format!("{}: {e:?}", func.name))?;
            self.jit.clear_context(&mut context);
        }
        self.jit.finalize_definitions().map_err(said)
    }

    /// The address of a compiled function.
    pub fn address(&self, func: FuncId) -> Option<*const u8> {
        self.funcs.get(&func).map(|id| self.jit.get_finalized_function(*id))
    }

    fn declare(&mut self, module: &Module) -> Result<(), Failure> {
        for (id, func) in module.funcs.iter() {
            let declared =
                self.jit.declare_function(&func.name, linkage(func.linkage), &signature(&func.sig));
            self.funcs.insert(id, declared.map_err(said)?);
        }
        for (id, global) in module.globals.iter() {
            let declared =
                self.jit.declare_data(&global.name, linkage(global.linkage), global.writable, false);
            let data_id = declared.map_err(said)?;
            self.globals.insert(id, data_id);
            if global.linkage != Linkage::Import {
                let mut bytes = global.init.clone();
                bytes.resize(global.size.max(1) as usize, 0);
                let mut data = DataDescription::new();
                data.define(bytes.into_boxed_slice());
                data.set_align(global.align as u64);
                self.jit.define_data(data_id, &data).map_err(said)?;
            }
        }
        Ok(())
    }
}

fn linkage(linkage: Linkage) -> ClifLinkage {
    match linkage {
        Linkage::Import => ClifLinkage::Import,
        Linkage::Local => ClifLinkage::Local,
        Linkage::Export | Linkage::Weak => ClifLinkage::Export,
    }
}

fn clif_type(ty: Type) -> ir::Type {
    match ty {
        Type::I8 => ir::types::I8,
        Type::I16 => ir::types::I16,
        Type::I32 => ir::types::I32,
        Type::I64 => ir::types::I64,
        Type::I128 => ir::types::I128,
        Type::F32 => ir::types::F32,
        Type::F64 => ir::types::F64,
    }
}

fn signature(sig: &Signature) -> ir::Signature {
    let conv = if sig.conv == CallConv::Fast { ClifConv::Tail } else { ClifConv::SystemV };
    let mut out = ir::Signature::new(conv);
    out.params.extend(sig.params.iter().map(|p| AbiParam::new(clif_type(p.ty()))));
    out.returns.extend(sig.results.iter().map(|t| AbiParam::new(clif_type(*t))));
    out
}

struct Translator<'a> {
    peer: &'a mut Peer,
    module: &'a Module,
    func: &'a Func,
    b: FunctionBuilder<'a>,
    blocks: EntityVec<Block, Option<ir::Block>>,
    values: EntityVec<Value, Option<ir::Value>>,
    slots: EntityVec<Slot, ir::StackSlot>,
    callees: HashMap<FuncId, ir::FuncRef>,
    data: HashMap<GlobalId, ir::GlobalValue>,
}

impl<'a> Translator<'a> {
    fn new(
        peer: &'a mut Peer,
        module: &'a Module,
        func: &'a Func,
        mut b: FunctionBuilder<'a>,
    ) -> Result<Self, Failure> {
        let mut blocks = EntityVec::filled(None, func.block_count());
        let mut values = EntityVec::filled(None, func.value_count());
        for block in &func.layout {
            let made = b.create_block();
            blocks[*block] = Some(made);
            for param in &func.block(*block).params {
                values[*param] = Some(b.append_block_param(made, clif_type(func.ty(*param))));
            }
            if func.block(*block).cold {
                b.set_cold_block(made);
            }
        }
        let slots = func.slots.values().map(|slot| {
            let shift = slot.align.trailing_zeros() as u8;
            b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, slot.size, shift))
        });
        let slots = slots.collect();
        Ok(Self {
            peer,
            module,
            func,
            b,
            blocks,
            values,
            slots,
            callees: HashMap::new(),
            data: HashMap::new(),
        })
    }

    fn translate(mut self) -> Result<(), Failure> {
        let order = self.func.layout.clone();
        for block in order {
            let made = self.blocks[block].ok_or("a block outside of the layout")?;
            self.b.switch_to_block(made);
            for inst in self.func.block(block).insts.clone() {
                let results = self.inst(inst)?;
                for (value, made) in self.func.results(inst).zip(results) {
                    self.values[value] = Some(made);
                }
            }
        }
        self.b.seal_all_blocks();
        self.b.finalize(self.peer.jit.target_config());
        Ok(())
    }

    fn value(&self, value: Value) -> Result<ir::Value, Failure> {
        self.values[value].ok_or_else(|| format!("{value} is used before its block was translated"))
    }

    fn inst(&mut self, inst: Inst) -> Result<Vec<ir::Value>, Failure> {
        let data = *self.func.inst(inst);
        let args = self.func.args(inst).iter().map(|v| self.value(*v)).collect::<Result<Vec<_>, _>>()?;
        let ty = clif_type(data.ty);
        if let Some(value) = self.arithmetic(data.op, ty, &args) {
            return Ok(value);
        }
        match data.imm {
            Imm::Int(int) if data.ty == Type::I128 => {
                let low = self.b.ins().iconst(ir::types::I64, int);
                Ok(vec![self.b.ins().sextend(ty, low)])
            }
            Imm::Int(int) => {
                let cut = int & (data.ty.mask() as i64);
                Ok(vec![self.b.ins().iconst(ty, cut)])
            }
            Imm::Bits(bits) if data.ty == Type::F32 => {
                Ok(vec![self.b.ins().f32const(ir::immediates::Ieee32::with_bits(bits as u32))])
            }
            Imm::Bits(bits) => Ok(vec![self.b.ins().f64const(ir::immediates::Ieee64::with_bits(bits))]),
            Imm::Mem(offset, _) => self.memory(data.op, ty, &args, offset),
            Imm::Slot(slot, offset) => {
                let slot = self.slots[slot];
                Ok(vec![self.b.ins().stack_addr(ir::types::I64, slot, offset)])
            }
            Imm::Global(global, offset) => {
                let global = self.global(global);
                let base = self.b.ins().symbol_value(ir::types::I64, global);
                let by = self.b.ins().iconst(ir::types::I64, offset as i64);
                Ok(vec![self.b.ins().iadd(base, by)])
            }
            _ => self.control(inst, &args),
        }
    }

    fn global(&mut self, global: GlobalId) -> ir::GlobalValue {
        let id = self.peer.globals[&global];
        let (jit, func) = (&self.peer.jit, &mut self.b.func);
        *self.data.entry(global).or_insert_with(|| jit.declare_data_in_func(id, func))
    }

    fn callee(&mut self, callee: FuncId) -> ir::FuncRef {
        let id = self.peer.funcs[&callee];
        let (jit, func) = (&mut self.peer.jit, &mut self.b.func);
        *self.callees.entry(callee).or_insert_with(|| jit.declare_func_in_func(id, func))
    }

    fn memory(
        &mut self,
        op: Opcode,
        ty: ir::Type,
        a: &[ir::Value],
        offset: i32,
    ) -> Result<Vec<ir::Value>, Failure> {
        let flags = MemFlagsData::trusted();
        let i = self.b.ins();
        Ok(vec![match op {
            Opcode::Load => i.load(ty, flags, a[0], offset),
            Opcode::LoadU8 => i.uload8(ty, flags, a[0], offset),
            Opcode::LoadS8 => i.sload8(ty, flags, a[0], offset),
            Opcode::LoadU16 => i.uload16(ty, flags, a[0], offset),
            Opcode::LoadS16 => i.sload16(ty, flags, a[0], offset),
            Opcode::LoadU32 => i.uload32(flags, a[0], offset),
            Opcode::LoadS32 => i.sload32(flags, a[0], offset),
            Opcode::Store => return Ok(i.store(flags, a[0], a[1], offset)).map(|_| Vec::new()),
            Opcode::Store8 => return Ok(i.istore8(flags, a[0], a[1], offset)).map(|_| Vec::new()),
            Opcode::Store16 => return Ok(i.istore16(flags, a[0], a[1], offset)).map(|_| Vec::new()),
            Opcode::Store32 => return Ok(i.istore32(flags, a[0], a[1], offset)).map(|_| Vec::new()),
            _ => return Err(format!("{op} is not a memory access")),
        }])
    }

    // tidy: flat match
    fn arithmetic(&mut self, op: Opcode, ty: ir::Type, a: &[ir::Value]) -> Option<Vec<ir::Value>> {
        if let Some(cc) = int_condition(op) {
            return Some(vec![self.b.ins().icmp(cc, a[0], a[1])]);
        }
        if let Some(cc) = float_condition(op) {
            return Some(vec![self.b.ins().fcmp(cc, a[0], a[1])]);
        }
        let pair = |(x, y)| Some(vec![x, y]);
        let i = self.b.ins();
        Some(vec![match op {
            Opcode::Iadd => i.iadd(a[0], a[1]),
            Opcode::Isub => i.isub(a[0], a[1]),
            Opcode::Imul => i.imul(a[0], a[1]),
            Opcode::Ineg => i.ineg(a[0]),
            Opcode::Sdiv => i.sdiv(a[0], a[1]),
            Opcode::Udiv => i.udiv(a[0], a[1]),
            Opcode::Srem => i.srem(a[0], a[1]),
            Opcode::Urem => i.urem(a[0], a[1]),
            Opcode::Smulhi => i.smulhi(a[0], a[1]),
            Opcode::Umulhi => i.umulhi(a[0], a[1]),
            Opcode::Smin => i.smin(a[0], a[1]),
            Opcode::Smax => i.smax(a[0], a[1]),
            Opcode::Umin => i.umin(a[0], a[1]),
            Opcode::Umax => i.umax(a[0], a[1]),
            Opcode::SaddOverflow => return pair(i.sadd_overflow(a[0], a[1])),
            Opcode::SsubOverflow => return pair(i.ssub_overflow(a[0], a[1])),
            Opcode::SmulOverflow => return pair(i.smul_overflow(a[0], a[1])),
            Opcode::UaddOverflow => return pair(i.uadd_overflow(a[0], a[1])),
            Opcode::UsubOverflow => return pair(i.usub_overflow(a[0], a[1])),
            Opcode::UmulOverflow => return pair(i.umul_overflow(a[0], a[1])),
            Opcode::Band => i.band(a[0], a[1]),
            Opcode::Bor => i.bor(a[0], a[1]),
            Opcode::Bxor => i.bxor(a[0], a[1]),
            Opcode::Bnot => i.bnot(a[0]),
            Opcode::Shl => i.ishl(a[0], a[1]),
            Opcode::Lshr => i.ushr(a[0], a[1]),
            Opcode::Ashr => i.sshr(a[0], a[1]),
            Opcode::Rotl => i.rotl(a[0], a[1]),
            Opcode::Rotr => i.rotr(a[0], a[1]),
            Opcode::Clz => i.clz(a[0]),
            Opcode::Ctz => i.ctz(a[0]),
            Opcode::Popcnt => i.popcnt(a[0]),
            Opcode::Bswap => i.bswap(a[0]),
            Opcode::Select => i.select(a[0], a[1], a[2]),
            Opcode::Fadd => i.fadd(a[0], a[1]),
            Opcode::Fsub => i.fsub(a[0], a[1]),
            Opcode::Fmul => i.fmul(a[0], a[1]),
            Opcode::Fdiv => i.fdiv(a[0], a[1]),
            Opcode::Fmin => i.fmin(a[0], a[1]),
            Opcode::Fmax => i.fmax(a[0], a[1]),
            Opcode::Fma => i.fma(a[0], a[1], a[2]),
            Opcode::Fsqrt => i.sqrt(a[0]),
            Opcode::Fceil => i.ceil(a[0]),
            Opcode::Ffloor => i.floor(a[0]),
            Opcode::Ftrunc => i.trunc(a[0]),
            Opcode::Fnearest => i.nearest(a[0]),
            Opcode::Fneg => i.fneg(a[0]),
            Opcode::Fabs => i.fabs(a[0]),
            Opcode::Fcopysign => i.fcopysign(a[0], a[1]),
            Opcode::Zext => i.uextend(ty, a[0]),
            Opcode::Sext => i.sextend(ty, a[0]),
            Opcode::Trunc => i.ireduce(ty, a[0]),
            Opcode::Fpromote => i.fpromote(ty, a[0]),
            Opcode::Fdemote => i.fdemote(ty, a[0]),
            Opcode::SintToFloat => i.fcvt_from_sint(ty, a[0]),
            Opcode::UintToFloat => i.fcvt_from_uint(ty, a[0]),
            Opcode::FloatToSint => i.fcvt_to_sint(ty, a[0]),
            Opcode::FloatToUint => i.fcvt_to_uint(ty, a[0]),
            Opcode::FloatToSintSat => i.fcvt_to_sint_sat(ty, a[0]),
            Opcode::FloatToUintSat => i.fcvt_to_uint_sat(ty, a[0]),
            Opcode::Bitcast => i.bitcast(ty, MemFlagsData::new(), a[0]),
            Opcode::Iconcat => i.iconcat(a[0], a[1]),
            Opcode::Isplit => return pair(i.isplit(a[0])),
            Opcode::StackPtr => i.get_stack_pointer(ty),
            _ => return None,
        }])
    }

    fn target(&self, call: BlockCall) -> Result<(ir::Block, Vec<BlockArg>), Failure> {
        let block = self.blocks[call.block].ok_or("a block outside of the layout")?;
        let args = self.func.block_call_args(call).iter().map(|v| self.value(*v).map(BlockArg::Value));
        Ok((block, args.collect::<Result<_, _>>()?))
    }

    fn control(&mut self, inst: Inst, a: &[ir::Value]) -> Result<Vec<ir::Value>, Failure> {
        let data = *self.func.inst(inst);
        let targets =
            self.func.targets(inst).iter().map(|t| self.target(*t)).collect::<Result<Vec<_>, _>>()?;
        let trap = TrapCode::unwrap_user(1);
        match (data.op, data.imm) {
            (Opcode::Jump, _) => drop(self.b.ins().jump(targets[0].0, &targets[0].1)),
            (Opcode::BrIf, _) => {
                let (then, other) = (&targets[0], &targets[1]);
                self.b.ins().brif(a[0], then.0, &then.1, other.0, &other.1);
            }
            (Opcode::BrTable, _) => self.br_table(a[0], &targets),
            (Opcode::Ret, _) => drop(self.b.ins().return_(a)),
            (Opcode::Trap, _) => drop(self.b.ins().trap(trap)),
            (Opcode::TrapIf, _) => drop(self.b.ins().trapnz(a[0], trap)),
            (Opcode::Call, Imm::Func(callee)) => {
                let callee = self.callee(callee);
                let call = self.b.ins().call(callee, a);
                return Ok(self.b.inst_results(call).to_vec());
            }
            (Opcode::TailCall, Imm::Func(callee)) => {
                let callee = self.callee(callee);
                self.b.ins().return_call(callee, a);
            }
            (Opcode::FuncAddr, Imm::Func(callee)) => {
                let callee = self.callee(callee);
                return Ok(vec![self.b.ins().func_addr(ir::types::I64, callee)]);
            }
            (Opcode::CallIndirect, Imm::Sig(sig)) => {
                let sig = self.b.import_signature(signature(&self.module.sigs[sig]));
                let call = self.b.ins().call_indirect(sig, a[0], &a[1..]);
                return Ok(self.b.inst_results(call).to_vec());
            }
            (op, _) => return Err(format!("{op} has no translation")),
        }
        Ok(Vec::new())
    }

    fn br_table(&mut self, index: ir::Value, targets: &[(ir::Block, Vec<BlockArg>)]) {
        // Cranelift's index has 32 bits: clamp ours to "past the end" first.
        let len = self.b.ins().iconst(ir::types::I64, targets.len() as i64);
        let clamped = self.b.ins().umin(index, len);
        let index = self.b.ins().ireduce(ir::types::I32, clamped);
        let pool = &mut self.b.func.dfg.value_lists;
        let calls: Vec<ir::BlockCall> = targets
            .iter()
            .map(|(block, args)| ir::BlockCall::new(*block, args.iter().copied(), pool))
            .collect();
        let table = self.b.create_jump_table(ir::JumpTableData::new(calls[0], &calls[1..]));
        self.b.ins().br_table(index, table);
    }
}

fn int_condition(op: Opcode) -> Option<IntCC> {
    Some(match op {
        Opcode::Eq => IntCC::Equal,
        Opcode::Ne => IntCC::NotEqual,
        Opcode::Slt => IntCC::SignedLessThan,
        Opcode::Sle => IntCC::SignedLessThanOrEqual,
        Opcode::Sgt => IntCC::SignedGreaterThan,
        Opcode::Sge => IntCC::SignedGreaterThanOrEqual,
        Opcode::Ult => IntCC::UnsignedLessThan,
        Opcode::Ule => IntCC::UnsignedLessThanOrEqual,
        Opcode::Ugt => IntCC::UnsignedGreaterThan,
        Opcode::Uge => IntCC::UnsignedGreaterThanOrEqual,
        _ => return None,
    })
}

fn float_condition(op: Opcode) -> Option<FloatCC> {
    Some(match op {
        Opcode::Feq => FloatCC::Equal,
        Opcode::Fne => FloatCC::NotEqual,
        Opcode::Flt => FloatCC::LessThan,
        Opcode::Fle => FloatCC::LessThanOrEqual,
        Opcode::Fgt => FloatCC::GreaterThan,
        Opcode::Fge => FloatCC::GreaterThanOrEqual,
        Opcode::Ford => FloatCC::Ordered,
        Opcode::Funo => FloatCC::Unordered,
        _ => return None,
    })
}
