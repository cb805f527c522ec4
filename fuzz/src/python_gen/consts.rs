//! What programs are made of: constants at the edges, functions, format specifications.

/// Integers at which something changes, all within 64 bits: the ends of machine types, of exact floats, of the
/// small integers of the exact body.
#[rustfmt::skip]
pub const INTS: &[&str] = &[
    "0", "1", "-1", "2", "3", "-3", "5", "7", "-7", "10", "-13", "31", "63", "64", "65", "100", "255",
    "-256", "1000", "65535", "1000003", "-999983", "2147483646", "2147483647", "2147483648", "2147483649",
    "-2147483647", "-2147483648", "-2147483649", "4294967295", "4294967296", "4294967297",
    "9007199254740991", "9007199254740992", "9007199254740993", "1000000007", "6364136223846793005",
    "1442695040888963407", "4611686018427387903", "4611686018427387904", "-4611686018427387904",
    "-4611686018427387905", "3037000499", "3037000500", "-3037000500", "9223372036854775806",
    "9223372036854775807", "-9223372036854775807", "0x7fffffff", "0xdeadbeef", "0b1011", "0o777",
    "1_000_000", "12345678901234567",
];

/// Integers beyond 64 bits, and the first ones there, as expressions; with their number of bits.
#[rustfmt::skip]
pub const WIDE: &[(&str, u32)] = &[
    ("2 ** 62", 63), ("(-2 ** 63)", 64), ("2 ** 63", 64), ("(2 ** 63 - 1)", 63), ("(2 ** 63 + 1)", 64),
    ("(-2 ** 63 - 1)", 64), ("2 ** 64", 65), ("(2 ** 64 - 1)", 64), ("(2 ** 64 + 1)", 65), ("2 ** 65", 66),
    ("1 << 64", 65), ("(1 << 100) - 1", 100), ("10 ** 19", 64), ("10 ** 20", 67), ("(-10 ** 20)", 67),
    ("3 ** 50", 80), ("(2 ** 127 - 1)", 127), ("2 ** 128", 129), ("(-7 ** 60)", 169), ("10 ** 100", 333),
    ("(2 ** 521 - 1)", 521), ("2 ** 1023", 1024), ("2 ** 1024", 1025), ("3 ** 900", 1427),
];

/// What numbers are divided by to become smaller, with the bits of the remainder.
#[rustfmt::skip]
pub const MODULI: &[(&str, u32)] = &[
    ("97", 7), ("1000003", 20), ("(2 ** 31 - 1)", 31), ("2 ** 31", 31), ("1000000007", 30),
    ("2 ** 32", 32), ("2305843009213693951", 61), ("2 ** 61", 61), ("4611686018427387904", 62),
    ("9223372036854775807", 63), ("2 ** 63", 63), ("2 ** 64", 64), ("(2 ** 64 - 59)", 64),
    ("(2 ** 64 + 13)", 65), ("10 ** 19", 64), ("10 ** 30", 100), ("(2 ** 127 - 1)", 127),
    ("3 ** 100", 159), ("(2 ** 521 - 1)", 521), ("7 ** 700", 1966),
];

/// Floats at the edges.
#[rustfmt::skip]
pub const FLOATS: &[&str] = &[
    "0.0", "-0.0", "1.0", "-1.0", "0.5", "-1.5", "0.1", "0.3", "2.5", "3.5", "-2.5", "1e16", "1e22",
    "1e-5", "123456.789", "5e-324", "2.2250738585072014e-308", "2.225073858507201e-308",
    "1.7976931348623157e308", "1e308", "1e300", "1e-300", "9007199254740992.0", "9007199254740993.0",
    "4503599627370495.5", "9.2e18", "9223372036854775807.0", "-9223372036854775808.0", "9.3e18", "-9.3e18",
    "1.8446744073709552e19", "4611686018427387904.0", "2147483648.0", "1e19", "3.141592653589793", "100.0",
    "float('inf')", "float('-inf')", "float('nan')", "math.inf", "-math.inf", "math.nan", "math.pi",
];

/// Complex numbers.
#[rustfmt::skip]
pub const COMPLEXES: &[&str] = &[
    "1j", "(1 + 2j)", "(-0.5 + 1.5j)", "0j", "(3 - 4j)", "complex(0.0, -0.0)", "complex(-1.5, 0.25)",
    "complex(float('inf'), 1.0)", "complex(1e200, -1e200)", "complex(float('nan'), 0.0)", "(2.5 + 0j)",
];

/// Functions of `math` from a float to a float that raise nothing or ValueError and OverflowError.
#[rustfmt::skip]
pub const UNARY: &[&str] = &[
    "sqrt", "sin", "cos", "tan", "atan", "asin", "acos", "exp", "exp2", "expm1", "log", "log2", "log10",
    "log1p", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "fabs", "degrees", "radians", "erf", "erfc",
    "gamma", "lgamma", "cbrt", "ulp",
];

/// And of two.
pub const BINARY: &[&str] = &["fmod", "atan2", "copysign", "hypot", "pow", "remainder", "nextafter"];

/// How integers are formatted.
#[rustfmt::skip]
pub const INT_SPECS: &[&str] = &[
    "", "d", "x", "X", "o", "b", "#x", "#X", "#o", "#b", "08d", ",", "_", "+d", " d", "+,", ">12", "<12",
    "^12", "*^20", "012", "#010x", "_x", "_b", ">30", "<40d", "=+30", "#_x", "e", ".3e", "f", ".2f", "g",
    ".10g", "%", "+.1f", "020.3f",
];

/// How floats are.
#[rustfmt::skip]
pub const FLOAT_SPECS: &[&str] = &[

    "", ".0f", ".1f", ".2f", ".6f", ".10f", "f", "F", "e", "E", ".0e", ".3e", ".12E", "g", "G", ".3g", ".0g",
    ".17g", "%", ".1%", "+.2f", " .3f", "010.2f", ">12.3f", "<12.1f|", "^14.2e", "*^16.3g", ",.2f", "_.1f",
    "+g", ".3", ".17", "#g", "#.0f", "=+20.2f", "12",
];

/// Classes to raise and to catch.
#[rustfmt::skip]
pub const RAISED: &[&str] = &[
    "ValueError", "ZeroDivisionError", "OverflowError", "ArithmeticError", "RuntimeError", "TypeError",
    "IndexError", "KeyError", "LookupError", "AssertionError", "Exception", "NotImplementedError",
];

/// What a handler catches.
#[rustfmt::skip]
pub const CAUGHT: &[&str] = &[
    "ZeroDivisionError", "OverflowError", "ValueError", "ArithmeticError", "Exception", "RuntimeError",
    "(ValueError, ZeroDivisionError)", "(OverflowError, ValueError)", "LookupError",
    "(ArithmeticError, KeyError)",
];
