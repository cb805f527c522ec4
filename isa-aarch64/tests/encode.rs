//! Every row of the instruction table against independent tools, with random operands: our decoder reads
//! our words back; objdump prints our words as we do; GNU as makes our words of our text; yaxpeax knows
//! them. The immediate encoders are proved by enumeration.

mod common;

use common::{AS, Dir, OBJCOPY, OBJDUMP, Rng, assemble, have, run};
use pyexec_codegen::Reg;
use pyexec_isa_aarch64::encode::immediate::{
    decode_float, decode_logical, encode_float, encode_imm12, encode_logical,
};
use pyexec_isa_aarch64::encode::{decode, encode};
use pyexec_isa_aarch64::inst::{Arg, MInst, Op, ROWS, Role, Row, Width, plain, spell};
use pyexec_isa_aarch64::regs;
use pyexec_regalloc::{PReg, RegClass};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use yaxpeax_arch::{Decoder as _, U8Reader};

fn int(rng: &mut Rng) -> Reg {
    PReg::new(rng.below(32) as u8, RegClass::Int).into()
}
fn int_or_sp(rng: &mut Rng) -> Reg {
    let n = rng.below(32) as u8;
    if n == 31 { regs::SP_REG } else { PReg::new(n, RegClass::Int).into() }
}
fn float(rng: &mut Rng) -> Reg {
    PReg::new(rng.below(32) as u8, RegClass::Float).into()
}

/// A signed number of `len` bits, often an extreme one.
fn signed(rng: &mut Rng, len: u32) -> i64 {
    let limit = 1i64 << (len - 1);
    match rng.below(6) {
        0 => -limit,
        1 => limit - 1,
        2 => [-1, 0, 1][rng.below(3)],
        _ => (rng.next() as i64) >> (64 - len),
    }
}
fn unsigned(rng: &mut Rng, len: u32) -> i64 {
    match rng.below(5) {
        0 => 0,
        1 => (1 << len) - 1,
        _ => rng.below(1 << len) as i64,
    }
}

fn fill(rng: &mut Rng, inst: &mut MInst, arg: Arg) {
    use Arg::*;
    let bits = inst.width.bits();
    let memory = matches!(arg, Mem(_) | Mem9 | Pre9 | Post9 | MemX(_) | MemP | PreP | PostP);
    if memory {
        inst.rn = int_or_sp(rng);
    }
    match arg {
        Rd | Xd | Wd => inst.rd = int(rng),
        Rbit => {
            inst.rd = int(rng);
            inst.amt = rng.below(64) as u8;
        }
        RpD => inst.rd = int_or_sp(rng),
        Fd | Sd | Dd | Bd | Vd => inst.rd = float(rng),
        Rn | Xn | Wn => inst.rn = int(rng),
        RpN => inst.rn = int_or_sp(rng),
        Fn | Sn | Dn | Vn => inst.rn = float(rng),
        Rm | Xm | Wm => inst.rm = int(rng),
        Fm | Vm => inst.rm = float(rng),
        Ra | Xa => inst.ra = int(rng),
        Fa | Da => inst.ra = float(rng),
        Imm12 => inst.imm = unsigned(rng, 12) << (12 * rng.below(2)),
        Log => {
            inst.imm = loop {
                if let Some(value) = decode_logical(rng.below(1 << 13) as u32, bits) {
                    break value as i64;
                }
            }
        }
        Mov16 => (inst.imm, inst.amt) = (unsigned(rng, 16), 16 * rng.below((bits / 16) as usize) as u8),
        ImmR => inst.amt = rng.below(bits as usize) as u8,
        ImmS => inst.imm = rng.below(bits as usize) as i64,
        Log3 | Ari2 => {
            inst.rm = int(rng);
            inst.sel = rng.below(if arg == Log3 { 4 } else { 3 }) as u8;
            inst.amt = rng.below(bits as usize) as u8;
        }
        Ext => {
            inst.rm = int(rng);
            (inst.sel, inst.amt) = (rng.below(8) as u8, rng.below(5) as u8);
        }
        Cond | CondB => inst.sel = rng.below(16) as u8,
        Nzcv => inst.amt = rng.below(16) as u8,
        Imm5 => inst.imm = unsigned(rng, 5),
        Imm16 | Imm16L => inst.imm = unsigned(rng, 16),
        Imm7 => inst.imm = unsigned(rng, 7),
        Float8 => inst.imm = decode_float(rng.below(256) as u32) as i64,
        Mem(scale) => {
            let scale = if scale == 9 { inst.width.bytes().trailing_zeros() } else { scale.into() };
            inst.imm = unsigned(rng, 12) << scale;
        }
        Mem9 | Pre9 | Post9 => inst.imm = signed(rng, 9),
        MemX(_) => {
            inst.rm = int(rng);
            (inst.sel, inst.amt) = (rng.pick(&[2, 3, 6, 7]), rng.below(2) as u8);
        }
        MemP | PreP | PostP => inst.imm = signed(rng, 7) * 8,
        To26 => inst.imm = signed(rng, 26) * 4,
        To19 => inst.imm = signed(rng, 19) * 4,
        To14 => inst.imm = signed(rng, 14) * 4,
        Adr => inst.imm = signed(rng, 21),
        Page => inst.imm = signed(rng, 21) * 4096,
        At => inst.rn = int_or_sp(rng),
        Bit | FZero | IZero | Tpidr | Ish => {}
    }
}

/// What the manual calls constrained unpredictable: write-back to the register that is moved, a pair
/// loaded twice into one register, a status where an operand is.
fn is_unpredictable(inst: &MInst) -> bool {
    let args = inst.op.row().args;
    let writes_back = args.iter().any(|a| matches!(a, Arg::Pre9 | Arg::Post9 | Arg::PreP | Arg::PostP));
    let clash = inst.rd == inst.rn || inst.ra == inst.rn;
    let pair = matches!(inst.op, Op::Ldp | Op::LdpPre | Op::LdpPost | Op::FLdp) && inst.rd == inst.ra;
    // The status of an exclusive store in a register that the store reads.
    let status = inst.op.row().role == Role::S && (inst.rm == inst.rd || inst.rm == inst.rn);
    pair || status || writes_back && clash
}

fn samples(per_form: usize) -> Vec<MInst> {
    let mut rng = Rng(0x9e37_79b9_7f4a_7c15);
    let mut out = Vec::new();
    for row in ROWS {
        for width in Width::ALL.into_iter().filter(|w| row.has_widths() || *w == Width::W64) {
            let mut made = 0;
            while made < per_form {
                let mut inst = MInst::new(row.op, width);
                row.args.iter().for_each(|arg| fill(&mut rng, &mut inst, *arg));
                if !is_unpredictable(&inst) {
                    out.push(inst);
                    made += 1;
                }
            }
        }
    }
    out
}

fn word(inst: &MInst) -> u32 {
    encode(inst).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn our_decoder_reads_every_row_back() {
    for inst in samples(500) {
        let back = decode(word(&inst));
        let same = back.is_some_and(|b| b == inst || plain(&b) == plain(&inst));
        assert!(same, "{inst}: {:#010x} came back as {back:?}", word(&inst));
    }
}

#[test]
fn decoding_anything_is_safe_and_encoding_undoes_it() {
    let mut rng = Rng(77);
    for _ in 0..400_000 {
        let word = rng.next() as u32;
        if let Some(inst) = decode(word) {
            assert_eq!(encode(&inst), Ok(word), "{inst}");
        }
    }
}

#[test]
fn no_two_rows_claim_one_word() {
    // Encoded words of one row never satisfy the pattern of another.
    for inst in samples(60) {
        let claims: Vec<_> =
            pyexec_isa_aarch64::inst::table::candidates(word(&inst)).map(|(row, _)| row.op).collect();
        assert_eq!(claims, [inst.op], "{inst}");
    }
}

/// Numbers in one notation, blanks in one way.
fn normalize(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('#').enumerate() {
        if index == 0 {
            out.push_str(part);
            continue;
        }
        let end = part.find([',', ']', ' ', '!']).unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        let (sign, digits) = number.strip_prefix('-').map_or(("", number), |d| ("-", d));
        let value = digits.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let float = number.contains('e').then(|| number.parse::<f64>().ok()).flatten();
        let value = value.map(|v| format!("{sign}{v}")).or(float.map(|f| f.to_string()));
        let value = value.unwrap_or(number.to_string());
        write!(out, "#{value}{rest}").expect("write to a string");
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// objdump's text of each word.
fn disassemble(dir: &Dir, words: &[u32], aliases: bool) -> Vec<String> {
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let binary = dir.write("words.bin", bytes);
    let flags =
        ["-Dz", "-b", "binary", "-m", "aarch64", "-M", if aliases { "aliases" } else { "no-aliases" }];
    let flags: Vec<&Path> = flags.iter().map(Path::new).chain([binary.as_path()]).collect();
    let output = String::from_utf8(run(OBJDUMP, &flags).stdout).expect("text");
    let mut texts = Vec::new();
    for line in output.lines() {
        let mut fields = line.splitn(3, '\t');
        let (Some(at), Some(_), Some(text)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let Ok(at) = i64::from_str_radix(at.trim().trim_end_matches(':'), 16) else { continue };
        let text = text.split("//").next().unwrap_or(text);
        texts.push(relative(text.split(" <").next().unwrap_or(text), at));
    }
    texts
}

/// A branch target as a distance.
fn relative(text: &str, at: i64) -> String {
    let Some((head, last)) = text.trim().rsplit_once([' ', '\t']) else { return text.to_string() };
    let Some(target) = last.strip_prefix("0x").and_then(|t| u64::from_str_radix(t, 16).ok()) else {
        return text.to_string();
    };
    let from = if head.starts_with("adrp") { at & !4095 } else { at };
    let distance = (target as i64).wrapping_sub(from);
    format!("{head} .{}{}", if distance < 0 { "-" } else { "+" }, distance.unsigned_abs())
}

#[test]
fn objdump_reads_what_we_meant() {
    if !have("encode::objdump", &[OBJDUMP]) {
        return;
    }
    let dir = Dir::new("objdump");
    let insts = samples(120);
    let words: Vec<u32> = insts.iter().map(word).collect();
    let theirs = disassemble(&dir, &words, false);
    assert_eq!(theirs.len(), words.len());
    let mut wrong = Vec::new();
    for (inst, theirs) in insts.iter().zip(&theirs) {
        let (ours, theirs) = (normalize(&plain(inst)), normalize(theirs));
        if ours != theirs {
            wrong.push(format!("ours   {ours}\ntheirs {theirs}   {:#010x}", word(inst)));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
}

#[test]
fn gnu_as_makes_the_same_words_of_our_text() {
    if !have("encode::as", &[AS, OBJCOPY]) {
        return;
    }
    let dir = Dir::new("as");
    // A page is only known to the linker.
    let insts: Vec<MInst> = samples(80).into_iter().filter(|i| i.op != Op::Adrp).collect();
    for spelling in [plain as fn(&MInst) -> String, spell] {
        let text: String = insts.iter().map(|i| spelling(i) + "\n").collect();
        let theirs = assemble(&dir, &text);
        for (inst, theirs) in insts.iter().zip(theirs.chunks(4)) {
            assert_eq!(word(inst).to_le_bytes(), theirs, "{} ({})", spelling(inst), plain(inst));
        }
        assert_eq!(theirs.len(), 4 * insts.len());
    }
}

/// The mnemonics that yaxpeax prints otherwise than GNU tools do.
fn yaxpeax_agrees(ours: &str, theirs: &str) -> bool {
    let first = |text: &str| text.split_whitespace().next().unwrap_or("").to_string();
    first(ours) == first(theirs)
}

#[test]
fn yaxpeax_knows_every_row() {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut agree, mut total) = (0, 0);
    let decoder = yaxpeax_arm::armv8::a64::InstDecoder::default();
    for inst in samples(100) {
        let bytes = word(&inst).to_le_bytes();
        let decoded = decoder.decode(&mut U8Reader::new(&bytes));
        let decoded = decoded.unwrap_or_else(|e| panic!("{inst}: {e:?}"));
        total += 1;
        if yaxpeax_agrees(&spell(&inst), &decoded.to_string()) {
            agree += 1;
        } else {
            seen.insert(format!("{} | {decoded}", spell(&inst)));
        }
    }
    // Where it differs, it is a preferred alias (`cinc`, `cneg`, `mov` of a pattern) that we spell out.
    assert!(agree * 100 > total * 90, "{agree} of {total}: {seen:#?}");
}

#[test]
fn what_does_not_fit_is_an_error() {
    let x = |n| Reg::from(regs::x(n));
    let bad = [
        MInst::new(Op::AddI, Width::W64).rd(x(0)).rn(x(1)).imm(4097),
        MInst::new(Op::AddI, Width::W64).rd(x(0)).rn(x(1)).imm(-1),
        MInst::new(Op::AddI, Width::W64).rd(regs::ZR_REG).rn(x(1)).imm(1),
        MInst::new(Op::Add, Width::W64).rd(x(0)).rn(x(1)).rm(regs::SP_REG),
        MInst::new(Op::Add, Width::W32).rd(x(0)).rn(x(1)).rm(x(2)).amt(32),
        MInst::new(Op::AndI, Width::W64).rd(x(0)).rn(x(1)).imm(5),
        MInst::new(Op::LdrU, Width::W64).rd(x(0)).rn(x(1)).imm(4),
        MInst::new(Op::LdrU, Width::W64).rd(x(0)).rn(x(1)).imm(32768),
        MInst::new(Op::Ldur, Width::W64).rd(x(0)).rn(x(1)).imm(256),
        MInst::new(Op::B, Width::W64).imm(1 << 27),
        MInst::new(Op::B, Width::W64).imm(2),
        MInst::new(Op::Movz, Width::W32).rd(x(0)).imm(1).amt(32),
        MInst::new(Op::Fadd, Width::W64).rd(x(0)).rn(x(0)).rm(x(0)),
        MInst::new(Op::FmovI, Width::W64).rd(regs::v(0).into()).imm(0.1f64.to_bits() as i64),
        MInst::new(Op::Stp, Width::W64).rd(x(0)).ra(x(1)).rn(x(2)).imm(512),
    ];
    for inst in bad {
        assert!(encode(&inst).is_err(), "{inst}");
    }
}

/// Every field decodes to a pattern that encodes to a field of the same pattern; nothing else encodes.
#[test]
fn bit_patterns_by_enumeration() {
    for (bits, count) in [(64, 5334), (32, 1302)] {
        let patterns: BTreeSet<u64> = (0..1 << 13).filter_map(|field| decode_logical(field, bits)).collect();
        assert_eq!(patterns.len(), count);
        // Independently of any field: all rotations of all runs of ones in all element sizes.
        let mut by_definition = BTreeSet::new();
        for size in [2u32, 4, 8, 16, 32, 64].into_iter().filter(|s| *s <= bits) {
            for ones in 1..size {
                for rotation in 0..size {
                    let mut value = 0u64;
                    for bit in 0..bits {
                        let in_run = (bit % size + rotation) % size < ones;
                        value |= u64::from(in_run) << bit;
                    }
                    by_definition.insert(value);
                }
            }
        }
        assert_eq!(patterns, by_definition);
        for &pattern in &patterns {
            let field = encode_logical(pattern, bits).expect("a pattern has a field");
            assert_eq!(decode_logical(field, bits), Some(pattern));
            for flip in 0..bits {
                let other = pattern ^ 1 << flip;
                assert_eq!(encode_logical(other, bits).is_some(), patterns.contains(&other), "{other:#x}");
            }
        }
        let mut rng = Rng(5);
        for _ in 0..100_000 {
            let value = rng.next() & rng.next() & (u64::MAX >> (64 - bits));
            assert_eq!(encode_logical(value, bits).is_some(), patterns.contains(&value), "{value:#x}");
        }
    }
}

/// All 256 small floats by the manual's formula, and no other float near them.
#[test]
fn small_floats_by_enumeration() {
    let mut all = BTreeSet::new();
    for field in 0..256u32 {
        let (sign, exponent, fraction) = (field >> 7, field >> 4 & 7, field & 15);
        // VFPExpandImm: (-1)^S * 2^(UInt(NOT(b):c:d)-3) * (16 + efgh) / 16
        let power = (exponent ^ 4) as i32 - 3;
        let value =
            (1.0 + f64::from(fraction) / 16.0) * 2f64.powi(power) * if sign == 1 { -1.0 } else { 1.0 };
        assert_eq!(f64::from_bits(decode_float(field)), value);
        assert_eq!(encode_float(value.to_bits()), Some(field));
        all.insert(value.to_bits());
    }
    assert_eq!(all.len(), 256);
    for high in 0..=u16::MAX {
        let bits = u64::from(high) << 48;
        assert_eq!(encode_float(bits).is_some(), all.contains(&bits), "{bits:#x}");
        assert_eq!(encode_float(bits | 1), None);
        assert_eq!(encode_float(bits | 1 << 47), None);
    }
}

#[test]
fn twelve_bits_by_enumeration() {
    for value in 0..1i64 << 25 {
        let expected = value < 4096 || value % 4096 == 0 && value < 1 << 24;
        assert_eq!(encode_imm12(value).is_some(), expected, "{value}");
    }
    assert_eq!(encode_imm12(-1), None);
}

#[test]
fn every_row_cites_its_page() {
    // Atomic instructions are cited by name.
    let ok = |row: &Row| row.section.starts_with("C6.2") || row.section.starts_with("C7.2.");
    assert!(ROWS.iter().all(ok));
}
