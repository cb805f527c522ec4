//! The typed HIR: what a module means once names and types are known.
//!
//! - Every expression carries its type and its place. Conversions are explicit (`1 + 2.5` adds two floats).
//! - A Python variable that holds values of two types is two locals, `x#int` and `x#float`.
//! - A function is an *instance*: one Python function with one list of argument types.
//! - Control flow stays structured; evaluation order is the order of fields, left to right.

use crate::known::MathFn;
use crate::types::{Sized, Type};
use pyexec_base::{EntityVec, Span, entity_id};
use pyexec_ir::rt::Exc;
use std::sync::Arc;

entity_id! {
    /// An instance of a function.
    pub struct FuncId("f");
}
entity_id! {
    /// A local variable of one type.
    pub struct LocalId("l");
}
entity_id! {
    /// A module-level variable that functions use, or a default value.
    pub struct GlobalId("g");
}

/// A whole module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The instances; the module's own code is `main`.
    pub functions: EntityVec<FuncId, Function>,
    /// Module-level cells.
    pub globals: EntityVec<GlobalId, Global>,
    /// The exception classes of the file, by number from [`FIRST_EXCEPTION`](crate::resolve::FIRST_EXCEPTION).
    pub exceptions: Vec<ExceptionClass>,
    /// The module's own code.
    pub main: Option<FuncId>,
    /// Global offsets where lines begin.
    pub line_starts: Vec<u32>,
    /// Whether walking it needs a large stack.
    pub is_large: bool,
}

/// An exception class of the file.
#[derive(Clone, Debug)]
pub struct ExceptionClass {
    /// Its name.
    pub name: String,
    /// Its number and those of all its bases.
    pub bases: Vec<i32>,
}

/// One instance of a function.
#[derive(Clone, Debug)]
pub struct Function {
    /// The Python name (`<module>` for the module's own code), as tracebacks show it.
    pub name: String,
    /// The symbol: unique in the module.
    pub symbol: String,
    /// Where the `def` is.
    pub span: Span,
    /// The parameters, which are locals too.
    pub params: Vec<LocalId>,
    /// The type of the result.
    pub result: Type,
    /// All locals.
    pub locals: EntityVec<LocalId, Local>,
    /// The statements.
    pub body: Block,
    /// Whether this instance is offered to C under its Python name.
    pub exported: bool,
    /// The docstring, cleaned of its quotes only.
    pub doc: Option<String>,
}

/// A local variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// The Python name; temporaries begin with `%`.
    pub name: String,
    /// Its one type.
    pub ty: Type,
    /// Whether some read must check that it is bound.
    pub flagged: bool,
}

/// A module-level cell.
#[derive(Clone, Debug)]
pub struct Global {
    /// The Python name, or `f.x` for the default of parameter `x` of `f`.
    pub name: String,
    /// Its one type.
    pub ty: Type,
    /// Whether some read must check that it is bound.
    pub flagged: bool,
    /// The literal that it holds before any function runs, if it is one.
    pub init: Option<Expr>,
    /// One place where it is bound.
    pub span: Span,
}

/// Statements in order.
pub type Block = Vec<Stmt>;

/// A statement with its place.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// Where it is.
    pub span: Span,
}

/// Where an assignment goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// A local.
    Local(LocalId),
    /// A module-level cell.
    Global(GlobalId),
}

/// What a statement does.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// Evaluates and forgets.
    Expr(Expr),
    /// Binds a variable.
    Assign(Place, Expr),
    /// Unbinds a local.
    Delete(LocalId),
    /// Tests in order; the first that holds decides.
    If(Vec<(Expr, Block)>, Block),
    /// `while`, with its `else`.
    While(Expr, Block, Block),
    /// `for` over a range, with its `else`.
    For(Box<ForRange>),
    /// `for` over a tuple, unrolled: one block an item, and the `else`.
    ForItems(Vec<Block>, Block),
    /// Leaves the function.
    Return(Option<Expr>),
    /// Leaves the innermost loop.
    Break,
    /// Goes on with the innermost loop.
    Continue,
    /// Raises.
    Raise(Raise),
    /// `try`.
    Try(Box<Try>),
    /// `assert`, with the message.
    Assert(Expr, Option<Vec<Part>>),
    /// `print`.
    Print(Box<Print>),
    /// `buffer[i] = value`, `buffer[i, j] = value`.
    Store(Box<Store>),
    /// Frees the buffers made since the mark that none of these values is in: (mark, kept values); without
    /// values, that no variable is in.
    Sweep(Expr, Option<Vec<Expr>>),
}

/// An item that is written. The positions are in range; the value is as it lies in memory.
#[derive(Clone, Debug)]
pub struct Store {
    /// The buffer.
    pub buffer: Expr,
    /// One for each dimension, `int64` that `Builtin::BufferIndex` has checked.
    pub positions: Vec<Expr>,
    /// What is written.
    pub value: Expr,
}

/// A loop over a range.
#[derive(Clone, Debug)]
pub struct ForRange {
    /// The loop variable.
    pub target: Place,
    /// First value.
    pub start: Expr,
    /// Where to stop.
    pub stop: Expr,
    /// The distance.
    pub step: Expr,
    /// `reversed(range(...))`.
    pub reversed: bool,
    /// The body.
    pub body: Block,
    /// Runs when the loop was not left by `break`.
    pub orelse: Block,
}

/// What is raised.
#[derive(Clone, Debug)]
pub enum Raise {
    /// A new exception with a message, if any.
    New(Exc, Option<Vec<Part>>),
    /// A new exception of a class of the file, by index, with a message, if any.
    Own(usize, Option<Vec<Part>>),
    /// `raise ... from`: what is raised, and the exception after `from`; none for `from None`.
    From(Box<Raise>, Option<Expr>),
    /// A caught exception that has a name.
    Caught(Expr),
    /// The exception being handled.
    Again,
    /// `sys.exit(status)`.
    Exit(Expr),
}

/// `try` with everything that may follow.
#[derive(Clone, Debug)]
pub struct Try {
    /// The guarded statements.
    pub body: Block,
    /// The handlers in order.
    pub handlers: Vec<Handler>,
    /// Runs when the body ended without an exception.
    pub orelse: Block,
    /// The `finally` statements as they run after a normal end. Inferred apart from `finally_abrupt`,
    /// because more is known of the variables here.
    pub finally: Option<Block>,
    /// The same statements as they run when an exception, a return, a break or a continue passes.
    pub finally_abrupt: Block,
}

/// One `except` clause.
#[derive(Clone, Debug)]
pub struct Handler {
    /// The numbers of the classes it catches; empty for all.
    pub classes: Vec<i32>,
    /// The name of the exception.
    pub bind: Option<LocalId>,
    /// The statements.
    pub body: Block,
    /// Whether the body may need the exception itself: it has a bare `raise`.
    pub raises_again: bool,
    /// Where it is.
    pub span: Span,
}

/// A call of `print`.
#[derive(Clone, Debug)]
pub struct Print {
    /// All text of one call in order, separators and end included. Everything is evaluated before
    /// anything is written.
    pub parts: Vec<Part>,
    /// To standard error.
    pub stderr: bool,
    /// Flush afterwards.
    pub flush: bool,
}

/// A piece of text made at run time.
#[derive(Clone, Debug)]
pub enum Part {
    /// Known text.
    Lit(Arc<str>),
    /// A value, formatted.
    Value {
        /// The value.
        value: Expr,
        /// As `repr` shows it, not `str`.
        repr: bool,
        /// The format specification.
        spec: Spec,
    },
    /// One text or another.
    Cond(Expr, Vec<Part>, Vec<Part>),
    /// Text repeated.
    Repeat(Vec<Part>, Expr),
}

/// A format specification.
#[derive(Clone, Debug)]
pub enum Spec {
    /// None: as `str` shows the value.
    None,
    /// Known text.
    Lit(Arc<str>),
    /// Text made at run time.
    Parts(Vec<Part>),
}

/// An expression with its type and place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// The type of its value.
    pub ty: Type,
    /// Where it is.
    pub span: Span,
}

/// What an expression computes.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal; `Int` also stands for sized integers.
    Int(i64),
    /// An `int` literal beyond 64 bits, as it is written.
    Big(Arc<str>),
    /// A literal.
    Float(f64),
    /// A literal.
    Bool(bool),
    /// A literal.
    Complex(f64, f64),
    /// A literal.
    Str(Arc<str>),
    /// `None`.
    None,
    /// A local; checked if it may be unbound.
    Local(LocalId, bool),
    /// A cell; checked if it may be unbound.
    Global(GlobalId, bool),
    /// `name := value`.
    Walrus(Place, Box<Expr>),
    /// `-x`, `~x`, `+x` on a number (never `not`).
    Unary(UnaryOp, Box<Expr>),
    /// Arithmetic on two operands of one type.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// A chain of comparisons; each operand is evaluated at most once.
    Compare(Box<Expr>, Vec<(CompareOp, Expr)>),
    /// `and`: the first false operand, or the last.
    And(Vec<Expr>),
    /// `or`: the first true operand, or the last.
    Or(Vec<Expr>),
    /// `not x`; the operand is `bool`.
    Not(Box<Expr>),
    /// The truth of a value.
    Truth(Box<Expr>),
    /// `then if cond else orelse`: condition, then, else.
    If(Box<[Expr; 3]>),
    /// The value as its new type.
    Convert(Convert, Box<Expr>),
    /// A tuple.
    Tuple(Vec<Expr>),
    /// An item of a tuple.
    Item(Box<Expr>, usize),
    /// A call: (parameter, argument) in the order of evaluation.
    Call(FuncId, Vec<(usize, Expr)>),
    /// A built-in operation.
    Builtin(Builtin, Vec<Expr>),
    /// A function of `math`.
    Math(MathFn, Vec<Expr>),
    /// Text made at run time.
    Text(Vec<Part>),
    /// Statements before a value: what a nested construct needs to run first.
    Seq(Block, Box<Expr>),
    /// The result of something reported or not known yet.
    Bad,
}

/// Operators of one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-x`.
    Neg,
    /// `~x`.
    Invert,
}

/// Operators of two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `*`.
    Mul,
    /// `/`.
    Div,
    /// `//`.
    FloorDiv,
    /// `%`.
    Mod,
    /// `**`.
    Pow,
    /// `<<`.
    Shl,
    /// `>>`.
    Shr,
    /// `&`.
    And,
    /// `|`.
    Or,
    /// `^`.
    Xor,
}

impl BinaryOp {
    /// As Python writes it.
    pub const fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Mod => "%",
            BinaryOp::Pow => "**",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::And => "&",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
        }
    }
}

/// Comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareOp {
    /// `==`, and `is` where it means the same.
    Eq,
    /// `!=`, and `is not` where it means the same.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `in` a tuple.
    In,
    /// `not in` a tuple.
    NotIn,
}

impl CompareOp {
    /// As Python writes it.
    pub const fn symbol(self) -> &'static str {
        match self {
            CompareOp::Eq => "==",
            CompareOp::Ne => "!=",
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Gt => ">",
            CompareOp::Ge => ">=",
            CompareOp::In => "in",
            CompareOp::NotIn => "not in",
        }
    }
}

/// Conversions of a value; source and target are the types of operand and result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Convert {
    /// Exact or as Python's arithmetic converts: bool to int, int to float, float to complex.
    Widen,
    /// `int(x)`: toward zero, OverflowError beyond 64 bits, ValueError on NaN.
    ToInt,
    /// To a sized type as a cast: wraps or rounds.
    Wrap(Sized),
    /// A Python int beside a sized integer: OverflowError if it does not fit.
    Fit(Sized),
    /// The same bits or value as a plain Python type (from a sized one).
    FromSized,
    /// A Python int as an item of a buffer: ValueError if it does not fit.
    Pack(Sized),
}

/// Built-in operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Builtin {
    /// `abs(x)`.
    Abs,
    /// `min(a, b, ...)` of one type.
    Min,
    /// `max(a, b, ...)` of one type.
    Max,
    /// `round(x)`: to int.
    Round,
    /// `round(x, digits)`.
    RoundDigits,
    /// `divmod(a, b)`.
    Divmod,
    /// `pow(a, b, m)`.
    PowMod,
    /// `len(text)`.
    StrLen,
    /// `int(text, base)`.
    ParseInt,
    /// `float(text)`.
    ParseFloat,
    /// `complex(text)`.
    ParseComplex,
    /// `complex(re, im)`.
    Complex,
    /// `z.real`.
    Real,
    /// `z.imag`.
    Imag,
    /// `z.conjugate()`.
    Conjugate,
    /// `len(sys.argv)`.
    ArgvLen,
    /// `sys.argv[i]`.
    ArgvItem,
    /// `time.perf_counter()`.
    PerfCounter,
    /// `time.time()`.
    Time,
    /// `x.is_integer()`.
    IsInteger,
    /// `x.bit_length()`.
    BitLength,
    /// `x.bit_count()`.
    BitCount,
    /// `t[i]`: an item of a tuple of one type; IndexError.
    TupleItem,
    /// How long a dimension (from 0) of a buffer is, as `int64`.
    BufferLen(u8),
    /// An index (`int64`) of a dimension of a buffer, as a position from the front; IndexError.
    BufferIndex(u8),
    /// The item at positions that are in range.
    BufferItem,
    /// The row at a position that is in range: a buffer of one dimension.
    BufferRow,
    /// A view: the buffer, then as `int64` start, stop and step, those that are given.
    BufferSlice([bool; 3]),
    /// A new buffer of zeros; the lengths as `int64`.
    BufferNew,
    /// How many buffers are alive: what a `Sweep` is given.
    BufferMark,
}

impl Expr {
    /// An expression.
    pub const fn new(kind: ExprKind, ty: Type, span: Span) -> Self {
        Self { kind, ty, span }
    }

    /// The value of an `int` or `bool` literal.
    pub fn as_int(&self) -> Option<i64> {
        match self.kind {
            ExprKind::Int(value) if self.ty == Type::Int => Some(value),
            ExprKind::Bool(value) => Some(value as i64),
            _ => None,
        }
    }

    /// The value of a `bool` literal.
    pub fn as_bool(&self) -> Option<bool> {
        if let ExprKind::Bool(value) = self.kind { Some(value) } else { None }
    }
}
