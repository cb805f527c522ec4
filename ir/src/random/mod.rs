//! Random modules, drawn from the opcode table: always well formed, always ending, always with one answer.
//!
//! ```text
//! @entry(i64, i64, f64, f64) -> i64    calls every function, hashes their results and all memory
//!   @f3  calls @f2 @f1 @f0             a function calls only functions that were made before it,
//!   @f2  calls @f2 @f0                 or itself, with a counter that falls
//! ```
//!
//! Invariants: the verifier accepts the module; `@entry` ends after at most about
//! [`RandomOptions::steps`] steps; its answer does not depend on addresses, on memory that was not
//! written, or on the bits of a NaN that arithmetic made (every float is made canonical where its bits
//! are looked at). So interpreter, optimiser and machine must agree on it. Every region has its own
//! memory, accessed under its own name or as `unknown`. The same seed gives the same module for ever
//! only within one version: a new row of the table changes what is drawn.

mod call;
mod control;
mod func;
mod rng;
mod value;

pub use rng::Rng;

use crate::{CallConv, DataReloc, DataTarget, FuncId, Global, GlobalId, Linkage, Module, Region, Type};
use func::FuncGen;

/// How large and of what kind random modules are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RandomOptions {
    /// Functions beside `@entry`.
    pub funcs: u32,
    /// Instructions of a function, roughly.
    pub insts: u32,
    /// Upper bound of the steps that `@entry` takes.
    pub steps: u64,
    /// Whether some instructions may trap. Then the code of the trap is the answer.
    pub traps: bool,
    /// Whether `i128` appears.
    pub wide: bool,
    /// Whether functions with convention `c` appear beside `@entry`.
    pub conv_c: bool,
    /// Whether memory is used.
    pub memory: bool,
    /// Whether instructions have source positions.
    pub locs: bool,
}

impl Default for RandomOptions {
    fn default() -> Self {
        Self {
            funcs: 4,
            insts: 40,
            steps: 100_000,
            traps: true,
            wide: true,
            conv_c: true,
            memory: true,
            locs: true,
        }
    }
}

/// The name of the function to call: `c (i64, i64, f64, f64) -> (i64)`.
pub const ENTRY: &str = "entry";
/// Size of every piece of memory that random functions access.
const OBJECT: u32 = 64;

/// What a parameter is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value(Type),
    /// The address of writable memory of [`OBJECT`] bytes.
    Ptr,
    /// How deep a function may still call itself.
    Depth,
}

/// A function that later ones may call.
struct Callee {
    id: FuncId,
    kinds: Vec<Kind>,
    results: Vec<Type>,
    conv: CallConv,
    /// Upper bound of its steps.
    cost: u64,
}

/// What all functions of a module share.
struct Shared {
    rng: Rng,
    options: RandomOptions,
    module: Module,
    callees: Vec<Callee>,
    /// Memory with its region.
    objects: Vec<(GlobalId, Region)>,
    /// An `i64` that values are mixed into.
    hash: GlobalId,
    /// Addresses of the functions, in the order of `callees`.
    table: GlobalId,
}

/// A random module, the same for the same seed and options.
pub fn random_module(seed: u64, options: &RandomOptions) -> Module {
    let mut shared = Shared::new(seed, options);
    for index in 0..options.funcs {
        let callee = FuncGen::random(&mut shared, index);
        let reloc = DataReloc { offset: 8 * index, target: DataTarget::Func(callee.id), addend: 0 };
        shared.callees.push(callee);
        let table = shared.table;
        shared.module.globals[table].relocs.push(reloc);
    }
    FuncGen::entry(&mut shared);
    shared.module
}

/// Arguments for [`ENTRY`]: bits of two integers and two floats, some ordinary, some extreme.
pub fn random_args(rng: &mut Rng) -> [u128; 4] {
    [
        value::edge_int(rng) as u64 as u128,
        value::edge_int(rng) as u64 as u128,
        value::edge_float(rng).to_bits().into(),
        value::edge_float(rng).to_bits().into(),
    ]
}

impl Shared {
    fn new(seed: u64, options: &RandomOptions) -> Self {
        let mut rng = Rng::new(seed);
        let mut module = Module::new();
        let mut objects = Vec::new();
        let regions = [Region::Global, Region::Array, Region::Header, Region::Unknown, Region::Constant];
        for region in regions {
            let bytes: Vec<u8> = (0..OBJECT).map(|_| rng.next() as u8).collect();
            let mut global = Global::constant(format!("{}_data", region.name()), &bytes);
            global.writable = region != Region::Constant;
            // Atomic accesses are aligned.
            global.align = 8 << rng.below(3);
            global.linkage = *rng.pick(&[Linkage::Local, Linkage::Export]);
            // Some memory is zero at the start: it lies in another section.
            global.init.truncate(if rng.chance(1, 4) { 0 } else { rng.below(OBJECT as u64 + 1) as usize });
            objects.push((module.globals.push(global), region));
        }
        let hash = module.globals.push(Global::zeroed("hash", 8, 8));
        let mut table = Global::zeroed("table", 8 * options.funcs.max(1), 8);
        table.writable = false;
        let table = module.globals.push(table);
        Self { rng, options: *options, module, callees: Vec::new(), objects, hash, table }
    }

    fn ty(&mut self) -> Type {
        loop {
            let ty = *self.rng.pick(&Type::ALL);
            // The types of Python come up more often.
            let ty = if self.rng.chance(1, 3) { *self.rng.pick(&[Type::I64, Type::F64]) } else { ty };
            if ty != Type::I128 || self.options.wide {
                return ty;
            }
        }
    }
    fn types(&mut self, most: u64) -> Vec<Type> {
        let count = self.rng.below(most + 1);
        (0..count).map(|_| self.ty()).collect()
    }
}
