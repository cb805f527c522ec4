//! Random problems that keep every rule: food for allocators, checker and text form.
//!
//! ```text
//!   numbers -> control flow (edges split) -> dominators -> definitions -> uses that they reach
//! ```
//!
//! A seed and a size determine the problem. Instructions are the shapes that targets have: three
//! operands, two-address reuse, calls with fixed arguments, results and clobbers, divisions with fixed
//! pairs and late divisors, temporaries, operands in memory.

use crate::dom::Dominators;
use crate::{
    Block, Constraint, InstKind, MachineEnv, Operand, OperandKind, OperandPos, PReg, PRegSet, ProblemBuf,
    RegClass, VReg,
};
use pyexec_base::EntityId;

/// A small generator of numbers (S. Vigna's splitmix64).
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }
    /// A number below `bound` (which is not 0).
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next_u64() % bound as u64) as usize
    }
    /// True once in `n`.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len())) }
    }
}

/// A machine with `per_class` allocatable registers (4..=24) and, perhaps, scratch registers.
pub fn machine(per_class: u8, scratch: bool) -> MachineEnv {
    let set = |class, range: std::ops::Range<u8>| range.map(|n| PReg::new(n, class)).collect::<PRegSet>();
    let classes = [RegClass::Int, RegClass::Float];
    MachineEnv {
        preferred: classes.map(|c| set(c, 0..per_class / 2)),
        non_preferred: classes.map(|c| set(c, per_class / 2..per_class)),
        scratch: classes.map(|c| scratch.then(|| PReg::new(per_class, c))),
    }
}

/// A random problem of about `size` blocks for `env`. Verifies.
pub fn problem(seed: u64, size: usize, env: &MachineEnv) -> ProblemBuf {
    let mut rng = Rng::new(seed);
    let flow = Flow::random(&mut rng, size.max(1));
    Generator::new(rng, env, flow).run()
}

/// Control flow with critical edges split and blocks in an order where dominators come first.
struct Flow {
    succs: Vec<Vec<usize>>,
}

impl Flow {
    fn random(rng: &mut Rng, size: usize) -> Self {
        let mut succs: Vec<Vec<usize>> = Vec::new();
        for block in 0..size {
            let next = block + 1;
            let anywhere = |rng: &mut Rng| 1 + rng.below(size.max(2) - 1);
            succs.push(match rng.below(8) {
                _ if next >= size => vec![],
                0 => vec![next, anywhere(rng), anywhere(rng)],
                1..=3 => vec![next, anywhere(rng)],
                _ => vec![next],
            });
        }
        Self { succs: split_edges(&succs) }
    }
}

/// Puts a block on every critical edge, right behind the block it leaves. The entry has no predecessor.
fn split_edges(succs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut preds = vec![0; succs.len()];
    succs.iter().flatten().for_each(|s| preds[*s] += 1);
    let critical = |from: &Vec<usize>, to: usize| from.len() > 1 && preds[to] > 1;
    let mut number = Vec::new();
    let mut next = 0;
    for from in succs {
        number.push(next);
        next += 1 + from.iter().filter(|to| critical(from, **to)).count();
    }
    let mut out = Vec::new();
    for (block, from) in succs.iter().enumerate() {
        let mut edge = number[block];
        let mut edges = Vec::new();
        let mut targets = Vec::new();
        for to in from {
            if critical(from, *to) {
                edge += 1;
                edges.push(vec![number[*to]]);
                targets.push(edge);
            } else {
                targets.push(number[*to]);
            }
        }
        out.push(targets);
        out.append(&mut edges);
    }
    out
}

struct Generator<'a> {
    rng: Rng,
    env: &'a MachineEnv,
    flow: Flow,
    out: ProblemBuf,
    /// What is defined at the end of each block generated so far, its dominators' included.
    available: Vec<Vec<VReg>>,
}

/// Parameters of each block are chosen before any code.
impl<'a> Generator<'a> {
    fn new(rng: Rng, env: &'a MachineEnv, flow: Flow) -> Self {
        let mut out = ProblemBuf::default();
        out.clear();
        let available = vec![Vec::new(); flow.succs.len()];
        Self { rng, env, flow, out, available }
    }

    fn run(mut self) -> ProblemBuf {
        let idoms = self.dominators();
        let params: Vec<Vec<VReg>> = (0..self.flow.succs.len()).map(|b| self.make_params(b)).collect();
        for block in 0..self.flow.succs.len() {
            let mut known = idoms[block].map_or(Vec::new(), |d| self.available[d].clone());
            known.extend(&params[block]);
            self.out.params.extend(&params[block]);
            self.fill(block, &mut known, &params);
            self.available[block] = known;
            self.out.end_block();
        }
        self.out.compute_preds();
        self.out
    }

    fn dominators(&self) -> Vec<Option<usize>> {
        let mut graph = ProblemBuf::default();
        graph.clear();
        for succs in &self.flow.succs {
            succs.iter().for_each(|s| graph.push_succ(Block::from_index(*s)));
            graph.end_block();
        }
        graph.compute_preds();
        let dom = Dominators::new(&graph.view());
        (0..self.flow.succs.len()).map(|b| dom.idom(Block::from_index(b)).map(|d| d.index())).collect()
    }

    fn new_vreg(&mut self) -> VReg {
        let class = if self.rng.one_in(3) { RegClass::Float } else { RegClass::Int };
        self.new_of(class)
    }
    fn new_of(&mut self, class: RegClass) -> VReg {
        self.out.vreg_count += 1;
        VReg::new(self.out.vreg_count - 1, class)
    }

    fn make_params(&mut self, block: usize) -> Vec<VReg> {
        let count = if block == 0 { 0 } else { self.rng.below(4) };
        (0..count).map(|_| self.new_vreg()).collect()
    }

    fn fill(&mut self, block: usize, known: &mut Vec<VReg>, params: &[Vec<VReg>]) {
        // Both classes are defined in the entry, so that an argument of either can be found anywhere.
        if block == 0 {
            for class in [RegClass::Int, RegClass::Float] {
                let vreg = self.new_of(class);
                self.push(&[Operand::new(vreg, Constraint::Reg, OperandKind::Def)], PRegSet::EMPTY);
                known.push(vreg);
            }
        }
        for _ in 0..self.rng.below(6) {
            self.inst(known);
        }
        self.terminator(block, known, params);
    }

    fn push(&mut self, operands: &[Operand], clobbers: PRegSet) {
        self.out.operands.extend_from_slice(operands);
        self.out.push_inst(InstKind::Normal, clobbers);
    }

    fn some(&mut self, known: &[VReg], class: RegClass) -> VReg {
        let start = self.rng.below(known.len());
        let rotated = known[start..].iter().chain(&known[..start]);
        let found = rotated.copied().find(|v| v.class() == class);
        found.expect("invariant: the entry defines a register of each class")
    }

    fn inst(&mut self, known: &mut Vec<VReg>) {
        let class = if self.rng.one_in(3) { RegClass::Float } else { RegClass::Int };
        match self.rng.below(10) {
            0 => self.call(known),
            1 => self.division(known),
            2 => self.shift(known),
            3..=5 => self.two_address(class, known),
            _ => self.plain(class, known),
        }
    }

    fn plain(&mut self, class: RegClass, known: &mut Vec<VReg>) {
        let mut operands = Vec::new();
        for _ in 0..self.rng.below(3) {
            let vreg = self.some(known, class);
            let anywhere = self.rng.one_in(4);
            let constraint = if anywhere { Constraint::Any } else { Constraint::Reg };
            let late = self.rng.one_in(5);
            let pos = if late { OperandPos::Late } else { OperandPos::Early };
            operands.push(Operand::new(vreg, constraint, OperandKind::Use).at(pos));
        }
        let def = self.new_of(class);
        let early = self.rng.one_in(5);
        let pos = if early { OperandPos::Early } else { OperandPos::Late };
        let constraint = if self.rng.one_in(8) { Constraint::Any } else { Constraint::Reg };
        operands.push(Operand::new(def, constraint, OperandKind::Def).at(pos));
        if self.rng.one_in(10) {
            operands.push(Operand::nonallocatable(PReg::new(63, class)));
        }
        self.push(&operands, PRegSet::EMPTY);
        known.push(def);
    }

    fn two_address(&mut self, class: RegClass, known: &mut Vec<VReg>) {
        let (a, b) = (self.some(known, class), self.some(known, class));
        let def = self.new_of(class);
        let other = if self.rng.one_in(3) { Constraint::Any } else { Constraint::Reg };
        let operands = [
            Operand::new(def, Constraint::Reuse(1), OperandKind::Def),
            Operand::new(a, Constraint::Reg, OperandKind::Use),
            Operand::new(b, other, OperandKind::Use),
        ];
        self.push(&operands, PRegSet::EMPTY);
        known.push(def);
    }

    fn registers(&self, class: RegClass) -> Vec<PReg> {
        self.env.allocatable().iter().filter(|r| r.class() == class).collect()
    }

    fn call(&mut self, known: &mut Vec<VReg>) {
        let mut operands = Vec::new();
        let mut clobbers = self.env.preferred[0].union(self.env.preferred[1]);
        for class in [RegClass::Int, RegClass::Float] {
            for reg in self.registers(class).into_iter().take(2) {
                let vreg = self.some(known, class);
                operands.push(Operand::new(vreg, Constraint::Fixed(reg), OperandKind::Use));
            }
            if self.rng.one_in(2) {
                let reg = self.registers(class)[0];
                let def = self.new_of(class);
                operands.push(Operand::new(def, Constraint::Fixed(reg), OperandKind::Def));
                clobbers.remove(reg);
                known.push(def);
            }
        }
        // Arguments beyond the registers, in any place.
        for _ in 0..self.rng.below(4) {
            let vreg = known[self.rng.below(known.len())];
            let defined_here = operands.iter().any(|o| o.is_def() && o.vreg == vreg);
            if !defined_here {
                operands.push(Operand::new(vreg, Constraint::Any, OperandKind::Use));
            }
        }
        self.push(&operands, clobbers);
    }

    /// As `idiv`: dividend and quotient in one register, remainder in another, divisor kept apart.
    fn division(&mut self, known: &mut Vec<VReg>) {
        let regs = self.registers(RegClass::Int);
        let (dividend, divisor) = (self.some(known, RegClass::Int), self.some(known, RegClass::Int));
        let (quotient, remainder) = (self.new_of(RegClass::Int), self.new_of(RegClass::Int));
        let operands = [
            Operand::new(dividend, Constraint::Fixed(regs[0]), OperandKind::Use),
            Operand::new(divisor, Constraint::Reg, OperandKind::Use).at(OperandPos::Late),
            Operand::new(quotient, Constraint::Fixed(regs[0]), OperandKind::Def),
            Operand::new(remainder, Constraint::Fixed(regs[1]), OperandKind::Def).at(OperandPos::Early),
        ];
        self.push(&operands, PRegSet::EMPTY);
        known.extend([quotient, remainder]);
    }

    /// As `shl r, cl`.
    fn shift(&mut self, known: &mut Vec<VReg>) {
        let regs = self.registers(RegClass::Int);
        let (value, amount) = (self.some(known, RegClass::Int), self.some(known, RegClass::Int));
        let def = self.new_of(RegClass::Int);
        let operands = [
            Operand::new(def, Constraint::Reuse(1), OperandKind::Def),
            Operand::new(value, Constraint::Reg, OperandKind::Use),
            Operand::new(amount, Constraint::Fixed(regs[1]), OperandKind::Use),
        ];
        self.push(&operands, PRegSet::EMPTY);
        known.push(def);
    }

    fn terminator(&mut self, block: usize, known: &[VReg], params: &[Vec<VReg>]) {
        let succs = self.flow.succs[block].clone();
        if succs.len() > 1 && self.rng.one_in(2) {
            // No successor has other predecessors, so the branch may look at a value.
            let vreg = self.some(known, RegClass::Int);
            self.out.operands.push(Operand::new(vreg, Constraint::Reg, OperandKind::Use));
            let temp = self.new_of(RegClass::Int);
            let temp = Operand::new(temp, Constraint::Reg, OperandKind::Def).at(OperandPos::Early);
            self.out.operands.push(temp);
        }
        if succs.is_empty() {
            let vreg = self.some(known, RegClass::Int);
            let reg = self.registers(RegClass::Int)[0];
            self.out.operands.push(Operand::new(vreg, Constraint::Fixed(reg), OperandKind::Use));
        }
        let kind = if succs.is_empty() { InstKind::Ret } else { InstKind::Branch };
        self.out.push_inst(kind, PRegSet::EMPTY);
        for succ in succs {
            for param in &params[succ] {
                let arg = self.some(known, param.class());
                self.out.args.push(arg);
            }
            self.out.push_succ(Block::from_index(succ));
        }
    }
}
