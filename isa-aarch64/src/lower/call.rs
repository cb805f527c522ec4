//! Entry, calls and returns: values meet the places that the convention gives them.
//!
//! ```text
//! v3 = call @f(v1, v2)     str vr9, [sp]                ; an argument beyond the registers
//!                          bl f (x0=vr1 x1=vr2) -> x0=vr3
//! ```
//! Register arguments and results are pinned operands: the allocator makes the moves. The stack area of
//! calls is the lowest part of the frame (`Outgoing`); ours lies above the frame (`Incoming`). An
//! aggregate travels as the address of an object in the IR: here its parts are loaded into argument
//! registers, or its bytes copied; a callee that gets it in registers spills it into a slot of its own.

use super::aggregate::{copy_bytes, load_part, store_part};
use super::arith::extend;
use super::constant::lea;
use super::memory::{pair_or_zero, stored};
use super::{Cx, operand};
use crate::frame::RECORD;
use crate::inst::{Access, Amode, Base, CallInfo, Callee, Inst as Selected, Op, Pinned, Width};
use crate::regs::x;
use crate::symbols::{self, Libcall};
use pyexec_codegen::abi::{ArgLoc, Assignment, ConvDesc, assign};
use pyexec_codegen::{CodegenError, Isa as _, Reg, ValueRegs};
use pyexec_ir::{Aggregate, CallConv, FuncId, Imm, Inst, Opcode, Param, Signature, SlotData, Type, Value};
use pyexec_regalloc::{PReg, PRegSet, RegClass};

/// Places of a signature's values; give the assignment back to `cx` when done.
fn places(
    cx: &mut Cx<'_>,
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

/// Notes a call with a stack area of this size: the link register must be saved.
pub fn note_call(cx: &mut Cx<'_>, bytes: u32) {
    cx.needs_outgoing(bytes);
    if cx.frame.saved.is_empty() {
        cx.frame.saved.extend(RECORD);
    }
}

fn incoming(offset: u32) -> Amode {
    Amode::new(Base::Incoming, offset as i32)
}

fn outgoing(offset: u32) -> Amode {
    Amode::new(Base::Outgoing, offset as i32)
}

/// A scalar from the stack area. Whole 8 bytes for integers: what lies above the type is unspecified,
/// so that a narrow one must be loaded at its own width only where [`is_clean`](super::arith::is_clean)
/// would say so, which it never does for parameters and results. In a packed area the type's bytes alone.
fn load_scalar(cx: &mut Cx<'_>, ty: Type, to: ValueRegs, mem: Amode, packed: bool) {
    if ty == Type::I128 {
        return cx.emit(Selected::Pair { load: true, low: to.low(), high: to.high(), mem });
    }
    let access = match ty {
        Type::F32 => Access::LOAD_F32,
        Type::F64 => Access::LOAD_F64,
        Type::I8 if packed => Access::LOAD8,
        Type::I16 if packed => Access::LOAD16,
        Type::I32 if packed => Access::LOAD32,
        _ => Access::LOAD64,
    };
    cx.emit(Selected::Mem { access, reg: to.only(), mem });
}

/// A scalar into the stack area.
fn store_scalar(cx: &mut Cx<'_>, value: Value, mem: Amode, packed: bool) {
    let access = match cx.func.ty(value) {
        Type::I128 => {
            let (low, high) = pair_or_zero(cx, value);
            return cx.emit(Selected::Pair { load: false, low, high, mem });
        }
        Type::F32 => Access::STORE_F32,
        Type::F64 => Access::STORE_F64,
        Type::I8 if packed => Access::STORE8,
        Type::I16 if packed => Access::STORE16,
        Type::I32 if packed => Access::STORE32,
        _ => Access::STORE64,
    };
    let (access, reg) = stored(cx, value, access);
    cx.emit(Selected::Mem { access, reg, mem });
}

/// A scalar as it travels in a register: extended where the convention wants it, and the bits of a float
/// where it travels in a general register.
fn in_register(cx: &mut Cx<'_>, conv: &ConvDesc, value: Value, signed: bool, to: PReg) -> Reg {
    match (cx.func.ty(value), to.class()) {
        (Type::I8 | Type::I16, _) if conv.extends_narrow => extend(cx, value, signed, Width::W32),
        (ty @ (Type::F32 | Type::F64), RegClass::Int) => {
            let float = cx.use_value(value);
            let op = if ty == Type::F32 { Op::FmovWS } else { Op::FmovXD };
            operand::unary(cx, op, Width::W64, float)
        }
        _ => cx.use_value(value),
    }
}

/// Defines the parameters of the function.
pub fn entry(cx: &mut Cx<'_>) -> Result<(), CodegenError> {
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
            _ => {}
        }
    }
    let pinned = args.clone();
    if !args.is_empty() {
        cx.emit(Selected::Args(args.into()));
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

fn entry_memory(
    cx: &mut Cx<'_>,
    param: Value,
    place: &ArgLoc,
    reg_of: &dyn Fn(PReg) -> Reg,
) -> Result<(), CodegenError> {
    let to = cx.def_values(param);
    match place {
        ArgLoc::Stack(offset) => {
            let packed = cx.own_conv().packed_stack;
            load_scalar(cx, cx.func.ty(param), to, incoming(*offset), packed);
        }
        ArgLoc::StackCopy(offset, _) => lea(cx, to.only(), incoming(*offset)),
        ArgLoc::Parts(parts) => {
            let object = own_object(cx);
            for part in parts.iter().flatten() {
                let mem = Amode { disp: part.offset as i32, ..object };
                // Floats lie side by side; of general registers all bytes may be stored.
                let size = if part.reg.class() == RegClass::Float { part.size } else { 8 };
                store_part(cx, reg_of(part.reg), size, mem);
            }
            lea(cx, to.only(), object);
        }
        // The object that `ret` reads back.
        ArgLoc::ResultParts(_) => {
            let object = own_object(cx);
            lea(cx, to.only(), object);
        }
        ArgLoc::ByAddress(address) => {
            if let ArgLoc::Stack(offset) = **address {
                load_scalar(cx, Type::I64, to, incoming(offset), false);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A new slot for an aggregate that travels in registers: up to four doubles.
fn own_object(cx: &mut Cx<'_>) -> Amode {
    own_slot(cx, 32)
}

fn own_slot(cx: &mut Cx<'_>, size: u32) -> Amode {
    let slot = cx.frame.slots.len() as u32;
    cx.frame.slots.push(SlotData { size, align: 16 });
    Amode::new(Base::Slot(slot), 0)
}

/// A copy of an aggregate in our frame, for the callee to keep.
fn copied(cx: &mut Cx<'_>, value: Value, layout: &Aggregate) -> Reg {
    let object = own_slot(cx, layout.size);
    let from = cx.use_value(value);
    copy_bytes(cx, object, Amode::reg(from, 0), layout.size);
    let address = operand::int(cx);
    lea(cx, address, object);
    address
}

/// Returns from the function.
pub fn ret(cx: &mut Cx<'_>, inst: Inst) -> Result<(), CodegenError> {
    let func = cx.func;
    let conv = cx.own_conv();
    let places = places(cx, conv, &func.sig, &[])?;
    let mut uses: Vec<Pinned> = Vec::with_capacity(places.results.len());
    for (index, (&value, place)) in func.args(inst).iter().zip(&places.results).enumerate() {
        match place {
            ArgLoc::Reg(reg) if func.sig.conv == CallConv::Fast && func.ty(value) == Type::I8 => {
                uses.push((super::arith::extend(cx, value, false, Width::W32), *reg));
            }
            ArgLoc::Reg(reg) => {
                let signed = func.sig.signed_result && index == 0;
                uses.push((in_register(cx, conv, value, signed, *reg), *reg));
            }
            ArgLoc::Pair(low, high) => {
                let regs = cx.use_values(value);
                uses.extend([(regs.low(), *low), (regs.high(), *high)]);
            }
            ArgLoc::Stack(offset) => store_scalar(cx, value, incoming(*offset), conv.packed_stack),
            _ => return Err(cx.unsupported(Some(Opcode::Ret), "a result of this kind")),
        }
    }
    match (places.args.first(), cx.entry_params().first(), conv.result_area_returned) {
        (Some(ArgLoc::ResultArea(_)), Some(&area), Some(reg)) => uses.push((cx.use_value(area), reg)),
        (Some(ArgLoc::ResultParts(parts)), Some(&area), _) => {
            let address = cx.use_value(area);
            for part in parts.iter().flatten() {
                let mem = Amode::reg(address, part.offset as i32);
                uses.push((load_part(cx, part.reg.class(), part.size, mem), part.reg));
            }
        }
        _ => {}
    }
    cx.assignment = places;
    cx.emit(Selected::Ret(uses.into()));
    Ok(())
}

/// Whether bytes that a call returns in registers have zeros above: by convention `fast` the callee clears
/// them, so that a status is tested by one instruction.
pub fn returns_clean_bytes(cx: &Cx<'_>, call: Inst) -> bool {
    let registers = cx.isa.conv(CallConv::Fast).int_results.len();
    match cx.func.inst(call).imm {
        Imm::Func(id) => {
            cx.module.funcs[id].sig.conv == CallConv::Fast && cx.func.results(call).len() <= registers
        }
        _ => false,
    }
}

/// Callee, signature and arguments of a call.
struct Site<'a> {
    func: Option<FuncId>,
    target: Option<Value>,
    sig: &'a Signature,
    args: &'a [Value],
}

fn site<'a>(cx: &Cx<'a>, inst: Inst) -> Result<Site<'a>, CodegenError> {
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
fn arguments(
    cx: &mut Cx<'_>,
    site: &Site<'_>,
    places: &Assignment,
    area: fn(u32) -> Amode,
) -> Result<Vec<Pinned>, CodegenError> {
    let conv = cx.isa.conv(site.sig.conv);
    let mut uses: Vec<Pinned> = Vec::with_capacity(places.args.len() + 1);
    for (index, (&value, place)) in site.args.iter().zip(&places.args).enumerate() {
        match place {
            ArgLoc::Reg(reg) | ArgLoc::ResultArea(reg) => {
                let signed = matches!(site.sig.params.get(index), Some(Param::Signed(_)));
                uses.push((in_register(cx, conv, value, signed, *reg), *reg));
            }
            ArgLoc::Pair(low, high) => {
                let regs = cx.use_values(value);
                uses.extend([(regs.low(), *low), (regs.high(), *high)]);
            }
            ArgLoc::Stack(offset) => store_scalar(cx, value, area(*offset), conv.packed_stack),
            ArgLoc::Parts(parts) => {
                let address = cx.use_value(value);
                for part in parts.iter().flatten() {
                    let mem = Amode::reg(address, part.offset as i32);
                    uses.push((load_part(cx, part.reg.class(), part.size, mem), part.reg));
                }
            }
            ArgLoc::StackCopy(offset, size) => {
                let from = cx.use_value(value);
                copy_bytes(cx, area(*offset), Amode::reg(from, 0), *size);
            }
            ArgLoc::Split(reg, offset, rest) => {
                let from = Amode::reg(cx.use_value(value), 0);
                uses.push((load_part(cx, RegClass::Int, 8, from), *reg));
                copy_bytes(cx, area(*offset), Amode { disp: 8, ..from }, *rest);
            }
            ArgLoc::ResultParts(_) => {}
            ArgLoc::ByAddress(address) => {
                let Some(Param::ByValue(layout)) = site.sig.params.get(index) else { continue };
                let copy = copied(cx, value, layout);
                match **address {
                    ArgLoc::Reg(reg) => uses.push((copy, reg)),
                    ArgLoc::Stack(offset) => {
                        cx.emit(Selected::Mem { access: Access::STORE64, reg: copy, mem: area(offset) });
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(uses)
}

fn callee(cx: &mut Cx<'_>, site: &Site<'_>) -> Callee {
    match (site.func, site.target) {
        (Some(func), _) => Callee::Symbol(symbols::func(func)),
        (None, Some(target)) => Callee::Indirect(cx.use_value(target)),
        (None, None) => Callee::Indirect(Reg::NONE),
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
pub fn call(cx: &mut Cx<'_>, inst: Inst) -> Result<(), CodegenError> {
    let site = site(cx, inst)?;
    let conv = cx.isa.conv(site.sig.conv);
    let fixed = site.sig.params.len();
    let extra: Vec<Type> = site.args.iter().skip(fixed).map(|v| cx.func.ty(*v)).collect();
    let places = places(cx, conv, site.sig, &extra)?;
    note_call(cx, places.stack_bytes);
    let uses = arguments(cx, &site, &places, outgoing)?;
    let callee = callee(cx, &site);
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
    let info = CallInfo { callee, uses: uses.into(), defs: defs.into(), clobbers };
    cx.emit(Selected::Call(Box::new(info)));
    for (reg, size, mem) in stores.into_iter().flatten() {
        store_part(cx, reg, size, mem);
    }
    for (value, place) in cx.func.results(inst).zip(&places.results) {
        if let (ArgLoc::Stack(offset), true) = (place, cx.is_needed(value)) {
            let to = cx.def_values(value);
            load_scalar(cx, cx.func.ty(value), to, outgoing(*offset), conv.packed_stack);
        }
    }
    cx.assignment = places;
    Ok(())
}

/// An aggregate result in registers is stored to its area after the call.
fn aggregate_result(
    cx: &mut Cx<'_>,
    site: &Site<'_>,
    places: &Assignment,
    defs: &mut Vec<Pinned>,
) -> [Option<(Reg, u32, Amode)>; 4] {
    let (Some(ArgLoc::ResultParts(parts)), Some(&area)) = (places.args.first(), site.args.first()) else {
        return [None; 4];
    };
    let address = cx.use_value(area);
    parts.map(|part| {
        let part = part?;
        let reg = cx.new_reg(part.reg.class());
        defs.push((reg, part.reg));
        Some((reg, part.size, Amode::reg(address, part.offset as i32)))
    })
}

/// A call in our caller's place: our stack area becomes the callee's.
pub fn tail_call(cx: &mut Cx<'_>, inst: Inst) -> Result<(), CodegenError> {
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
    let uses = arguments(cx, &site, &places, incoming)?;
    let callee = callee(cx, &site);
    let clobbers = conv.caller_saved;
    let info = CallInfo { callee, uses: uses.into(), defs: Box::default(), clobbers };
    cx.emit(Selected::TailCall(Box::new(info)));
    cx.assignment = own;
    Ok(())
}

/// A call of the C library with 128-bit operands (AAPCS64: x1:x0, x3:x2; result x1:x0).
pub fn library_wide(cx: &mut Cx<'_>, call: Libcall, dst: ValueRegs, [a, b]: [ValueRegs; 2]) {
    note_call(cx, 0);
    let uses = [(a.low(), x(0)), (a.high(), x(1)), (b.low(), x(2)), (b.high(), x(3))];
    let defs = [(dst.low(), x(0)), (dst.high(), x(1))];
    let clobbers = cx.isa.conv(CallConv::C).caller_saved;
    let callee = Callee::Symbol(symbols::libcall(call));
    let info = CallInfo { callee, uses: uses.into(), defs: defs.into(), clobbers };
    cx.emit(Selected::Call(Box::new(info)));
}
