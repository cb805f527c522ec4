//! Generated cases for the comparison with CPython, deterministic by seed.

/// One call and its arguments.
#[derive(Clone, Debug)]
pub enum Case {
    Float(f64),
    Complex(f64, f64),
    Str(String),
    FormatFloat(f64, String),
    FormatComplex(f64, f64, String),
    FormatInt(i128, String),
    FormatBool(bool, String),
    FormatStr(String, String),
    ParseInt(String, i64),
    ParseFloat(String),
    ParseComplex(String),
    RoundFloat(f64, i64),
    RoundInt(i64, i64),
    Helper(&'static str, Vec<Arg>),
    Hex(f64),
    /// The items of a vector and the helper that ends it.
    Vector(&'static str, Vec<f64>),
    /// The hash of a tuple of floats and of one of ints.
    FloatTuple(Vec<f64>),
    IntTuple(Vec<i64>),
}

/// One argument of a helper.
#[derive(Clone, Debug)]
pub enum Arg {
    Int(i64),
    Float(f64),
    Str(String),
}

impl Arg {
    fn word(&self) -> String {
        match self {
            Arg::Int(v) => format!("i{v}"),
            Arg::Float(x) => format!("f{}", f(*x)),
            Arg::Str(t) => format!("s{}", s(t)),
        }
    }
}

fn f(x: f64) -> String {
    format!("{:016x}", x.to_bits())
}

fn s(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn floats(items: &[f64]) -> String {
    items.iter().map(|x| f(*x)).collect::<Vec<_>>().join(" ")
}

impl Case {
    /// As the oracle reads it.
    pub fn line(&self) -> String {
        match self {
            Case::Float(x) => format!("float {}", f(*x)),
            Case::Complex(a, b) => format!("complex {} {}", f(*a), f(*b)),
            Case::Str(t) => format!("str {}", s(t)),
            Case::FormatFloat(x, t) => format!("format_float {} {}", f(*x), s(t)),
            Case::FormatComplex(a, b, t) => format!("format_complex {} {} {}", f(*a), f(*b), s(t)),
            Case::FormatInt(v, t) => format!("format_int {v} {}", s(t)),
            Case::FormatBool(v, t) => format!("format_bool {} {}", u8::from(*v), s(t)),
            Case::FormatStr(v, t) => format!("format_str {} {}", s(v), s(t)),
            Case::ParseInt(t, base) => format!("parse_int {} {base}", s(t)),
            Case::ParseFloat(t) => format!("parse_float {}", s(t)),
            Case::ParseComplex(t) => format!("parse_complex {}", s(t)),
            Case::RoundFloat(x, n) => format!("round_float {} {n}", f(*x)),
            Case::RoundInt(v, n) => format!("round_int {v} {n}"),
            Case::Hex(x) => format!("hex {}", f(*x)),
            Case::Vector(name, items) => format!("{name} {}", floats(items)),
            Case::FloatTuple(items) => format!("float_tuple {}", floats(items)),
            Case::IntTuple(items) => {
                let words: Vec<String> = items.iter().map(i64::to_string).collect();
                format!("int_tuple {}", words.join(" "))
            }
            Case::Helper(name, args) => {
                let words: Vec<String> = args.iter().map(Arg::word).collect();
                format!("{name} {}", words.join(" "))
            }
        }
    }
}

/// xorshift64*, enough for choosing cases.
pub struct Random(u64);

impl Random {
    /// `PYEXEC_SEED` gives other cases.
    pub fn new(seed: u64) -> Self {
        let other = std::env::var("PYEXEC_SEED").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let seed = seed + 100 * other;
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn below(&mut self, n: u64) -> u64 {
        (self.bits() >> 11) % n
    }
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len() as u64) as usize]
    }
    pub fn int(&mut self) -> i64 {
        match self.below(4) {
            0 => self.below(21) as i64 - 10,
            1 => self.below(2_000_001) as i64 - 1_000_000,
            2 => [0, 1, -1, i64::MAX, i64::MIN, 5, 15, 25, -5, -15][self.below(10) as usize],
            _ => (self.bits() as i64) >> self.below(64),
        }
    }
    pub fn float(&mut self) -> f64 {
        match self.below(8) {
            0 => f64::from_bits(self.bits()),
            1 => self.int() as f64,
            2 => self.int() as f64 / 8.0,
            3 => 2.0_f64.powi(self.below(2100) as i32 - 1080),
            4 => (self.below(20_001) as f64 - 10_000.0) / 100.0,
            5 => 10.0_f64.powi(self.below(40) as i32 - 20) * (1 + self.below(9)) as f64,
            6 => EDGES[self.below(EDGES.len() as u64) as usize],
            _ => (self.bits() >> 11) as f64 / 2.0_f64.powi(53),
        }
    }
}

const EDGES: [f64; 22] = [
    0.0,
    -0.0,
    0.5,
    1.5,
    2.5,
    -0.5,
    0.125,
    0.375,
    9.5,
    99.5,
    9.995,
    1e15,
    1e16,
    9_999_999_999_999_998.0,
    1e22,
    1e23,
    5e-324,
    f64::MAX,
    f64::MIN_POSITIVE,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

fn spec(r: &mut Random) -> String {
    if r.below(12) == 0 {
        return r
            .pick(&[
                "",
                "  ",
                "q",
                "10 d",
                "!",
                "é",
                "<<<",
                ".f",
                "5.",
                ",_d",
                "_,",
                ",,",
                "99999999999999999999",
                ".2147483648f",
                "٣",
                "0",
                "<",
                "=",
                "z",
                "#",
                "é>9",
                "1\u{1f600}",
                "\u{1}",
                " ",
            ])
            .to_owned();
    }
    let mut text = String::new();
    if r.below(3) == 0 {
        text += r.pick(&["", "*", "0", " ", "é", "x", "<", "z"]);
        text += r.pick(&["<", ">", "^", "="]);
    }
    let rare = |r: &mut Random, s: &str, n| if r.below(n) == 0 { s.to_owned() } else { String::new() };
    text += r.pick(&["", "", "", "+", "-", " "]);
    text += &rare(r, "z", 8);
    text += &rare(r, "#", 5);
    text += &rare(r, "0", 4);
    text += r.pick(&["", "", "1", "5", "8", "12", "23", "40"]);
    text += r.pick(&["", "", "", ",", "_"]);
    text += r.pick(&["", "", "", ".0", ".1", ".2", ".3", ".6", ".15", ".17", ".30"]);
    text +=
        r.pick(&["", "d", "f", "F", "e", "E", "g", "G", "%", "n", "x", "X", "b", "o", "c", "s", "f", "g"]);
    text
}

fn text(r: &mut Random) -> String {
    let pieces = [
        "a",
        "B",
        "9",
        "'",
        "\"",
        "\\",
        "\n",
        "\t",
        "\r",
        "\0",
        "\x1b",
        "\x7f",
        "é",
        "\u{ad}",
        "\u{a0}",
        "√",
        "\u{301}",
        "\u{200b}",
        "\u{2028}",
        "😀",
        "\u{e000}",
        "\u{10ffff}",
        "日本",
        " ",
    ];
    (0..r.below(8)).map(|_| r.pick(&pieces)).collect()
}

pub fn reprs(r: &mut Random) -> Vec<Case> {
    let mut cases: Vec<Case> = (-1074..1024).map(|e| Case::Float(2.0_f64.powi(e))).collect();
    for _ in 0..6000 {
        cases.push(Case::Float(r.float()));
        cases.push(Case::Complex(r.float(), r.float()));
    }
    cases.extend((0..2000).map(|_| Case::Str(text(r))));
    cases
}

pub fn float_formats(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..12_000 {
        cases.push(Case::FormatFloat(r.float(), spec(r)));
        if r.below(3) == 0 {
            cases.push(Case::FormatComplex(r.float(), r.float(), spec(r)));
        }
    }
    for precision in [400, 1100, 70_000] {
        for code in ["f", "e", "g", "%", "#g"] {
            let (alternate, code) = code.strip_prefix('#').map_or(("", code), |code| ("#", code));
            let spec = format!("{alternate}.{precision}{code}");
            cases.extend([0.1, 5e-324, 1e300, 0.0].map(|x| Case::FormatFloat(x, spec.clone())));
        }
    }
    cases
}

pub fn int_formats(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..8_000 {
        let value = if r.below(8) == 0 { i128::from(r.bits()) } else { i128::from(r.int()) };
        cases.push(Case::FormatInt(value, spec(r)));
        if r.below(8) == 0 {
            cases.push(Case::FormatBool(r.below(2) == 1, spec(r)));
        }
    }
    cases
}

pub fn str_formats(r: &mut Random) -> Vec<Case> {
    (0..4_000).map(|_| Case::FormatStr(text(r), spec(r))).collect()
}

fn mutated(r: &mut Random, mut number: String) -> String {
    let noise = [
        "_", " ", "\t", "+", "-", ".", "e", "0", "0x", "j", "(", ")", "٣", "é", "\u{2003}", "\x1c", "\0",
        "inf", "nan", "Infinity", "__", "'", "i", "1",
    ];
    for _ in 0..r.below(4) {
        let at = r.below(number.chars().count() as u64 + 1) as usize;
        let at = number.char_indices().nth(at).map_or(number.len(), |(i, _)| i);
        number.insert_str(at, r.pick(&noise));
    }
    number
}

pub fn parsing(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..6_000 {
        let bases = [10, 10, 10, 0, 0, 2, 8, 16, 36, 7, 1, 37, -1];
        let base = bases[r.below(13) as usize];
        let value = r.int();
        let number = match r.below(5) {
            0 => format!("{value:#x}"),
            1 => format!("{value:#b}"),
            2 => format!("{value:#o}"),
            _ => value.to_string(),
        };
        cases.push(Case::ParseInt(mutated(r, number), base));
        let number = match r.below(3) {
            0 => format!("{:e}", r.float()),
            1 => format!("{:?}", r.float()),
            _ => format!("{}{}e{}", r.bits(), r.bits(), r.int() % 400),
        };
        cases.push(Case::ParseFloat(mutated(r, number)));
        let number = format!("{:e}{:+e}j", r.float(), r.float());
        cases.push(Case::ParseComplex(mutated(r, number)));
    }
    for count in [4300, 4301, 5000] {
        cases.push(Case::ParseInt("0".repeat(count) + "1", 10));
        cases.push(Case::ParseInt("1".repeat(count), 10));
        cases.push(Case::ParseInt("1".repeat(count), 16));
    }
    for text in
        ["", " ", "-", "0", "00", "0_0", "007", "0_7", "0x", "0x_1", "0x__1", "_1", "1_", "1__1", "-0", "+ 1"]
    {
        cases.extend([0, 10, 16].map(|base| Case::ParseInt(text.to_owned(), base)));
        cases.push(Case::ParseFloat(text.to_owned()));
        cases.push(Case::ParseComplex(text.to_owned()));
    }
    cases.push(Case::ParseInt("x".repeat(300), 10));
    cases.push(Case::ParseFloat("x".repeat(300)));
    cases
}

pub fn rounding(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..6_000 {
        let digits = if r.below(10) == 0 { r.int() } else { r.below(40) as i64 - 20 };
        let value = r.float();
        if value.is_finite() {
            cases.push(Case::RoundFloat(value, digits));
        }
        let digits = r.below(30) as i64 - 24;
        cases.push(Case::RoundInt(r.int(), digits));
    }
    for n in 300..325 {
        cases.extend([f64::MAX, 1.5e308, 5e307].map(|x| Case::RoundFloat(x, -n)));
        cases.extend([5e-324, 1.5e-310, f64::MIN_POSITIVE].map(|x| Case::RoundFloat(x, n)));
    }
    cases
}

/// Helpers of one float.
const UNARY: [&str; 27] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "gamma",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "sin",
    "sinh",
    "tan",
    "tanh",
    "ulp",
    "frexp_mantissa",
    "frexp_exponent",
];
/// Helpers of two floats.
const BINARY: [&str; 12] = [
    "math_atan2",
    "math_fmod",
    "math_hypot",
    "math_pow",
    "math_remainder",
    "math_nextafter",
    "float_pow",
    "float_mod",
    "float_floordiv",
    "math_hypot",
    "math_pow",
    "float_pow",
];
/// Helpers of two ints.
const INTEGER: [&str; 8] = [
    "math_gcd",
    "math_lcm",
    "math_comb",
    "math_perm",
    "int_div_f64",
    "int_pow",
    "math_isqrt",
    "math_factorial",
];

fn named(prefix: &str, name: &str) -> &'static str {
    let symbol = format!("pyexec_{prefix}{name}");
    pyexec_ir::rt::helper(&symbol).unwrap_or_else(|| panic!("no helper {symbol}")).name
}

pub fn unary_math(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for name in UNARY {
        let symbol = named("math_", name);
        cases.extend(EDGES.map(|x| Case::Helper(symbol, vec![Arg::Float(x)])));
        cases.extend((-45..45).map(|i| Case::Helper(symbol, vec![Arg::Float(f64::from(i) / 4.0)])));
        for _ in 0..500 {
            let x = if r.below(2) == 0 { r.float() } else { (r.float() % 1.0) * 300.0 };
            cases.push(Case::Helper(symbol, vec![Arg::Float(x)]));
        }
    }
    cases
}

pub fn binary_math(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for name in BINARY {
        let symbol = named("", name);
        let zero_is_checked = matches!(name, "float_mod" | "float_floordiv");
        let mut push = |x: f64, y: f64| {
            if !(zero_is_checked && y == 0.0) {
                cases.push(Case::Helper(symbol, vec![Arg::Float(x), Arg::Float(y)]));
            }
        };
        for x in EDGES {
            EDGES.into_iter().chain([-1.0, 1.0, 3.0, -3.0]).for_each(|y| push(x, y));
        }
        for _ in 0..1500 {
            let (x, y) = (r.float(), r.float());
            push(x, y);
            push(x % 100.0, y % 20.0);
        }
    }
    cases
}

pub fn int_math(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for name in INTEGER {
        let symbol = pyexec_ir::rt::HELPERS.iter().map(|h| h.name).find(|n| n.ends_with(name)).unwrap();
        for _ in 0..1200 {
            let (a, b) = (r.int(), r.int());
            let small = |v: i64| v.rem_euclid(70) - 3;
            let args = match name {
                "math_isqrt" => vec![a],
                "math_factorial" => vec![small(a)],
                "int_div_f64" if b == 0 => vec![a, 1],
                "int_pow" => vec![a, small(b).max(0)],
                "math_comb" | "math_perm" if a & 1 == 0 => vec![small(a), small(b)],
                "math_comb" | "math_perm" => vec![a, small(b)],
                _ => vec![a, b],
            };
            cases.push(Case::Helper(symbol, args.into_iter().map(Arg::Int).collect()));
        }
    }
    for _ in 0..2000 {
        let (a, b, m) = (r.int(), r.int(), r.int());
        cases.push(Case::Helper("pyexec_int_pow_mod", [a, b, m].map(Arg::Int).to_vec()));
        let x = if r.below(2) == 0 { a as f64 + r.below(3) as f64 / 2.0 } else { r.float() };
        cases.push(Case::Helper("pyexec_int_cmp_f64", vec![Arg::Int(a), Arg::Float(x)]));
        cases.push(Case::Helper("pyexec_math_log_int", vec![Arg::Int(a)]));
        let exponent = if r.below(3) == 0 { b } else { b % 1200 };
        cases.push(Case::Helper("pyexec_math_ldexp", vec![Arg::Float(x), Arg::Int(exponent)]));
        cases.push(Case::Helper("pyexec_str_len", vec![Arg::Str(text(r))]));
        cases.push(Case::Helper("pyexec_str_cmp", vec![Arg::Str(text(r)), Arg::Str(text(r))]));
    }
    cases
}

pub fn complex_math(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..3000 {
        let mut part = || match r.below(4) {
            0 => r.float(),
            1 => EDGES[r.below(EDGES.len() as u64) as usize],
            2 => r.below(9) as f64 - 4.0,
            _ => r.float() % 10.0,
        };
        let args = [part(), part(), part(), part()].map(Arg::Float).to_vec();
        cases.push(Case::Helper("pyexec_complex_div", args.clone()));
        cases.push(Case::Helper("pyexec_complex_pow", args));
    }
    cases
}

const COMPLEX: [&str; 19] = [
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "log", "log10", "sin", "sinh",
    "sqrt", "tan", "tanh", "polar", "rect", "phase",
];

pub fn cmath(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    let huge = [1e308, f64::MAX, -f64::MAX, 1e154, 1e-160, 5e-324, -2.5e-308, 708.5, -709.9, 1.0, -1.0];
    let edges: Vec<f64> = EDGES.into_iter().chain(huge).collect();
    let two = |x, y| vec![Arg::Float(x), Arg::Float(y)];
    for name in COMPLEX {
        let symbol = named("cmath_", name);
        for x in &edges {
            cases.extend(edges.iter().map(|y| Case::Helper(symbol, two(*x, *y))));
        }
        for _ in 0..600 {
            cases.push(Case::Helper(symbol, two(r.float(), r.float())));
            cases.push(Case::Helper(symbol, two(r.float() % 10.0, r.float() % 3.0)));
            let near = |r: &mut Random| (r.below(2001) as f64 - 1000.0) / 700.0;
            cases.push(Case::Helper(symbol, two(near(r), near(r))));
        }
    }
    for _ in 0..1000 {
        let simple = |r: &mut Random| if r.below(3) == 0 { r.below(3) as f64 - 1.0 } else { r.float() % 4.0 };
        let first = if r.below(2) == 0 { [simple(r), simple(r)] } else { [r.float(), r.float()] };
        let args = [first[0], first[1], simple(r), simple(r)].map(Arg::Float).to_vec();
        cases.push(Case::Helper("pyexec_cmath_log_base", args));
        cases.push(Case::Helper("pyexec_complex_abs", two(r.float(), r.float())));
    }
    cases
}

/// Methods of float, hashes.
pub fn float_methods(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    let one = ["float_is_integer", "float_ratio_numerator", "float_ratio_denominator", "hash_float"];
    for i in 0..3000 {
        let x = if i < EDGES.len() { EDGES[i] } else { r.float() };
        cases.push(Case::Hex(x));
        if !x.is_nan() {
            cases.extend(one.map(|name| Case::Helper(named("", name), vec![Arg::Float(x)])));
        } else {
            cases.extend(one[..3].iter().map(|name| Case::Helper(named("", name), vec![Arg::Float(x)])));
        }
        cases.push(Case::Helper("pyexec_hash_int", vec![Arg::Int(r.int())]));
        let [a, b] = [r.float(), r.float()].map(|x| if x.is_nan() { 1.5 } else { x });
        cases.push(Case::Helper("pyexec_hash_complex", vec![Arg::Float(a), Arg::Float(b)]));
        cases.push(Case::FloatTuple(if r.below(9) == 0 { vec![] } else { vec![a, b] }));
        cases.push(Case::IntTuple((0..r.below(5)).map(|_| r.int()).collect()));
        cases.push(Case::Helper("pyexec_float_fromhex", vec![Arg::Str(hex_literal(r))]));
    }
    cases
}

fn hex_literal(r: &mut Random) -> String {
    if r.below(8) == 0 {
        let odd = [
            "",
            " ",
            "0x",
            "inf",
            "-INFINITY",
            "nan",
            "+NaN",
            "0x.p1",
            "1.",
            ".8",
            "0x1p",
            "1p+",
            "x1",
            "0x1.0p1 2",
            "  0X1.8P+1\t",
            "0x1_0",
            "--1",
            "0xg",
            "p3",
            "0x1p99999999999999999999",
            "0x0p99999999999999999999",
            "0x1p-99999999999999999999",
            "1p1p1",
            "0x1.fffffffffffff8p1023",
            "0x1.fffffffffffff7fp1023",
            "infx",
            "0x0.00000000000008p-1022",
            "0x0.000000000000080001p-1022",
            "0x1.8p-1075",
            "0x1p-1075",
            "\u{661}",
        ];
        return r.pick(&odd).to_owned();
    }
    let digits = |r: &mut Random, n: u64| -> String {
        (0..r.below(n)).map(|_| char::from_digit(r.below(16) as u32, 16).unwrap()).collect()
    };
    let mut text = [["", "-", "+"][r.below(3) as usize], ["", "0x", "0X"][r.below(3) as usize]].concat();
    text += &digits(r, 20);
    if r.below(2) == 0 {
        text.push('.');
        text += &digits(r, 25);
    }
    if r.below(2) == 0 {
        text += &"0".repeat(r.below(12) as usize);
    }
    if r.below(3) > 0 {
        let range = if r.below(2) == 0 { 40 } else { 2300 };
        text += &format!("p{}", r.below(range) as i64 - (range / 2) as i64);
    }
    text
}

/// Functions of any number of floats, and others that are new.
pub fn vectors(r: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..3000 {
        let count = r.below(9);
        let wild = r.below(4) == 0;
        let item = |r: &mut Random| {
            if wild { r.float() } else { (r.float() % 1e6) * 2.0_f64.powi(r.below(80) as i32) }
        };
        let items: Vec<f64> = (0..count).map(|_| item(r)).collect();
        cases.push(Case::Vector("pyexec_vector_hypot", items.clone()));
        cases.push(Case::Vector("pyexec_vector_fsum", items.clone()));
        let mut cancelling = items.clone();
        cancelling.extend(items.iter().map(|x| -x));
        cancelling.extend([r.float(), 1e-30, 1e100, -1e100].into_iter().take(r.below(5) as usize));
        cases.push(Case::Vector("pyexec_vector_fsum", cancelling));
        let pairs: Vec<f64> = (0..2 * count).map(|_| item(r)).collect();
        cases.push(Case::Vector("pyexec_vector_sumprod", pairs));
        let [x, y, z] = [r.float(), r.float(), r.float()];
        let fused = if r.below(2) == 0 { -x * y } else { z };
        cases.push(Case::Helper("pyexec_math_fma", [x, y, fused].map(Arg::Float).to_vec()));
        let steps = Arg::Int(if r.below(2) == 0 { r.int() } else { r.below(5) as i64 - 1 });
        let target = if r.below(3) == 0 { x.next_up().next_up() } else { y };
        cases.push(Case::Helper(
            "pyexec_math_nextafter_steps",
            vec![Arg::Float(x), Arg::Float(target), steps],
        ));
    }
    cases
}
