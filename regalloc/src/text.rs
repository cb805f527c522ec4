//! The text form `.ra` of machine, problem and solution.
//!
//! ```text
//! machine
//!   int p0 p1 | p2 | p3             ; preferred | others | scratch
//!   float f0 f1 | | f2
//! b0:
//!   op vr0=fixed(p0) vr1=any
//!   op vr2=reuse(1) vr0:reg vr1:any@late !p1 !f0    ; clobbers p1 and f0
//!   branch vr3=reg@early -> b1(vr2) b2
//! b1(vr4):
//!   ret vr4:fixed(p0) nonalloc(p9)
//! b2:
//!   ret
//! solution 1                        ; spill slots
//!   i0: p0 slot0
//!   before i1: p2 <- slot0
//! end
//! ```
//!
//! `=` marks definitions and `:` uses; `@late` or `@early` is written where it is not the usual position
//! (uses early, definitions late). Instructions are numbered from 0 through all blocks. Float registers
//! are `f0` and `vr0f`. Comments run from `;` to the end of the line. Printing a parsed text and parsing
//! a printed one both give the same again.

use crate::{
    Alloc, Block, Constraint, Edit, EditPos, Inst, InstKind, MachineEnv, Operand, OperandKind, OperandPos,
    PReg, PRegSet, Problem, ProblemBuf, RegClass, Solution, VReg,
};
use pyexec_base::EntityId;
use std::fmt;

/// What a `.ra` text holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RaFile {
    /// The machine.
    pub env: MachineEnv,
    /// The question.
    pub problem: ProblemBuf,
    /// The answer, if it has been given.
    pub solution: Option<Solution>,
}

/// Where and why a text is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

// ---- Printing ----

/// Prints as `.ra`.
pub struct Printed<'a> {
    /// The machine, unless it is of no interest.
    pub env: Option<&'a MachineEnv>,
    /// The question.
    pub problem: Problem<'a>,
    /// The answer, if there is one.
    pub solution: Option<&'a Solution>,
}

impl fmt::Display for RaFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (env, solution) = (Some(&self.env), self.solution.as_ref());
        Printed { env, problem: self.problem.view(), solution }.fmt(f)
    }
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(env) = self.env {
            print_machine(f, env)?;
        }
        for block in self.problem.block_ids() {
            write!(f, "{block}")?;
            print_vregs(f, self.problem.block_params(block))?;
            writeln!(f, ":")?;
            for inst in self.problem.block_insts(block) {
                self.print_inst(f, block, inst)?;
            }
        }
        if let Some(solution) = self.solution {
            self.print_solution(f, solution)?;
        }
        writeln!(f, "end")
    }
}

fn print_machine(f: &mut fmt::Formatter<'_>, env: &MachineEnv) -> fmt::Result {
    writeln!(f, "machine")?;
    for (index, name) in ["int", "float"].iter().enumerate() {
        write!(f, "  {name}")?;
        env.preferred[index].iter().try_for_each(|r| write!(f, " {r}"))?;
        write!(f, " |")?;
        env.non_preferred[index].iter().try_for_each(|r| write!(f, " {r}"))?;
        write!(f, " |")?;
        env.scratch[index].iter().try_for_each(|r| write!(f, " {r}"))?;
        writeln!(f)?;
    }
    Ok(())
}

fn print_vregs(f: &mut fmt::Formatter<'_>, vregs: &[VReg]) -> fmt::Result {
    for (index, vreg) in vregs.iter().enumerate() {
        write!(f, "{}{vreg}", if index == 0 { "(" } else { " " })?;
    }
    if vregs.is_empty() { Ok(()) } else { write!(f, ")") }
}

impl Printed<'_> {
    fn print_inst(&self, f: &mut fmt::Formatter<'_>, block: Block, inst: usize) -> fmt::Result {
        let problem = &self.problem;
        let kind = problem.insts[inst].kind;
        let word = match kind {
            InstKind::Normal => "op",
            InstKind::Branch => "branch",
            InstKind::Ret => "ret",
        };
        write!(f, "  {word}")?;
        for operand in problem.inst_operands(inst) {
            write!(f, " {operand}")?;
        }
        problem.inst_clobbers(inst).iter().try_for_each(|r| write!(f, " !{r}"))?;
        if kind == InstKind::Branch {
            write!(f, " ->")?;
            for edge in problem.succ_range(block) {
                write!(f, " {}", problem.succs[edge])?;
                print_vregs(f, problem.edge_args(edge))?;
            }
        }
        writeln!(f)
    }

    fn print_solution(&self, f: &mut fmt::Formatter<'_>, solution: &Solution) -> fmt::Result {
        writeln!(f, "solution {}", solution.spill_slots)?;
        let mut edits = solution.edits.iter().peekable();
        for inst in (0..self.problem.insts.len()).map(Inst::from_index) {
            let before = (inst, EditPos::Before);
            while let Some(edit) = edits.next_if(|e| (e.inst, e.pos) <= before) {
                writeln!(f, "  before {inst}: {} <- {}", edit.to, edit.from)?;
            }
            let allocs = solution.inst_allocs(&self.problem, inst);
            if !allocs.is_empty() {
                write!(f, "  {inst}:")?;
                allocs.iter().try_for_each(|a| write!(f, " {a}"))?;
                writeln!(f)?;
            }
            while let Some(edit) = edits.next_if(|e| e.inst <= inst) {
                writeln!(f, "  after {inst}: {} <- {}", edit.to, edit.from)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Constraint::FixedNonallocatable(reg) = self.constraint {
            return write!(f, "nonalloc({reg})");
        }
        write!(f, "{}{}", self.vreg, if self.is_def() { '=' } else { ':' })?;
        match self.constraint {
            Constraint::Any => write!(f, "any")?,
            Constraint::Reg => write!(f, "reg")?,
            Constraint::Stack => write!(f, "stack")?,
            Constraint::Fixed(reg) => write!(f, "fixed({reg})")?,
            Constraint::Reuse(index) => write!(f, "reuse({index})")?,
            Constraint::FixedNonallocatable(_) => {}
        }
        match (self.kind, self.pos) {
            (OperandKind::Use, OperandPos::Late) => write!(f, "@late"),
            (OperandKind::Def, OperandPos::Early) => write!(f, "@early"),
            _ => Ok(()),
        }
    }
}

// ---- Parsing ----

/// Parses a `.ra` text. The problem is not verified.
///
/// # Errors
/// At the first line that does not follow the grammar.
pub fn parse(text: &str) -> Result<RaFile, ParseError> {
    let mut parser = Parser { file: RaFile::empty(), in_block: false };
    for (index, line) in text.lines().enumerate() {
        let line = line.split(';').next().unwrap_or("").trim();
        let wrong = |message| ParseError { line: index + 1, message };
        if line == "end" {
            parser.finish().map_err(wrong)?;
            return Ok(parser.file);
        }
        if !line.is_empty() {
            parser.line(line).map_err(wrong)?;
        }
    }
    Err(ParseError { line: text.lines().count() + 1, message: "`end` is missing".into() })
}

impl RaFile {
    fn empty() -> Self {
        let env = MachineEnv {
            preferred: [PRegSet::EMPTY; 2],
            non_preferred: [PRegSet::EMPTY; 2],
            scratch: [None; 2],
        };
        let mut problem = ProblemBuf::default();
        problem.clear();
        Self { env, problem, solution: None }
    }
}

struct Parser {
    file: RaFile,
    in_block: bool,
}

type Parsed<T> = Result<T, String>;

impl Parser {
    fn line(&mut self, line: &str) -> Parsed<()> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "machine" if rest.is_empty() => Ok(()),
            "int" => self.machine(RegClass::Int, rest),
            "float" => self.machine(RegClass::Float, rest),
            "op" => self.inst(InstKind::Normal, rest),
            "branch" => self.inst(InstKind::Branch, rest),
            "ret" => self.inst(InstKind::Ret, rest),
            "solution" => self.solution(rest),
            "before" => self.edit(EditPos::Before, rest),
            "after" => self.edit(EditPos::After, rest),
            _ if line.starts_with('b') => self.block(line),
            _ if line.starts_with('i') => self.allocs(line),
            _ => Err(format!("`{word}` begins no line")),
        }
    }

    fn machine(&mut self, class: RegClass, rest: &str) -> Parsed<()> {
        let mut parts = rest.split('|');
        let mut part = || -> Parsed<Vec<PReg>> {
            let part = parts.next().ok_or("expected `registers | registers | scratch`")?;
            part.split_whitespace().map(preg).collect()
        };
        let index = class as usize;
        self.file.env.preferred[index] = part()?.into_iter().collect();
        self.file.env.non_preferred[index] = part()?.into_iter().collect();
        self.file.env.scratch[index] = part()?.first().copied();
        Ok(())
    }

    fn end_block(&mut self) {
        if std::mem::replace(&mut self.in_block, false) {
            self.file.problem.end_block();
        }
    }

    fn block(&mut self, line: &str) -> Parsed<()> {
        self.end_block();
        let head = line.strip_suffix(':').ok_or("expected `:` after the block")?;
        let (block, params) = split_list(head)?;
        if number::<u32>(block, "b")? as usize != self.file.problem.blocks.len() {
            return Err(format!("blocks are numbered from 0, in order: `{block}`"));
        }
        for param in params.split_whitespace() {
            let param = self.vreg(param)?;
            self.file.problem.params.push(param);
        }
        self.in_block = true;
        Ok(())
    }

    fn inst(&mut self, kind: InstKind, rest: &str) -> Parsed<()> {
        if !self.in_block {
            return Err("an instruction outside of any block".into());
        }
        let (operands, targets) = rest.split_once("->").unwrap_or((rest, ""));
        let mut clobbers = PRegSet::EMPTY;
        for word in operands.split_whitespace() {
            if let Some(reg) = word.strip_prefix('!') {
                clobbers.insert(preg(reg)?);
            } else {
                let operand = self.operand(word)?;
                self.file.problem.operands.push(operand);
            }
        }
        self.file.problem.push_inst(kind, clobbers);
        self.targets(targets)
    }

    /// `b1(vr2 vr3) b2`
    fn targets(&mut self, mut rest: &str) -> Parsed<()> {
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return Ok(());
            }
            let name_end = rest.find([' ', '(']).unwrap_or(rest.len());
            let block = Block::new(number(&rest[..name_end], "b")?);
            rest = &rest[name_end..];
            if let Some(list) = rest.strip_prefix('(') {
                let (args, after) = list.split_once(')').ok_or("expected `)`")?;
                for arg in args.split_whitespace() {
                    let arg = self.vreg(arg)?;
                    self.file.problem.args.push(arg);
                }
                rest = after;
            }
            self.file.problem.push_succ(block);
        }
    }

    fn operand(&mut self, word: &str) -> Parsed<Operand> {
        if let Some(reg) = argument(word, "nonalloc") {
            return Ok(Operand::nonallocatable(preg(reg)?));
        }
        let at = word.find(['=', ':']).ok_or_else(|| format!("`{word}` is no operand"))?;
        let kind = if word[at..].starts_with('=') { OperandKind::Def } else { OperandKind::Use };
        let vreg = self.vreg(&word[..at])?;
        let (constraint, pos) = word[at + 1..].split_once('@').unwrap_or((&word[at + 1..], ""));
        let operand = Operand::new(vreg, parse_constraint(constraint)?, kind);
        match pos {
            "" => Ok(operand),
            "late" => Ok(operand.at(OperandPos::Late)),
            "early" => Ok(operand.at(OperandPos::Early)),
            _ => Err(format!("`@{pos}` is no position")),
        }
    }

    fn vreg(&mut self, word: &str) -> Parsed<VReg> {
        let (digits, class) = match word.strip_suffix('f') {
            Some(digits) => (digits, RegClass::Float),
            None => (word, RegClass::Int),
        };
        let index: u32 = number(digits, "vr")?;
        if index >= 1 << 21 {
            return Err(format!("`{word}` is beyond the limit of 2^21 registers"));
        }
        self.file.problem.vreg_count = self.file.problem.vreg_count.max(index + 1);
        Ok(VReg::new(index, class))
    }

    fn solution(&mut self, rest: &str) -> Parsed<()> {
        self.end_block();
        let spill_slots = number(rest.trim(), "")?;
        self.file.solution = Some(Solution { spill_slots, ..Solution::default() });
        Ok(())
    }

    /// `i3: p1 slot0`
    fn allocs(&mut self, line: &str) -> Parsed<()> {
        let (inst, rest) = line.split_once(':').ok_or("expected `:` after the instruction")?;
        let inst = number::<u32>(inst, "i")? as usize;
        let solution = self.file.solution.as_mut().ok_or("places before `solution`")?;
        let problem = self.file.problem.view();
        if inst >= problem.insts.len() || problem.operand_range(inst).start != solution.allocs.len() {
            return Err(format!("i{inst} does not come next"));
        }
        for word in rest.split_whitespace() {
            solution.allocs.push(alloc(word)?);
        }
        Ok(())
    }

    /// `before i3: p1 <- slot0`, the first word read.
    fn edit(&mut self, pos: EditPos, rest: &str) -> Parsed<()> {
        let (inst, moved) = rest.split_once(':').ok_or("expected `:` after the instruction")?;
        let (to, from) = moved.split_once("<-").ok_or("expected `<-`")?;
        let inst = Inst::new(number(inst.trim(), "i")?);
        let edit = Edit { inst, pos, from: alloc(from.trim())?, to: alloc(to.trim())? };
        self.file.solution.as_mut().ok_or("a move before `solution`")?.edits.push(edit);
        Ok(())
    }

    fn finish(&mut self) -> Parsed<()> {
        self.end_block();
        let problem = &mut self.file.problem;
        if problem.succs.iter().any(|s| s.index() >= problem.blocks.len()) {
            return Err("a branch to a block that does not exist".into());
        }
        problem.compute_preds();
        Ok(())
    }
}

fn split_list(head: &str) -> Parsed<(&str, &str)> {
    match head.split_once('(') {
        None => Ok((head, "")),
        Some((name, list)) => Ok((name, list.strip_suffix(')').ok_or("expected `)`")?)),
    }
}

fn argument<'a>(word: &'a str, name: &str) -> Option<&'a str> {
    word.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

fn parse_constraint(word: &str) -> Parsed<Constraint> {
    if let Some(reg) = argument(word, "fixed") {
        return Ok(Constraint::Fixed(preg(reg)?));
    }
    if let Some(index) = argument(word, "reuse") {
        return Ok(Constraint::Reuse(number(index, "")?));
    }
    match word {
        "any" => Ok(Constraint::Any),
        "reg" => Ok(Constraint::Reg),
        "stack" => Ok(Constraint::Stack),
        _ => Err(format!("`{word}` is no constraint")),
    }
}

fn number<T: std::str::FromStr>(word: &str, prefix: &str) -> Parsed<T> {
    let digits = word.strip_prefix(prefix).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    digits
        .and_then(|d| d.parse().ok())
        .ok_or_else(|| format!("expected `{prefix}` and a number, not `{word}`"))
}

fn preg(word: &str) -> Parsed<PReg> {
    let class = if word.starts_with('f') { RegClass::Float } else { RegClass::Int };
    let index: u8 = number(word, if class == RegClass::Float { "f" } else { "p" })?;
    if index < 64 { Ok(PReg::new(index, class)) } else { Err(format!("there is no register `{word}`")) }
}

fn alloc(word: &str) -> Parsed<Alloc> {
    if word.starts_with("slot") {
        Ok(Alloc::Stack(number(word, "slot")?))
    } else {
        Ok(Alloc::Reg(preg(word)?))
    }
}
