//! Constants and addresses, made anew at each use.

use super::Cx;
use super::operand::{const_to, int};
use crate::inst::{Access, Amode, Base, Callee, Inst as Selected, Path, Width};
use crate::regs::{PLATFORM_REG, x};
use crate::symbols::{self, Libcall};
use crate::{AArch64, System};
use pyexec_codegen::calls::{self, CallIsa as _};
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Global, GlobalId, Imm, Inst, Linkage, Type};

/// Computes a constant or an address into `to`.
pub fn constant(cx: &mut Cx<'_>, inst: Inst, to: ValueRegs) {
    let data = *cx.func.inst(inst);
    match data.imm {
        Imm::Int(value) if data.ty == Type::I128 => {
            const_to(cx, to.low(), value);
            const_to(cx, to.high(), value >> 63);
        }
        // The bits above the type are anything: zeros keep it to 32 bits.
        Imm::Int(value) => const_to(cx, to.only(), value & data.ty.mask() as i64),
        Imm::Bits(bits) => float_constant(cx, data.ty, bits, to.only()),
        Imm::Slot(slot, offset) => {
            lea(cx, to.only(), Amode::new(Base::Slot(slot.as_u32()), offset));
        }
        Imm::Global(global, offset) => global_addr(cx, to.only(), global, offset),
        Imm::Func(func) => {
            let near = is_local(cx.module.funcs[func].linkage);
            symbol_addr(cx, to.only(), symbols::func(func), 0, near);
        }
        _ => {}
    }
}

/// Whether a constant is worth a register in a loop: all that take an instruction or more at each use. The
/// address of a thread's variable is a call, and that of a slot is mostly part of a load or store.
pub fn is_worth_hoisting(cx: &Cx<'_>, inst: Inst) -> bool {
    match cx.func.inst(inst).imm {
        Imm::Int(_) | Imm::Bits(_) | Imm::Func(_) => true,
        Imm::Global(global, _) => !cx.module.globals[global].thread_local,
        _ => false,
    }
}

/// A float constant.
pub fn float_constant(cx: &mut Cx<'_>, ty: Type, bits: u64, dst: Reg) {
    cx.emit(Selected::FloatConst { dst, width: Width::for_bits(ty.bits()), bits });
}

/// `dst = &mem`.
pub fn lea(cx: &mut Cx<'_>, dst: Reg, mem: Amode) {
    cx.emit(Selected::Lea { dst, mem });
}

/// Whether the symbol is certainly ours: an exported one may be replaced by another object's at load time.
fn is_local(linkage: Linkage) -> bool {
    matches!(linkage, Linkage::Local)
}

/// How far from a symbol a relocation may point: COFF keeps the distance in the 21 bits of `adrp`, Mach-O in
/// 24, and linkers hold code and data within 4 GiB of each other, offsets included.
const MAX_SYMBOL_OFFSET: u32 = (1 << 20) - 1;

/// Whether `symbol + offset` can be addressed from the program counter.
pub fn is_near(data: &Global, offset: i32) -> bool {
    !data.thread_local && is_local(data.linkage) && offset.unsigned_abs() <= MAX_SYMBOL_OFFSET
}

/// The address of a global plus an offset.
pub fn global_addr(cx: &mut Cx<'_>, dst: Reg, global: GlobalId, offset: i32) {
    let data = &cx.module.globals[global];
    let symbol = symbols::global(global);
    if !data.thread_local {
        return symbol_addr(cx, dst, symbol, offset, is_near(data, offset));
    }
    let base = if offset == 0 { dst } else { int(cx) };
    match cx.isa.system() {
        System::Linux => {
            AArch64::note_call(cx, 0);
            cx.emit(Selected::TlsAddr { dst: base, symbol });
        }
        System::Apple => apple_thread_local(cx, base, symbol),
        System::Windows => windows_thread_local(cx, base, symbol),
    }
    if offset != 0 {
        lea(cx, dst, Amode::reg(base, offset));
    }
}

/// What is not near goes through the global offset table; Windows has none, and what other objects define is
/// reached by the distance to it or to its entry in the import table.
fn symbol_addr(cx: &mut Cx<'_>, dst: Reg, symbol: u32, offset: i32, near: bool) {
    if near || cx.isa.system() != System::Windows {
        let by = if near { Path::Near } else { Path::Got };
        return cx.emit(Selected::SymbolAddr { dst, symbol, offset, by });
    }
    let is_far = offset.unsigned_abs() > MAX_SYMBOL_OFFSET;
    let base = if is_far { int(cx) } else { dst };
    let within = if is_far { 0 } else { offset };
    cx.emit(Selected::SymbolAddr { dst: base, symbol, offset: within, by: Path::Near });
    if is_far {
        lea(cx, dst, Amode::reg(base, offset));
    }
}

/// Apple's way: a descriptor's first word is a function that takes the descriptor and returns the address.
///
/// ```text
/// adrp x0, datum@TLVPPAGE ; ldr x0, [x0, datum@TLVPPAGEOFF] ; ldr x1, [x0] ; blr x1
/// ```
fn apple_thread_local(cx: &mut Cx<'_>, dst: Reg, symbol: u32) {
    let (descriptor, resolver) = (int(cx), int(cx));
    cx.emit(Selected::SymbolAddr { dst: descriptor, symbol, offset: 0, by: Path::Thread });
    cx.emit(Selected::Mem { access: Access::LOAD64, reg: resolver, mem: Amode::reg(descriptor, 0) });
    // It keeps more registers than a C function; which, Apple does not say.
    calls::library(cx, Callee::Indirect(resolver), &[(descriptor, x(0))], &[(dst, x(0))]);
}

/// Windows' way ("Thread Local Storage" of the PE format; x18 is the thread's block, ARM64 ABI):
///
/// ```text
/// ldr a, [x18, #0x58]                       ; the thread's array of modules
/// adrp b, _tls_index ; ldr w b, [b, :lo12:] ; which of them we are
/// ldr a, [a, b, lsl #3]                     ; our section, of this thread
/// add a, a, :secrel_hi12:datum ; add a, a, :secrel_lo12:datum
/// ```
fn windows_thread_local(cx: &mut Cx<'_>, dst: Reg, symbol: u32) {
    const MODULES: i32 = 0x58;
    let (modules, place, index, section) = (int(cx), int(cx), int(cx), int(cx));
    let block = Amode::reg(PLATFORM_REG, MODULES);
    cx.emit(Selected::Mem { access: Access::LOAD64, reg: modules, mem: block });
    let named = symbols::libcall(Libcall::TlsIndex);
    cx.emit(Selected::SymbolAddr { dst: place, symbol: named, offset: 0, by: Path::Near });
    cx.emit(Selected::Mem { access: Access::LOAD32, reg: index, mem: Amode::reg(place, 0) });
    let mem = Amode { index, scaled: true, ..Amode::reg(modules, 0) };
    cx.emit(Selected::Mem { access: Access::LOAD64, reg: section, mem });
    cx.emit(Selected::SectionOffset { dst, base: section, symbol });
}
