//! The rules for functions and blocks, and dominance.

use super::{Report, Rule, inst, signature};
use crate::{Block, Cfg, DomTree, Func, Inst, InstOrder, Linkage, Module, Param, Value, ValueDef};
use pyexec_base::{BitSet, EntityId};

/// Checks one function.
pub(super) fn check(module: &Module, func: &Func, report: &mut Report) {
    (report.block, report.inst) = (None, None);
    signature::check(&func.sig, "the function's signature", report);
    let import = func.linkage == Linkage::Import;
    report.check(import == func.is_import(), Rule::Linkage, || {
        format!("linkage `{}` with {} blocks", func.linkage, func.layout.len())
    });
    report.check(!func.sig.variadic || import, Rule::SigVariadic, || "only imports are variadic".into());
    slots(func, report);
    let Some(shape) = shape(func, report) else { return };
    entry(func, report);
    for &block in &func.layout {
        report.block = Some(block);
        params(func, block, report);
        for &inst in &func.block(block).insts {
            report.inst = Some(inst);
            inst::check(module, func, &shape, inst, report);
        }
        report.inst = None;
    }
    dominance(func, &shape.values, report);
    (report.block, report.inst) = (None, None);
}

fn slots(func: &Func, report: &mut Report) {
    for (slot, data) in func.slots.iter() {
        report.check(data.align.is_power_of_two() && data.align <= 16, Rule::SlotShape, || {
            format!("{slot} has alignment {}", data.align)
        });
    }
    // Each slot may need padding of 15 bytes.
    let total: u64 = func.slots.values().map(|data| u64::from(data.size) + 15).sum();
    report.check(total < 1 << 30, Rule::SlotShape, || format!("the slots have {total} bytes"));
}

/// What is in the layout.
pub(super) struct Shape {
    pub(super) blocks: BitSet<Block>,
    /// The values that parameters and results define.
    pub(super) values: BitSet<Value>,
}

/// Nothing if ids are so wrong that the function cannot be walked.
fn shape(func: &Func, report: &mut Report) -> Option<Shape> {
    let before = report.found.len();
    let mut blocks = BitSet::with_capacity(func.block_count());
    let mut insts: BitSet<Inst> = BitSet::with_capacity(func.inst_count());
    for &block in &func.layout {
        let exists = block.index() < func.block_count();
        let once = exists && blocks.insert(block);
        report.check(once, Rule::Layout, || format!("{block} is in the layout twice, or does not exist"));
        if !once {
            continue;
        }
        report.block = Some(block);
        for &inst in &func.block(block).insts {
            let once = inst.index() < func.inst_count() && insts.insert(inst);
            report.check(once, Rule::InstOnce, || format!("{inst} is in two places, or does not exist"));
        }
        for &param in &func.block(block).params {
            report.check(func.is_value(param), Rule::Exists, || format!("parameter {param} does not exist"));
        }
    }
    report.block = None;
    if report.found.len() > before {
        return None;
    }
    let mut values = BitSet::with_capacity(func.value_count());
    for data in func.layout.iter().map(|b| func.block(*b)) {
        let results = data.insts.iter().flat_map(|inst| func.results(*inst));
        for value in data.params.iter().copied().chain(results) {
            values.insert(value);
        }
    }
    Some(Shape { blocks, values })
}

fn entry(func: &Func, report: &mut Report) {
    let Some(entry) = func.entry() else { return };
    report.block = Some(entry);
    let expected = func.sig.params.iter().map(Param::ty);
    let actual = func.block(entry).params.iter().map(|v| func.ty(*v));
    report.check(expected.eq(actual), Rule::EntryParams, || {
        format!("the entry's parameters do not fit the signature {}", func.sig)
    });
}

fn params(func: &Func, block: Block, report: &mut Report) {
    let data = func.block(block);
    for (index, &param) in data.params.iter().enumerate() {
        let knows = func.def(param) == ValueDef::Param(block, index as u32);
        report.check(knows, Rule::BlockParams, || format!("{param} is not parameter {index} of {block}"));
    }
    let ends = |inst: &Inst| func.inst(*inst).op.is_terminator();
    let fine = data.insts.split_last().is_some_and(|(last, rest)| ends(last) && !rest.iter().any(ends));
    report.check(fine, Rule::BlockEnd, || format!("{block} has no terminator, or one before its end"));
}

fn dominance(func: &Func, defined: &BitSet<Value>, report: &mut Report) {
    let cfg = Cfg::new(func);
    let dom = DomTree::new(&cfg);
    let order = InstOrder::new(func);
    for &block in cfg.rpo() {
        report.block = Some(block);
        for &inst in &func.block(block).insts {
            report.inst = Some(inst);
            func.for_each_use(inst, |value| {
                // What does not exist is reported as such elsewhere.
                let fine = !defined.contains(value) || order.available(func, &dom, value, inst);
                report.check(fine, Rule::Dominance, || {
                    format!("{value} is used where it may not be computed yet")
                });
            });
        }
        report.inst = None;
    }
}
