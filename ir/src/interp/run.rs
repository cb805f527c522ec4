//! Runs steps until the outermost function returns or something stops the program.

use super::decode::{Callee, Code, Edge, Reg, Span, Step};
use super::memory::{Memory, STACK_TOP, func_at};
use super::{Host, HostStop, Interp, Stop};
use crate::eval::EvalFn;
use crate::{FuncId, Signature, TrapCode, TyRule, Type, signed};
use pyexec_base::Loc;
use std::rc::Rc;

/// A function that waits for a callee.
struct Frame {
    code: Rc<Code>,
    pc: usize,
    base: usize,
    /// How many stack objects existed before it.
    objects: usize,
    /// Where the results of the running call go.
    out: Reg,
}

/// One run.
pub(super) struct Machine<'i, 'm, 'h> {
    interp: &'i mut Interp<'m>,
    host: &'h mut dyn Host,
    frames: Vec<Frame>,
    regs: Vec<u128>,
    scratch: Vec<u128>,
    stack_used: u64,
    /// The running function: as in a [`Frame`].
    code: Rc<Code>,
    pc: usize,
    base: usize,
    objects: usize,
}

/// What a step makes the machine do next.
enum Next {
    Go,
    /// The outermost function returned: its results are in the scratch.
    Done,
}

type Ran<T> = Result<T, Halt>;

/// Why a step does not end; the place is added by the loop.
enum Halt {
    Trap(TrapCode),
    Host(String),
}

impl From<TrapCode> for Halt {
    fn from(code: TrapCode) -> Self {
        Halt::Trap(code)
    }
}

impl<'i, 'm, 'h> Machine<'i, 'm, 'h> {
    pub(super) fn new(interp: &'i mut Interp<'m>, host: &'h mut dyn Host) -> Self {
        let code = Rc::new(Code::default());
        let (frames, regs, scratch) = (Vec::new(), Vec::new(), Vec::new());
        Self { interp, host, frames, regs, scratch, stack_used: 0, code, pc: 0, base: 0, objects: 0 }
    }

    /// Calls a function from outside.
    pub(super) fn run(mut self, func: FuncId, args: &[u128]) -> Result<Vec<u128>, Stop> {
        self.scratch.extend_from_slice(args);
        let result = match self.enter(func) {
            // Not entered: an import, whose results are there already.
            Ok(false) => Ok(()),
            Ok(true) => self.go(),
            Err(halt) => Err(halt.at(Loc::UNKNOWN)),
        };
        self.interp.memory.pop_stack(0);
        result.map(|()| self.scratch)
    }

    fn go(&mut self) -> Result<(), Stop> {
        loop {
            let Some(fuel) = self.interp.fuel.checked_sub(1) else { return Err(Stop::OutOfFuel) };
            self.interp.fuel = fuel;
            let pc = self.pc;
            self.pc += 1;
            let step = self.code.steps[pc];
            match self.step(step) {
                Ok(Next::Go) => {}
                Ok(Next::Done) => return Ok(()),
                // A step that halts has not left its function, or a host function did: then the place is
                // that of the call.
                Err(halt) => return Err(halt.at(self.code.locs.get(pc).copied().unwrap_or(Loc::UNKNOWN))),
            }
        }
    }

    fn get(&self, reg: Reg) -> u128 {
        self.regs[self.base + reg as usize]
    }
    fn set(&mut self, reg: Reg, bits: u128) {
        self.regs[self.base + reg as usize] = bits;
    }
    fn address(&self, reg: Reg, offset: i32) -> u64 {
        (self.get(reg) as u64).wrapping_add(offset as i64 as u64)
    }

    fn step(&mut self, step: Step) -> Ran<Next> {
        match step {
            Step::Eval { eval, ty, from, args, out, masks } => {
                let [first, second] = eval(ty, from, &args.map(|reg| self.get(reg)))?;
                self.results(ty, masks, out, first, second);
            }
            Step::Const { out, bits } => self.set(out, bits),
            Step::Load { out, address, offset, bytes, sign_bits, ty } => {
                let bits = self.interp.memory.read_int(self.address(address, offset), bytes.into())?;
                self.set(out, extend(bits, sign_bits, ty));
            }
            Step::Store { value, address, offset, bytes } => {
                let (address, bits) = (self.address(address, offset), self.get(value));
                self.interp.memory.write_int(address, bytes.into(), bits)?;
            }
            Step::Atomic { meaning, ty, values, address, offset, out, stores } => {
                let address = self.address(address, offset);
                let old = self.atomic(meaning, ty, address, values, stores)?;
                out.into_iter().for_each(|out| self.set(out, old));
            }
            Step::Fence => {}
            Step::SlotAddr { out, slot, offset } => {
                let address = Memory::stack_address(self.objects + slot as usize);
                self.set(out, address.wrapping_add(offset as i64 as u64).into());
            }
            Step::GlobalAddr { out, global, offset } => {
                let address = self.interp.globals[global as usize];
                self.set(out, address.wrapping_add(offset as i64 as u64).into());
            }
            Step::StackPtr { out } => self.set(out, (STACK_TOP - self.stack_used).into()),
            Step::Jump(edge) => self.branch(edge),
            Step::BrIf { cond, then, other } => self.branch(if self.get(cond) != 0 { then } else { other }),
            Step::BrTable { index, first, count } => {
                let index = u32::try_from(self.get(index)).ok().and_then(|i| i.checked_add(1));
                let place = index.filter(|place| *place < count).unwrap_or(0);
                self.branch(self.code.edges[(first + place) as usize]);
            }
            Step::Ret(values) => {
                self.gather(values);
                return Ok(self.leave());
            }
            Step::Trap(code) => return Err(code.into()),
            Step::TrapIf { cond, code } if self.get(cond) != 0 => return Err(code.into()),
            Step::TrapIf { .. } => {}
            Step::Call { callee, args, out } => self.call(callee, args, out)?,
            Step::TailCall { callee, args } => return self.tail_call(callee, args),
        }
        Ok(Next::Go)
    }

    fn results(&mut self, ty: Type, rules: &[TyRule], out: Reg, first: u128, second: u128) {
        self.set(out, first & rules[0].result(ty).mask());
        if let Some(rule) = rules.get(1) {
            self.set(out + 1, second & rule.result(ty).mask());
        }
    }

    /// Changes memory by an atomic opcode's meaning; gives its result. A misaligned address is a fault on
    /// machines that cannot make such an access atomic, so it is one here.
    fn atomic(&mut self, meaning: EvalFn, ty: Type, at: u64, values: [Reg; 2], stores: bool) -> Ran<u128> {
        let bytes = ty.bytes() as usize;
        if !at.is_multiple_of(bytes as u64) {
            return Err(TrapCode::Memory.into());
        }
        let held = self.interp.memory.read_int(at, bytes)?;
        let [first, second] = values.map(|reg| self.get(reg));
        let [result, now] = meaning(ty, ty, &[held, first, second])?;
        if stores {
            self.interp.memory.write_int(at, bytes, now)?;
        }
        Ok(result & ty.mask())
    }

    /// Copies the values of registers to the scratch.
    fn gather(&mut self, values: Span) {
        self.scratch.clear();
        for &reg in self.code.list(values) {
            self.scratch.push(self.regs[self.base + reg as usize]);
        }
    }

    fn branch(&mut self, edge: Edge) {
        self.pc = edge.to as usize;
        let moves = self.code.list(edge.moves);
        let base = self.base;
        // All sources are read before a destination is written: a loop may swap two parameters.
        match moves {
            [] => {}
            [from, to] => self.regs[base + *to as usize] = self.regs[base + *from as usize],
            _ => {
                self.scratch.clear();
                let sources = moves.chunks_exact(2).map(|pair| self.regs[base + pair[0] as usize]);
                self.scratch.extend(sources);
                for (pair, bits) in moves.chunks_exact(2).zip(&self.scratch) {
                    self.regs[base + pair[1] as usize] = *bits;
                }
            }
        }
    }

    // ---- Calls ----

    fn callee(&self, callee: Callee) -> Ran<FuncId> {
        let (reg, sig) = match callee {
            Callee::Direct(id) => return Ok(id),
            Callee::Indirect(reg, sig) => (reg, sig),
        };
        let module = self.interp.module;
        let func = func_at(self.get(reg) as u64, module.funcs.len());
        let fits = func.filter(|id| module.funcs[*id].sig == module.sigs[sig]);
        fits.ok_or(Halt::Trap(TrapCode::BadSignature))
    }

    fn call(&mut self, callee: Callee, args: Span, out: Reg) -> Ran<()> {
        let func = self.callee(callee)?;
        self.gather(args);
        if self.frames.len() as u64 + 1 >= u64::from(self.interp.limits.depth) {
            return Err(TrapCode::StackOverflow.into());
        }
        let (code, pc, base, objects) = (self.code.clone(), self.pc, self.base, self.objects);
        self.frames.push(Frame { code, pc, base, objects, out });
        match self.enter(func) {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.leave_to_caller();
                Ok(())
            }
            Err(halt) => {
                self.frames.pop();
                Err(halt)
            }
        }
    }

    /// Starts a function with the arguments in the scratch. False if it is an import: then its results
    /// are in the scratch, and the machine is where it was.
    fn enter(&mut self, func: FuncId) -> Ran<bool> {
        if self.interp.module.funcs[func].is_import() {
            return self.call_host(func).map(|()| false);
        }
        let code = self.interp.code(func);
        let used = self.stack_used + code.frame_bytes;
        if used > self.interp.limits.stack_bytes {
            return Err(TrapCode::StackOverflow.into());
        }
        let memory = &mut self.interp.memory;
        let objects = memory.stack_objects();
        for size in &code.slots {
            memory.push_stack(*size);
        }
        for &(param, size) in &code.copies {
            let bytes = memory.read(self.scratch[param] as u64, size).map(<[u8]>::to_vec);
            let bytes = bytes.inspect_err(|_| memory.pop_stack(objects))?;
            let copy = memory.push_stack(size);
            memory.write(copy, &bytes)?;
            self.scratch[param] = copy.into();
        }
        (self.stack_used, self.objects, self.pc) = (used, objects, 0);
        self.base = self.regs.len();
        self.regs.extend_from_slice(&self.scratch);
        self.regs.resize(self.base + code.regs, 0);
        self.code = code;
        Ok(true)
    }

    fn call_host(&mut self, func: FuncId) -> Ran<()> {
        let func = &self.interp.module.funcs[func];
        let args = std::mem::take(&mut self.scratch);
        let results = self.host.call(&func.name, &args, &mut self.interp.memory);
        self.scratch = match results {
            Ok(results) => masked(&func.sig, results).ok_or_else(|| {
                Halt::Host(format!("`{}` did not give the results of its signature", func.name))
            })?,
            Err(HostStop::Trap(code)) => return Err(code.into()),
            Err(HostStop::Message(message)) => return Err(Halt::Host(message)),
        };
        Ok(())
    }

    /// Ends the running function, whose results are in the scratch.
    fn leave(&mut self) -> Next {
        self.drop_frame();
        if self.frames.is_empty() {
            return Next::Done;
        }
        self.leave_to_caller();
        Next::Go
    }

    fn drop_frame(&mut self) {
        self.interp.memory.pop_stack(self.objects);
        self.regs.truncate(self.base);
        self.stack_used -= self.code.frame_bytes;
    }

    /// Goes on in the function that waits, with the results in the scratch.
    fn leave_to_caller(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        (self.code, self.pc, self.base, self.objects) = (frame.code, frame.pc, frame.base, frame.objects);
        let at = self.base + frame.out as usize;
        self.regs[at..at + self.scratch.len()].copy_from_slice(&self.scratch);
    }

    fn tail_call(&mut self, callee: Callee, args: Span) -> Ran<Next> {
        let func = self.callee(callee)?;
        self.gather(args);
        self.drop_frame();
        if self.enter(func)? {
            return Ok(Next::Go);
        }
        if self.frames.is_empty() {
            return Ok(Next::Done);
        }
        self.leave_to_caller();
        Ok(Next::Go)
    }
}

fn extend(bits: u128, sign_bits: u8, ty: Type) -> u128 {
    match sign_bits {
        0 => bits,
        8 => signed(Type::I8, bits) as u128 & ty.mask(),
        16 => signed(Type::I16, bits) as u128 & ty.mask(),
        _ => signed(Type::I32, bits) as u128 & ty.mask(),
    }
}

fn masked(sig: &Signature, mut results: Vec<u128>) -> Option<Vec<u128>> {
    for (bits, ty) in results.iter_mut().zip(&sig.results) {
        *bits &= ty.mask();
    }
    (results.len() == sig.results.len()).then_some(results)
}

impl Halt {
    fn at(self, loc: Loc) -> Stop {
        match self {
            Halt::Trap(code) => Stop::Trap(code, loc),
            Halt::Host(message) => Stop::Host(message),
        }
    }
}
