//! The code buffer: bytes, labels, and what is left to fill in.
//!
//! ```text
//!   emitted                        finished
//!   b0: ...                        b0: ...
//!       0f 84 rel32  -> b2             74 rel8
//!       e9 rel32     -> b1             eb rel8
//!   b2: ...                        b2: ...
//! ```
//!
//! Emission appends and never looks back. A branch that is not known to reach is emitted long and recorded;
//! [`finish`](CodeBuffer::finish) (in `relax.rs`) shortens those that reach, moves the bytes together,
//! lays constants and jump tables behind the code and fills in every label.
//!
//! Invariants: offsets recorded ascend, so that every list is remapped in one walk. A label is bound
//! once. What it leaves to others: the encoding of instructions and the reach of their fields are the
//! target's ([`Fixup`]).

use crate::blob::{Reloc, RelocKind, SymbolRef, UnwindOp};
use pyexec_base::Loc;
use pyexec_ir::TrapCode;
use std::collections::HashMap;
use std::fmt::Debug;

/// A place in the code, bound now or later. The first labels of a function are its blocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label(pub(crate) u32);

pub(crate) const UNBOUND: u32 = u32::MAX;
/// Set in a label's offset: it points into the constants behind the code.
pub(crate) const IN_DATA: u32 = 1 << 31;

/// How a target's instructions refer to a label.
pub trait Fixup: Copy + Debug + Send + 'static {
    /// Writes the distance into the field that begins at `code[at]`. `target` is an offset in `code`.
    /// Returns whether it reaches.
    #[must_use]
    fn patch(self, code: &mut [u8], at: usize, target: usize) -> bool;
}

/// One encoding of a branch.
#[derive(Clone, Copy, Debug)]
pub struct BranchForm<F> {
    /// The instruction, the field zero.
    pub bytes: [u8; 8],
    /// How many of the bytes.
    pub len: u8,
    /// Where the field begins in them.
    pub field: u8,
    /// What the field is.
    pub fixup: F,
}

/// A branch to a label in its long form, and perhaps a shorter one.
#[derive(Clone, Copy, Debug)]
pub struct Branch<F> {
    /// Reaches everything in a function.
    pub long: BranchForm<F>,
    /// Reaches if the target minus the end of the short instruction is within `reach`.
    pub short: Option<BranchForm<F>>,
    /// The reach of the short form: lowest and highest distance.
    pub reach: (i32, i32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingFixup<F> {
    pub at: u32,
    pub label: Label,
    pub fixup: F,
}

/// A branch emitted long that may become short.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingBranch<F> {
    pub at: u32,
    pub label: Label,
    pub long_len: u8,
    /// Index of its fix-up.
    pub fixup: u32,
    pub short: BranchForm<F>,
    pub reach: (i32, i32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Alignment {
    pub at: u32,
    pub to: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct JumpTable {
    /// Offset in `data`.
    pub at: u32,
    pub targets: Vec<Label>,
}

/// Bytes under construction. [`clear`](Self::clear) keeps the memory for the next function.
#[derive(Clone, Debug)]
pub struct CodeBuffer<F> {
    pub(crate) code: Vec<u8>,
    /// Constants and jump tables, laid behind the code.
    pub(crate) data: Vec<u8>,
    pub(crate) data_align: u32,
    pub(crate) labels: Vec<u32>,
    pub(crate) fixups: Vec<PendingFixup<F>>,
    pub(crate) branches: Vec<PendingBranch<F>>,
    pub(crate) alignments: Vec<Alignment>,
    pub(crate) tables: Vec<JumpTable>,
    pub(crate) relocs: Vec<Reloc>,
    pub(crate) traps: Vec<(u32, TrapCode)>,
    pub(crate) lines: Vec<(u32, Loc)>,
    pub(crate) unwind: Vec<(u32, UnwindOp)>,
    constants: HashMap<(u128, u8), Label>,
    shorten: bool,
}

impl<F: Fixup> Default for CodeBuffer<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Fixup> CodeBuffer<F> {
    /// An empty buffer that shortens branches.
    pub fn new() -> Self {
        Self {
            code: Vec::new(),
            data: Vec::new(),
            data_align: 1,
            labels: Vec::new(),
            fixups: Vec::new(),
            branches: Vec::new(),
            alignments: Vec::new(),
            tables: Vec::new(),
            relocs: Vec::new(),
            traps: Vec::new(),
            lines: Vec::new(),
            unwind: Vec::new(),
            constants: HashMap::new(),
            shorten: true,
        }
    }

    /// Empties the buffer and keeps its memory.
    pub fn clear(&mut self) {
        self.code.clear();
        self.data.clear();
        self.data_align = 1;
        self.labels.clear();
        self.fixups.clear();
        self.branches.clear();
        self.alignments.clear();
        self.tables.clear();
        self.relocs.clear();
        self.traps.clear();
        self.lines.clear();
        self.unwind.clear();
        self.constants.clear();
    }

    /// Whether branches are shortened (the default).
    pub fn set_shorten(&mut self, shorten: bool) {
        self.shorten = shorten;
    }

    // ---- Bytes ----

    /// Where the next byte goes, while long branches are still long.
    #[inline]
    pub fn offset(&self) -> u32 {
        self.code.len() as u32
    }
    /// Appends a byte.
    #[inline]
    pub fn put1(&mut self, byte: u8) {
        self.code.push(byte);
    }
    /// Appends two bytes, little-endian.
    #[inline]
    pub fn put2(&mut self, value: u16) {
        self.code.extend_from_slice(&value.to_le_bytes());
    }
    /// Appends four bytes, little-endian.
    #[inline]
    pub fn put4(&mut self, value: u32) {
        self.code.extend_from_slice(&value.to_le_bytes());
    }
    /// Appends eight bytes, little-endian.
    #[inline]
    pub fn put8(&mut self, value: u64) {
        self.code.extend_from_slice(&value.to_le_bytes());
    }
    /// Appends bytes.
    #[inline]
    pub fn put_slice(&mut self, bytes: &[u8]) {
        self.code.extend_from_slice(bytes);
    }
    /// Appends the low `len` (at most 16) bytes of `bytes`, little-endian, in one store: the fastest way
    /// to append an instruction that was put together in a register.
    #[inline]
    pub fn put_word(&mut self, bytes: u128, len: usize) {
        let end = self.code.len() + len;
        self.code.extend_from_slice(&bytes.to_le_bytes());
        self.code.truncate(end);
    }

    // ---- Labels ----

    /// A new label.
    pub fn label(&mut self) -> Label {
        self.labels.push(UNBOUND);
        Label(self.labels.len() as u32 - 1)
    }
    /// Reserves `count` labels, the first of the buffer; returns the first.
    pub(crate) fn block_labels(&mut self, count: usize) {
        self.labels.resize(self.labels.len() + count, UNBOUND);
    }
    /// Binds a label here.
    #[inline]
    pub fn bind(&mut self, label: Label) {
        debug_assert_eq!(self.labels[label.0 as usize], UNBOUND, "a label is bound once");
        self.labels[label.0 as usize] = self.offset();
    }
    /// Records that the field at offset `at`, already emitted, refers to `label`.
    #[inline]
    pub fn fixup(&mut self, at: u32, label: Label, fixup: F) {
        self.fixups.push(PendingFixup { at, label, fixup });
    }

    /// Appends a branch to `label`, in the short form if that is known to reach.
    pub fn branch(&mut self, label: Label, branch: &Branch<F>) {
        let at = self.offset();
        let Some(short) = branch.short.filter(|_| self.shorten) else {
            return self.put_branch(at, label, &branch.long);
        };
        if self.backward_reaches(at, label, &short, branch.reach) {
            return self.put_branch(at, label, &short);
        }
        let fixup = self.fixups.len() as u32;
        self.put_branch(at, label, &branch.long);
        let (long_len, reach) = (branch.long.len, branch.reach);
        self.branches.push(PendingBranch { at, label, long_len, fixup, short, reach });
    }

    fn put_branch(&mut self, at: u32, label: Label, form: &BranchForm<F>) {
        self.put_slice(&form.bytes[..usize::from(form.len)]);
        self.fixup(at + u32::from(form.field), label, form.fixup);
    }

    /// Whether a bound label is near enough even after every alignment in between has grown to its most.
    fn backward_reaches(&self, at: u32, label: Label, short: &BranchForm<F>, reach: (i32, i32)) -> bool {
        let target = self.labels[label.0 as usize];
        let distance = i64::from(target) - i64::from(at + u32::from(short.len));
        // Looked at first, so that few alignments are in between.
        if target >= IN_DATA || distance < i64::from(reach.0) {
            return false;
        }
        let between = self.alignments.iter().rev().take_while(|a| a.at > target);
        distance - between.map(|a| i64::from(a.to) - 1).sum::<i64>() >= i64::from(reach.0)
    }

    /// Aligns the next instruction to a power of two, with padding instructions before it.
    pub fn align(&mut self, to: u32) {
        debug_assert!(to.is_power_of_two());
        let at = self.offset();
        self.alignments.push(Alignment { at, to });
    }

    // ---- Data behind the code ----

    /// A constant of 1, 2, 4, 8 or 16 bytes behind the code, aligned to its size; equal ones are merged.
    pub fn constant(&mut self, bits: u128, size: u8) -> Label {
        debug_assert!(size.is_power_of_two() && size <= 16);
        if let Some(&label) = self.constants.get(&(bits, size)) {
            return label;
        }
        let label = self.data_label(u32::from(size));
        self.data.extend_from_slice(&bits.to_le_bytes()[..usize::from(size)]);
        self.constants.insert((bits, size), label);
        label
    }

    /// A jump table behind the code: for each target four bytes, its distance from the table's start.
    pub fn jump_table(&mut self, targets: &[Label]) -> Label {
        let label = self.data_label(4);
        let at = self.data.len() as u32;
        self.data.resize(self.data.len() + 4 * targets.len(), 0);
        self.tables.push(JumpTable { at, targets: targets.to_vec() });
        label
    }

    fn data_label(&mut self, align: u32) -> Label {
        self.data_align = self.data_align.max(align);
        self.data.resize(self.data.len().next_multiple_of(align as usize), 0);
        let label = self.label();
        self.labels[label.0 as usize] = IN_DATA | self.data.len() as u32;
        label
    }

    // ---- Facts about the code ----

    /// A relocation of the field that begins here; append the field's zero bytes next.
    pub fn reloc(&mut self, kind: RelocKind, symbol: SymbolRef, addend: i64) {
        let offset = self.offset();
        self.relocs.push(Reloc { offset, kind, symbol, addend });
    }
    /// The instruction that begins here may trap.
    pub fn trap(&mut self, code: TrapCode) {
        self.traps.push((self.offset(), code));
    }
    /// The code from here on comes from `loc`.
    #[inline]
    pub fn line(&mut self, loc: Loc) {
        let at = self.offset();
        match self.lines.last_mut() {
            Some((_, last)) if *last == loc => {}
            Some((offset, last)) if *offset == at => *last = loc,
            _ => self.lines.push((at, loc)),
        }
    }
    /// The unwinding rules change here: after the last instruction.
    pub fn unwind(&mut self, op: UnwindOp) {
        self.unwind.push((self.offset(), op));
    }
}
