//! Exact integers against CPython, operation by operation, on generated operands that crowd at the edges of the
//! representations; and that no operation leaks or frees what is still used.

use pyexec_ir::rt::{ERROR_SIZE, Kind, helper};
use pyexec_runtime::helpers::{HostError, HostMemory, call_host};
use pyexec_runtime::{Capture, State, Stream};
use std::io::Write;
use std::process::{Command, Stdio};

const SCRIPT: &str = include_str!("big_oracle.py");
const ERROR: u64 = 0x1000;

struct Memory(Vec<u8>);

impl HostMemory for Memory {
    fn read(&self, address: u64, length: u64) -> Option<&[u8]> {
        let start = address.checked_sub(ERROR)? as usize;
        self.0.get(start..start + length as usize)
    }
    fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        let start = (address - ERROR) as usize;
        self.0.get_mut(start..start + bytes.len()).map(|target| target.copy_from_slice(bytes)).is_some()
    }
}

/// One argument.
#[derive(Clone, Debug)]
enum Arg {
    /// An exact integer in hexadecimal.
    Big(String),
    Int(i64),
    Float(f64),
    Str(String),
}

impl Arg {
    fn word(&self) -> String {
        match self {
            Arg::Big(v) => format!("b{v}"),
            Arg::Int(v) => format!("i{v}"),
            Arg::Float(x) => format!("f{:016x}", x.to_bits()),
            Arg::Str(t) => format!("s{}", t.bytes().map(|b| format!("{b:02x}")).collect::<String>()),
        }
    }
}

type Case = (&'static str, Vec<Arg>);

/// The helpers as the interpreter calls them.
struct Machine {
    state: State,
    memory: Memory,
    output: Capture,
}

impl Machine {
    fn new() -> Self {
        let output = Capture::default();
        let state = State::new(Stream::capture(output.clone()), Stream::capture(Capture::default()));
        Self { state, memory: Memory(vec![0; ERROR_SIZE as usize]), output }
    }

    fn raw(&mut self, name: &str, words: &[u128]) -> u64 {
        let name = format!("pyexec_{name}");
        let result = call_host(&mut self.state, &name, words, ERROR, &mut self.memory);
        result.expect("called right").unwrap_or_default() as u64
    }
    fn call(&mut self, name: &str, words: &[i64]) -> i64 {
        let words: Vec<u128> = words.iter().map(|word| u128::from(*word as u64)).collect();
        self.raw(name, &words) as i64
    }
    fn text(&mut self, text: &str) -> [u128; 2] {
        let address = ERROR + self.memory.0.len() as u64;
        self.memory.0.extend(text.as_bytes());
        [u128::from(address), text.len() as u128]
    }
    fn number(&mut self, hex: &str) -> i64 {
        let [address, length] = self.text(hex);
        self.raw("big_parse", &[address, length, 16, 0]) as i64
    }
    fn printed(&mut self) -> String {
        self.raw("out_print", &[]);
        self.raw("out_flush", &[]);
        String::from_utf8(self.output.take()).expect("UTF-8")
    }
    fn hex(&mut self, word: i64) -> String {
        let [address, length] = self.text("x");
        self.raw("out_fmt_big", &[u128::from(word as u64), address, length]);
        self.printed()
    }
    fn exception(&mut self) -> Option<String> {
        let raised = self.state.take_exception().map(|e| e.last_line());
        let clear = self.state.error().to_bytes();
        self.memory.write(ERROR, &clear);
        raised
    }

    /// Calls a helper with an `old` of its own kind, and tells the answer as the oracle does.
    fn answer(&mut self, (name, args): &Case, old: Old) -> String {
        self.memory.0.truncate(ERROR_SIZE as usize);
        let before = self.call("big_live", &[]);
        let row = helper(&format!("pyexec_{name}")).expect("a row");
        let mut owned = Vec::new();
        let mut words = Vec::new();
        for arg in args {
            match arg {
                Arg::Big(v) => {
                    let word = self.number(v);
                    owned.push(word);
                    words.push(u128::from(word as u64));
                }
                Arg::Int(v) => words.push(u128::from(*v as u64)),
                Arg::Float(x) => words.push(u128::from(x.to_bits())),
                Arg::Str(t) => words.extend(self.text(t)),
            }
        }
        // A word comes back, and takes the place of another one.
        let makes = row.result == Some(Kind::Word);
        let mut slot = 0;
        if makes {
            slot = match old {
                Old::Empty => 0,
                Old::Other => self.number("123456789abcdef0123456789abcdef"),
                Old::First => self.call("big_keep", &[owned.first().copied().unwrap_or(1), 0]),
                // The variable that is assigned to was the only one with this value.
                Old::Used => {
                    if owned.is_empty() {
                        0
                    } else {
                        owned.remove(0)
                    }
                }
                Old::Last => owned.pop().unwrap_or(0),
            };
            words.push(u128::from(slot as u64));
        }
        let result = self.raw(name, &words);
        let raised = self.exception();
        let failed = raised.is_some();
        let answer = match raised {
            Some(line) => line,
            None if makes => self.hex(result as i64),
            None => match row.result {
                None => self.printed(),
                Some(Kind::F64) if f64::from_bits(result).is_nan() => "nan".into(),
                Some(Kind::F64) => format!("{result:016x}"),
                _ if (result as i64) < 0 => format!("-{:x}", (result as i64).unsigned_abs()),
                _ => format!("{result:x}"),
            },
        };
        if makes {
            owned.push(if failed { slot } else { result as i64 });
        }
        owned.iter().for_each(|word| _ = self.call("big_drop", &[*word]));
        assert_eq!(self.call("big_live", &[]), before, "{name} {args:?} leaks");
        answer
    }
}

/// What the slot of the result held.
#[derive(Clone, Copy, Debug)]
enum Old {
    Empty,
    Other,
    First,
    Used,
    Last,
}
const OLDS: [Old; 5] = [Old::Empty, Old::Other, Old::First, Old::Used, Old::Last];

/// xorshift64*, enough for choosing cases.
struct Random(u64);

impl Random {
    /// `PYEXEC_SEED` gives other cases.
    fn new(seed: u64) -> Self {
        let other = std::env::var("PYEXEC_SEED").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        Self((seed + 100 * other).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    fn below(&mut self, n: u64) -> u64 {
        (self.bits() >> 11) % n
    }
    fn sign(&mut self) -> &'static str {
        if self.below(3) == 0 { "-" } else { "" }
    }
    fn near_power(&mut self, power: u64) -> String {
        let base = 1_u128 << power;
        let delta = self.below(5) as u128;
        format!("{}{:x}", self.sign(), (base + delta).saturating_sub(2))
    }
    fn digits(&mut self, count: u64) -> String {
        let mut text: String =
            (0..count).map(|_| char::from_digit(self.below(16) as u32, 16).unwrap()).collect();
        match self.below(6) {
            0 => text = format!("f{}", "f".repeat(count as usize)),
            1 => text = format!("1{}", "0".repeat(count as usize)),
            2 => text = format!("{text}{}", "0".repeat(self.below(40) as usize)),
            _ => {}
        }
        format!("{}{text}", self.sign())
    }
    fn number(&mut self) -> String {
        match self.below(10) {
            0 => format!("{}{:x}", self.sign(), self.below(12)),
            1..=3 => {
                let power = [8, 30, 31, 32, 53, 60, 61, 62, 63, 64, 65, 127][self.below(12) as usize];
                self.near_power(power)
            }
            4 => format!("{}{:x}", self.sign(), self.bits() >> self.below(64)),
            5..=7 => {
                let n = 14 + self.below(24);
                self.digits(n)
            }
            8 => {
                let n = 1 + self.below(120);
                self.digits(n)
            }
            _ => {
                let n = 1 + self.below(900);
                self.digits(n)
            }
        }
    }
    fn big(&mut self) -> Arg {
        Arg::Big(self.number())
    }
    fn small(&mut self, n: u64) -> Arg {
        Arg::Big(format!("{}{:x}", self.sign(), self.below(n)))
    }
    fn float(&mut self) -> f64 {
        let sign = if self.below(2) == 0 { 1.0 } else { -1.0 };
        sign * match self.below(7) {
            0 => f64::from_bits(self.bits()),
            1 => (self.below(100) as f64 - 50.0) / 2.0,
            2 => 2.0_f64.powi(self.below(200) as i32),
            3 => (2.0_f64.powi(50 + self.below(16) as i32)).next_down(),
            4 => 2.0_f64.powi(50 + self.below(16) as i32) + 0.5,
            5 => [0.0, f64::INFINITY, f64::NAN, f64::MAX, 5e-324, 0.5, 1.5][self.below(7) as usize],
            _ => (self.bits() as f64) / 1024.0,
        }
    }
}

fn python() -> Option<String> {
    let named = std::env::var("PYEXEC_PYTHON").ok();
    let is_313 = |name: &String| {
        let output = Command::new(name).args(["-c", "import sys; print(sys.version_info[:2])"]).output();
        output.is_ok_and(|o| o.stdout.starts_with(b"(3, 13)"))
    };
    named.into_iter().chain(["python3.13".into(), "python3".into()]).find(is_313)
}

fn ask(python: &str, cases: &[Case]) -> Vec<String> {
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let line = |(name, args): &Case| {
        let words: Vec<String> = args.iter().map(Arg::word).collect();
        format!("{name} {}\n", words.join(" "))
    };
    let lines: String = cases.iter().map(line).collect();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn compare(cases: &[Case]) {
    let Some(python) = python() else {
        println!("skipped: no Python 3.13 on PATH");
        return;
    };
    let answers = ask(&python, cases);
    assert_eq!(answers.len(), cases.len());
    let mut machine = Machine::new();
    let mut wrong = Vec::new();
    for ((index, case), answer) in cases.iter().enumerate().zip(&answers) {
        let old = OLDS[index % OLDS.len()];
        let ours = machine.answer(case, old);
        if *answer != ours {
            wrong.push(format!("{case:?} old {old:?}\n  python {answer}\n  ours   {ours}"));
        }
    }
    let total = wrong.len();
    wrong.truncate(10);
    assert!(wrong.is_empty(), "{total} of {} differ\n{}", cases.len(), wrong.join("\n"));
    assert_eq!(machine.call("big_live", &[]), 0);
}

const BINARY: [&str; 11] = [
    "big_add",
    "big_sub",
    "big_mul",
    "big_and",
    "big_or",
    "big_xor",
    "big_floordiv",
    "big_mod",
    "big_truediv",
    "big_cmp",
    "big_gcd",
];
const UNARY: [&str; 15] = [
    "big_clamp",
    "big_neg",
    "big_invert",
    "big_abs",
    "big_bit_length",
    "big_bit_count",
    "big_isqrt",
    "big_to_f64",
    "big_hash",
    "big_fits",
    "big_low",
    "math_log_big",
    "math_log2_big",
    "math_log10_big",
    "out_big",
];

#[test]
fn operations_of_two() {
    let mut r = Random::new(1);
    let mut cases: Vec<Case> = Vec::new();
    for _ in 0..600 {
        let (a, b) = (r.big(), r.big());
        BINARY.iter().for_each(|name| cases.push((name, vec![a.clone(), b.clone()])));
        cases.push((BINARY[r.below(11) as usize], vec![a.clone(), a.clone()]));
        cases.push(("big_lcm", vec![a, b]));
    }
    compare(&cases);
}

/// Operands so long that other algorithms are chosen.
#[test]
fn operations_of_long_ones() {
    let mut r = Random::new(2);
    let mut cases: Vec<Case> = Vec::new();
    for _ in 0..25 {
        let (m, n) = (1 + r.below(30_000), 1 + r.below(30_000));
        let (a, b) = (Arg::Big(r.digits(m)), Arg::Big(r.digits(n)));
        BINARY.iter().for_each(|name| cases.push((name, vec![a.clone(), b.clone()])));
        cases.push(("big_isqrt", vec![a]));
    }
    compare(&cases);
}

#[test]
fn operations_of_one() {
    let mut r = Random::new(3);
    let mut cases: Vec<Case> = Vec::new();
    for _ in 0..600 {
        let a = r.big();
        UNARY.iter().for_each(|name| cases.push((name, vec![a.clone()])));
    }
    compare(&cases);
}

#[test]
fn shifts_and_powers() {
    let mut r = Random::new(4);
    let mut cases: Vec<Case> = Vec::new();
    for _ in 0..600 {
        let a = r.big();
        cases.push(("big_shl", vec![a.clone(), r.small(300)]));
        cases.push(("big_shr", vec![a.clone(), r.small(300)]));
        cases.push(("big_pow", vec![a.clone(), r.small(40)]));
        let small = r.small(4);
        let huge = r.big();
        cases.push(("big_shl", vec![Arg::Big("0".into()), huge.clone()]));
        cases.push(("big_shr", vec![a.clone(), huge.clone()]));
        cases.push(("big_pow", vec![small, Arg::Big(format!("{:x}", r.bits()))]));
        cases.push(("big_pow_mod", vec![a.clone(), r.small(1000), r.big()]));
        cases.push(("big_pow_mod", vec![a.clone(), r.small(5), r.small(20)]));
        cases.push(("big_round", vec![a, r.small(60)]));
        cases.push(("big_round", vec![r.big(), huge]));
    }
    for _ in 0..100 {
        let digits = |r: &mut Random| {
            let n = 1 + r.below(80);
            Arg::Big(r.digits(n))
        };
        cases.push(("big_pow_mod", vec![digits(&mut r), digits(&mut r), digits(&mut r)]));
    }
    for count in ["200000001", "fffffffffffff", "10000000000000000", "100000000000000000000", "-1"] {
        cases.push(("big_shl", vec![Arg::Big("1".into()), Arg::Big(count.into())]));
        cases.push(("big_pow", vec![Arg::Big("-3".into()), Arg::Big(count.into())]));
    }
    compare(&cases);
}

#[test]
fn number_theory() {
    let mut r = Random::new(5);
    let mut cases: Vec<Case> = Vec::new();
    for n in [0_i64, 1, 2, 20, 21, 22, 100, 1000, -1] {
        cases.push((
            "big_factorial",
            vec![Arg::Big(format!("{}{:x}", if n < 0 { "-" } else { "" }, n.abs()))],
        ));
    }
    for text in ["7fffffffffffffff", "8000000000000000", "-8000000000000000", "100000000000000000000"] {
        cases.push(("big_factorial", vec![Arg::Big(text.into())]));
    }
    for _ in 0..600 {
        let (n, k) = (r.small(400), r.small(400));
        cases.push(("big_comb", vec![n.clone(), k.clone()]));
        cases.push(("big_perm", vec![n, k]));
        let (a, k) = (r.big(), r.small(30));
        cases.push(("big_comb", vec![a.clone(), k.clone()]));
        cases.push(("big_perm", vec![a.clone(), k]));
        // A million factors take CPython long: counts are few, or more than an index can be.
        let powers = [64, 64, 65, 100];
        let [p, q] = [r.below(4), r.below(4)].map(|i| Arg::Big(r.near_power(powers[i as usize])));
        cases.push(("big_perm", vec![p.clone(), q.clone()]));
        cases.push(("big_comb", vec![p.clone(), q.clone()]));
        cases.push(("big_comb", vec![p.clone(), p.clone()]));
        let b = r.big();
        let mut step = r.big();
        if matches!(&step, Arg::Big(t) if t.trim_matches(['-', '0']).is_empty()) {
            step = Arg::Big("-3".into());
        }
        cases.push(("big_range_count", vec![a, b, step]));
    }
    compare(&cases);
}

#[test]
fn floats_and_machine_integers() {
    let mut r = Random::new(6);
    let mut cases: Vec<Case> = Vec::new();
    for _ in 0..800 {
        let x = r.float();
        for name in ["big_from_f64", "big_floor", "big_ceil", "big_round_f64"] {
            cases.push((name, vec![Arg::Float(x)]));
        }
        cases.push(("big_cmp_f64", vec![r.big(), Arg::Float(x)]));
        let near = x.abs().min(1e30) as i128 + i128::from(r.below(3)) - 1;
        cases.push(("big_cmp_f64", vec![Arg::Big(format!("{:x}", near.max(0))), Arg::Float(x.abs())]));
        let v = (r.bits() as i64) >> r.below(64);
        cases.push(("big_from_i64", vec![Arg::Int(v)]));
        cases.push(("big_from_u64", vec![Arg::Int(v)]));
        // Quotients near the least floats, where rounding happens at another place.
        let (n, shift) = (r.bits() >> r.below(60), r.below(300) as usize);
        let tiny = format!("{}{}", r.digits(2), "0".repeat(shift));
        cases.push(("big_truediv", vec![Arg::Big(format!("{n:x}")), Arg::Big(tiny.clone() + "1")]));
        cases.push(("big_truediv", vec![Arg::Big(tiny), Arg::Big(format!("{:x}", n.max(1)))]));
        // Halfway between two floats, and one bit to either side.
        let half = format!("{:x}", (1_u64 << 53 | r.bits() >> 11) << 1 | 1);
        let tail = ["8000000000000000000", "7ffffffffffffffffff", "8000000000000000001"][r.below(3) as usize];
        cases.push(("big_to_f64", vec![Arg::Big(half + tail)]));
    }
    compare(&cases);
}

#[test]
fn text() {
    let mut r = Random::new(7);
    let mut cases: Vec<Case> = Vec::new();
    let specs = [
        "", "d", "x", "X", "#x", "o", "#o", "b", "#b", ",", "_", "_x", "_b", "+", " ", "050", "050,",
        "+030_d", "e", ".3f", "g", ".20g", "%", "n", "c", "s", "*^60", "<80", "=+70", "z", ".3", "#X", ",x",
        "0=90_X", "E",
    ];
    for _ in 0..600 {
        let spec = Arg::Str(specs[r.below(specs.len() as u64) as usize].into());
        cases.push(("out_fmt_big", vec![r.big(), spec]));
        let base = [0, 2, 3, 8, 10, 16, 36][r.below(7) as usize];
        let count = 1 + r.below(60);
        let top = if base == 0 { 10 } else { base };
        let digit = |r: &mut Random| char::from_digit(r.below(top) as u32, 36).unwrap();
        let mut body: String = (0..count).map(|_| digit(&mut r)).collect();
        if r.below(4) == 0 {
            body.insert(r.below(count) as usize, '_');
        }
        cases.push(("big_parse", vec![Arg::Str(format!("{}{body}", r.sign())), Arg::Int(base as i64)]));
    }
    // Around the limit of 4300 decimal digits.
    for digits in [3500, 3570, 3571, 3572, 3573, 3700, 3800, 5000] {
        let n = Arg::Big("f".repeat(digits));
        cases.push(("out_big", vec![n.clone()]));
        cases.push(("out_fmt_big", vec![n.clone(), Arg::Str(",".into())]));
        cases.push(("out_fmt_big", vec![n, Arg::Str("#x".into())]));
    }
    for digits in [4299, 4300, 4301, 9000] {
        for base in [10, 7, 16, 32, 36] {
            cases.push(("big_parse", vec![Arg::Str("1".repeat(digits)), Arg::Int(base)]));
        }
    }
    compare(&cases);
}

/// Many operations in a few slots, as a loop of an exact body does them.
#[test]
fn a_hundred_thousand_operations_leak_nothing() {
    let mut machine = Machine::new();
    let mut r = Random::new(8);
    let mut slots = [0_i64; 6];
    for (index, slot) in slots.iter_mut().enumerate() {
        *slot = machine.number(&"9".repeat(12 + index * 3));
    }
    let names = ["big_add", "big_sub", "big_mul", "big_and", "big_xor", "big_floordiv", "big_mod", "big_gcd"];
    for _ in 0..100_000 {
        let [to, a, b] = [r.below(6) as usize, r.below(6) as usize, r.below(6) as usize];
        let result = match r.below(12) {
            8 => machine.call("big_keep", &[slots[a], slots[to]]),
            9 => machine.call("big_neg", &[slots[a], slots[to]]),
            10 => machine.call("big_shr", &[slots[a], 201, slots[to]]),
            11 => machine.call("big_from_i64", &[r.bits() as i64, slots[to]]),
            n => machine.call(names[(n % 8) as usize], &[slots[a], slots[b], slots[to]]),
        };
        if machine.exception().is_none() {
            slots[to] = result;
        }
        assert!(machine.call("big_live", &[]) <= 6);
    }
    slots.iter().for_each(|slot| _ = machine.call("big_drop", &[*slot]));
    assert_eq!(machine.call("big_live", &[]), 0);
}

/// The interpreter runs what it is given: a word that is none, or not any more, is an error and no crash.
#[test]
fn the_interpreter_knows_which_words_are_alive() {
    let mut machine = Machine::new();
    let word = machine.number(&"f".repeat(20));
    let mut refused = |name: &str, words: &[i64], bad: i64| {
        let words: Vec<u128> = words.iter().map(|word| u128::from(*word as u64)).collect();
        let result = call_host(&mut machine.state, name, &words, ERROR, &mut machine.memory);
        assert_eq!(result, Err(HostError::Word(bad)), "{name}");
    };
    refused("pyexec_big_add", &[word, 0, 0], 0);
    refused("pyexec_big_add", &[word, 64, 0], 64);
    refused("pyexec_big_drop", &[word + 8], word + 8);
    refused("pyexec_big_keep", &[word, 2], 2);
    machine.call("big_drop", &[word]);
    let result =
        call_host(&mut machine.state, "pyexec_big_drop", &[word as u128], ERROR, &mut machine.memory);
    assert_eq!(result, Err(HostError::Word(word)), "it has ended");
    assert_eq!(machine.call("big_drop", &[0]), 0);
}
