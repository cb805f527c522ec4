//! A small evaluator: the oracle of the golden tests and of the fuzz test.

use pyexec_base::EntityId;
use pyexec_ir::{Block, Func, Imm, Inst, Module, Opcode, Value};
use std::collections::BTreeMap;

/// How a run ends: the results' bits, a trap, or no end within the fuel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    Returned(Vec<u128>),
    Trapped(String),
    OutOfFuel,
}

/// The end of a run, and the bytes that it wrote.
pub type Outcome = (End, BTreeMap<u64, u8>);

pub struct Machine<'a> {
    module: &'a Module,
    func: &'a Func,
    values: Vec<u128>,
    memory: BTreeMap<u64, u8>,
    fuel: usize,
    /// By function, what `range` says of each value.
    claims: BTreeMap<String, Vec<Option<(i128, i128)>>>,
}

impl<'a> Machine<'a> {
    pub fn run(module: &'a Module, name: &str, args: &[u128], fuel: usize) -> Outcome {
        Machine::run_claimed(module, name, args, fuel, BTreeMap::new())
    }

    /// As [`run`](Self::run); every value made must be in its interval.
    pub fn run_claimed(
        module: &'a Module,
        name: &str,
        args: &[u128],
        fuel: usize,
        claims: BTreeMap<String, Vec<Option<(i128, i128)>>>,
    ) -> Outcome {
        let func = &module.funcs[module.func_by_name(name).expect("the function exists")];
        let mut machine = Machine { module, func, values: Vec::new(), memory: BTreeMap::new(), fuel, claims };
        let end = machine.call(func, args.to_vec());
        (end, machine.memory)
    }

    fn call(&mut self, func: &'a Func, args: Vec<u128>) -> End {
        let caller = (std::mem::replace(&mut self.func, func), std::mem::take(&mut self.values));
        self.values = vec![0; func.value_count()];
        let entry = func.entry().expect("a body");
        self.enter(entry, args);
        let end = self.steps(entry);
        (self.func, self.values) = caller;
        end
    }

    fn enter(&mut self, block: Block, args: Vec<u128>) {
        for (param, bits) in self.func.block(block).params.iter().zip(args) {
            self.values[param.index()] = bits & self.func.ty(*param).mask();
            self.check_claim(*param);
        }
    }

    fn check_claim(&self, value: Value) {
        let (Some(claims), ty) = (self.claims.get(&self.func.name), self.func.ty(value)) else { return };
        if ty.is_int() {
            let number = pyexec_ir::signed(ty, self.get(value));
            let fine = claims[value.index()].is_some_and(|(lo, hi)| lo <= number && number <= hi);
            let claim = claims[value.index()];
            assert!(fine, "{value} is {number}, not in {claim:?}\n{}", self.module);
        }
    }

    fn get(&self, value: Value) -> u128 {
        self.values[value.index()]
    }

    fn steps(&mut self, mut block: Block) -> End {
        loop {
            let mut next = None;
            for &inst in &self.func.block(block).insts {
                if self.fuel == 0 {
                    return End::OutOfFuel;
                }
                self.fuel -= 1;
                match self.step(inst) {
                    Ok(target) => next = target,
                    Err(end) => return end,
                }
                self.func.results(inst).for_each(|result| self.check_claim(result));
            }
            let index = next.expect("a terminator");
            let call = self.func.successors(block)[index];
            let args = self.func.block_call_args(call).iter().map(|v| self.get(*v)).collect();
            self.enter(call.block, args);
            block = call.block;
        }
    }

    /// Executes; gives the index of the target of a branch.
    fn step(&mut self, inst: Inst) -> Result<Option<usize>, End> {
        let data = *self.func.inst(inst);
        let args: Vec<u128> = self.func.args(inst).iter().map(|v| self.get(*v)).collect();
        let results: Vec<Value> = self.func.results(inst).collect();
        match (data.op, data.imm) {
            (Opcode::Jump, _) => return Ok(Some(0)),
            (Opcode::BrIf, _) => return Ok(Some((args[0] == 0) as usize)),
            (Opcode::BrTable, _) => {
                let count = self.func.targets(inst).len() as u128;
                return Ok(Some(if args[0] < count - 1 { args[0] as usize + 1 } else { 0 }));
            }
            (Opcode::Ret, _) => return Err(End::Returned(args)),
            (Opcode::Trap, Imm::Trap(code)) => return Err(End::Trapped(code.to_string())),
            (Opcode::TrapIf, Imm::Trap(code)) if args[0] != 0 => return Err(End::Trapped(code.to_string())),
            (Opcode::TrapIf, _) => {}
            (Opcode::Call, Imm::Func(callee)) => match self.call(&self.module.funcs[callee], args) {
                End::Returned(bits) => {
                    results.iter().zip(bits).for_each(|(v, bits)| self.values[v.index()] = bits)
                }
                end => return Err(end),
            },
            (_, Imm::Int(_) | Imm::Bits(_)) => {
                self.values[results[0].index()] = self.func.const_bits(results[0]).expect("a constant");
            }
            (Opcode::GlobalAddr, Imm::Global(id, offset)) => {
                self.values[results[0].index()] = (0x10000 * (id.index() as i64 + 1) + offset as i64) as u128;
            }
            (Opcode::Load, Imm::Mem(offset, _)) => {
                let at = (args[0] as i64 + offset as i64) as u64;
                let byte = |i: u64| self.memory.get(&(at + i)).copied().unwrap_or(0) as u128;
                let bits = (0..data.ty.bytes() as u64).fold(0, |bits, i| bits | byte(i) << (8 * i));
                self.values[results[0].index()] = bits;
            }
            (Opcode::Store, Imm::Mem(offset, _)) => {
                let at = (args[1] as i64 + offset as i64) as u64;
                for i in 0..data.ty.bytes() as u64 {
                    self.memory.insert(at + i, (args[0] >> (8 * i)) as u8);
                }
            }
            _ => {
                let from = self.func.args(inst).first().map_or(data.ty, |v| self.func.ty(*v));
                let bits =
                    data.op.eval(data.ty, from, &args).map_err(|code| End::Trapped(code.to_string()))?;
                results.iter().zip(bits).for_each(|(v, bits)| self.values[v.index()] = bits);
            }
        }
        Ok(None)
    }
}
