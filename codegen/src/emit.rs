//! Emits a function's blocks into a code buffer, in layout order.
//!
//! ```text
//!   b3:                          b3:
//!     <moves before>               mov rax, [rsp+8]
//!     add vr1, vr2                 add rax, rcx
//!     jmp b4 (only jumps to b7)    jmp b7          ; or nothing, if b7 is next
//! ```
//!
//! Blocks that only jump (edge blocks that needed no moves) are not emitted: branches to them go where
//! they go. Copies of a register to itself are dropped. Trap instructions come last.

use crate::Reg;
use crate::buffer::{CodeBuffer, Label};
use crate::frame::FrameLayout;
use crate::isa::{EmitCx, Isa};
use crate::vcode::{MachInst, VCode};
use pyexec_base::{EntityId, Loc};
use pyexec_ir::TrapCode;
use pyexec_regalloc::{Block as MachBlock, Edit, EditPos, Solution};

/// Loop heads begin at a multiple of this.
const LOOP_ALIGN: u32 = 16;
/// How many blocks that only jump are followed in a row.
const MAX_HOPS: usize = 64;

/// Memory for emission, kept between functions.
#[derive(Default)]
pub(crate) struct EmitScratch {
    /// For each block, the block that a branch to it goes to.
    redirect: Vec<MachBlock>,
    /// For each instruction, where its edits end.
    edit_ends: Vec<u32>,
    /// The blocks that are emitted, in order.
    order: Vec<MachBlock>,
    traps: Vec<(Label, TrapCode, Loc)>,
}

/// Emits everything. The buffer is cleared first.
pub(crate) fn emit<I: Isa>(
    isa: &I,
    vcode: &VCode<I::Inst>,
    solution: &Solution,
    frame: &FrameLayout,
    (buf, scratch): (&mut CodeBuffer<I::Fixup>, &mut EmitScratch),
    align_loops: bool,
) {
    scratch.prepare(vcode, solution);
    buf.clear();
    buf.block_labels(vcode.block_count());
    let EmitScratch { redirect, edit_ends, order, traps } = scratch;
    let mut cx = EmitCx::<I> { buf, frame, loc: Loc::UNKNOWN, redirect, next: None, traps };
    isa.emit_prologue(&mut cx);
    for (index, block) in order.iter().enumerate() {
        cx.next = order.get(index + 1).copied();
        let flags = vcode.flags[block.index()];
        // A latch in front of a loop head is aligned in its stead.
        let falls_in = index > 0 && is_latch(vcode, order[index - 1], *block);
        let is_first =
            flags.loop_head && !falls_in || cx.next.is_some_and(|next| is_latch(vcode, *block, next));
        if align_loops && is_first && !flags.cold {
            cx.buf.align(LOOP_ALIGN);
        }
        cx.buf.bind(Label(block.as_u32()));
        emit_block(isa, vcode, *block, (&solution.edits, edit_ends), &mut cx);
    }
    emit_traps(isa, buf, traps);
}

/// Whether `before`, emitted in front of a loop head, is the block by which the loop comes back to it.
fn is_latch<I: MachInst>(vcode: &VCode<I>, before: MachBlock, head: MachBlock) -> bool {
    let range = vcode.problem.view().block_insts(before);
    let jumps = || vcode.insts[range.end - 1].jump_target() == Some(head);
    vcode.flags[head.index()].loop_head && before > head && range.len() == 1 && jumps()
}

fn emit_block<I: Isa>(
    isa: &I,
    vcode: &VCode<I::Inst>,
    block: MachBlock,
    (edits, edit_ends): (&[Edit], &[u32]),
    cx: &mut EmitCx<'_, I>,
) {
    let range = vcode.problem.view().block_insts(block);
    let mut next = if range.start == 0 { 0 } else { edit_ends[range.start - 1] as usize };
    for index in range {
        cx.loc = vcode.locs[index];
        cx.buf.line(cx.loc);
        let end = edit_ends[index] as usize;
        while next < end && edits[next].pos == EditPos::Before {
            emit_edit(isa, &edits[next], cx);
            next += 1;
        }
        let inst = &vcode.insts[index];
        if inst.as_move().is_none_or(|(to, from)| to != from) {
            isa.emit(inst, cx);
        }
        for edit in &edits[next..end] {
            emit_edit(isa, edit, cx);
        }
        next = end;
    }
}

fn emit_edit<I: Isa>(isa: &I, edit: &Edit, cx: &mut EmitCx<'_, I>) {
    let inst = isa.gen_move(Reg::from_alloc(edit.to), Reg::from_alloc(edit.from));
    isa.emit(&inst, cx);
}

fn emit_traps<I: Isa>(isa: &I, buf: &mut CodeBuffer<I::Fixup>, traps: &mut Vec<(Label, TrapCode, Loc)>) {
    for (label, code, loc) in traps.drain(..) {
        buf.bind(label);
        buf.line(loc);
        buf.trap(code);
        isa.emit_trap(buf);
    }
}

impl EmitScratch {
    fn prepare<I: MachInst>(&mut self, vcode: &VCode<I>, solution: &Solution) {
        self.traps.clear();
        self.find_edits(vcode.insts.len(), &solution.edits);
        let mut redirect = std::mem::take(&mut self.redirect);
        redirect.clear();
        redirect.extend(vcode.blocks().map(|b| self.target_of(vcode, b)));
        self.redirect = redirect;
        for block in vcode.blocks() {
            self.redirect[block.index()] = self.follow(block);
        }
        let (order, redirect) = (&mut self.order, &self.redirect);
        order.clear();
        order.extend(vcode.layout.iter().copied().filter(|b| redirect[b.index()] == *b));
    }

    fn find_edits(&mut self, insts: usize, edits: &[Edit]) {
        self.edit_ends.clear();
        self.edit_ends.resize(insts, 0);
        let mut next = 0;
        for (inst, end) in self.edit_ends.iter_mut().enumerate() {
            while edits.get(next).is_some_and(|e| e.inst.index() <= inst) {
                next += 1;
            }
            *end = next as u32;
        }
    }

    /// Where a block goes that only jumps; others "go" to themselves. The entry follows the prologue
    /// and is always emitted.
    fn target_of<I: MachInst>(&self, vcode: &VCode<I>, block: MachBlock) -> MachBlock {
        let range = vcode.problem.view().block_insts(block);
        if block.index() == 0 || range.len() != 1 {
            return block;
        }
        let has_edits = self.edit_ends[range.start] != self.edit_ends[range.start - 1];
        let target = vcode.insts[range.start].jump_target();
        target.filter(|_| !has_edits).unwrap_or(block)
    }

    /// The end of a chain of blocks that only jump. A ring of them, or a very long chain, stays.
    fn follow(&self, block: MachBlock) -> MachBlock {
        let mut at = block;
        for _ in 0..MAX_HOPS {
            let next = self.redirect[at.index()];
            if next == at {
                return at;
            }
            at = next;
        }
        block
    }
}
