//! Pieces of aggregates between memory and registers. Nothing outside of an object is read or written:
//! it may end at the end of a page.

use super::Cx;
use super::operand::{int, lsr, put};
use crate::inst::{Access, Amode, Inst as Selected, MInst, Op, Shift, Width};
use pyexec_codegen::Reg;
use pyexec_regalloc::RegClass;

fn at(mem: Amode, offset: u32) -> Amode {
    Amode { disp: mem.disp.wrapping_add(offset as i32), ..mem }
}

/// The largest power of two that is at most `bytes` and 8.
fn chunk(bytes: u32) -> u32 {
    1 << bytes.min(8).ilog2()
}

fn load_chunk(cx: &mut Cx<'_>, bytes: u32, mem: Amode) -> Reg {
    let access = match bytes {
        1 => Access::LOAD8,
        2 => Access::LOAD16,
        4 => Access::LOAD32,
        _ => Access::LOAD64,
    };
    let reg = int(cx);
    cx.emit(Selected::Mem { access, reg, mem });
    reg
}

fn store_chunk(cx: &mut Cx<'_>, bytes: u32, reg: Reg, mem: Amode) {
    let access = match bytes {
        1 => Access::STORE8,
        2 => Access::STORE16,
        4 => Access::STORE32,
        _ => Access::STORE64,
    };
    cx.emit(Selected::Mem { access, reg, mem });
}

/// `bytes` (at most 8) bytes of an object in a new register. Odd sizes are put together.
pub fn load_part(cx: &mut Cx<'_>, class: RegClass, bytes: u32, mem: Amode) -> Reg {
    if class == RegClass::Float {
        let reg = cx.new_reg(class);
        let access = if bytes == 4 { Access::LOAD_F32 } else { Access::LOAD_F64 };
        cx.emit(Selected::Mem { access, reg, mem });
        return reg;
    }
    let mut done = chunk(bytes);
    let mut all = load_chunk(cx, done, mem);
    while done < bytes {
        let size = chunk(bytes - done);
        let piece = load_chunk(cx, size, at(mem, done));
        let both = int(cx);
        let merge = MInst::new(Op::Orr, Width::W64).rd(both).rn(all).rm(piece);
        put(cx, merge.shift(Shift::Lsl, 8 * done as u8));
        all = both;
        done += size;
    }
    all
}

/// The low `bytes` (at most 8) bytes of a register into an object.
pub fn store_part(cx: &mut Cx<'_>, reg: Reg, bytes: u32, mem: Amode) {
    if reg.class() == Some(RegClass::Float) {
        let access = if bytes == 4 { Access::STORE_F32 } else { Access::STORE_F64 };
        return cx.emit(Selected::Mem { access, reg, mem });
    }
    let (mut done, mut rest) = (0, reg);
    while done < bytes {
        let size = chunk(bytes - done);
        store_chunk(cx, size, rest, at(mem, done));
        done += size;
        if done < bytes {
            rest = lsr(cx, Width::W64, rest, 8 * size);
        }
    }
}

/// Copies an object by way of registers, 16 bytes at a time.
pub fn copy_bytes(cx: &mut Cx<'_>, to: Amode, from: Amode, bytes: u32) {
    let mut done = 0;
    while bytes - done >= 16 {
        let (low, high) = (int(cx), int(cx));
        cx.emit(Selected::Pair { load: true, low, high, mem: at(from, done) });
        cx.emit(Selected::Pair { load: false, low, high, mem: at(to, done) });
        done += 16;
    }
    while done < bytes {
        let size = chunk(bytes - done);
        let piece = load_chunk(cx, size, at(from, done));
        store_chunk(cx, size, piece, at(to, done));
        done += size;
    }
}
