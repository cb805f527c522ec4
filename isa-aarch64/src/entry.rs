//! A stub for one signature: from an array of cells into a compiled function and back.
//!
//! ```text
//! extern "C" fn(target: *const u8, args: *const u64, results: *mut u64)
//!
//! sub sp, sp, #32 + area ; stp x19, x20, [sp, #area] ; stp x21, x30, [sp, #area + 16]
//! mov x19, results ; mov x20, target ; mov x21, args
//! ldr x9, [x21, #64] ; str x9, [sp]         ; arguments beyond the registers
//! ldr x0, [x21] ; ldr d0, [x21, #8] ...
//! blr x20
//! str x0, [x19] ...
//! ldp ... ; add sp, sp, #32 + area ; ret
//! ```
//! One 8-byte cell a scalar, two an `i128`. Results are zero-extended to their cells.

use crate::AArch64;
use crate::encode::emit::EncodeError;
use crate::encode::encode;
use crate::inst::{MInst, Op, Width};
use crate::regs::{IP0_REG, LR, SP_REG, ZR_REG, x};
use pyexec_base::Loc;
use pyexec_codegen::abi::{ArgLoc, Assignment, ConvDesc, assign};
use pyexec_codegen::{CodeBlob, CodegenError, CodegenErrorKind, Isa as _, Reg, UnwindOp};
use pyexec_ir::{Param, Signature, Type};
use pyexec_regalloc::{PReg, RegClass};

const X: Width = Width::W64;
/// What the stub saves: three registers for itself, and the link register.
const SAVED: [PReg; 4] = [x(19), x(20), x(21), LR];
const SAVED_BYTES: u32 = 32;
/// The largest stack area whose offsets the stub's instructions can express.
const MOST: u32 = 400;

fn results_reg() -> Reg {
    SAVED[0].into()
}
fn target_reg() -> Reg {
    SAVED[1].into()
}
fn args_reg() -> Reg {
    SAVED[2].into()
}

#[derive(Default)]
struct Code {
    bytes: Vec<u8>,
    unwind: Vec<(u32, UnwindOp)>,
    error: Option<EncodeError>,
}

impl Code {
    fn put(&mut self, inst: MInst) {
        match encode(&inst) {
            Ok(word) => self.bytes.extend_from_slice(&word.to_le_bytes()),
            Err(error) => self.error = Some(error),
        }
    }
    fn rule(&mut self, op: UnwindOp) {
        self.unwind.push((self.bytes.len() as u32, op));
    }
    fn load(&mut self, to: Reg, base: Reg, offset: u32) {
        let op = if to.class() == Some(RegClass::Float) { Op::FLdrU } else { Op::LdrU };
        self.put(MInst::new(op, X).rd(to).rn(base).imm(offset.into()));
    }
    fn store(&mut self, from: Reg, base: Reg, offset: u32) {
        let op = if from.class() == Some(RegClass::Float) { Op::FStrU } else { Op::StrU };
        self.put(MInst::new(op, X).rd(from).rn(base).imm(offset.into()));
    }
    /// Stores no more than the type's bytes.
    fn store_packed(&mut self, from: Reg, base: Reg, offset: u32, ty: Type) {
        let (op, width) = match ty {
            Type::I8 => (Op::StrbU, Width::W32),
            Type::I16 => (Op::StrhU, Width::W32),
            Type::I32 | Type::F32 => (Op::StrU, Width::W32),
            _ => (Op::StrU, X),
        };
        self.put(MInst::new(op, width).rd(from).rn(base).imm(offset.into()));
    }
    /// Cuts a register to a type: a 32-bit instruction clears what is above.
    fn zero_extend(&mut self, reg: Reg, ty: Type) {
        match ty {
            Type::I8 | Type::I16 | Type::I32 => {
                let top = i64::from(ty.bits()) - 1;
                self.put(MInst::new(Op::Ubfm, Width::W32).rd(reg).rn(reg).imm(top));
            }
            Type::F32 => self.put(MInst::new(Op::Fmov, Width::W32).rd(reg).rn(reg)),
            _ => {}
        }
    }
}

/// The stub for a signature.
///
/// # Errors
/// For aggregates and variadic functions, and where the convention has no place for a value.
pub fn entry_stub(isa: &AArch64, sig: &Signature) -> Result<CodeBlob, CodegenError> {
    let refuse = |why: &str| CodegenError {
        func: "entry stub".into(),
        loc: Loc::UNKNOWN,
        kind: CodegenErrorKind::Unsupported(None, why.into()),
    };
    if sig.variadic || !sig.params.iter().all(Param::is_scalar) {
        return Err(refuse("only scalars can be passed from outside"));
    }
    let mut places = Assignment::default();
    assign(isa.conv(sig.conv), sig, &[], &mut places).map_err(refuse)?;
    let area = places.stack_bytes;
    let mut code = Code::default();
    prologue(isa, &mut code, area);
    arguments(&mut code, sig, &places, isa.conv(sig.conv));
    code.put(MInst::new(Op::Blr, X).rn(target_reg()));
    results(&mut code, sig, &places);
    epilogue(isa, &mut code, area);
    if area > MOST || code.error.is_some() {
        return Err(refuse("too many arguments to be passed from outside"));
    }
    Ok(CodeBlob {
        name: format!("entry.{}", isa.conv(sig.conv).name),
        code_len: code.bytes.len() as u32,
        bytes: code.bytes,
        align: 16,
        unwind: code.unwind,
        frame_size: SAVED_BYTES + area,
        clobbers: isa.conv(sig.conv).caller_saved,
        ..CodeBlob::default()
    })
}

fn saves(load: bool, area: u32) -> [MInst; 2] {
    let op = if load { Op::Ldp } else { Op::Stp };
    let pair = |at: usize| {
        let offset = i64::from(area) + 8 * at as i64;
        MInst::new(op, X).rd(SAVED[at].into()).ra(SAVED[at + 1].into()).rn(SP_REG).imm(offset)
    };
    [pair(0), pair(2)]
}

fn prologue(isa: &AArch64, code: &mut Code, area: u32) {
    let total = SAVED_BYTES + area;
    code.put(MInst::new(Op::SubI, X).rd(SP_REG).rn(SP_REG).imm(total.into()));
    code.rule(UnwindOp::CfaOffset(total as i32));
    for inst in saves(false, area) {
        code.put(inst);
    }
    for (reg, index) in SAVED.into_iter().zip(0..) {
        code.rule(UnwindOp::Saved(isa.dwarf_reg(reg), 8 * index - SAVED_BYTES as i32));
    }
    for (to, from) in [(target_reg(), x(0)), (args_reg(), x(1)), (results_reg(), x(2))] {
        code.put(MInst::new(Op::Orr, X).rd(to).rn(ZR_REG).rm(from.into()));
    }
}

/// First what travels in memory, by way of x16, then the registers.
fn arguments(code: &mut Code, sig: &Signature, places: &Assignment, conv: &ConvDesc) {
    let mut cell = 0;
    let mut loads = Vec::new();
    for (param, place) in sig.params.iter().zip(&places.args) {
        let cells = param.ty().bytes().div_ceil(8);
        match place {
            ArgLoc::Reg(to) => loads.push((*to, cell)),
            ArgLoc::Pair(low, high) => loads.extend([(*low, cell), (*high, cell + 1)]),
            ArgLoc::Stack(offset) => {
                let ty = if conv.packed_stack { param.ty() } else { Type::I64 };
                for part in 0..cells {
                    code.load(IP0_REG, args_reg(), 8 * (cell + part));
                    code.store_packed(IP0_REG, SP_REG, offset + 8 * part, ty);
                }
            }
            _ => {}
        }
        cell += cells;
    }
    for (to, cell) in loads {
        code.load(to.into(), args_reg(), 8 * cell);
    }
    for (param, place) in sig.params.iter().zip(&places.args) {
        if let (ArgLoc::Reg(reg), Type::I8 | Type::I16, true) = (place, param.ty(), conv.extends_narrow) {
            let op = if matches!(param, Param::Signed(_)) { Op::Sbfm } else { Op::Ubfm };
            let (reg, top) = (Reg::from(*reg), i64::from(param.ty().bits()) - 1);
            code.put(MInst::new(op, Width::W32).rd(reg).rn(reg).imm(top));
        }
    }
}

/// First the registers, then what came back in memory.
fn results(code: &mut Code, sig: &Signature, places: &Assignment) {
    let cells = |ty: &Type| ty.bytes().div_ceil(8);
    let mut cell = 0;
    for (ty, place) in sig.results.iter().zip(&places.results) {
        match place {
            ArgLoc::Reg(from) => {
                code.zero_extend((*from).into(), *ty);
                code.store((*from).into(), results_reg(), 8 * cell);
            }
            ArgLoc::Pair(low, high) => {
                code.store((*low).into(), results_reg(), 8 * cell);
                code.store((*high).into(), results_reg(), 8 * cell + 8);
            }
            _ => {}
        }
        cell += cells(ty);
    }
    cell = 0;
    for (ty, place) in sig.results.iter().zip(&places.results) {
        if let ArgLoc::Stack(offset) = place {
            for part in 0..cells(ty) {
                code.load(IP0_REG, SP_REG, offset + 8 * part);
                code.zero_extend(IP0_REG, if *ty == Type::F32 { Type::I32 } else { *ty });
                code.store(IP0_REG, results_reg(), 8 * (cell + part));
            }
        }
        cell += cells(ty);
    }
}

fn epilogue(isa: &AArch64, code: &mut Code, area: u32) {
    for inst in saves(true, area) {
        code.put(inst);
    }
    code.put(MInst::new(Op::AddI, X).rd(SP_REG).rn(SP_REG).imm((SAVED_BYTES + area).into()));
    for reg in SAVED {
        code.rule(UnwindOp::Restored(isa.dwarf_reg(reg)));
    }
    code.rule(UnwindOp::CfaOffset(0));
    code.put(MInst::new(Op::Ret, X).rn(LR.into()));
}
