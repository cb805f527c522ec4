//! Branch shortening against a naive relaxer, judged by decoding the bytes.

use proptest::prelude::*;
use pyexec_codegen::{Branch, BranchForm, CodeBuffer, FinishError, Fixup, Label, RelocKind, SymbolRef};
use pyexec_ir::FuncId;

/// x86's fields, which are as good as any.
#[derive(Clone, Copy, Debug)]
enum Field {
    Rel8,
    Rel32,
}

impl Fixup for Field {
    fn patch(self, code: &mut [u8], at: usize, target: usize) -> bool {
        let distance = |size: usize| target as i64 - (at + size) as i64;
        match self {
            Field::Rel8 => i8::try_from(distance(1)).map(|d| code[at] = d as u8).is_ok(),
            Field::Rel32 => {
                code[at..at + 4].copy_from_slice(&(distance(4) as i32).to_le_bytes());
                true
            }
        }
    }
}

fn jump() -> Branch<Field> {
    let form = |bytes: &[u8], fixup| {
        let mut all = [0; 8];
        all[..bytes.len()].copy_from_slice(bytes);
        BranchForm { bytes: all, len: bytes.len() as u8, field: 1, fixup }
    };
    Branch {
        long: form(&[0xE9, 0, 0, 0, 0], Field::Rel32),
        short: Some(form(&[0xEB, 0], Field::Rel8)),
        reach: (-128, 127),
    }
}

#[derive(Clone, Debug)]
enum Item {
    /// So many bytes of 0x11.
    Bytes(u8),
    /// A jump to the label with this number, modulo their count.
    Jump(usize),
    /// Binds the next label here.
    Bind,
    Align(u32),
}

fn items(align: bool) -> impl Strategy<Value = Vec<Item>> {
    let item = prop_oneof![
        4 => (0u8..60).prop_map(Item::Bytes),
        1 => (100u8..140).prop_map(Item::Bytes),
        4 => any::<usize>().prop_map(Item::Jump),
        4 => Just(Item::Bind),
        u32::from(align) => prop_oneof![Just(4u32), Just(16), Just(32)].prop_map(Item::Align),
    ];
    proptest::collection::vec(item, 1..80)
}

/// Offsets of all items when the jumps in `short` are short; a last one for the end.
fn lay_out(items: &[Item], short: &[bool]) -> Vec<i64> {
    let mut at: i64 = 0;
    let mut offsets = Vec::new();
    for (item, short) in items.iter().zip(short) {
        if let Item::Align(to) = item {
            at = (at as u64).next_multiple_of(u64::from(*to)) as i64;
        }
        offsets.push(at);
        at += match item {
            Item::Bytes(n) => i64::from(*n),
            Item::Jump(_) if *short => 2,
            Item::Jump(_) => 5,
            Item::Bind | Item::Align(_) => 0,
        };
    }
    offsets.push(at);
    offsets
}

fn binds(items: &[Item]) -> Vec<usize> {
    (0..items.len()).filter(|i| matches!(items[*i], Item::Bind)).collect()
}

/// Shortens one jump after another, laying everything out anew each time, until none fits any more.
fn naive(items: &[Item]) -> Vec<bool> {
    let binds = binds(items);
    let mut short = vec![false; items.len()];
    loop {
        let offsets = lay_out(items, &short);
        let fits = |index: usize, label: usize| {
            let target = offsets[binds[label % binds.len()]];
            let backward = binds[label % binds.len()] < index;
            let end = if backward { offsets[index] + 2 } else { offsets[index] + 5 };
            (-128..=127).contains(&(target - end))
        };
        let next = items.iter().enumerate().position(|(index, item)| match item {
            Item::Jump(label) => !short[index] && fits(index, *label),
            _ => false,
        });
        match next {
            Some(index) => short[index] = true,
            None => return short,
        }
    }
}

fn assemble(items: &[Item]) -> Vec<u8> {
    let mut buf = CodeBuffer::new();
    let labels: Vec<Label> = binds(items).iter().map(|_| buf.label()).collect();
    let mut bound = labels.iter();
    for item in items {
        match item {
            Item::Bytes(n) => buf.put_slice(&vec![0x11; usize::from(*n)]),
            Item::Jump(label) => buf.branch(labels[label % labels.len()], &jump()),
            Item::Bind => buf.bind(*bound.next().expect("one label a bind")),
            Item::Align(to) => buf.align(*to),
        }
    }
    let blob = buf.finish(|bytes| bytes.fill(0x90)).expect("all labels are bound");
    assert_eq!(blob.code_len as usize, blob.bytes.len());
    blob.bytes
}

/// Offsets of the items; item and destination of each jump.
type Decoded = (Vec<i64>, Vec<(usize, i64)>);

/// Walks the bytes beside the items.
fn decode(items: &[Item], bytes: &[u8]) -> Result<Decoded, String> {
    let mut at = 0;
    let (mut offsets, mut jumps) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        if let Item::Align(to) = item {
            let end = (at as u32).next_multiple_of(*to) as usize;
            if bytes[at..end].iter().any(|b| *b != 0x90) {
                return Err(format!("item {index}: padding at {at} is not padding"));
            }
            at = end;
        }
        offsets.push(at as i64);
        match item {
            Item::Bytes(n) => at += usize::from(*n),
            Item::Jump(_) if bytes[at] == 0xEB => {
                at += 2;
                jumps.push((index, at as i64 + i64::from(bytes[at - 1] as i8)));
            }
            Item::Jump(_) if bytes[at] == 0xE9 => {
                at += 5;
                let field = bytes[at - 4..at].try_into().expect("four bytes");
                jumps.push((index, at as i64 + i64::from(i32::from_le_bytes(field))));
            }
            Item::Jump(_) => return Err(format!("item {index}: no jump at {at}")),
            Item::Bind | Item::Align(_) => {}
        }
    }
    if at == bytes.len() { Ok((offsets, jumps)) } else { Err(format!("{at} of {} bytes", bytes.len())) }
}

/// Where a jump to the label bound by this item lands: padding right behind the label is skipped.
fn landing(items: &[Item], offsets: &[i64], bind: usize) -> i64 {
    let empty = |item: &&Item| matches!(item, Item::Bind | Item::Align(_) | Item::Bytes(0));
    let last = bind + items[bind..].iter().take_while(empty).count() - 1;
    offsets[last]
}

fn check(items: &[Item]) -> Result<Vec<u8>, TestCaseError> {
    let bytes = assemble(items);
    let (offsets, jumps) = decode(items, &bytes).map_err(TestCaseError::fail)?;
    let binds = binds(items);
    for (index, to) in jumps {
        let Item::Jump(label) = items[index] else { continue };
        prop_assert_eq!(
            to,
            landing(items, &offsets, binds[label % binds.len()]),
            "the jump at item {}",
            index
        );
    }
    Ok(bytes)
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn as_short_as_the_naive_relaxer(mut items in items(false)) {
        items.push(Item::Bind);
        let bytes = check(&items)?;
        let naive = *lay_out(&items, &naive(&items)).last().expect("the end");
        prop_assert_eq!(bytes.len() as i64, naive);
    }

    #[test]
    fn every_jump_lands_across_alignments(mut items in items(true)) {
        items.push(Item::Bind);
        check(&items)?;
    }
}

#[test]
fn facts_move_with_the_code() {
    let mut buf = CodeBuffer::new();
    let end = buf.label();
    buf.branch(end, &jump());
    buf.trap(pyexec_ir::TrapCode::DivZero);
    buf.put_slice(&[0x11; 3]);
    buf.reloc(RelocKind::Abs64, SymbolRef::Func(FuncId::new(7)), -4);
    buf.put8(0);
    buf.line(pyexec_base::Loc::at(5));
    buf.align(16);
    buf.bind(end);
    buf.put1(0xC3);
    let blob = buf.finish(|bytes| bytes.fill(0x90)).expect("bound");
    assert_eq!(&blob.bytes[..2], [0xEB, 14]);
    assert_eq!((blob.traps[0].0, blob.relocs[0].offset, blob.bytes[16]), (2, 5, 0xC3));
    assert_eq!(blob.lines[0].0, 16, "a line that begins at an alignment begins behind the padding");
}

#[test]
fn constants_are_merged_and_aligned_and_tables_hold_distances() {
    let mut buf = CodeBuffer::new();
    let (a, b) = (buf.constant(0x1122, 2), buf.constant(7, 16));
    assert_eq!(buf.constant(0x1122, 2), a);
    assert_ne!(buf.constant(0x1122, 4), a);
    let here = buf.label();
    buf.put1(0x11);
    buf.bind(here);
    let table = buf.jump_table(&[here, here]);
    for label in [a, b, table] {
        let at = buf.offset();
        buf.put4(0);
        buf.fixup(at, label, Field::Rel32);
    }
    let blob = buf.finish(|bytes| bytes.fill(0x90)).expect("bound");
    let field = |at: usize| i32::from_le_bytes(blob.bytes[at..at + 4].try_into().expect("four bytes"));
    let target = |at: usize| (at as i32 + 4 + field(at)) as usize;
    assert_eq!(blob.bytes[target(1)..][..2], [0x22, 0x11]);
    assert_eq!((target(5) % 16, blob.bytes[target(5)], blob.align), (0, 7, 16));
    let table = target(9);
    assert_eq!([field(table), field(table + 4)], [1 - table as i32; 2]);
    assert_eq!(blob.code_len, 13);
}

#[test]
fn what_cannot_be_finished_is_refused() {
    let mut buf = CodeBuffer::<Field>::new();
    let label = buf.label();
    buf.branch(label, &jump());
    assert_eq!(buf.finish(|_| {}).err(), Some(FinishError::Unbound(label)));
    let mut buf = CodeBuffer::new();
    let label = buf.label();
    buf.put1(0);
    buf.fixup(0, label, Field::Rel8);
    buf.put_slice(&[0; 200]);
    buf.bind(label);
    assert_eq!(buf.finish(|_| {}).err(), Some(FinishError::TooFar(label)));
}

/// 100,000 branches, each kept long only by the next one: the passes are bounded.
#[test]
fn chains_of_dependent_branches_stay_linear() {
    let mut buf = CodeBuffer::new();
    let labels: Vec<Label> = (0..100_000).map(|_| buf.label()).collect();
    for index in 0..labels.len() {
        buf.branch(labels[(index + 42).min(labels.len() - 1)], &jump());
        buf.bind(labels[index]);
    }
    let start = std::time::Instant::now();
    buf.finish(|_| {}).expect("bound");
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
