//! Every row of the instruction table against two independent assemblers and a disassembler: random
//! operands, our text == the decoder's text of our bytes; our bytes == iced's encoder's bytes of the decoded
//! instruction; our bytes == GNU as's bytes of our text.

use iced_x86::{Decoder, DecoderOptions, Encoder, Formatter, IntelFormatter};
use pyexec_codegen::Reg;
use pyexec_isa_x86_64::encode::{Address, emit};
use pyexec_isa_x86_64::inst::{
    Amode, Base, En, Fixed, Imm, MInst, Op, ROWS, Rm, Row, Slot, Width, table::widths,
};
use pyexec_regalloc::{PReg, RegClass};
use std::fmt::Write as _;

/// xorshift: deterministic, no dependency.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 33) % n
    }
    fn gpr(&mut self) -> Reg {
        PReg::new(self.below(16) as u8, RegClass::Int).into()
    }
    fn xmm(&mut self) -> Reg {
        PReg::new(self.below(16) as u8, RegClass::Float).into()
    }
    fn slot(&mut self, slot: Slot) -> Reg {
        if slot.is_xmm() { self.xmm() } else { self.gpr() }
    }
    fn disp(&mut self) -> i32 {
        match self.below(6) {
            0 => 0,
            1 => [-129, -128, -1, 1, 127, 128][self.below(6) as usize],
            2 => self.next() as i8 as i32,
            3 => [i32::MIN, i32::MAX][self.below(2) as usize],
            _ => self.next() as i32,
        }
    }
    fn amode(&mut self) -> Amode {
        let index = loop {
            let r = self.gpr();
            if r.number() != 4 {
                break r;
            }
        };
        let (base, shift, disp) = (self.gpr(), self.below(4) as u8, self.disp());
        match self.below(8) {
            0..4 => Amode::reg(base, disp),
            4..7 => Amode::indexed(base, index, shift, disp),
            _ => Amode { base: Base::None, index, shift: shift.max(1), disp },
        }
    }
    fn imm(&mut self, imm: Imm, width: Width) -> i64 {
        match imm {
            Imm::No => 0,
            Imm::Cc => self.below(16) as i64,
            Imm::Ib => self.below(64) as i64,
            Imm::Sh => self.below(width.bits().into()) as i64,
            Imm::Iz | Imm::If => match self.below(4) {
                0 => [-129, -128, -1, 0, 1, 127, 128, 255][self.below(8) as usize],
                1 => self.next() as i8 as i64,
                _ => self.next() as i32 as i64,
            },
        }
    }
}

fn random_inst(rng: &mut Rng, row: &Row, width: Width) -> MInst {
    let mut inst = MInst::new(row.op, width).imm(rng.imm(row.imm, width));
    if row.op == Op::MovOi && width == Width::B64 {
        inst.imm = rng.next() as i64 | 1 << 40;
    }
    if row.en == En::D {
        inst.imm = 0x1000;
    }
    if row.reg != Slot::No {
        let r = rng.slot(row.reg);
        if row.reg.writes() {
            inst.dst = r;
            if row.reg.reads() {
                inst.src = r;
            }
        } else {
            inst.src = r;
        }
    }
    match row.fixed {
        Fixed::Cl => {
            let cl = PReg::new(1, RegClass::Int).into();
            if row.en == En::M { inst.src = cl } else { inst.src2 = cl }
        }
        _ if row.en == En::Rvm && row.reg.reads() => inst.src2 = rng.slot(row.reg),
        _ if matches!(row.en, En::Rvm | En::Rmv) => inst.src = rng.gpr(),
        _ => {}
    }
    if row.rm != Slot::No {
        // A movq with memory has a shorter row: movsd.
        let no_memory = matches!(row.op, Op::MovToX | Op::MovFromX) && width == Width::B64;
        if row.rm.memory_only() || !no_memory && rng.below(2) == 0 {
            inst.rm = rng.amode().into();
        } else {
            let r = rng.slot(row.rm);
            inst.rm = r.into();
            if row.rm.writes() {
                inst.dst = r;
            }
        }
    }
    inst
}

fn address(inst: &MInst) -> Address {
    let Rm::Mem(mem) = inst.rm else { return Address::default() };
    Address {
        base: match mem.base {
            Base::Reg(r) => Some(r.number()),
            _ => None,
        },
        index: mem.index.preg().map(|r| r.number()),
        shift: mem.shift,
        disp: mem.disp,
        rip: false,
    }
}

fn formatter() -> IntelFormatter {
    let mut f = IntelFormatter::new();
    pyexec_isa_x86_64::print::set_options(f.options_mut());
    f
}

fn samples(per_row: usize) -> Vec<MInst> {
    let mut rng = Rng(0x9e37_79b9_7f4a_7c15);
    let mut out = Vec::new();
    for row in ROWS {
        for width in Width::ALL.into_iter().filter(|w| row.has_width(*w)) {
            let _ = widths::X;
            out.extend((0..per_row).map(|_| random_inst(&mut rng, row, width)));
        }
    }
    out
}

#[test]
fn the_decoder_reads_what_we_meant_and_its_encoder_writes_the_same_bytes() {
    let mut format = formatter();
    for inst in samples(400) {
        if inst.op.row().en == En::D {
            continue;
        }
        let bytes = emit(&inst, &address(&inst)).to_vec();
        let mut decoder = Decoder::with_ip(64, bytes.as_slice(), 0, DecoderOptions::NONE);
        let decoded = decoder.decode();
        let mut text = String::new();
        format.format(&decoded, &mut text);
        assert_eq!(text, inst.to_string(), "{inst:?} {:x?}", bytes.as_slice());
        let mut encoder = Encoder::new(64);
        let len = encoder.encode(&decoded, 0).expect("iced encodes what it decoded");
        let mut theirs = encoder.take_buffer();
        // GNU as, which decides, puts the lock after the width.
        if theirs.starts_with(&[0xf0, 0x66]) {
            theirs.swap(0, 1);
        }
        assert_eq!((len, theirs.as_slice()), (bytes.as_slice().len(), bytes.as_slice()), "{inst}");
    }
}

/// Assembles text, or says why not; `None` where GNU as is missing.
fn assemble(text: &str, name: &str) -> Option<Vec<u8>> {
    let dir = std::env::temp_dir().join(format!("pyexec-isa-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&dir).ok()?;
    let (s, o, b) = (dir.join("a.s"), dir.join("a.o"), dir.join("a.bin"));
    std::fs::write(&s, text).ok()?;
    let run = std::process::Command::new("as").args(["-o"]).arg(&o).arg(&s).output().ok()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let run = std::process::Command::new("objcopy").args(["-O", "binary"]).arg(&o).arg(&b).output().ok()?;
    assert!(run.status.success());
    let bytes = std::fs::read(&b).ok();
    let _ = std::fs::remove_dir_all(&dir);
    bytes
}

#[test]
fn gnu_as_makes_the_same_bytes_of_our_text() {
    let insts: Vec<MInst> = samples(60).into_iter().filter(|i| i.op.row().en != En::D).collect();
    let mut text = String::from(".intel_syntax noprefix\n");
    let (mut ours, mut ends) = (Vec::new(), Vec::new());
    for inst in &insts {
        writeln!(text, "{inst}").expect("write to a string");
        ours.extend_from_slice(&emit(inst, &address(inst)).to_vec());
        ends.push(ours.len());
    }
    let Some(theirs) = assemble(&text, "rows") else {
        eprintln!("skipped: GNU as or objcopy not found");
        return;
    };
    let differ = ours.iter().zip(&theirs).position(|(a, b)| a != b);
    if let Some(at) = differ {
        let i = ends.partition_point(|e| *e <= at);
        let from = if i == 0 { 0 } else { ends[i - 1] };
        panic!("{}: ours {:x?}, as {:x?}", insts[i], &ours[from..ends[i]], &theirs[from..ends[i]]);
    }
    assert_eq!(ours.len(), theirs.len());
}
