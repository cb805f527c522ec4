//! A stub for one signature: from an array of cells into a compiled function and back.
//!
//! ```text
//! extern "C" fn(target: *const u8, args: *const u64, results: *mut u64)
//!
//! push rbx ; push rbp ; push r12            ; rbx = results, rbp = target, r12 = args
//! sub rsp, stack area
//! mov rax, [r12+56] ; mov [rsp], rax        ; arguments beyond the registers
//! mov rdi, [r12] ; movsd xmm0, [r12+8] ...
//! call rbp
//! mov [rbx], rax ...
//! add rsp, stack area ; pop r12 ; pop rbp ; pop rbx ; ret
//! ```
//! One 8-byte cell a scalar, two an `i128`. Results are zero-extended to their cells.

use crate::encode::{Address, emit};
use crate::inst::{Amode, Base, MInst, Op, Width};
use crate::regs::{R12, RAX, RBP, RBX, RDI, RDX, RSI, RSP_REG};
use crate::{X86_64, inst::Rm};
use pyexec_base::Loc;
use pyexec_codegen::abi::{ArgLoc, Assignment, assign};
use pyexec_codegen::{CodeBlob, CodegenError, CodegenErrorKind, Isa as _, Reg, UnwindOp};
use pyexec_ir::{Param, Signature, Type};
use pyexec_regalloc::{PReg, RegClass};

/// Registers that the stub itself needs: all saved by the callee, so none carries an argument.
const SAVED: [PReg; 3] = [RBX, RBP, R12];

struct Code {
    bytes: Vec<u8>,
    unwind: Vec<(u32, UnwindOp)>,
}

fn reg(preg: PReg) -> Reg {
    Reg::from_preg(preg)
}

impl Code {
    fn put(&mut self, inst: MInst) {
        let address = match inst.rm {
            Rm::Mem(Amode { base: Base::Reg(base), disp, .. }) => {
                Address { base: Some(base.number()), disp, ..Address::default() }
            }
            _ => Address::default(),
        };
        self.bytes.extend_from_slice(&emit(&inst, &address).to_vec());
    }
    fn rule(&mut self, op: UnwindOp) {
        self.unwind.push((self.bytes.len() as u32, op));
    }
    fn load(&mut self, to: PReg, mem: Amode) {
        let op = if to.class() == RegClass::Float { Op::MovsdLoad } else { Op::MovRm };
        self.put(MInst::new(op, Width::B64).dst(reg(to)).rm(mem));
    }
    fn store(&mut self, from: PReg, mem: Amode) {
        let op = if from.class() == RegClass::Float { Op::MovsdStore } else { Op::MovMr };
        self.put(MInst::new(op, Width::B64).src(reg(from)).rm(mem));
    }
    /// Cuts an integer register, or an xmm register's low lane, to a type.
    fn zero_extend(&mut self, preg: PReg, ty: Type) {
        let op = match ty {
            Type::I8 => Op::MovzxB,
            Type::I16 => Op::MovzxW,
            Type::I32 => Op::MovRm,
            _ => return,
        };
        self.put(MInst::new(op, Width::B32).dst(reg(preg)).rm(reg(preg)));
    }
}

fn args_cell(index: u32) -> Amode {
    Amode::reg(reg(R12), 8 * index as i32)
}
fn result_cell(index: u32) -> Amode {
    Amode::reg(reg(RBX), 8 * index as i32)
}
fn area(offset: u32) -> Amode {
    Amode::reg(RSP_REG, offset as i32)
}

/// The stub for a signature.
///
/// # Errors
/// For aggregates and variadic functions, and where the convention has no place for a value.
pub fn entry_stub(isa: &X86_64, sig: &Signature) -> Result<CodeBlob, CodegenError> {
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
    let mut code = Code { bytes: Vec::new(), unwind: Vec::new() };
    prologue(isa, &mut code, places.stack_bytes);
    arguments(&mut code, sig, &places);
    code.put(MInst::new(Op::CallM, Width::B64).rm(reg(RBP)));
    results(&mut code, sig, &places);
    epilogue(&mut code, places.stack_bytes);
    Ok(CodeBlob {
        name: format!("entry.{}", isa.conv(sig.conv).name),
        code_len: code.bytes.len() as u32,
        bytes: code.bytes,
        align: 16,
        unwind: code.unwind,
        frame_size: 8 + 8 * SAVED.len() as u32 + places.stack_bytes,
        clobbers: isa.conv(sig.conv).caller_saved,
        ..CodeBlob::default()
    })
}

fn prologue(isa: &X86_64, code: &mut Code, stack_bytes: u32) {
    let mut cfa = 8;
    for saved in SAVED {
        code.put(MInst::new(Op::Push, Width::B64).src(reg(saved)));
        cfa += 8;
        code.rule(UnwindOp::CfaOffset(cfa));
        code.rule(UnwindOp::Saved(isa.dwarf_reg(saved), -cfa));
    }
    // Return address and three registers: rsp is a multiple of 16 here, and so is the area.
    if stack_bytes > 0 {
        let area = i64::from(stack_bytes);
        code.put(MInst::new(Op::SubMi, Width::B64).dst(RSP_REG).rm(RSP_REG).imm(area));
        code.rule(UnwindOp::CfaOffset(cfa + stack_bytes as i32));
    }
    for (to, from) in [(RBP, RDI), (R12, RSI), (RBX, RDX)] {
        code.put(MInst::new(Op::MovRm, Width::B64).dst(reg(to)).rm(reg(from)));
    }
}

/// First what travels in memory, by way of rax, then the registers.
fn arguments(code: &mut Code, sig: &Signature, places: &Assignment) {
    let mut cell = 0;
    let mut loads = Vec::new();
    for (param, place) in sig.params.iter().zip(&places.args) {
        let cells = param.ty().bytes().div_ceil(8);
        match place {
            ArgLoc::Reg(to) => loads.push((*to, cell)),
            ArgLoc::Pair(low, high) => loads.extend([(*low, cell), (*high, cell + 1)]),
            ArgLoc::Stack(offset) => {
                for part in 0..cells {
                    code.load(RAX, args_cell(cell + part));
                    code.store(RAX, area(offset + 8 * part));
                }
            }
            _ => {}
        }
        cell += cells;
    }
    for (to, cell) in loads {
        code.load(to, args_cell(cell));
    }
}

/// First the registers, then what came back in memory.
fn results(code: &mut Code, sig: &Signature, places: &Assignment) {
    let cells = |ty: &Type| ty.bytes().div_ceil(8);
    let mut cell = 0;
    for (ty, place) in sig.results.iter().zip(&places.results) {
        match place {
            ArgLoc::Reg(from) => {
                code.zero_extend(*from, *ty);
                code.store(*from, result_cell(cell));
                if *ty == Type::F32 {
                    let upper = Amode::reg(reg(RBX), 8 * cell as i32 + 4);
                    code.put(MInst::new(Op::MovMi, Width::B32).rm(upper));
                }
            }
            ArgLoc::Pair(low, high) => {
                code.store(*low, result_cell(cell));
                code.store(*high, result_cell(cell + 1));
            }
            _ => {}
        }
        cell += cells(ty);
    }
    cell = 0;
    for (ty, place) in sig.results.iter().zip(&places.results) {
        if let ArgLoc::Stack(offset) = place {
            for part in 0..cells(ty) {
                code.load(RAX, area(offset + 8 * part));
                code.zero_extend(RAX, if *ty == Type::F32 { Type::I32 } else { *ty });
                code.store(RAX, result_cell(cell + part));
            }
        }
        cell += cells(ty);
    }
}

fn epilogue(code: &mut Code, stack_bytes: u32) {
    if stack_bytes > 0 {
        let area = i64::from(stack_bytes);
        code.put(MInst::new(Op::AddMi, Width::B64).dst(RSP_REG).rm(RSP_REG).imm(area));
    }
    let mut cfa = 8 + 8 * SAVED.len() as i32;
    code.rule(UnwindOp::CfaOffset(cfa));
    for saved in SAVED.into_iter().rev() {
        code.put(MInst::new(Op::Pop, Width::B64).dst(reg(saved)));
        cfa -= 8;
        code.rule(UnwindOp::CfaOffset(cfa));
    }
    code.put(MInst::new(Op::Ret, Width::B64));
}
