//! What a module needs beside its code when nobody is there to run it: objects and libraries.
//!
//! ```text
//!   import global @pyexec_error          =>   weak thread-local global @pyexec_error
//!   func c export @f(i64) -> i64:             func c export @f(i64) -> i64:
//!     v1, v2 = call @f.fast(v0)                 if pyexec_error_seen: store 0 -> pyexec_error.kind
//!                                               v1, v2 = call @f.fast(v0)
//!                                             func c weak @pyexec_error_state() -> i64
//!                                             weak global @pyexec_error_seen
//! ```
//!
//! In: a module of the front end, verified. Out: the same with the error state and stack limit of each thread
//! defined, so that objects of several modules share one of each; the error state tells lines instead of
//! indices into a table that is not there; exported functions clear the error state before they work, and set
//! a stack limit while they work if nobody has set one.
//!
//! Finding a thread's error state costs a library a call of `__tls_get_addr`, more than many a function does. So a
//! plain cell tells whether there is anything to clear: it is set, for ever, by whatever takes the address of an error
//! state to write to it (`py.state` here, the helpers in the runtime). A thread sees its own writes in order, and
//! those of others do not concern it: the cell needs no atomic access.
//!
//! Left to others: what exported functions return when they fail (the front end).

use crate::callgraph;
use pyexec_ir::rt::{
    self, ERROR_KIND, ERROR_SEEN_SYMBOL, ERROR_SIZE, ERROR_SYMBOL, Effect, STACK_LIMIT_SYMBOL,
};
use pyexec_ir::{
    Builder, CallConv, Format, Func, FuncId, Global, GlobalId, Imm, Inst, Linkage, Module, Opcode, Region,
    Signature, Type, Value,
};

/// The function by which C finds the error state of its thread.
pub const ACCESSOR: &str = "pyexec_error_state";

/// How far below an exported function's caller compiled code may go.
const STACK_ALLOWANCE: i64 = 512 << 10;

/// Functions that are given an index into the traceback table, and which argument it is.
const TRACING: &[(&str, usize)] = &[("py.raise", 3), ("py.trace", 0), ("pyexec_raise_pending", 1)];

/// Prepares a module. `line` gives the line of an entry of the traceback table.
pub fn prepare(module: &mut Module, line: impl Fn(i64) -> i64) {
    let limit = define(module, STACK_LIMIT_SYMBOL, 8);
    lines_for_indices(module, line);
    let exported: Vec<_> = module
        .funcs
        .iter()
        .filter(|(_, f)| f.linkage == Linkage::Export && f.sig.conv == CallConv::C)
        .map(|(id, _)| id)
        .collect();
    let reaching = |module: &Module, found: &dyn Fn(&Func) -> bool| -> Vec<FuncId> {
        exported.iter().copied().filter(|id| callgraph::reaches(module, *id, found)).collect()
    };
    // What raises by helpers alone does not name the error state, but its callers want to see it.
    if !reaching(module, &raises).is_empty() && module.global_by_name(ERROR_SYMBOL).is_none() {
        module.globals.push(Global::zeroed(ERROR_SYMBOL, ERROR_SIZE, 8));
    }
    let error = define(module, ERROR_SYMBOL, ERROR_SIZE);
    if let Some(limit) = limit {
        for id in reaching(module, &|f| names(f, limit)) {
            limit_stack(&mut module.funcs[id], limit);
        }
    }
    if let Some(error) = error {
        let seen = Global { linkage: Linkage::Weak, ..Global::zeroed(ERROR_SEEN_SYMBOL, 4, 4) };
        let seen = module.globals.push(seen);
        for id in reaching(module, &|f| names(f, error) || raises(f)) {
            clear_if_seen(&mut module.funcs[id], error, seen);
        }
        let users: Vec<_> = module.funcs.iter().filter(|(_, f)| names(f, error)).map(|(id, _)| id).collect();
        let accessor = accessor(module, error);
        through_function(module, &users, error, (accessor, seen));
    }
}

/// Whether a function is a helper that may leave an error.
pub fn raises(func: &Func) -> bool {
    let helper = rt::helper(&func.name).filter(|_| func.is_import());
    // The one that says in its name what it does has no failure to be asked for.
    helper.is_some_and(|h| h.effect == Effect::Raises) || func.name == "pyexec_raise_pending"
}

/// Turns an import into a definition of each thread's own.
fn define(module: &mut Module, name: &str, size: u32) -> Option<GlobalId> {
    let id = module.global_by_name(name)?;
    module.globals[id] =
        Global { linkage: Linkage::Weak, thread_local: true, ..Global::zeroed(name, size, 8) };
    Some(id)
}

fn accessor(module: &mut Module, error: GlobalId) -> FuncId {
    let mut func = Func::new(ACCESSOR, Signature::new(CallConv::C, &[], &[Type::I64]), Linkage::Weak);
    func.cold = true;
    let entry = func.add_block();
    let mut b = Builder::new(&mut func, entry);
    let address = b.global_addr(error, 0);
    b.ret(&[address]);
    module.funcs.push(func)
}

/// ```text
/// b0(v0):                    b0(v0):      br_if load pyexec_error_seen, b1, b2
///   ...               =>     cold b1:     store 0 -> pyexec_error.kind; jump b2
///                            b2:          ...
/// ```
fn clear_if_seen(func: &mut Func, error: GlobalId, seen: GlobalId) {
    let Some(entry) = func.entry() else { return };
    let insts = std::mem::take(&mut func.block_mut(entry).insts);
    let (rest, clear) = (func.add_block(), func.add_block());
    func.block_mut(rest).insts = insts;
    func.block_mut(clear).cold = true;
    let mut b = Builder::new(func, entry);
    let address = b.global_addr(seen, 0);
    let any = b.load(Type::I32, Region::Global, address, 0);
    let none = b.iconst(Type::I32, 0);
    let any = b.ne(any, none);
    b.br_if(any, (clear, &[]), (rest, &[]));
    b.switch_to(clear);
    let address = b.global_addr(error, 0);
    b.store(Region::Global, none, address, ERROR_KIND);
    b.jump(rest, &[]);
}

/// Replaces every `global_addr` of the error state by a call of a function that finds it and, unless it is only
/// looked at, notes that it will be written to: finding thread-local data takes a call and a dozen bytes anyway, and nearly all uses are on
/// cold paths.
fn through_function(
    module: &mut Module,
    users: &[FuncId],
    global: GlobalId,
    (accessor, seen): (FuncId, GlobalId),
) {
    if users.is_empty() {
        return;
    }
    let mut state = Func::new("py.state", Signature::new(CallConv::Fast, &[], &[Type::I64]), Linkage::Local);
    state.cold = true;
    let entry = state.add_block();
    let mut b = Builder::new(&mut state, entry);
    let (cell, one) = (b.global_addr(seen, 0), b.iconst(Type::I32, 1));
    b.store(Region::Global, one, cell, 0);
    let call = b.call(accessor, &[Type::I64], &[]);
    let address = b.func.first_result(call).expect("invariant: it has a result");
    b.ret(&[address]);
    let state = module.funcs.push(state);
    for id in users {
        let func = &mut module.funcs[*id];
        for block in func.layout.clone() {
            while let Some((position, offset)) = first_address(func, block, global) {
                let old = func.block(block).insts[position];
                let finder = if is_only_read(func, old) { accessor } else { state };
                let mut new = None;
                insert(func, block, position, |b| {
                    let call = b.call(finder, &[Type::I64], &[]);
                    let start = b.func.first_result(call).expect("invariant: it has a result");
                    let distance = b.iconst(Type::I64, i64::from(offset));
                    new = Some(b.iadd(start, distance));
                });
                func.block_mut(block).insts.retain(|i| *i != old);
                if let (Some(result), Some(new)) = (func.first_result(old), new) {
                    func.alias(result, new);
                }
            }
        }
        func.resolve_aliases();
    }
}

/// Whether nothing but loads uses the address that an instruction gives.
fn is_only_read(func: &Func, address: Inst) -> bool {
    let Some(address) = func.first_result(address) else { return true };
    let mut insts = func.layout.iter().flat_map(|b| &func.block(*b).insts);
    insts.all(|i| {
        let mut uses = false;
        func.for_each_use(*i, |v| uses |= func.resolve(v) == address);
        !uses || func.inst(*i).op.format() == Format::Load
    })
}

fn first_address(func: &Func, block: pyexec_ir::Block, global: GlobalId) -> Option<(usize, i32)> {
    let mut insts = func.block(block).insts.iter().enumerate();
    insts.find_map(|(position, inst)| match func.inst(*inst).imm {
        Imm::Global(id, offset) if id == global => Some((position, offset)),
        _ => None,
    })
}

/// Whether a function takes the address of a global.
fn names(func: &Func, global: GlobalId) -> bool {
    let mut insts = func.layout.iter().flat_map(|b| &func.block(*b).insts);
    insts.any(|i| matches!(func.inst(*i).imm, Imm::Global(id, _) if id == global))
}

/// A limit of 0 is replaced for as long as the function runs; a caller's own limit stays.
fn limit_stack(func: &mut Func, limit: GlobalId) {
    let mut before = None;
    at_start(func, |b| {
        let address = b.global_addr(limit, 0);
        let old = b.load(Type::I64, Region::Global, address, 0);
        let here = b.stack_ptr();
        let allowance = b.iconst(Type::I64, STACK_ALLOWANCE);
        let lowest = b.isub(here, allowance);
        let zero = b.iconst(Type::I64, 0);
        let unset = b.eq(old, zero);
        let new = b.select(unset, lowest, old);
        b.store(Region::Global, new, address, 0);
        before = Some(old);
    });
    let Some(old) = before else { return };
    for block in func.layout.clone() {
        if func.terminator(block).is_some_and(|i| func.inst(i).op == Opcode::Ret) {
            insert(func, block, func.block(block).insts.len() - 1, |b| {
                let address = b.global_addr(limit, 0);
                b.store(Region::Global, old, address, 0);
            });
        }
    }
}

fn at_start(func: &mut Func, build: impl FnOnce(&mut Builder<'_>)) {
    if let Some(entry) = func.entry() {
        insert(func, entry, 0, build);
    }
}

/// Inserts what `build` appends before the instruction at `position`.
fn insert(func: &mut Func, block: pyexec_ir::Block, position: usize, build: impl FnOnce(&mut Builder<'_>)) {
    let length = func.block(block).insts.len();
    build(&mut Builder::new(func, block));
    let insts = &mut func.block_mut(block).insts;
    let added = insts.len() - length;
    insts[position..].rotate_right(added);
}

/// Tables of tracebacks stay with the compiler; what is left of an entry is its line.
fn lines_for_indices(module: &mut Module, line: impl Fn(i64) -> i64) {
    let tracing: Vec<(FuncId, usize)> =
        TRACING.iter().filter_map(|(name, arg)| Some((module.func_by_name(name)?, *arg))).collect();
    for func in module.funcs.values_mut() {
        for block in func.layout.clone() {
            let calls: Vec<(Inst, usize)> =
                func.block(block).insts.iter().filter_map(|i| traced(func, *i, &tracing)).collect();
            for (call, arg) in calls {
                let Some(index) = constant(func, func.args(call)[arg]) else { continue };
                let new = line_before(func, block, call, line(index));
                func.args_mut(call)[arg] = new;
            }
        }
    }
}

fn traced(func: &Func, inst: Inst, tracing: &[(FuncId, usize)]) -> Option<(Inst, usize)> {
    let Imm::Func(callee) = func.inst(inst).imm else { return None };
    let arg = tracing.iter().find(|(id, _)| *id == callee)?.1;
    (func.inst(inst).op != Opcode::FuncAddr && arg < func.args(inst).len()).then_some((inst, arg))
}

fn constant(func: &Func, value: Value) -> Option<i64> {
    func.const_bits(value).map(|bits| bits as i32 as i64)
}

/// A constant of its own for each call: the old one may have other uses.
fn line_before(func: &mut Func, block: pyexec_ir::Block, call: Inst, line: i64) -> Value {
    let position = func.block(block).insts.iter().position(|i| *i == call).unwrap_or(0);
    let mut value = None;
    insert(func, block, position, |b| value = Some(b.iconst(Type::I32, line)));
    value.expect("invariant: the closure has run")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyexec_ir::interp::{Interp, Limits, NoHost};

    /// `f(x)` raises with entry 7 of the traceback table if x is 0; `deep` reads the stack limit.
    const MODULE: &str = "\
global import data @pyexec_error: size 280, align 8
global import data @pyexec_stack_limit: size 8, align 8
func fast local cold @py.raise(i32, i64, i64, i32) -> () {
b0(v0: i32, v1: i64, v2: i64, v3: i32):
  v4 = global_addr @pyexec_error
  store.i32 global v0, v4
  store.i32 global v3, v4+24
  ret
}
func c export @f(i64) -> (i64) {
b0(v0: i64):
  br_if v1, b1, b2
b1:
  ret v0
b2:
  v2 = iconst.i32 8
  v3 = iconst.i64 0
  v4 = iconst.i32 7
  call @py.raise(v2, v3, v3, v4)
  ret v3
}
func fast local @limit() -> (i64) {
b0:
  v0 = global_addr @pyexec_stack_limit
  v1 = load.i64 global v0
  ret v1
}
func c export @deep() -> (i64) {
b0:
  v0 = call @limit()
  ret v0
}
func c export @plain(i64) -> (i64) {
b0(v0: i64):
  ret v0
}
";

    fn prepared() -> Module {
        let text = MODULE.replace("br_if v1,", "v9 = iconst.i64 0\n  v1 = ne.i64 v0, v9\n  br_if v1,");
        let mut module = pyexec_ir::parse_module(&text, 0).expect("parses");
        prepare(&mut module, |index| 100 + index);
        assert_eq!(pyexec_ir::verify(&module), []);
        module
    }

    fn call(interp: &mut Interp<'_>, module: &Module, name: &str, args: &[u128]) -> u128 {
        let func = module.func_by_name(name).expect("defined");
        interp.call(func, args, &mut NoHost).expect("returns")[0]
    }

    #[test]
    fn the_error_state_has_lines_and_is_cleared_by_the_next_call() {
        let module = prepared();
        let mut interp = Interp::new(&module, Limits::default()).expect("fits");
        let state = call(&mut interp, &module, ACCESSOR, &[]) as u64;
        let seen = interp.global_address(ERROR_SEEN_SYMBOL).expect("defined");
        assert_eq!(call(&mut interp, &module, "f", &[5]), 5);
        assert_eq!(interp.memory.read_int(seen, 4), Ok(0), "nobody has failed");
        assert_eq!(call(&mut interp, &module, "f", &[0]), 0);
        assert_eq!(interp.memory.read_int(seen, 4), Ok(1));
        let field =
            |interp: &Interp<'_>, offset| interp.memory.read_int(state + offset, 4).expect("in range");
        assert_eq!((field(&interp, 0), field(&interp, 24)), (8, 107));
        assert_eq!(call(&mut interp, &module, "f", &[5]), 5);
        assert_eq!(field(&interp, 0), 0);
    }

    #[test]
    fn the_stack_limit_holds_while_an_exported_function_runs() {
        let module = prepared();
        let mut interp = Interp::new(&module, Limits::default()).expect("fits");
        let within = call(&mut interp, &module, "deep", &[]) as i64;
        let top = (interp.stack_end() + Limits::default().stack_bytes) as i64;
        assert!((STACK_ALLOWANCE..STACK_ALLOWANCE + 4096).contains(&(top - within)));
        let limit = interp.global_address(STACK_LIMIT_SYMBOL).expect("defined");
        assert_eq!(interp.memory.read_int(limit, 8), Ok(0), "restored");
        interp.memory.write_int(limit, 8, 77).expect("writable");
        assert_eq!(call(&mut interp, &module, "deep", &[]), 77, "what the host has set stays");
    }

    #[test]
    fn functions_that_need_nothing_stay_as_they_are() {
        let module = prepared();
        let plain = module.func_by_name("plain").expect("defined");
        assert_eq!(module.funcs[plain].live_inst_count(), 1);
        let of_thread = |g: &Global| g.thread_local == (g.name != ERROR_SEEN_SYMBOL);
        assert!(module.globals.values().all(|g| of_thread(g) && g.linkage == Linkage::Weak));
    }
}
