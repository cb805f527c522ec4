//! Which functions are wanted, callees before callers.
//!
//! A caller may keep values in registers that its callee is known not to touch, so callees come first. In a
//! cycle one of the functions has to go without; which one follows from the order of functions in the module.

use pyexec_base::{BitSet, EntityVec};
use pyexec_ir::{DataTarget, Func, FuncId, Imm, Linkage, Module};

/// The functions that `roots` reach, in postorder of the calls between them. Imports are left out.
pub fn postorder(module: &Module, roots: &[FuncId]) -> Vec<FuncId> {
    let callees: EntityVec<FuncId, Vec<FuncId>> = module.funcs.values().map(callees).collect();
    let mut order = Vec::new();
    let mut seen = BitSet::with_capacity(module.funcs.len());
    for root in roots.iter().copied().chain(data_roots(module)) {
        let mut stack = Vec::new();
        if seen.insert(root) {
            stack.push((root, 0));
        }
        while let Some((func, next)) = stack.last_mut() {
            match callees[*func].get(*next) {
                Some(&callee) => {
                    *next += 1;
                    if seen.insert(callee) {
                        stack.push((callee, 0));
                    }
                }
                None => {
                    if !module.funcs[*func].is_import() {
                        order.push(*func);
                    }
                    stack.pop();
                }
            }
        }
    }
    order
}

/// The functions that others may see.
pub fn visible(module: &Module) -> Vec<FuncId> {
    let visible = |f: &Func| matches!(f.linkage, Linkage::Export | Linkage::Weak);
    module.funcs.iter().filter(|(_, f)| visible(f)).map(|(id, _)| id).collect()
}

/// Whether `from` reaches a function that satisfies `found`, itself included.
pub fn reaches(module: &Module, from: FuncId, mut found: impl FnMut(&Func) -> bool) -> bool {
    let mut seen = BitSet::with_capacity(module.funcs.len());
    let mut work = vec![from];
    while let Some(id) = work.pop() {
        if seen.insert(id) {
            if found(&module.funcs[id]) {
                return true;
            }
            work.extend(callees(&module.funcs[id]));
        }
    }
    false
}

/// Every function that `func` names, each once, in the order of the code.
fn callees(func: &Func) -> Vec<FuncId> {
    let mut seen = BitSet::new();
    let insts = func.layout.iter().flat_map(|b| &func.block(*b).insts);
    insts
        .filter_map(|inst| match func.inst(*inst).imm {
            Imm::Func(id) if seen.insert(id) => Some(id),
            _ => None,
        })
        .collect()
}

/// Functions whose address is stored in data.
fn data_roots(module: &Module) -> impl Iterator<Item = FuncId> + '_ {
    module.globals.values().flat_map(|g| &g.relocs).filter_map(|r| match r.target {
        DataTarget::Func(id) => Some(id),
        DataTarget::Global(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(module: &Module, roots: &[&str]) -> Vec<String> {
        let roots: Vec<_> = roots.iter().filter_map(|r| module.func_by_name(r)).collect();
        postorder(module, &roots).into_iter().map(|f| module.funcs[f].name.clone()).collect()
    }

    #[test]
    fn callees_come_first_and_the_unreachable_not_at_all() {
        let module = pyexec_ir::parse_module(
            "func fast import @puts(i64) -> ()\n\
             func fast local @unused() -> () {\nb0:\n  ret\n}\n\
             func fast local @a() -> () {\nb0:\n  call @b()\n  call @c()\n  ret\n}\n\
             func fast local @c() -> () {\nb0:\n  v0 = iconst.i64 1\n  call @puts(v0)\n  ret\n}\n\
             func fast local @b() -> () {\nb0:\n  call @c()\n  tail_call @a()\n}\n",
            0,
        );
        let module = module.expect("parses");
        assert_eq!(names(&module, &["a"]), ["c", "b", "a"]);
        assert_eq!(names(&module, &["unused", "c"]), ["unused", "c"]);
        let a = module.func_by_name("a").expect("defined");
        assert!(reaches(&module, a, |f| f.name == "puts") && !reaches(&module, a, |f| f.name == "unused"));
    }
}
