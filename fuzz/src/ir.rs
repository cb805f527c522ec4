//! Random IR: the interpreter, machine code at -O0 and machine code at -O2 give one answer.
//!
//! The interpreter runs the module as it is drawn. Its answer goes into a function `@main`, which calls
//! `@entry` and traps if the answer is another; or, if the interpreter trapped, the machine has to trap
//! with the same code. The compiler takes the module as text, so printer and parser are in the loop.

use pyexec_driver::{Failure, Options, Session, Watch, load_program};
use pyexec_ir::interp::{Interp, Limits, NoHost, Stop};
use pyexec_ir::random::{ENTRY, RandomOptions, Rng, random_args, random_module};
use pyexec_ir::{
    Builder, CallConv, Func, Imm, Linkage, Module, Opcode, Signature, TrapCode, Type, parse_module, shrink,
    verify,
};
use std::fmt;
use std::path::Path;

/// The levels that are compared with the interpreter.
const LEVELS: [u8; 2] = [0, 2];
/// What the longest random module may take.
pub(crate) const STEPS: u64 = 100_000;
/// How many candidates are tried when a module is made smaller.
const TRIES: u32 = 3000;

/// A module that means different things to different parts of the compiler.
#[derive(Debug)]
pub struct Disagreement {
    /// The smallest module found, with `@main`.
    pub module: Module,
    /// The level at which machine code differs.
    pub level: u8,
    /// What the interpreter says, and what the machine did.
    pub message: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "; {}\n{}", self.message, self.module)
    }
}

/// The options for a seed: every kind of module comes up.
pub fn options(seed: u64) -> RandomOptions {
    let default = RandomOptions { steps: STEPS, ..RandomOptions::default() };
    match seed % 6 {
        0 | 1 => default,
        2 => RandomOptions { traps: false, insts: 200, funcs: 2, ..default },
        3 => RandomOptions { insts: 12, funcs: 1, ..default },
        4 => RandomOptions { wide: false, memory: false, funcs: 8, insts: 20, ..default },
        _ => RandomOptions { conv_c: false, insts: 100, ..default },
    }
}

/// Draws a module and compares. Nothing if all agree.
pub fn check(seed: u64) -> Option<Disagreement> {
    let module = random_module(seed, &options(seed));
    LEVELS.into_iter().find_map(|level| {
        disagreement(&module, seed, level)?;
        let small = shrink(&module, TRIES, &mut |m| disagreement(m, seed, level).is_some());
        let message = disagreement(&small, seed, level).unwrap_or_default();
        let module = with_main(&small, seed).map_or(small, |(module, _)| module);
        Some(Disagreement { module, level, message })
    })
}

/// How machine code at this level differs from the interpreter, if it does.
fn disagreement(module: &Module, seed: u64, level: u8) -> Option<String> {
    let (module, expected) = with_main(module, seed)?;
    let actual = run_natively(&module.to_string(), level);
    if actual == expected {
        return None;
    }
    Some(format!("interpreter: {expected:?}; machine at -O{level}: {actual:?}"))
}

/// The answer of a program: none if it ends, else how it stopped.
type Ended = Result<(), String>;

/// Adds `@main`, which traps unless `@entry` answers as the interpreter says, and tells how it has to end.
/// Nothing if the interpreter's limits do not suffice.
fn with_main(module: &Module, seed: u64) -> Option<(Module, Ended)> {
    let entry = module.func_by_name(ENTRY)?;
    let args = random_args(&mut Rng::new(seed));
    let mut interp = Interp::new(module, Limits { fuel: 4 * STEPS, ..Limits::default() }).ok()?;
    let (answer, ended) = match interp.call(entry, &args, &mut NoHost) {
        Ok(answer) => (answer.first().copied().unwrap_or(0), Ok(())),
        Err(Stop::Trap(code, _)) => (0, Err(trapped(code))),
        Err(_) => return None,
    };
    let mut module = module.clone();
    let mut main = Func::new("main", Signature::new(CallConv::Fast, &[], &[]), Linkage::Export);
    let block = main.add_block();
    let mut b = Builder::new(&mut main, block);
    let float = |b: &mut Builder<'_>, bits: u128| {
        let inst = b.push(Opcode::Fconst, Type::F64, Imm::Bits(bits as u64), &[], &[]);
        b.func.first_result(inst)
    };
    let ints = [b.iconst(Type::I64, args[0] as i64), b.iconst(Type::I64, args[1] as i64)];
    let floats = [float(&mut b, args[2])?, float(&mut b, args[3])?];
    let call = b.call(entry, &[Type::I64], &[ints[0], ints[1], floats[0], floats[1]]);
    let result = b.func.first_result(call)?;
    let expected = b.iconst(Type::I64, answer as i64);
    let differs = b.ne(result, expected);
    b.trap_if(differs, TrapCode::Unreachable);
    b.ret(&[]);
    module.funcs.push(main);
    Some((module, ended))
}

pub(crate) fn trapped(code: TrapCode) -> String {
    format!("trap {code}")
}

fn run_natively(text: &str, level: u8) -> Ended {
    let run = || -> Result<(), Failure> {
        let options = Options { opt_level: level, verify: true, ..Options::host()? };
        let mut session = Session::new(options);
        let input = session.add(Path::new("fuzz.pir"), "fuzz.pir".into(), text.into())?;
        let program = load_program(&session, &input, Vec::new(), &mut Watch::nobody())?;
        program.run(&session).map(|_| ())
    };
    run().map_err(|failure| match failure {
        Failure::Program(messages) => {
            let text: Vec<String> = messages.into_iter().map(|m| m.message).collect();
            text.join("; ").replace("the program stopped: ", "")
        }
        other => format!("{other:?}"),
    })
}

/// Damages the text of a random module and reads it. What still is a well-formed module has to run in the
/// interpreter without a panic, and to survive printing and parsing.
pub fn check_parser(seed: u64) {
    let mut rng = Rng::new(seed);
    let options = RandomOptions { insts: 10 + rng.below(20) as u32, funcs: 2, ..RandomOptions::default() };
    let mut text = random_module(rng.below(64), &options).to_string().into_bytes();
    for _ in 0..1 + rng.below(4) {
        damage(&mut rng, &mut text);
    }
    let text = String::from_utf8_lossy(&text);
    let Ok(module) = parse_module(&text, 0) else { return };
    let printed = module.to_string();
    let again = parse_module(&printed, 0).map(|m| m.to_string());
    assert_eq!(again.as_ref(), Ok(&printed), "seed {seed}: printing and parsing are not inverse");
    if !verify(&module).is_empty() {
        return;
    }
    let limits = Limits { fuel: 20_000, depth: 100, stack_bytes: 1 << 20, memory_bytes: 1 << 24 };
    let (Some(entry), Ok(mut interp)) = (module.func_by_name(ENTRY), Interp::new(&module, limits)) else {
        return;
    };
    let _ = interp.call(entry, &random_args(&mut rng), &mut NoHost);
}

/// Replaces, inserts, removes or repeats a few bytes or lines.
fn damage(rng: &mut Rng, text: &mut Vec<u8>) {
    let pieces: [&[u8]; 16] = [
        b"v0",
        b"v1",
        b"b1",
        b"i64",
        b"f32",
        b"0",
        b"-1",
        b"(",
        b")",
        b",",
        b"\n",
        b"@f0",
        b"99999999999",
        b" = ",
        b"\"",
        b"ret\n",
    ];
    let lines: Vec<usize> = (0..text.len()).filter(|i| text[*i] == b'\n').collect();
    let at = rng.below(text.len() as u64 + 1) as usize;
    let (from, to) = match (rng.below(3), lines.len()) {
        (0, count @ 2..) => {
            let line = rng.below(count as u64 - 1) as usize;
            (lines[line], lines[line + 1])
        }
        _ => (at, (at + rng.below(6) as usize).min(text.len())),
    };
    let taken = text[from..to].to_vec();
    match rng.below(4) {
        0 => drop(text.splice(from..to, [])),
        1 => drop(text.splice(from..to, rng.pick(&pieces).iter().copied())),
        2 => drop(text.splice(at..at, taken)),
        _ => drop(text.splice(at..at, [rng.next() as u8])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_takes_any_text() {
        (0..400).for_each(check_parser);
    }

    #[test]
    fn interpreter_and_machine_agree() {
        for seed in 0..15 {
            if let Some(found) = check(seed) {
                panic!("seed {seed}: {found}");
            }
        }
    }
}
