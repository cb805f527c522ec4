//! Running a module in the IR interpreter, with the runtime's helpers as host functions.

use crate::run::{End, end};
use pyexec_ir::interp::{Host, HostStop, Interp, Limits, Memory, Stop};
use pyexec_ir::rt::{ERROR_SIZE, ERROR_SYMBOL, STACK_LIMIT_SYMBOL};
use pyexec_ir::{FuncId, Global, Module};
use pyexec_runtime::helpers::{HostError, HostMemory, call_host};
use pyexec_runtime::{State, Val};

/// Simulated stack that stays below the limit of compiled code.
const RESERVE: u64 = 1 << 20;
/// Bounded by the simulated stack, not by this.
const DEPTH: u32 = 4_000_000;

/// Runs a function without arguments.
pub fn run(
    module: &Module,
    id: FuncId,
    state: State,
    argv: &[String],
    fuel: u64,
    is_python: bool,
) -> (End, State) {
    match interpreter(module, fuel) {
        Ok(interp) => {
            let mut simulation = Simulation::new(interp, state, argv);
            let end = simulation.call(module, id, is_python);
            (end, simulation.helpers.state)
        }
        Err(stop) => (stopped(stop), state),
    }
}

/// A module in simulated memory.
pub fn interpreter(module: &Module, fuel: u64) -> Result<Interp<'_>, Stop> {
    Interp::new(module, Limits { fuel, depth: DEPTH, ..Limits::default() })
}

/// A module with the runtime around it.
pub struct Simulation<'m> {
    interp: Interp<'m>,
    helpers: Helpers,
}

impl<'m> Simulation<'m> {
    /// With this state of the runtime and this `sys.argv`.
    pub fn new(mut interp: Interp<'m>, mut state: State, argv: &[String]) -> Self {
        place_argv(&mut interp, &mut state, argv);
        if let Some(limit) = interp.global_address(STACK_LIMIT_SYMBOL) {
            let lowest = u128::from(interp.stack_end() + RESERVE);
            // The address is that of a global of 8 bytes, or the verifier would have told.
            let _ = interp.memory.write_int(limit, 8, lowest);
        }
        // Helpers want an error state even where the module does not look at it.
        let error =
            interp.global_address(ERROR_SYMBOL).or_else(|| interp.memory.allocate(ERROR_SIZE as usize));
        Self { interp, helpers: Helpers { state, error: error.unwrap_or(0), refused: &[] } }
    }

    /// Helpers whose names begin like this stop the program.
    pub fn refuse(&mut self, prefixes: &'static [&'static str]) {
        self.helpers.refused = prefixes;
    }

    /// Calls a function without arguments.
    pub fn call(&mut self, module: &Module, id: FuncId, is_python: bool) -> End {
        let result = self.interp.call(id, &[], &mut self.helpers);
        let unheard = self.helpers.state.stdout.error().is_some();
        // Any helper takes over the error state from simulated memory; this one does nothing else.
        let _ = self.helpers.call("pyexec_out_flush", &[], &mut self.interp.memory);
        let types = &module.funcs[id].sig.results;
        match result {
            Ok(bits) => {
                let values = types.iter().zip(bits).map(|(ty, bits)| Val::new(*ty, bits)).collect();
                end(values, &mut self.helpers.state, is_python)
            }
            Err(_) if unheard => End::Unheard,
            Err(stop) => stopped(stop),
        }
    }

    /// What a global holds now.
    pub fn contents(&self, global: &Global) -> Option<&[u8]> {
        let address = self.interp.global_address(&global.name)?;
        self.interp.memory.read(address, global.size as usize).ok()
    }
}

fn stopped(stop: Stop) -> End {
    match stop {
        Stop::Trap(code, loc) => End::Trap(code, loc),
        Stop::OutOfFuel => End::Stopped("the fuel is used up".into()),
        other => End::Stopped(other.to_string()),
    }
}

fn place_argv(interp: &mut Interp<'_>, state: &mut State, argv: &[String]) {
    let placed: Vec<_> =
        argv.iter().map(|text| (text.clone(), interp.memory.allocate_bytes(text.as_bytes()))).collect();
    state.set_simulated_argv(placed);
}

/// The runtime's helpers.
struct Helpers {
    state: State,
    /// Where the error state lies.
    error: u64,
    /// Beginnings of names that may not be called.
    refused: &'static [&'static str],
}

impl Host for Helpers {
    fn call(&mut self, name: &str, args: &[u128], memory: &mut Memory) -> Result<Vec<u128>, HostStop> {
        if self.refused.iter().any(|prefix| name.starts_with(prefix)) {
            return Err(HostStop::Message(format!("it calls `{name}`")));
        }
        let result = call_host(&mut self.state, name, args, self.error, &mut Simulated(memory));
        // As in compiled code: else a loop of prints would never learn that its reader has gone.
        if self.state.stdout.error().is_some() {
            return Err(HostStop::Message("standard output cannot be written".into()));
        }
        result.map(|value| value.into_iter().collect()).map_err(|error| {
            HostStop::Message(match error {
                HostError::Unknown(name) => format!("the interpreter has no function `{name}` to call"),
                HostError::Arity => format!("`{name}` is called with too few arguments"),
                HostError::Word(word) => {
                    format!("`{name}` was given {word:#x}, no exact integer that is alive")
                }
                HostError::Memory(address) => format!("`{name}` was given the bad address {address:#x}"),
            })
        })
    }
}

/// The interpreter's memory as helpers see it.
struct Simulated<'a>(&'a mut Memory);

impl HostMemory for Simulated<'_> {
    fn read(&self, address: u64, length: u64) -> Option<&[u8]> {
        self.0.read(address, usize::try_from(length).ok()?).ok()
    }
    fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        self.0.write(address, bytes).is_ok()
    }
    fn allocate(&mut self, length: u64) -> Option<u64> {
        self.0.allocate(usize::try_from(length).ok()?)
    }
    fn free(&mut self, address: u64) {
        self.0.free(address);
    }
}
