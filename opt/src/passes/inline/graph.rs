//! The call graph: who calls whom directly, in which order to visit, and who is on a cycle.

use pyexec_base::{BitSet, EntityVec};
use pyexec_ir::{FuncId, Imm, Module, Opcode};

pub(super) struct CallGraph {
    calls: EntityVec<FuncId, u32>,
    bottom_up: Vec<FuncId>,
    recursive: BitSet<FuncId>,
}

impl CallGraph {
    pub fn new(module: &Module) -> Self {
        let mut callees: EntityVec<FuncId, Vec<FuncId>> = EntityVec::filled(Vec::new(), module.funcs.len());
        let mut calls = EntityVec::filled(0, module.funcs.len());
        for (id, func) in module.funcs.iter() {
            for inst in func.layout.iter().flat_map(|b| &func.block(*b).insts) {
                let data = func.inst(*inst);
                let Imm::Func(callee) = data.imm else { continue };
                calls[callee] += 1;
                if matches!(data.op, Opcode::Call | Opcode::TailCall) {
                    callees[id].push(callee);
                }
            }
        }
        let mut tarjan = Tarjan::new(&callees);
        module.funcs.ids().for_each(|id| tarjan.visit(id));
        Self { calls, bottom_up: tarjan.order, recursive: tarjan.recursive }
    }

    /// How often a function is named by an instruction.
    pub fn calls(&self, func: FuncId) -> u32 {
        self.calls[func]
    }
    /// Every function, callees before callers, cycles apart.
    pub fn bottom_up(&self) -> &[FuncId] {
        &self.bottom_up
    }
    /// Whether a function can reach itself by direct calls.
    pub fn is_recursive(&self, func: FuncId) -> bool {
        self.recursive.contains(func)
    }
}

struct Tarjan<'a> {
    callees: &'a EntityVec<FuncId, Vec<FuncId>>,
    /// Order of the first visit, from 1; 0 if not visited.
    number: EntityVec<FuncId, u32>,
    low: EntityVec<FuncId, u32>,
    on_stack: BitSet<FuncId>,
    stack: Vec<FuncId>,
    next: u32,
    order: Vec<FuncId>,
    recursive: BitSet<FuncId>,
}

impl<'a> Tarjan<'a> {
    fn new(callees: &'a EntityVec<FuncId, Vec<FuncId>>) -> Self {
        let count = callees.len();
        Self {
            callees,
            number: EntityVec::filled(0, count),
            low: EntityVec::filled(0, count),
            on_stack: BitSet::with_capacity(count),
            stack: Vec::new(),
            next: 1,
            order: Vec::with_capacity(count),
            recursive: BitSet::with_capacity(count),
        }
    }

    fn open(&mut self, func: FuncId) {
        self.number[func] = self.next;
        self.low[func] = self.next;
        self.next += 1;
        self.stack.push(func);
        self.on_stack.insert(func);
    }

    /// Visits what is reachable from `root`; with a stack of its own, as call chains may be long.
    fn visit(&mut self, root: FuncId) {
        if self.number[root] != 0 {
            return;
        }
        self.open(root);
        let mut work = vec![(root, 0)];
        while let Some((func, index)) = work.last_mut() {
            let func = *func;
            match self.callees[func].get(*index).copied() {
                Some(callee) => {
                    *index += 1;
                    if self.number[callee] == 0 {
                        self.open(callee);
                        work.push((callee, 0));
                    } else if self.on_stack.contains(callee) {
                        self.low[func] = self.low[func].min(self.number[callee]);
                    }
                }
                None => {
                    work.pop();
                    if let Some((caller, _)) = work.last() {
                        self.low[*caller] = self.low[*caller].min(self.low[func]);
                    }
                    self.close(func);
                }
            }
        }
    }

    /// If `func` is the root of a component, takes the component off the stack.
    fn close(&mut self, func: FuncId) {
        if self.low[func] != self.number[func] {
            return;
        }
        let start = self.stack.iter().rposition(|f| *f == func).unwrap_or(0);
        let members = self.stack.split_off(start);
        let cyclic = members.len() > 1 || self.callees[func].contains(&func);
        for member in members {
            self.on_stack.remove(member);
            self.order.push(member);
            if cyclic {
                self.recursive.insert(member);
            }
        }
    }
}
