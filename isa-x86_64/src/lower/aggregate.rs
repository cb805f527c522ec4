//! Pieces of aggregates between memory and registers. Nothing outside of an object is read or written:
//! it may end at the end of a page.

use super::Cx;
use super::constant::lea;
use super::operand::{const_reg, int, mi, put, rm, unary};
use crate::inst::{Amode, Inst as Selected, MInst, Op, Width};
use pyexec_codegen::Reg;
use pyexec_regalloc::RegClass;

/// Above this many bytes a copy is a loop in microcode.
const UNROLLED_BYTES: u32 = 256;

fn at(mem: Amode, offset: u32) -> Amode {
    Amode { disp: mem.disp.wrapping_add(offset as i32), ..mem }
}

/// The largest power of two that is at most `bytes` and 8.
fn chunk(bytes: u32) -> u32 {
    1 << bytes.min(8).ilog2()
}

fn load_chunk(cx: &mut Cx<'_>, bytes: u32, mem: Amode) -> Reg {
    match bytes {
        1 => unary(cx, Op::MovzxB, Width::B32, mem),
        2 => unary(cx, Op::MovzxW, Width::B32, mem),
        4 => unary(cx, Op::MovRm, Width::B32, mem),
        _ => unary(cx, Op::MovRm, Width::B64, mem),
    }
}

/// `bytes` (at most 8) bytes of an object in a new register. Odd sizes are put together.
pub fn load_part(cx: &mut Cx<'_>, class: RegClass, bytes: u32, mem: Amode) -> Reg {
    if class == RegClass::Float {
        let dst = cx.new_reg(class);
        let op = if bytes == 4 { Op::MovssLoad } else { Op::MovsdLoad };
        put(cx, MInst::new(op, Width::B64).dst(dst).rm(mem));
        return dst;
    }
    let mut done = chunk(bytes);
    let mut all = load_chunk(cx, done, mem);
    while done < bytes {
        let size = chunk(bytes - done);
        let piece = load_chunk(cx, size, at(mem, done));
        let piece = mi(cx, Op::ShlMi, Width::B64, piece, (8 * done).into());
        all = rm(cx, Op::OrRm, Width::B64, all, piece);
        done += size;
    }
    all
}

/// The low `bytes` (at most 8) bytes of a register into an object.
pub fn store_part(cx: &mut Cx<'_>, reg: Reg, bytes: u32, mem: Amode) {
    if reg.class() == Some(RegClass::Float) {
        let op = if bytes == 4 { Op::MovssStore } else { Op::MovsdStore };
        return put(cx, MInst::new(op, Width::B64).src(reg).rm(mem));
    }
    let (mut done, mut rest) = (0, reg);
    while done < bytes {
        let size = chunk(bytes - done);
        put(cx, MInst::new(Op::MovMr, Width::for_bits(8 * size)).src(rest).rm(at(mem, done)));
        done += size;
        if done < bytes {
            rest = mi(cx, Op::ShrMi, Width::B64, rest, (8 * size).into());
        }
    }
}

/// Copies an object.
pub fn copy_bytes(cx: &mut Cx<'_>, to: Amode, from: Amode, bytes: u32) {
    if bytes > UNROLLED_BYTES {
        let (dst, src) = (int(cx), int(cx));
        lea(cx, dst, to);
        lea(cx, src, from);
        let count = const_reg(cx, bytes.into());
        return cx.emit(Selected::CopyBytes { dst, src, count });
    }
    let mut done = 0;
    while done < bytes {
        let size = chunk(bytes - done);
        let piece = load_chunk(cx, size, at(from, done));
        put(cx, MInst::new(Op::MovMr, Width::for_bits(8 * size)).src(piece).rm(at(to, done)));
        done += size;
    }
}
