//! Entry, calls and returns, the same on every target: values meet the places that the convention gives them.
//!
//! ```text
//! v3 = call @f(v1, v2)     <store vr9 to outgoing+0>    ; an argument beyond the registers
//!                          call f (a0=vr1 a1=vr2) -> r0=vr3
//! ```
//! In: verified signatures and call sites. Out: instructions of the target, by way of [`CallIsa`], which has what
//! differs: memory operands, loads and stores, the instructions of calls themselves. Invariants: register
//! arguments and results are pinned operands, so the allocator makes the moves; the stack area of calls is the
//! lowest part of the frame (outgoing), ours lies above the frame (incoming); nothing outside of an aggregate
//! is read or written, since it may end at the end of a page.
//!
//! An aggregate travels as the address of an object in the IR: here its parts are loaded into argument
//! registers, or its bytes copied; a callee that gets it in registers spills it into a slot of its own.
//! Left to others: where everything travels is [`abi`](crate::abi)'s, moves and spills are the allocator's.

use crate::abi::{AggregatePart, AggregateParts, ArgLoc, Assignment, ConvDesc, VariadicRule, assign};
use crate::{CodegenError, Isa, LowerCx, OperandVisitor, Reg, ValueRegs};
use pyexec_ir::{Aggregate, CallConv, FuncId, Imm, Inst, Opcode, Param, Signature, SlotData, Type, Value};
use pyexec_regalloc::{PReg, PRegSet, RegClass};

/// A virtual register that must be in a physical one.
pub type Pinned = (Reg, PReg);

/// A call, with everything that it reads, writes and destroys. `C` is how the target names a callee.
#[derive(Clone, Debug)]
pub struct CallInfo<C> {
    /// Whom.
    pub callee: C,
    /// Arguments in registers.
    pub uses: Box<[Pinned]>,
    /// Results in registers.
    pub defs: Box<[Pinned]>,
    /// What else it destroys.
    pub clobbers: PRegSet,
}

impl<C> CallInfo<C> {
    /// Shows arguments and results; the callee is the target's to show, first.
    pub fn visit<V: OperandVisitor>(&mut self, visitor: &mut V) {
        self.uses.iter_mut().for_each(|(reg, preg)| visitor.fixed_use(reg, *preg));
        self.defs.iter_mut().for_each(|(reg, preg)| visitor.fixed_def(reg, *preg));
    }
    /// What it destroys beside its results.
    pub fn only_clobbers(&self) -> PRegSet {
        self.defs.iter().fold(self.clobbers, |set, (_, preg)| set.without(*preg))
    }
}

/// Callee, signature and arguments of a call.
pub struct Site<'a> {
    /// Who is called, if it is known.
    pub func: Option<FuncId>,
    /// Else its address.
    pub target: Option<Value>,
    /// What it takes and returns.
    pub sig: &'a Signature,
    /// What it is given.
    pub args: &'a [Value],
}

/// What a target adds. Functions that emit are called while an entry, a call or a return is selected.
pub trait CallIsa: Isa {
    /// A memory operand.
    type Mem: Copy;
    /// How an instruction names a callee.
    type Callee;

    /// In the stack area that our caller made.
    fn incoming(offset: u32) -> Self::Mem;
    /// In the stack area of calls that we make.
    fn outgoing(offset: u32) -> Self::Mem;
    /// A stack slot by its number.
    fn slot(slot: u32) -> Self::Mem;
    /// At a register.
    fn at(base: Reg) -> Self::Mem;
    /// That many bytes further on.
    fn plus(mem: Self::Mem, bytes: u32) -> Self::Mem;

    /// The function's arguments appear in their registers.
    fn gen_args(args: Box<[Pinned]>) -> Self::Inst;
    /// Leaves the function with these results.
    fn gen_ret(results: Box<[Pinned]>) -> Self::Inst;
    /// A call, or a jump to a callee that returns to our caller.
    fn gen_call(info: CallInfo<Self::Callee>, is_tail: bool) -> Self::Inst;
    /// The callee as an operand. That of a tail call is read after registers have been restored.
    fn callee(cx: &mut LowerCx<'_, Self>, site: &Site<'_>, is_tail: bool) -> Self::Callee;
    /// Notes a call with a stack area of this size.
    fn note_call(cx: &mut LowerCx<'_, Self>, bytes: u32) {
        cx.needs_outgoing(bytes);
    }

    /// A scalar from the stack area: whole 8 bytes, or in a packed area its own.
    fn load_scalar(cx: &mut LowerCx<'_, Self>, ty: Type, to: ValueRegs, mem: Self::Mem, is_packed: bool);
    /// A scalar into the stack area.
    fn store_scalar(cx: &mut LowerCx<'_, Self>, value: Value, mem: Self::Mem, is_packed: bool);
    /// A scalar as it travels in a register of this class: extended where the convention wants it.
    fn in_register(
        cx: &mut LowerCx<'_, Self>,
        conv: &ConvDesc,
        value: Value,
        is_signed: bool,
        class: RegClass,
    ) -> Reg;
    /// The same for a result.
    fn result_in_register(
        cx: &mut LowerCx<'_, Self>,
        conv: &ConvDesc,
        value: Value,
        is_signed: bool,
        class: RegClass,
    ) -> Reg {
        Self::in_register(cx, conv, value, is_signed, class)
    }

    /// A constant in a new register.
    fn constant(cx: &mut LowerCx<'_, Self>, value: i64) -> Reg;
    /// `dst = &mem`.
    fn lea(cx: &mut LowerCx<'_, Self>, dst: Reg, mem: Self::Mem);
    /// 1, 2, 4 or 8 bytes (4 or 8 of a float) in a new register, zeros above.
    fn load_chunk(cx: &mut LowerCx<'_, Self>, class: RegClass, bytes: u32, mem: Self::Mem) -> Reg;
    /// The low 1, 2, 4 or 8 bytes of a register.
    fn store_chunk(cx: &mut LowerCx<'_, Self>, bytes: u32, reg: Reg, mem: Self::Mem);
    /// `low | high << by`, all 64 bits.
    fn merge(cx: &mut LowerCx<'_, Self>, low: Reg, high: Reg, by: u32) -> Reg;
    /// `reg >> by`, all 64 bits, zeros from above.
    fn shift_right(cx: &mut LowerCx<'_, Self>, reg: Reg, by: u32) -> Reg;
    /// Copies an object that is too large for [`copy_by_chunks`], or can be copied better; whether it has.
    fn copy_large(cx: &mut LowerCx<'_, Self>, to: Self::Mem, from: Self::Mem, bytes: u32) -> bool;
}

type Cx<'a, I> = LowerCx<'a, I>;

// ---- Pieces of aggregates ----

/// The largest power of two that is at most `bytes` and 8.
fn chunk(bytes: u32) -> u32 {
    1 << bytes.min(8).ilog2()
}

/// `bytes` (at most 8) bytes of an object in a new register. Odd sizes are put together.
fn load_part<I: CallIsa>(cx: &mut Cx<'_, I>, class: RegClass, bytes: u32, mem: I::Mem) -> Reg {
    if class == RegClass::Float {
        return I::load_chunk(cx, class, bytes, mem);
    }
    let mut done = chunk(bytes);
    let mut all = I::load_chunk(cx, class, done, mem);
    while done < bytes {
        let size = chunk(bytes - done);
        let piece = I::load_chunk(cx, class, size, I::plus(mem, done));
        all = I::merge(cx, all, piece, 8 * done);
        done += size;
    }
    all
}

/// The low `bytes` (at most 8) bytes of a register into an object.
fn store_part<I: CallIsa>(cx: &mut Cx<'_, I>, reg: Reg, bytes: u32, mem: I::Mem) {
    if reg.class() == Some(RegClass::Float) {
        return I::store_chunk(cx, bytes, reg, mem);
    }
    let (mut done, mut rest) = (0, reg);
    while done < bytes {
        let size = chunk(bytes - done);
        I::store_chunk(cx, size, rest, I::plus(mem, done));
        done += size;
        if done < bytes {
            rest = I::shift_right(cx, rest, 8 * size);
        }
    }
}

fn copy_bytes<I: CallIsa>(cx: &mut Cx<'_, I>, to: I::Mem, from: I::Mem, bytes: u32) {
    if !I::copy_large(cx, to, from, bytes) {
        copy_by_chunks(cx, to, from, 0..bytes);
    }
}

/// Copies these bytes of an object by way of registers, at most 8 at a time.
pub fn copy_by_chunks<I: CallIsa>(cx: &mut Cx<'_, I>, to: I::Mem, from: I::Mem, bytes: std::ops::Range<u32>) {
    let mut done = bytes.start;
    while done < bytes.end {
        let size = chunk(bytes.end - done);
        let piece = I::load_chunk(cx, RegClass::Int, size, I::plus(from, done));
        I::store_chunk(cx, size, piece, I::plus(to, done));
        done += size;
    }
}

/// A new slot.
fn own_slot<I: CallIsa>(cx: &mut Cx<'_, I>, size: u32) -> I::Mem {
    let slot = cx.frame.slots.len() as u32;
    cx.frame.slots.push(SlotData { size, align: 16 });
    I::slot(slot)
}

/// A new slot for an aggregate that travels in registers, each of which may be stored whole.
fn own_object<I: CallIsa>(cx: &mut Cx<'_, I>, parts: &AggregateParts) -> I::Mem {
    let end = parts.iter().flatten().map(|p| p.offset + 8).max().unwrap_or(8);
    own_slot(cx, end.next_multiple_of(16))
}

/// How much of a part's register an object of ours has room for: floats lie side by side.
fn room(part: &AggregatePart) -> u32 {
    if part.reg.class() == RegClass::Float { part.size } else { 8 }
}

/// A copy of an aggregate in our frame, for the callee to keep.
fn copied<I: CallIsa>(cx: &mut Cx<'_, I>, value: Value, layout: &Aggregate) -> Reg {
    let object = own_slot(cx, layout.size);
    let from = I::at(cx.use_value(value));
    copy_bytes(cx, object, from, layout.size);
    let address = cx.new_reg(RegClass::Int);
    I::lea(cx, address, object);
    address
}

// ---- Entry and return ----

/// Places of a signature's values; give the assignment back to `cx` when done.
fn places<I: CallIsa>(
    cx: &mut Cx<'_, I>,
    conv: &ConvDesc,
    sig: &Signature,
    extra: &[Type],
) -> Result<Assignment, CodegenError> {
    let mut places = std::mem::take(&mut cx.assignment);
    match assign(conv, sig, extra, &mut places) {
        Ok(()) => Ok(places),
        Err(why) => Err(cx.unsupported(None, why)),
    }
}

/// Defines the parameters of the function.
///
/// # Errors
/// If the convention has no place for one.
pub fn entry<I: CallIsa>(cx: &mut Cx<'_, I>) -> Result<(), CodegenError> {
    let func = cx.func;
    let places = places(cx, cx.own_conv(), &func.sig, &[])?;
    let params = cx.entry_params();
    let mut args: Vec<Pinned> = Vec::with_capacity(places.args.len());
    // First all registers, in one instruction; then what is in memory.
    for (&param, place) in params.iter().zip(&places.args) {
        match place {
            _ if !cx.is_needed(param) => {}
            ArgLoc::Reg(reg) | ArgLoc::ResultArea(reg) => args.push((cx.def_value(param), *reg)),
            ArgLoc::Pair(low, high) => {
                let regs = cx.def_values(param);
                args.extend([(regs.low(), *low), (regs.high(), *high)]);
            }
            ArgLoc::Parts(parts) => {
                for part in parts.iter().flatten() {
                    args.push((cx.new_reg(part.reg.class()), part.reg));
                }
            }
            ArgLoc::ByAddress(address) => {
                if let ArgLoc::Reg(reg) = **address {
                    args.push((cx.def_value(param), reg));
                }
            }
            ArgLoc::Stack(_) | ArgLoc::StackCopy(..) | ArgLoc::Split(..) | ArgLoc::ResultParts(_) => {}
        }
    }
    let pinned = args.clone();
    if !args.is_empty() {
        cx.emit(I::gen_args(args.into()));
    }
    let reg_of = |reg: PReg| pinned.iter().find(|p| p.1 == reg).map_or(Reg::NONE, |p| p.0);
    for (&param, place) in params.iter().zip(&places.args) {
        if cx.is_needed(param) {
            entry_memory(cx, param, place, &reg_of)?;
        }
    }
    cx.assignment = places;
    Ok(())
}

fn entry_memory<I: CallIsa>(
    cx: &mut Cx<'_, I>,
    param: Value,
    place: &ArgLoc,
    reg_of: &dyn Fn(PReg) -> Reg,
) -> Result<(), CodegenError> {
    let to = cx.def_values(param);
    match place {
        ArgLoc::Reg(_) | ArgLoc::Pair(..) | ArgLoc::ResultArea(_) => {}
        ArgLoc::Stack(offset) => {
            let is_packed = cx.own_conv().packed_stack;
            I::load_scalar(cx, cx.func.ty(param), to, I::incoming(*offset), is_packed);
        }
        ArgLoc::StackCopy(offset, _) => I::lea(cx, to.only(), I::incoming(*offset)),
        ArgLoc::Parts(parts) => {
            let object = own_object(cx, parts);
            for part in parts.iter().flatten() {
                store_part(cx, reg_of(part.reg), room(part), I::plus(object, part.offset));
            }
            I::lea(cx, to.only(), object);
        }
        // The object that `ret` reads back.
        ArgLoc::ResultParts(parts) => {
            let object = own_object(cx, parts);
            I::lea(cx, to.only(), object);
        }
        ArgLoc::ByAddress(address) => {
            if let ArgLoc::Stack(offset) = **address {
                I::load_scalar(cx, Type::I64, to, I::incoming(offset), false);
            }
        }
        ArgLoc::Split(..) => return Err(cx.unsupported(None, "an aggregate in two places")),
    }
    Ok(())
}

/// Returns from the function.
///
/// # Errors
/// If the convention has no place for a result.
pub fn ret<I: CallIsa>(cx: &mut Cx<'_, I>, inst: Inst) -> Result<(), CodegenError> {
    let func = cx.func;
    let conv = cx.own_conv();
    let places = places(cx, conv, &func.sig, &[])?;
    let mut uses: Vec<Pinned> = Vec::with_capacity(places.results.len());
    for (index, (&value, place)) in func.args(inst).iter().zip(&places.results).enumerate() {
        match place {
            ArgLoc::Reg(reg) => {
                let is_signed = func.sig.signed_result && index == 0;
                uses.push((I::result_in_register(cx, conv, value, is_signed, reg.class()), *reg));
            }
            ArgLoc::Pair(low, high) => {
                let regs = cx.use_values(value);
                uses.extend([(regs.low(), *low), (regs.high(), *high)]);
            }
            ArgLoc::Stack(offset) => I::store_scalar(cx, value, I::incoming(*offset), conv.packed_stack),
            _ => return Err(cx.unsupported(Some(Opcode::Ret), "a result of this kind")),
        }
    }
    match (places.args.first(), cx.entry_params().first(), conv.result_area_returned) {
        (Some(ArgLoc::ResultArea(_)), Some(&area), Some(reg)) => uses.push((cx.use_value(area), reg)),
        (Some(ArgLoc::ResultParts(parts)), Some(&area), _) => {
            let object = I::at(cx.use_value(area));
            for part in parts.iter().flatten() {
                let mem = I::plus(object, part.offset);
                uses.push((load_part(cx, part.reg.class(), room(part), mem), part.reg));
            }
        }
        _ => {}
    }
    cx.assignment = places;
    cx.emit(I::gen_ret(uses.into()));
    Ok(())
}

// ---- Calls ----

fn site<'a, I: CallIsa>(cx: &Cx<'a, I>, inst: Inst) -> Result<Site<'a>, CodegenError> {
    let (func, module) = (cx.func, cx.module);
    let args = func.args(inst);
    let data = func.inst(inst);
    match (data.imm, args) {
        (Imm::Func(id), args) => Ok(Site { func: Some(id), target: None, sig: &module.funcs[id].sig, args }),
        (Imm::Sig(sig), [target, args @ ..]) => {
            Ok(Site { func: None, target: Some(*target), sig: &module.sigs[sig], args })
        }
        _ => Err(cx.unsupported(Some(data.op), "a call without callee")),
    }
}

/// Puts the arguments where they travel; those in registers are returned. `area` gives the stack area.
fn arguments<I: CallIsa>(
    cx: &mut Cx<'_, I>,
    site: &Site<'_>,
    places: &Assignment,
    area: fn(u32) -> I::Mem,
) -> Vec<Pinned> {
    let conv = cx.isa.conv(site.sig.conv);
    let mut uses: Vec<Pinned> = Vec::with_capacity(places.args.len() + 1);
    for (index, (&value, place)) in site.args.iter().zip(&places.args).enumerate() {
        let param = site.sig.params.get(index);
        match place {
            ArgLoc::Reg(reg) | ArgLoc::ResultArea(reg) => {
                let is_signed = matches!(param, Some(Param::Signed(_)));
                uses.push((I::in_register(cx, conv, value, is_signed, reg.class()), *reg));
            }
            ArgLoc::Pair(low, high) => {
                let regs = cx.use_values(value);
                uses.extend([(regs.low(), *low), (regs.high(), *high)]);
            }
            ArgLoc::Stack(offset) => I::store_scalar(cx, value, area(*offset), conv.packed_stack),
            _ => aggregate_argument(cx, (value, param), place, area, &mut uses),
        }
    }
    if let (true, VariadicRule::CountFloats(reg)) = (site.sig.variadic, conv.variadic) {
        uses.push((I::constant(cx, places.float_regs.into()), reg));
    }
    uses
}

fn aggregate_argument<I: CallIsa>(
    cx: &mut Cx<'_, I>,
    (value, param): (Value, Option<&Param>),
    place: &ArgLoc,
    area: fn(u32) -> I::Mem,
    uses: &mut Vec<Pinned>,
) {
    match place {
        ArgLoc::Parts(parts) => {
            let object = I::at(cx.use_value(value));
            for part in parts.iter().flatten() {
                let mem = I::plus(object, part.offset);
                uses.push((load_part(cx, part.reg.class(), part.size, mem), part.reg));
            }
        }
        ArgLoc::StackCopy(offset, size) => {
            let from = I::at(cx.use_value(value));
            copy_bytes(cx, area(*offset), from, *size);
        }
        ArgLoc::Split(reg, offset, rest) => {
            let from = I::at(cx.use_value(value));
            uses.push((load_part(cx, RegClass::Int, 8, from), *reg));
            copy_bytes(cx, area(*offset), I::plus(from, 8), *rest);
        }
        ArgLoc::ByAddress(address) => {
            let Some(Param::ByValue(layout)) = param else { return };
            let copy = copied(cx, value, layout);
            match **address {
                ArgLoc::Reg(reg) => uses.push((copy, reg)),
                ArgLoc::Stack(offset) => I::store_chunk(cx, 8, copy, area(offset)),
                _ => {}
            }
        }
        // Nothing travels for a result in registers; all else has been dealt with.
        _ => {}
    }
}

/// Every register that carries a result: what is not wanted of them is destroyed.
fn result_regs(places: &Assignment) -> PRegSet {
    let mut set = PRegSet::EMPTY;
    if let Some(ArgLoc::ResultParts(parts)) = places.args.first() {
        parts.iter().flatten().for_each(|p| set.insert(p.reg));
    }
    for place in &places.results {
        match place {
            ArgLoc::Reg(reg) => set.insert(*reg),
            ArgLoc::Pair(low, high) => set = set.with(*low).with(*high),
            _ => {}
        }
    }
    set
}

/// Direct and indirect calls.
///
/// # Errors
/// If the convention has no place for an argument or result.
pub fn call<I: CallIsa>(cx: &mut Cx<'_, I>, inst: Inst) -> Result<(), CodegenError> {
    let site = site(cx, inst)?;
    let conv = cx.isa.conv(site.sig.conv);
    let fixed = site.sig.params.len();
    let extra: Vec<Type> = site.args.iter().skip(fixed).map(|v| cx.func.ty(*v)).collect();
    let places = places(cx, conv, site.sig, &extra)?;
    I::note_call(cx, places.stack_bytes);
    let uses = arguments(cx, &site, &places, I::outgoing);
    let callee = I::callee(cx, &site, false);
    let mut defs: Vec<Pinned> = Vec::with_capacity(places.results.len());
    for (value, place) in cx.func.results(inst).zip(&places.results) {
        match place {
            _ if !cx.is_needed(value) => {}
            ArgLoc::Reg(reg) => defs.push((cx.def_value(value), *reg)),
            ArgLoc::Pair(low, high) => {
                let regs = cx.def_values(value);
                defs.extend([(regs.low(), *low), (regs.high(), *high)]);
            }
            _ => {}
        }
    }
    let stores = aggregate_result(cx, &site, &places, &mut defs);
    let known = site.func.and_then(|f| cx.known_clobbers(f)).unwrap_or(conv.caller_saved);
    let clobbers = known.union(result_regs(&places));
    cx.emit(I::gen_call(CallInfo { callee, uses: uses.into(), defs: defs.into(), clobbers }, false));
    for (reg, size, mem) in stores.into_iter().flatten() {
        store_part(cx, reg, size, mem);
    }
    for (value, place) in cx.func.results(inst).zip(&places.results) {
        if let (ArgLoc::Stack(offset), true) = (place, cx.is_needed(value)) {
            let to = cx.def_values(value);
            I::load_scalar(cx, cx.func.ty(value), to, I::outgoing(*offset), conv.packed_stack);
        }
    }
    cx.assignment = places;
    Ok(())
}

/// An aggregate result in registers is stored to its area after the call.
fn aggregate_result<I: CallIsa>(
    cx: &mut Cx<'_, I>,
    site: &Site<'_>,
    places: &Assignment,
    defs: &mut Vec<Pinned>,
) -> [Option<(Reg, u32, I::Mem)>; 4] {
    let (Some(ArgLoc::ResultParts(parts)), Some(&area)) = (places.args.first(), site.args.first()) else {
        return [None; 4];
    };
    let object = I::at(cx.use_value(area));
    parts.map(|part| {
        let part = part?;
        let reg = cx.new_reg(part.reg.class());
        defs.push((reg, part.reg));
        Some((reg, part.size, I::plus(object, part.offset)))
    })
}

/// A call in our caller's place: our stack area becomes the callee's.
///
/// # Errors
/// If the callee needs more of it than there is.
pub fn tail_call<I: CallIsa>(cx: &mut Cx<'_, I>, inst: Inst) -> Result<(), CodegenError> {
    let op = cx.func.inst(inst).op;
    let site = site(cx, inst)?;
    if (site.sig.conv, cx.func.sig.conv) != (CallConv::Fast, CallConv::Fast) {
        return Err(cx.unsupported(Some(op), "caller and callee must have convention `fast`"));
    }
    let conv = cx.own_conv();
    let own = places(cx, conv, &cx.func.sig, &[])?;
    let places = places(cx, conv, site.sig, &[])?;
    let stack_results = places.results.iter().any(|r| matches!(r, ArgLoc::Stack(_)));
    let moved = stack_results && own.result_offset != places.result_offset;
    if places.stack_bytes > own.stack_bytes || moved {
        return Err(cx.unsupported(Some(op), "the callee has more stack arguments than the caller"));
    }
    let uses = arguments(cx, &site, &places, I::incoming);
    let callee = I::callee(cx, &site, true);
    let info = CallInfo { callee, uses: uses.into(), defs: Box::default(), clobbers: conv.caller_saved };
    cx.emit(I::gen_call(info, true));
    cx.assignment = own;
    Ok(())
}

/// A call of the C library with everything in registers.
pub fn library<I: CallIsa>(cx: &mut Cx<'_, I>, callee: I::Callee, uses: &[Pinned], defs: &[Pinned]) {
    I::note_call(cx, 0);
    let clobbers = cx.isa.conv(CallConv::C).caller_saved;
    let info = CallInfo { callee, uses: uses.into(), defs: defs.into(), clobbers };
    cx.emit(I::gen_call(info, false));
}
