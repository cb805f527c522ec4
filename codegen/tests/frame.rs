//! Frames: nothing overlaps, everything is aligned, and the red zone is used where it may.

use proptest::prelude::*;
use pyexec_codegen::frame::{FrameLayout, FrameNeeds, FrameRules};
use pyexec_ir::{Slot, SlotData};
use pyexec_regalloc::{PReg, RegClass};

const RULES: FrameRules = FrameRules { stack_align: 16, fixed_bytes: 8, red_zone: 128 };

fn needs() -> impl Strategy<Value = FrameNeeds> {
    let slot = (0u32..70, 0u32..5).prop_map(|(size, log)| SlotData { size, align: 1 << log });
    let slots = proptest::collection::vec(slot, 0..6);
    (slots, 0u32..9, 0u32..6, 0u8..7, any::<[bool; 2]>()).prop_map(
        |(slots, spill_slots, outgoing, saved, [calls, exact_sp])| FrameNeeds {
            slots,
            spill_slots,
            outgoing: if calls { 8 * outgoing } else { 0 },
            calls,
            exact_sp,
            saved: (0..saved).map(|n| PReg::new(n, RegClass::Int)).collect(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps(needs in needs()) {
        let layout = FrameLayout::compute(&RULES, &needs).expect("small");
        // Everything in the frame as (lowest byte, size), from the stack pointer in the body.
        let mut areas = vec![(0, needs.outgoing as i32)];
        areas.extend((0..needs.spill_slots).map(|n| (layout.spill(n), 8)));
        for (index, slot) in needs.slots.iter().enumerate() {
            let at = layout.slot(Slot::new(index as u32));
            areas.push((at, slot.size as i32));
            // At the call the stack pointer was a multiple of 16, behind the fixed bytes.
            let from_call = at - layout.total_size() as i32;
            prop_assert_eq!(from_call % slot.align as i32, 0, "slot {} at {}", index, at);
        }
        let pushed = layout.incoming(0) - RULES.fixed_bytes as i32 - 8 * needs.saved.len() as i32;
        areas.push((pushed, layout.incoming(0) - pushed));
        areas.retain(|(_, size)| *size > 0);
        areas.sort_unstable();
        for pair in areas.windows(2) {
            prop_assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{:?} in {:?}", pair, layout);
        }

        let lowest = areas.first().map_or(0, |a| a.0);
        prop_assert_eq!(pushed, layout.local_size() as i32);
        if needs.calls || needs.exact_sp {
            prop_assert!(lowest >= 0, "below the stack pointer: {:?}", layout);
        }
        if needs.calls {
            prop_assert_eq!(layout.total_size() % 16, 0);
        }
        prop_assert!(lowest >= -(RULES.red_zone as i32));
    }
}

#[test]
fn a_leaf_moves_the_stack_pointer_only_beyond_the_red_zone() {
    let leaf = |spill_slots| FrameNeeds { spill_slots, ..FrameNeeds::default() };
    let layout = |needs| FrameLayout::compute(&RULES, &needs).expect("small");
    assert_eq!((layout(leaf(15)).local_size(), layout(leaf(15)).spill(0)), (0, -120));
    assert_eq!((layout(leaf(17)).local_size(), layout(leaf(17)).spill(0)), (136, 0));
    assert_eq!(layout(FrameNeeds { calls: true, ..leaf(1) }).local_size(), 8);
    let huge = SlotData { size: u32::MAX, align: 1 };
    assert_eq!(FrameLayout::compute(&RULES, &FrameNeeds { slots: vec![huge], ..leaf(0) }), None);
}
