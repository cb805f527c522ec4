//! The order in which functions are lowered: callees before callers, so that a caller knows whether its
//! callees can raise; and which functions are recursive (and so check the stack, and may raise).
//!
//! Tarjan's strongly connected components, with an explicit stack: chains of calls may be long.

use crate::hir::{FuncId, Module};
use crate::walk;
use pyexec_base::EntityId;

/// The functions that roots reach.
pub(super) struct Order {
    /// Callees before callers.
    pub functions: Vec<FuncId>,
    /// By function: whether it calls itself, be it through others.
    pub recursive: Vec<bool>,
}

struct Search {
    callees: Vec<Option<Vec<FuncId>>>,
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<FuncId>,
    next: u32,
    order: Order,
}

/// Orders what `roots` reach.
pub(super) fn order(module: &Module, roots: &[FuncId]) -> Order {
    let n = module.functions.len();
    let mut search = Search {
        callees: vec![None; n],
        index: vec![0; n],
        low: vec![0; n],
        on_stack: vec![false; n],
        stack: Vec::new(),
        next: 1,
        order: Order { functions: Vec::new(), recursive: vec![false; n] },
    };
    for root in roots {
        if search.index[root.index()] == 0 {
            search.run(module, *root);
        }
    }
    search.order
}

impl Search {
    fn enter(&mut self, module: &Module, func: FuncId) {
        let callees = walk::callees(&module.functions[func].body);
        self.order.recursive[func.index()] = callees.contains(&func);
        self.callees[func.index()] = Some(callees);
        self.index[func.index()] = self.next;
        self.low[func.index()] = self.next;
        self.next += 1;
        self.stack.push(func);
        self.on_stack[func.index()] = true;
    }

    fn run(&mut self, module: &Module, root: FuncId) {
        self.enter(module, root);
        let mut work = vec![(root, 0usize)];
        while let Some((func, at)) = work.pop() {
            let i = func.index();
            let next = self.callees[i].as_ref().and_then(|c| c.get(at).copied());
            let Some(callee) = next else {
                self.leave(func);
                if let Some((caller, _)) = work.last() {
                    self.low[caller.index()] = self.low[caller.index()].min(self.low[i]);
                }
                continue;
            };
            work.push((func, at + 1));
            if self.index[callee.index()] == 0 {
                self.enter(module, callee);
                work.push((callee, 0));
            } else if self.on_stack[callee.index()] {
                self.low[i] = self.low[i].min(self.index[callee.index()]);
            }
        }
    }

    fn leave(&mut self, func: FuncId) {
        if self.low[func.index()] != self.index[func.index()] {
            return;
        }
        let first = self.stack.iter().rposition(|f| *f == func).unwrap_or(0);
        let members = self.stack.split_off(first);
        for member in &members {
            self.on_stack[member.index()] = false;
            self.order.recursive[member.index()] |= members.len() > 1;
        }
        self.order.functions.extend(members);
    }
}
