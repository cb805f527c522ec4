//! The names that the compiler knows: built-in functions and the members of `math`, `sys` and `time`.

use crate::types::{Sized, Type};
use pyexec_ir::rt::Exc;

/// A module that can be imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KnownModule {
    /// `math`.
    Math,
    /// `cmath`.
    Cmath,
    /// `sys`.
    Sys,
    /// `time`.
    Time,
    /// `pyexec`: the sized types.
    Pyexec,
    /// `collections`.
    Collections,
    /// `contextlib`.
    Contextlib,
    /// `typing` and `__future__`: nothing else of them is needed at run time.
    Typing,
}

impl KnownModule {
    /// The module with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "math" => Self::Math,
            "cmath" => Self::Cmath,
            "sys" => Self::Sys,
            "time" => Self::Time,
            "pyexec" => Self::Pyexec,
            "collections" => Self::Collections,
            "contextlib" => Self::Contextlib,
            "typing" | "__future__" => Self::Typing,
            _ => return None,
        })
    }

    /// A member of the module.
    pub fn member(self, name: &str) -> Option<Known> {
        match self {
            Self::Math => math_member(name),
            Self::Cmath => cmath_member(name),
            Self::Sys => match name {
                "argv" => Some(Known::Argv),
                "exit" => Some(Known::Exit),
                "stderr" => Some(Known::Stream { stderr: true }),
                "stdout" => Some(Known::Stream { stderr: false }),
                "maxsize" => Some(Known::IntConst(i64::MAX)),
                _ => None,
            },
            Self::Time => match name {
                "perf_counter" | "monotonic" => Some(Known::PerfCounter),
                "time" => Some(Known::Time),
                _ => None,
            },
            Self::Pyexec if name == "zeros" => Some(Known::Zeros),
            Self::Pyexec => sized_member(name),
            Self::Collections => (name == "namedtuple").then_some(Known::Namedtuple),
            Self::Contextlib => match name {
                "suppress" => Some(Known::Suppress),
                "nullcontext" => Some(Known::Nullcontext),
                _ => None,
            },
            Self::Typing if name == "NamedTuple" => Some(Known::NamedTuple),
            Self::Typing => Some(Known::TypingOnly),
        }
    }
}

fn sized_member(name: &str) -> Option<Known> {
    match name {
        "float64" => Some(Known::Float),
        "complex128" => Some(Known::Complex),
        "bool_" => Some(Known::Bool),
        _ => Sized::ALL.into_iter().find(|s| s.name() == name).map(Known::Sized),
    }
}

/// A name the compiler knows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Known {
    /// `abs`.
    Abs,
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `sum`.
    Sum,
    /// `any`.
    Any,
    /// `all`.
    All,
    /// `round`.
    Round,
    /// `divmod`.
    Divmod,
    /// `pow`.
    Pow,
    /// `int`.
    Int,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `complex`.
    Complex,
    /// `str`.
    Str,
    /// `repr`.
    Repr,
    /// `format`.
    Format,
    /// `bin`.
    Bin,
    /// `oct`.
    Oct,
    /// `hex`.
    Hex,
    /// `len`.
    Len,
    /// `print`.
    Print,
    /// `range`.
    Range,
    /// `reversed`.
    Reversed,
    /// `isinstance`.
    Isinstance,
    /// `ord`.
    Ord,
    /// `tuple`, in annotations.
    Tuple,
    /// `sys.exit`, `exit`, `quit`.
    Exit,
    /// An exception class.
    Exc(Exc),
    /// A sized type.
    Sized(Sized),
    /// `pyexec.zeros`.
    Zeros,
    /// `collections.namedtuple`.
    Namedtuple,
    /// `typing.NamedTuple`.
    NamedTuple,
    /// `contextlib.suppress`.
    Suppress,
    /// `contextlib.nullcontext`.
    Nullcontext,
    /// `hash`.
    Hash,
    /// `enumerate`.
    Enumerate,
    /// `zip`.
    Zip,
    /// `sys.argv`.
    Argv,
    /// `sys.stderr` or `sys.stdout`.
    Stream {
        /// Which.
        stderr: bool,
    },
    /// A constant.
    FloatConst(f64),
    /// A constant.
    IntConst(i64),
    /// A function of `math`.
    Math(MathFn),
    /// `time.perf_counter`.
    PerfCounter,
    /// `time.time`.
    Time,
    /// A name of `typing`: fine to import, of use in annotations only.
    TypingOnly,
    /// A built-in that exists in Python and is not compiled.
    Unsupported(&'static str),
}

/// The built-in with this name.
pub fn builtin(name: &str) -> Option<Known> {
    if let Some(exc) = Exc::from_name(name) {
        return Some(Known::Exc(exc));
    }
    Some(match name {
        "abs" => Known::Abs,
        "min" => Known::Min,
        "max" => Known::Max,
        "sum" => Known::Sum,
        "any" => Known::Any,
        "all" => Known::All,
        "round" => Known::Round,
        "divmod" => Known::Divmod,
        "pow" => Known::Pow,
        "int" => Known::Int,
        "float" => Known::Float,
        "bool" => Known::Bool,
        "complex" => Known::Complex,
        "str" => Known::Str,
        "repr" => Known::Repr,
        "format" => Known::Format,
        "bin" => Known::Bin,
        "oct" => Known::Oct,
        "hex" => Known::Hex,
        "len" => Known::Len,
        "print" => Known::Print,
        "range" => Known::Range,
        "reversed" => Known::Reversed,
        "enumerate" => Known::Enumerate,
        "zip" => Known::Zip,
        "isinstance" => Known::Isinstance,
        "ord" => Known::Ord,
        "tuple" => Known::Tuple,
        "exit" | "quit" => Known::Exit,
        _ => return UNSUPPORTED.iter().find(|u| **u == name).map(|u| Known::Unsupported(u)),
    })
}

/// Built-ins of Python that are not compiled; naming them apart makes for a better message.
const UNSUPPORTED: &[&str] = &[
    "ascii",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "delattr",
    "dict",
    "dir",
    "eval",
    "exec",
    "filter",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "id",
    "input",
    "iter",
    "issubclass",
    "list",
    "locals",
    "map",
    "memoryview",
    "next",
    "object",
    "open",
    "property",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "super",
    "type",
    "vars",
    "__import__",
    "__file__",
    "__doc__",
    "NotImplemented",
    "Ellipsis",
    "breakpoint",
    "ExceptionGroup",
    "BaseExceptionGroup",
    "GeneratorExit",
    "StopAsyncIteration",
    "ModuleNotFoundError",
    "FileNotFoundError",
    "PermissionError",
    "TimeoutError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "SyntaxError",
    "IndentationError",
    "SystemError",
    "BufferError",
    "ReferenceError",
    "ConnectionError",
    "FileExistsError",
    "InterruptedError",
    "IsADirectoryError",
    "NotADirectoryError",
    "IOError",
    "EnvironmentError",
    "Warning",
    "UserWarning",
    "DeprecationWarning",
    "RuntimeWarning",
];

macro_rules! math_functions {
    ($($variant:ident $name:literal ($($param:ident),*) -> $result:ident;)*) => {
        /// A function of `math` with a fixed number of arguments.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum MathFn { $(#[doc = concat!("`math.", $name, "`.")] $variant,)* }

        impl MathFn {
            /// All of them.
            pub const ALL: &'static [MathFn] = &[$(MathFn::$variant,)*];
            /// The name in Python.
            pub const fn name(self) -> &'static str {
                match self { $(MathFn::$variant => $name,)* }
            }
            /// The parameter types: arguments are converted to them.
            pub const fn params(self) -> &'static [Type] {
                match self { $(MathFn::$variant => &[$(Type::$param),*],)* }
            }
            /// The type of the result.
            pub fn result(self) -> Type {
                match self { $(MathFn::$variant => Type::$result,)* }
            }
        }
    };
}

math_functions! {
    Acos "acos" (Float) -> Float; Acosh "acosh" (Float) -> Float; Asin "asin" (Float) -> Float;
    Asinh "asinh" (Float) -> Float; Atan "atan" (Float) -> Float; Atanh "atanh" (Float) -> Float;
    Atan2 "atan2" (Float, Float) -> Float; Cbrt "cbrt" (Float) -> Float; Cos "cos" (Float) -> Float;
    Cosh "cosh" (Float) -> Float; Erf "erf" (Float) -> Float; Erfc "erfc" (Float) -> Float;
    Exp "exp" (Float) -> Float; Exp2 "exp2" (Float) -> Float; Expm1 "expm1" (Float) -> Float;
    Fmod "fmod" (Float, Float) -> Float; Gamma "gamma" (Float) -> Float; Lgamma "lgamma" (Float) -> Float;
    Hypot "hypot" (Float, Float) -> Float; Ldexp "ldexp" (Float, Int) -> Float; Log "log" (Float) -> Float;
    LogInt "log (of an int)" (Int) -> Float;
    Log10 "log10" (Float) -> Float; Log1p "log1p" (Float) -> Float; Log2 "log2" (Float) -> Float;
    Pow "pow" (Float, Float) -> Float; Remainder "remainder" (Float, Float) -> Float;
    Sin "sin" (Float) -> Float; Sinh "sinh" (Float) -> Float; Tan "tan" (Float) -> Float;
    Tanh "tanh" (Float) -> Float; Nextafter "nextafter" (Float, Float) -> Float; Ulp "ulp" (Float) -> Float;
    Frexp "frexp" (Float) -> Unknown; Modf "modf" (Float) -> Unknown;
    Gcd "gcd" (Int, Int) -> Int; Lcm "lcm" (Int, Int) -> Int; Isqrt "isqrt" (Int) -> Int;
    Factorial "factorial" (Int) -> Int; Comb "comb" (Int, Int) -> Int; Perm "perm" (Int, Int) -> Int;
    Sqrt "sqrt" (Float) -> Float; Floor "floor" (Float) -> Int; Ceil "ceil" (Float) -> Int;
    Trunc "trunc" (Float) -> Int; Fabs "fabs" (Float) -> Float; Copysign "copysign" (Float, Float) -> Float;
    Isnan "isnan" (Float) -> Bool; Isinf "isinf" (Float) -> Bool; Isfinite "isfinite" (Float) -> Bool;
    Isclose "isclose" (Float, Float, Float, Float) -> Bool; Degrees "degrees" (Float) -> Float;
    Radians "radians" (Float) -> Float; Fma "fma" (Float, Float, Float) -> Float;
    CAcos "cmath.acos" (Complex) -> Complex; CAcosh "cmath.acosh" (Complex) -> Complex;
    CAsin "cmath.asin" (Complex) -> Complex; CAsinh "cmath.asinh" (Complex) -> Complex;
    CAtan "cmath.atan" (Complex) -> Complex; CAtanh "cmath.atanh" (Complex) -> Complex;
    CCos "cmath.cos" (Complex) -> Complex; CCosh "cmath.cosh" (Complex) -> Complex;
    CExp "cmath.exp" (Complex) -> Complex; CLog "cmath.log" (Complex) -> Complex;
    CLogBase "cmath.log_base" (Complex, Complex) -> Complex; CLog10 "cmath.log10" (Complex) -> Complex;
    CSin "cmath.sin" (Complex) -> Complex; CSinh "cmath.sinh" (Complex) -> Complex;
    CSqrt "cmath.sqrt" (Complex) -> Complex; CTan "cmath.tan" (Complex) -> Complex;
    CTanh "cmath.tanh" (Complex) -> Complex; CPhase "cmath.phase" (Complex) -> Float;
    CPolar "cmath.polar" (Complex) -> Unknown; CRect "cmath.rect" (Float, Float) -> Complex;
}

impl MathFn {
    /// The name with its module.
    pub fn full_name(self) -> String {
        if self.name().contains('.') { self.name().to_owned() } else { format!("math.{}", self.name()) }
    }
}

/// Members of `cmath` that exist in CPython 3.13 and are not compiled.
pub const CMATH_UNSUPPORTED: &[&str] = &["isclose", "isfinite", "isinf", "isnan", "infj", "nanj"];

/// Members of `math` that exist in CPython 3.13 and need lists or iterators.
pub const MATH_UNSUPPORTED: &[&str] = &["dist", "fsum", "prod", "sumprod"];

fn math_member(name: &str) -> Option<Known> {
    let function = || MathFn::ALL.iter().find(|f| f.name() == name).map(|f| Known::Math(*f));
    math_constant(name).or_else(function)
}

fn cmath_member(name: &str) -> Option<Known> {
    let is_named = |f: &&MathFn| f.name().strip_prefix("cmath.") == Some(name);
    let function = || MathFn::ALL.iter().find(is_named).filter(|f| **f != MathFn::CLogBase);
    math_constant(name).or_else(|| function().map(|f| Known::Math(*f)))
}

/// What both modules have.
fn math_constant(name: &str) -> Option<Known> {
    Some(Known::FloatConst(match name {
        "pi" => std::f64::consts::PI,
        "e" => std::f64::consts::E,
        "tau" => std::f64::consts::TAU,
        "inf" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => return None,
    }))
}
