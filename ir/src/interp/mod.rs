//! The interpreter: what a module means, step by step.
//!
//! It runs any module that the verifier accepts, with simulated memory, host functions for imports, and
//! limits; nothing a program does can hurt the caller. Scalar opcodes mean what their row of the opcode
//! table says: the same closures fold constants. It is the reference that compiled code is tested
//! against, so it prefers the obvious over the fast; functions are flattened when they first run, which
//! is enough for tens of millions of steps a second.
//!
//! ```text
//! let mut interp = Interp::new(&module, Limits::default())?;
//! let results = interp.call(func, &[6, 7], &mut NoHost)?;
//! ```

mod decode;
mod memory;
mod run;

pub use memory::Memory;

use crate::{DataTarget, FuncId, Module, TrapCode};
use decode::Code;
use pyexec_base::{EntityId, Loc};
use std::fmt;
use std::rc::Rc;

/// What a program may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Steps over the whole life of the interpreter; one instruction is one step.
    pub fuel: u64,
    /// Calls inside of calls.
    pub depth: u32,
    /// Bytes of the simulated stack. A frame takes 64, 8 for each value, and each slot's size plus 32.
    pub stack_bytes: u64,
    /// Bytes of globals and of what the host allocates with [`Memory::allocate`].
    pub memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fuel: u64::MAX, depth: 100_000, stack_bytes: 64 << 20, memory_bytes: 1 << 30 }
    }
}

/// Why a program stopped before its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// A trap, and the place of the instruction.
    Trap(TrapCode, Loc),
    /// The fuel is used up.
    OutOfFuel,
    /// The globals need more memory than the limit.
    OutOfMemory,
    /// A host function stopped the program.
    Host(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Trap(code, _) => write!(f, "trap: {code}"),
            Stop::OutOfFuel => f.write_str("the limit of steps is reached"),
            Stop::OutOfMemory => f.write_str("the limit of memory is reached"),
            Stop::Host(message) => f.write_str(message),
        }
    }
}

/// How a host function stops the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostStop {
    /// By a trap.
    Trap(TrapCode),
    /// For a reason of its own.
    Message(String),
}

impl From<TrapCode> for HostStop {
    fn from(code: TrapCode) -> Self {
        HostStop::Trap(code)
    }
}

/// The functions that a module imports.
pub trait Host {
    /// Calls a function by its symbol. Arguments and results are zero-extended bits.
    fn call(&mut self, name: &str, args: &[u128], memory: &mut Memory) -> Result<Vec<u128>, HostStop>;
}

/// A host without functions.
pub struct NoHost;

impl Host for NoHost {
    fn call(&mut self, name: &str, _: &[u128], _: &mut Memory) -> Result<Vec<u128>, HostStop> {
        Err(HostStop::Message(format!("no host function is called `{name}`")))
    }
}

/// A module with its memory, ready to run.
pub struct Interp<'m> {
    module: &'m Module,
    limits: Limits,
    fuel: u64,
    /// The globals' addresses, by id.
    globals: Vec<u64>,
    /// Flat forms, by function, made when first called.
    codes: Vec<Option<Rc<Code>>>,
    /// The memory: globals, and what the host allocates.
    pub memory: Memory,
}

impl<'m> Interp<'m> {
    /// Lays out the globals of a verified module. Imported globals are zeroed memory: see
    /// [`global_address`](Self::global_address).
    pub fn new(module: &'m Module, limits: Limits) -> Result<Self, Stop> {
        let mut memory = Memory::new(limits.memory_bytes);
        let allocate = |size: u32| memory.allocate(size as usize).ok_or(Stop::OutOfMemory);
        let globals: Vec<u64> =
            module.globals.values().map(|g| g.size).map(allocate).collect::<Result<_, Stop>>()?;
        let codes = module.funcs.ids().map(|_| None).collect();
        let mut interp = Self { module, limits, fuel: limits.fuel, globals, codes, memory };
        interp.initialize().map_err(|code| Stop::Trap(code, Loc::UNKNOWN))?;
        Ok(interp)
    }

    fn initialize(&mut self) -> Result<(), TrapCode> {
        for (global, &address) in self.module.globals.values().zip(&self.globals) {
            self.memory.write(address, &global.init)?;
            for reloc in &global.relocs {
                let target = match reloc.target {
                    DataTarget::Func(id) => memory::func_address(id),
                    DataTarget::Global(id) => self.globals[id.index()],
                };
                let value = target.wrapping_add(reloc.addend as u64);
                self.memory.write_int(address + u64::from(reloc.offset), 8, value.into())?;
            }
            if !global.writable {
                self.memory.make_read_only(address);
            }
        }
        Ok(())
    }

    /// The address of a global.
    pub fn global_address(&self, name: &str) -> Option<u64> {
        let id = self.module.global_by_name(name)?;
        self.globals.get(id.index()).copied()
    }
    /// The address of a function, as `func_addr` gives it.
    pub fn func_address(&self, func: FuncId) -> u64 {
        memory::func_address(func)
    }
    /// The lowest address that `stack_ptr` can give before the stack overflows.
    pub fn stack_end(&self) -> u64 {
        memory::STACK_TOP - self.limits.stack_bytes
    }
    /// Steps that are left.
    pub fn fuel(&self) -> u64 {
        self.fuel
    }
    /// Sets how many steps are left.
    pub fn set_fuel(&mut self, fuel: u64) {
        self.fuel = fuel;
    }

    /// Calls a function with the bits of its arguments and gives the bits of its results. Memory keeps
    /// its contents from call to call.
    pub fn call(&mut self, func: FuncId, args: &[u128], host: &mut dyn Host) -> Result<Vec<u128>, Stop> {
        let callee = self.module.funcs.get(func);
        let sig = callee.map(|f| &f.sig).filter(|sig| sig.params.len() == args.len());
        let Some(sig) = sig else { return Err(Stop::Trap(TrapCode::BadSignature, Loc::UNKNOWN)) };
        let args: Vec<u128> = args.iter().zip(&sig.params).map(|(a, p)| a & p.ty().mask()).collect();
        run::Machine::new(self, host).run(func, &args)
    }

    fn code(&mut self, func: FuncId) -> Rc<Code> {
        let module = self.module;
        let slot = &mut self.codes[func.index()];
        slot.get_or_insert_with(|| Rc::new(Code::new(&module.funcs[func]))).clone()
    }
}
