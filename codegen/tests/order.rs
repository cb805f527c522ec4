//! Block order and edge splitting, judged by properties of random control flow.

use proptest::prelude::*;
use pyexec_base::EntityId;
use pyexec_codegen::order::{BlockOrder, Origin};
use pyexec_ir::{Block, Builder, CallConv, Func, Imm, Linkage, Opcode, Signature, Type};
use std::collections::{BTreeMap, BTreeSet};

/// A function whose block `n` goes to `succs[n]` (no successor: a return; more than two: a table).
fn func(succs: &[Vec<usize>], cold: &[bool]) -> Func {
    let mut func = Func::new("f", Signature::new(CallConv::Fast, &[Type::I64], &[]), Linkage::Local);
    let blocks: Vec<Block> = succs.iter().map(|_| func.add_block()).collect();
    let index = func.add_param(blocks[0], Type::I64);
    for (block, targets) in blocks.iter().zip(succs) {
        func.block_mut(*block).cold = cold[block.index()];
        let calls: Vec<_> = targets.iter().map(|t| func.make_block_call(blocks[*t], &[])).collect();
        let mut builder = Builder::new(&mut func, *block);
        let op = match calls.len() {
            0 => Opcode::Ret,
            1 => Opcode::Jump,
            _ => Opcode::BrTable,
        };
        let args: &[_] = if calls.len() > 1 { &[index] } else { &[] };
        builder.push(op, Type::I64, Imm::None, args, &calls);
    }
    func
}

fn graphs() -> impl Strategy<Value = (Vec<Vec<usize>>, Vec<bool>)> {
    (1usize..20).prop_flat_map(|count| {
        // The entry has no predecessors: targets begin at 1.
        let block = proptest::collection::vec(1..count.max(2), 0..if count > 1 { 4 } else { 1 });
        (proptest::collection::vec(block, count), proptest::collection::vec(any::<bool>(), count))
    })
}

fn reachable(succs: &[Vec<usize>]) -> BTreeSet<usize> {
    let (mut seen, mut work) = (BTreeSet::new(), vec![0]);
    while let Some(block) = work.pop() {
        if seen.insert(block) {
            work.extend(&succs[block]);
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_of_random_graphs((succs, cold) in graphs()) {
        let mut order = BlockOrder::default();
        // A used one: nothing may be left over.
        order.compute(&func(&[vec![1], vec![2], vec![1, 1]], &[false, true, false]));
        order.compute(&func(&succs, &cold));
        let count = order.origins.len();

        // Exactly the reachable blocks, each once, the entry first.
        let blocks: Vec<usize> = order.origins.iter().filter_map(|o| o.block()).map(|b| b.index()).collect();
        prop_assert_eq!(blocks.iter().copied().collect::<BTreeSet<_>>(), reachable(&succs));
        prop_assert_eq!(blocks.len(), reachable(&succs).len());
        prop_assert_eq!(order.origins[0], Origin::Block(Block::new(0)));

        // Edges lead where the IR's do, directly or by one edge block; none is critical.
        let mut preds: BTreeMap<usize, usize> = BTreeMap::new();
        (0..count).flat_map(|b| order.succs(b)).for_each(|s| *preds.entry(s.index()).or_default() += 1);
        for block in 0..count {
            let targets = order.succs(block);
            for (index, target) in targets.iter().enumerate() {
                let critical = targets.len() > 1 && preds[&target.index()] > 1;
                prop_assert!(!critical, "b{} -> {}", block, target);
                let Origin::Block(from) = order.origins[block] else { continue };
                let wanted = succs[from.index()][index];
                let arrives = match order.origins[target.index()] {
                    Origin::Block(to) => to.index(),
                    Origin::Edge(of, number) => {
                        prop_assert_eq!((of, number as usize), (from, index));
                        prop_assert_eq!(order.succs(target.index()).len(), 1);
                        let last = order.succs(target.index())[0];
                        order.origins[last.index()].block().expect("an edge ends at a block").index()
                    }
                };
                prop_assert_eq!(arrives, wanted);
            }
        }

        // Reverse postorder: every block but the entry has a predecessor before it, and a block comes
        // after all that dominate it (removing a later block never cuts it off).
        for block in 1..count {
            let early = (0..block).any(|b| order.succs(b).iter().any(|s| s.index() == block));
            prop_assert!(early, "b{}", block);
        }

        // The layout holds every block once; cold ones come last.
        let mut layout: Vec<usize> = order.layout.iter().map(|b| b.index()).collect();
        prop_assert_eq!(layout[0], 0);
        let colds: Vec<bool> = layout[1..].iter().map(|b| order.flags[*b].cold).collect();
        prop_assert!(colds.is_sorted());
        layout.sort_unstable();
        prop_assert_eq!(layout, (0..count).collect::<Vec<_>>());
    }
}

#[test]
fn a_loop_stays_together() {
    // b1 is the head, b2 the body, b3 behind the loop, wherever the branch lists the exit.
    for exit_first in [false, true] {
        let head = if exit_first { vec![3, 2] } else { vec![2, 3] };
        let mut order = BlockOrder::default();
        order.compute(&func(&[vec![1], head, vec![1], vec![]], &[false; 4]));
        let blocks: Vec<usize> = order.origins.iter().filter_map(|o| o.block()).map(|b| b.index()).collect();
        assert_eq!(blocks, [0, 1, 2, 3]);
        assert!(order.flags[1].loop_head && !order.flags[2].loop_head);
    }
}
