//! The verifier: whether a module means anything.
//!
//! The table below lists every rule. All violations of a module are returned, not only the first. What
//! this accepts must compile on every target, or be refused with a diagnostic that names opcode and
//! target. Linear time. Nothing here trusts an id before it has looked whether what it names exists.

mod func;
mod inst;
mod signature;

use crate::{Block, DataTarget, Func, FuncId, Global, Inst, Linkage, Module};
use pyexec_base::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

macro_rules! rules {
    ($($variant:ident $name:literal $doc:literal;)*) => {
        /// The rules.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Rule { $(#[doc = $doc] $variant,)* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant,)*];
            /// The name in messages.
            pub const fn name(self) -> &'static str {
                match self { $(Rule::$variant => $name,)* }
            }
            /// What the rule demands.
            pub const fn doc(self) -> &'static str {
                match self { $(Rule::$variant => $doc,)* }
            }
        }
    };
}

rules! {
    SymbolName "symbol-name" "The name of a function or global is not empty, and no byte of it is zero.";
    SymbolUnique "symbol-unique" "No two functions or globals have the same name.";
    SigUnique "sig-unique" "No two signatures in the module's list are equal.";
    GlobalAlign "global-align" "A global's alignment is a power of two, 4096 at most.";
    GlobalInit "global-init" "A global has at most as many initial bytes as its size says; an import has none.";
    GlobalReloc "global-reloc" "Relocations lie in the global, ascend, do not overlap, and what they name exists.";
    SigAggregate "sig-aggregate" "Aggregates only in convention `c`: alignment a power of two, 16 at most; size positive and a multiple of it; fields ascending, inside, aligned, not overlapping.";
    SigResultArea "sig-result-area" "A result area is the first parameter, and there are no results beside it.";
    SigVariadic "sig-variadic" "Only convention `c` is variadic, and of functions only imports.";
    SigSigned "sig-signed" "Only `i8` and `i16` are marked as signed, and only in convention `c`.";
    Linkage "linkage" "A function has blocks exactly if its linkage is not `import`.";
    SlotShape "slot-shape" "A slot's alignment is a power of two, 16 at most; all slots together are under 1 GiB.";
    Layout "layout" "The layout names existing blocks, each once.";
    EntryParams "entry-params" "The entry's parameters have the types of the signature's.";
    EntryPreds "entry-preds" "No branch goes to the entry.";
    BlockParams "block-params" "A block's parameters know their block and position.";
    BlockEnd "block-end" "A block ends in a terminator and holds no other.";
    InstOnce "inst-once" "A block's instructions exist, and each is in one place.";
    TypeClass "type-class" "The controlling type is one that the opcode allows.";
    OperandCount "operand-count" "An instruction has the operands of its row, its signature, or its function.";
    OperandType "operand-type" "Operands have the types that the row, the signature, or the function says.";
    ResultTypes "result-types" "An instruction has the results that the row or the signature says.";
    Immediate "immediate" "The immediate is of the kind that the format says; the bits of an `f32` fit in 32. (An `iconst` may hold any 64 bits: they are sign-extended or cut to the type.)";
    Exists "exists" "Values, blocks, slots, globals, functions and signatures that are named exist; used values are neither removed nor replaced; targets are in the layout.";
    TargetCount "target-count" "A branch has as many targets as its format says; what is no branch has none.";
    TargetArgs "target-args" "A branch passes what the target's parameters say, in number and type.";
    TailCall "tail-call" "A tail call leads from `fast` to `fast`, and both have the same results.";
    VariadicArgs "variadic-args" "Arguments beyond the fixed ones are `i32`, `i64` or `f64`.";
    StoreRegion "store-region" "Nothing is stored to region `constant`, and nothing there is atomic.";
    Dominance "dominance" "A value is computed before its use on every path. (Not asked of unreachable blocks.)";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What breaks a rule, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The function, unless a global or a signature is at fault.
    pub func: Option<FuncId>,
    /// The block.
    pub block: Option<Block>,
    /// The instruction.
    pub inst: Option<Inst>,
    /// The rule.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
}

impl Violation {
    /// One line: `@f b3 i7: [dominance] v4 is used before it is computed`.
    pub fn describe(&self, module: &Module) -> String {
        let func = self.func.and_then(|id| module.funcs.get(id)).map(|f| format!("@{} ", f.name));
        let block = self.block.map(|b| format!("{b} "));
        let inst = self.inst.map(|i| format!("{i} "));
        let place: String = [func, block, inst].into_iter().flatten().collect();
        format!("{}: [{}] {}", place.trim_end(), self.rule, self.message)
    }
    /// As a message to the user, who gave us IR.
    pub fn diagnostic(&self, module: &Module) -> Diagnostic {
        Diagnostic::error_nowhere("E0910", self.describe(module)).help(self.rule.doc())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.func.map_or(Ok(()), |func| write!(f, "{func} "))?;
        self.block.map_or(Ok(()), |block| write!(f, "{block} "))?;
        self.inst.map_or(Ok(()), |inst| write!(f, "{inst} "))?;
        write!(f, "[{}] {}", self.rule, self.message)
    }
}

/// Where violations gather.
#[derive(Default)]
struct Report {
    func: Option<FuncId>,
    block: Option<Block>,
    inst: Option<Inst>,
    found: Vec<Violation>,
}

impl Report {
    fn add(&mut self, rule: Rule, message: impl Into<String>) {
        let (func, block, inst) = (self.func, self.block, self.inst);
        self.found.push(Violation { func, block, inst, rule, message: message.into() });
    }
    fn check(&mut self, holds: bool, rule: Rule, message: impl FnOnce() -> String) {
        if !holds {
            self.add(rule, message());
        }
    }
}

/// All violations in a module; none if it is well formed.
pub fn verify(module: &Module) -> Vec<Violation> {
    let mut report = Report::default();
    symbols(module, &mut report);
    let mut known = BTreeSet::new();
    for (id, sig) in module.sigs.iter() {
        report.check(known.insert(sig), Rule::SigUnique, || format!("{id} is a repetition"));
        signature::check(sig, &format!("{id}"), &mut report);
    }
    for global in module.globals.values() {
        check_global(module, global, &mut report);
    }
    for (id, func) in module.funcs.iter() {
        report.func = Some(id);
        func::check(module, func, &mut report);
    }
    report.found
}

/// All violations in one function of a module.
pub fn verify_func(module: &Module, id: FuncId) -> Vec<Violation> {
    let mut report = Report { func: Some(id), ..Report::default() };
    match module.funcs.get(id) {
        Some(func) => func::check(module, func, &mut report),
        None => report.add(Rule::Exists, format!("{id} is not in the module")),
    }
    report.found
}

/// All violations in a function that was taken out of its module, or is not yet in it.
pub fn verify_body(module: &Module, func: &Func) -> Vec<Violation> {
    let mut report = Report::default();
    func::check(module, func, &mut report);
    report.found
}

fn symbols(module: &Module, report: &mut Report) {
    let mut known = BTreeMap::new();
    let globals = module.globals.values().map(|g| g.name.as_str());
    for name in globals.chain(module.funcs.values().map(|f| f.name.as_str())) {
        let fine = !name.is_empty() && !name.contains('\0');
        report.check(fine, Rule::SymbolName, || format!("{name:?} is no name"));
        let times = known.entry(name).or_insert(0);
        *times += 1;
        report.check(*times != 2, Rule::SymbolUnique, || format!("more than one thing is called {name:?}"));
    }
}

fn check_global(module: &Module, global: &Global, report: &mut Report) {
    let name = &global.name;
    let align = global.align;
    report.check(align.is_power_of_two() && align <= 4096, Rule::GlobalAlign, || {
        format!("@{name} has alignment {align}")
    });
    let (bytes, size) = (global.init.len(), global.size);
    report.check(bytes <= size as usize, Rule::GlobalInit, || {
        format!("@{name} has {bytes} initial bytes, but size {size}")
    });
    let empty = global.init.is_empty() && global.relocs.is_empty();
    report.check(empty || global.linkage != Linkage::Import, Rule::GlobalInit, || {
        format!("@{name} is an import with contents")
    });
    let mut free = 0;
    for reloc in &global.relocs {
        let (at, end) = (u64::from(reloc.offset), u64::from(reloc.offset) + 8);
        report.check(free <= at && end <= u64::from(size), Rule::GlobalReloc, || {
            format!("@{name} has a relocation at {at}, where {free} or later was expected, in {size} bytes")
        });
        free = end;
        let exists = match reloc.target {
            DataTarget::Func(id) => module.funcs.get(id).is_some(),
            DataTarget::Global(id) => module.globals.get(id).is_some(),
        };
        report.check(exists, Rule::GlobalReloc, || format!("@{name} points to what does not exist"));
    }
}
