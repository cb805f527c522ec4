//! Finishing a code buffer: shortens branches, moves the bytes together, fills in labels.
//!
//! ```text
//!   before   |....|jz rel32|......|(align 16)|.....|jmp rel32|....|
//!   after    |....|jz rel8|......|nop|.....|jmp rel8|....|const|table|
//! ```
//!
//! In: a buffer whose labels are bound. Out: a blob in which every field is filled, apart from
//! relocations.
//!
//! Algorithm: all recorded branches are long at first. A pass shortens every branch whose target is
//! within the short form's reach, given what has been shortened so far and counting each alignment in
//! between with its largest padding. Shortening only brings things nearer, so passes are monotone and
//! may stop at any time; they stop when nothing changes, or after [`MAX_PASSES`], which keeps the whole
//! at O(n log n). This is the greatest fixed point of T. Szymanski's formulation ("Assembling Code for
//! Machines with Span-Dependent Instructions", 1978), approached from the long side.
//!
//! What it leaves to others: which bytes a branch has is the target's; whether to branch at all is
//! decided in `compile.rs`.

use crate::blob::CodeBlob;
use crate::buffer::{CodeBuffer, Fixup, IN_DATA, Label, UNBOUND};

const MAX_PASSES: usize = 8;
/// Functions begin at a multiple of this.
const FUNCTION_ALIGN: u32 = 16;

/// Why a buffer cannot be finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FinishError {
    /// A label is used and never bound.
    Unbound(Label),
    /// A field cannot express the distance to its label.
    TooFar(Label),
}

/// A branch in the search for the shortest forms.
struct Candidate {
    /// How many candidates lie before the branch's target.
    target_index: u32,
    /// Target minus end of the long form, nothing shortened, largest padding.
    distance: i64,
    is_short: bool,
}

/// From `at` (an old offset) on, old offsets plus `delta` are new offsets.
#[derive(Clone, Copy)]
struct Segment {
    at: u32,
    delta: i64,
}

impl<F: Fixup> CodeBuffer<F> {
    /// Makes the blob; clobbers, frame and name are left to the caller. The buffer must be cleared before
    /// it is used again.
    ///
    /// # Errors
    /// If a label is not bound, or a field does not reach.
    pub fn finish(&mut self, pad: impl Fn(&mut [u8])) -> Result<CodeBlob, FinishError> {
        let short = self.choose();
        let segments = self.compact(&short, &pad);
        let code_len = self.code.len() as u32;
        let data_start = self.append_data(&pad);
        self.remap(&segments, data_start);
        self.patch()?;
        self.fill_tables(data_start)?;
        let align = self.alignments.iter().map(|a| a.to).max().unwrap_or(1);
        Ok(CodeBlob {
            bytes: self.code.clone(),
            code_len,
            align: align.max(self.data_align).max(FUNCTION_ALIGN),
            relocs: self.relocs.clone(),
            traps: self.traps.clone(),
            lines: self.lines.clone(),
            unwind: self.unwind.clone(),
            ..CodeBlob::default()
        })
    }

    /// Which of `branches` become short.
    fn choose(&self) -> Vec<bool> {
        let mut candidates = self.candidates();
        let mut removed = vec![0u32; candidates.len() + 1];
        for _ in 0..MAX_PASSES {
            let mut changed = false;
            for (index, candidate) in candidates.iter_mut().enumerate() {
                if candidate.is_short || candidate.distance == i64::MAX {
                    continue;
                }
                let branch = &self.branches[index];
                let between = i64::from(removed[candidate.target_index as usize])
                    - i64::from(removed[index + usize::from(candidate.target_index as usize > index)]);
                // Forwards, what is removed in between brings the target nearer from above; backwards,
                // from below. The own shrinking moves the end of a branch that looks back.
                let own = i64::from(branch.long_len) - i64::from(branch.short.len);
                let distance = match candidate.target_index as usize > index {
                    true => candidate.distance - between,
                    false => candidate.distance - between + own,
                };
                candidate.is_short =
                    (i64::from(branch.reach.0)..=i64::from(branch.reach.1)).contains(&distance);
                changed |= candidate.is_short;
            }
            if !changed {
                break;
            }
            for (index, candidate) in candidates.iter().enumerate() {
                let branch = &self.branches[index];
                let own = if candidate.is_short { branch.long_len - branch.short.len } else { 0 };
                removed[index + 1] = removed[index] + u32::from(own);
            }
        }
        candidates.iter().map(|c| c.is_short).collect()
    }

    fn candidates(&self) -> Vec<Candidate> {
        let mut padding = vec![0i64];
        for alignment in &self.alignments {
            padding.push(padding[padding.len() - 1] + i64::from(alignment.to) - 1);
        }
        // The most padding before an old offset, the one right there included.
        let padding_at = |at: u32| padding[self.alignments.partition_point(|a| a.at <= at)];
        let candidate = |branch: &crate::buffer::PendingBranch<F>| {
            let target = self.labels[branch.label.0 as usize];
            if target >= IN_DATA {
                return Candidate { target_index: 0, distance: i64::MAX, is_short: false };
            }
            let target_index = self.branches.partition_point(|b| b.at < target) as u32;
            let end = branch.at + u32::from(branch.long_len);
            let padding = padding_at(target) - padding_at(branch.at);
            let distance = i64::from(target) - i64::from(end) + padding;
            Candidate { target_index, distance, is_short: false }
        };
        self.branches.iter().map(candidate).collect()
    }

    /// Rewrites the bytes with short branches and paddings, and says how offsets move.
    fn compact(&mut self, short: &[bool], pad: &impl Fn(&mut [u8])) -> Vec<Segment> {
        let mut segments = vec![Segment { at: 0, delta: 0 }];
        if self.alignments.is_empty() && !short.contains(&true) {
            return segments;
        }
        let old = std::mem::take(&mut self.code);
        let mut new = Vec::with_capacity(old.len() + 16 * self.alignments.len());
        let mut copied = 0;
        let mut alignments = self.alignments.iter().peekable();
        let mut align_until =
            |limit: u32, new: &mut Vec<u8>, copied: &mut usize, segments: &mut Vec<Segment>| {
                while let Some(alignment) = alignments.next_if(|a| a.at <= limit) {
                    new.extend_from_slice(&old[*copied..alignment.at as usize]);
                    *copied = alignment.at as usize;
                    let start = new.len();
                    new.resize(start.next_multiple_of(alignment.to as usize), 0);
                    pad(&mut new[start..]);
                    segments.push(Segment { at: alignment.at, delta: new.len() as i64 - *copied as i64 });
                }
            };
        for (branch, _) in self.branches.iter().zip(short).filter(|(_, short)| **short) {
            align_until(branch.at, &mut new, &mut copied, &mut segments);
            new.extend_from_slice(&old[copied..branch.at as usize]);
            new.extend_from_slice(&branch.short.bytes[..usize::from(branch.short.len)]);
            copied = (branch.at + u32::from(branch.long_len)) as usize;
            segments.push(Segment { at: copied as u32, delta: new.len() as i64 - copied as i64 });
            let fixup = &mut self.fixups[branch.fixup as usize];
            // Still an old offset, before the end of the long form, so that it moves with its start.
            fixup.at = branch.at + u32::from(branch.short.field);
            fixup.fixup = branch.short.fixup;
        }
        align_until(u32::MAX, &mut new, &mut copied, &mut segments);
        new.extend_from_slice(&old[copied..]);
        self.code = new;
        segments
    }

    /// Lays constants and tables behind the code; returns where they begin.
    fn append_data(&mut self, pad: &impl Fn(&mut [u8])) -> u32 {
        if self.data.is_empty() {
            return self.code.len() as u32;
        }
        let end = self.code.len();
        self.code.resize(end.next_multiple_of(self.data_align as usize), 0);
        pad(&mut self.code[end..]);
        let start = self.code.len() as u32;
        self.code.extend_from_slice(&self.data);
        start
    }

    fn remap(&mut self, segments: &[Segment], data_start: u32) {
        for label in self.labels.iter_mut().filter(|l| **l != UNBOUND) {
            if *label & IN_DATA != 0 {
                *label = data_start + (*label & !IN_DATA);
            } else {
                let segment = segments[segments.partition_point(|s| s.at <= *label) - 1];
                *label = (i64::from(*label) + segment.delta) as u32;
            }
        }
        if segments.len() == 1 {
            return;
        }
        shift(segments, self.fixups.iter_mut().map(|f| &mut f.at));
        shift(segments, self.relocs.iter_mut().map(|r| &mut r.offset));
        shift(segments, self.traps.iter_mut().map(|t| &mut t.0));
        shift(segments, self.lines.iter_mut().map(|l| &mut l.0));
        shift(segments, self.unwind.iter_mut().map(|u| &mut u.0));
    }

    fn resolve(&self, label: Label) -> Result<u32, FinishError> {
        match self.labels[label.0 as usize] {
            UNBOUND => Err(FinishError::Unbound(label)),
            offset => Ok(offset),
        }
    }

    fn patch(&mut self) -> Result<(), FinishError> {
        for index in 0..self.fixups.len() {
            let fixup = self.fixups[index];
            let target = self.resolve(fixup.label)?;
            if !fixup.fixup.patch(&mut self.code, fixup.at as usize, target as usize) {
                return Err(FinishError::TooFar(fixup.label));
            }
        }
        Ok(())
    }

    fn fill_tables(&mut self, data_start: u32) -> Result<(), FinishError> {
        for table in std::mem::take(&mut self.tables) {
            let start = data_start + table.at;
            for (index, label) in table.targets.iter().enumerate() {
                let distance = i64::from(self.resolve(*label)?) - i64::from(start);
                let field = start as usize + 4 * index;
                self.code[field..field + 4].copy_from_slice(&(distance as i32).to_le_bytes());
            }
        }
        Ok(())
    }
}

/// Moves ascending offsets.
fn shift<'a>(segments: &[Segment], offsets: impl Iterator<Item = &'a mut u32>) {
    let mut index = 0;
    for offset in offsets {
        while segments.get(index + 1).is_some_and(|s| s.at <= *offset) {
            index += 1;
        }
        *offset = (i64::from(*offset) + segments[index].delta) as u32;
    }
}
