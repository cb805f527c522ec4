//! VCode as text (`.vc`), before and after allocation. Print only.

use crate::vcode::{MachInst, VCode};
use pyexec_base::EntityId;
use pyexec_regalloc::{Block as MachBlock, Edit, EditPos, VReg};
use std::fmt;

/// Prints VCode; with edits once registers have been chosen.
pub(crate) struct Listing<'a, I> {
    pub name: &'a str,
    pub vcode: &'a VCode<I>,
    /// The allocator's moves; `None` before allocation.
    pub edits: Option<&'a [Edit]>,
}

/// One instruction, printed by itself.
struct One<'a, I>(&'a I);

impl<I: MachInst> fmt::Display for One<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.print(f)
    }
}

fn list(f: &mut fmt::Formatter<'_>, vregs: &[VReg]) -> fmt::Result {
    for (index, vreg) in vregs.iter().enumerate() {
        write!(f, "{}{vreg}", if index == 0 { "(" } else { ", " })?;
    }
    if vregs.is_empty() { Ok(()) } else { f.write_str(")") }
}

impl<I: MachInst> fmt::Display for Listing<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "vcode {} {{", self.name)?;
        for block in &self.vcode.layout {
            self.block(f, *block)?;
        }
        writeln!(f, "}}")
    }
}

impl<I: MachInst> Listing<'_, I> {
    fn block(&self, f: &mut fmt::Formatter<'_>, block: MachBlock) -> fmt::Result {
        let problem = self.vcode.problem.view();
        write!(f, "{block}")?;
        // After allocation the moves say what parameters said.
        if self.edits.is_none() {
            list(f, problem.block_params(block))?;
        }
        let flags = self.vcode.flags[block.index()];
        writeln!(
            f,
            "{}{}:",
            if flags.cold { " cold" } else { "" },
            if flags.loop_head { " loop" } else { "" }
        )?;
        for inst in problem.block_insts(block) {
            self.moves(f, inst, EditPos::Before)?;
            writeln!(f, "  {}", One(&self.vcode.insts[inst]))?;
            self.moves(f, inst, EditPos::After)?;
        }
        if self.edits.is_none() {
            self.succs(f, block)?;
        }
        Ok(())
    }

    fn moves(&self, f: &mut fmt::Formatter<'_>, inst: usize, pos: EditPos) -> fmt::Result {
        let edits = self.edits.unwrap_or(&[]);
        let start = edits.partition_point(|e| (e.inst.index(), e.pos) < (inst, pos));
        for edit in edits[start..].iter().take_while(|e| e.inst.index() == inst && e.pos == pos) {
            writeln!(f, "  {} <- {}", edit.to, edit.from)?;
        }
        Ok(())
    }

    fn succs(&self, f: &mut fmt::Formatter<'_>, block: MachBlock) -> fmt::Result {
        let problem = self.vcode.problem.view();
        let range = problem.succ_range(block);
        if range.is_empty() {
            return Ok(());
        }
        write!(f, "  ->")?;
        for edge in range {
            write!(f, " {}", problem.succs[edge])?;
            list(f, problem.edge_args(edge))?;
        }
        writeln!(f)
    }
}
