//! The toy machine: runs the byte code of `Toy`'s functions.

use super::op;
use pyexec_codegen::{CodeBlob, SymbolRef};
use pyexec_ir::{Opcode, TrapCode, Type};

const STACK: usize = 1 << 16;

pub struct Machine<'a> {
    blobs: &'a [Option<CodeBlob>],
    regs: [u64; 8],
    memory: Vec<u8>,
    fuel: u64,
}

/// Why a run ended without a result.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    Trap(TrapCode),
    OutOfFuel,
}

/// What an ALU operation of the toy computes: the IR's meaning.
pub fn compute(code: Opcode, a: u64, b: u64) -> Result<u64, TrapCode> {
    code.eval(Type::I64, Type::I64, &[a.into(), b.into()]).map(|bits| bits[0] as u64)
}

impl<'a> Machine<'a> {
    /// `blobs` by function id.
    pub fn new(blobs: &'a [Option<CodeBlob>]) -> Self {
        Self { blobs, regs: [0x5151_5151; 8], memory: vec![0; STACK], fuel: 2_000_000 }
    }

    /// Calls a function by the toy's convention, with three arguments in registers at most.
    pub fn call(&mut self, func: usize, args: &[u64]) -> Result<[u64; 2], Stop> {
        self.regs[7] = STACK as u64 - 1024 - 8;
        for (index, arg) in args.iter().enumerate() {
            match index {
                0..3 => self.regs[index] = *arg,
                _ => self.write(self.regs[7] + 8 + 8 * (index as u64 - 3), *arg),
            }
        }
        self.run(func)?;
        Ok([self.regs[0], self.regs[1]])
    }

    fn read(&self, at: u64) -> u64 {
        u64::from_le_bytes(self.memory[at as usize..at as usize + 8].try_into().expect("eight bytes"))
    }
    fn write(&mut self, at: u64, value: u64) {
        self.memory[at as usize..at as usize + 8].copy_from_slice(&value.to_le_bytes());
    }

    /// Runs a function; also checks what its caller may rely on.
    fn run(&mut self, func: usize) -> Result<(), Stop> {
        let blob = self.blobs[func].as_ref().expect("compiled");
        let before = self.regs;
        assert_eq!(before[7] % 16, 8, "the stack is aligned at a call");
        self.body(blob)?;
        for reg in 0..8 {
            let kept = !blob.clobbers.contains(super::r(reg));
            let result = reg < 2;
            if kept && !result {
                assert_eq!(self.regs[reg as usize], before[reg as usize], "{} destroys r{reg}", blob.name);
            }
        }
        Ok(())
    }

    fn body(&mut self, blob: &CodeBlob) -> Result<(), Stop> {
        let code = &blob.bytes;
        let word = |at: usize| i32::from_le_bytes(code[at..at + 4].try_into().expect("four bytes"));
        let mut pc = 0;
        loop {
            self.fuel = self.fuel.checked_sub(1).ok_or(Stop::OutOfFuel)?;
            let byte = |offset: usize| code[pc + offset];
            let reg = |offset: usize| usize::from(code[pc + offset]);
            let address = |regs: &[u64; 8]| regs[reg(2)].wrapping_add(word(pc + 3) as i64 as u64);
            assert!(pc < blob.code_len as usize, "ran into the data");
            match byte(0) {
                op::CONST => {
                    let value = code[pc + 2..pc + 10].try_into().expect("eight bytes");
                    self.regs[reg(1)] = u64::from_le_bytes(value);
                    pc += 10;
                }
                op::ALU => {
                    let code = Opcode::ALL[reg(1)];
                    let value = compute(code, self.regs[reg(3)], self.regs[reg(4)]);
                    self.regs[reg(2)] = value.map_err(Stop::Trap)?;
                    pc += 5;
                }
                op::MOVE => {
                    self.regs[reg(1)] = self.regs[reg(2)];
                    pc += 3;
                }
                op::LOAD => {
                    self.regs[reg(1)] = self.read(address(&self.regs));
                    pc += 7;
                }
                op::STORE => {
                    self.write(address(&self.regs), self.regs[reg(1)]);
                    pc += 7;
                }
                op::LEA => {
                    self.regs[reg(1)] = address(&self.regs);
                    pc += 7;
                }
                op::SELECT => {
                    let chosen = if self.regs[reg(2)] as u8 != 0 { reg(3) } else { reg(4) };
                    self.regs[reg(1)] = self.regs[chosen];
                    pc += 5;
                }
                op::ADD_SP => {
                    self.regs[7] = self.regs[7].wrapping_add(word(pc + 1) as i64 as u64);
                    pc += 5;
                }
                op::PUSH => {
                    self.regs[7] -= 8;
                    self.write(self.regs[7], self.regs[reg(1)]);
                    pc += 2;
                }
                op::POP => {
                    self.regs[reg(1)] = self.read(self.regs[7]);
                    self.regs[7] += 8;
                    pc += 2;
                }
                op::CALL => {
                    let reloc =
                        blob.relocs.iter().find(|r| r.offset as usize == pc + 1).expect("a relocation");
                    let SymbolRef::Func(callee) = reloc.symbol else { panic!("calls a datum") };
                    self.regs[7] -= 8;
                    // Whatever lies below the stack pointer does not survive a call.
                    let top = self.regs[7] as usize;
                    self.memory[top.saturating_sub(256)..top].fill(0xEE);
                    self.run(callee.as_u32() as usize)?;
                    self.regs[7] += 8;
                    pc += 5;
                }
                op::RET => return Ok(()),
                op::NOP => pc += 1,
                op::TABLE => {
                    let table = (pc as i32 + 7 + word(pc + 3)) as usize;
                    let index = self.regs[reg(1)];
                    let entry = if index < u64::from(byte(2)) { index as usize + 1 } else { 0 };
                    pc = (table as i32 + word(table + 4 * entry)) as usize;
                }
                op::TRAP => {
                    let code = blob.traps.iter().find(|t| t.0 as usize == pc).expect("a trap's code");
                    return Err(Stop::Trap(code.1));
                }
                branch => pc = self.branch(code, pc, branch),
            }
        }
    }

    fn branch(&self, code: &[u8], pc: usize, byte: u8) -> usize {
        let (short, size) = if byte & 0x80 != 0 { (true, 1) } else { (false, 4) };
        let (taken, end) = match byte & 0x7F {
            op::JUMP => (true, pc + 1 + size),
            op::BRANCH => {
                let (a, b) = (code[pc + 3] >> 4, code[pc + 3] & 15);
                let value = compute(
                    Opcode::ALL[usize::from(code[pc + 2])],
                    self.regs[usize::from(a)],
                    self.regs[usize::from(b)],
                );
                ((value.expect("comparisons do not trap") as u8 != 0) == (code[pc + 1] != 0), pc + 4 + size)
            }
            other => panic!("no instruction {other} at {pc}"),
        };
        let distance = match short {
            true => i64::from(code[end - 1] as i8),
            false => i64::from(i32::from_le_bytes(code[end - 4..end].try_into().expect("four bytes"))),
        };
        if taken { (end as i64 + distance) as usize } else { end }
    }
}
