//! The support table: every kind of node of the syntax tree, and whether it is compiled.
//!
//! The matches are exhaustive, so a new kind of node does not compile until it has a row. The rows give the
//! messages for what is refused, and the page of the documentation ([`page`]).

use pyexec_base::{Diagnostic, Span};
use ruff_python_ast::{Expr, Pattern, Stmt};
use std::fmt::Write;

/// What happens with one kind of node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// The kind, as Python's `ast` module names it.
    pub kind: &'static str,
    /// What it looks like.
    pub example: &'static str,
    /// `native`, or the reason why it is refused.
    pub support: Support,
}

/// Whether a kind of node is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Support {
    /// To machine code on machine values, with the limits named.
    Native(&'static str),
    /// Refused: code, message, help.
    Error(&'static str, &'static str, &'static str),
}

impl Row {
    /// The message when a node of this kind is refused.
    pub fn diagnostic(&self, span: Span) -> Diagnostic {
        match self.support {
            Support::Native(_) => {
                Diagnostic::unsupported("U0001", span, format!("{} is not compiled here", self.kind))
            }
            Support::Error(code, message, "") => Diagnostic::unsupported(code, span, message),
            Support::Error(code, message, help) => Diagnostic::unsupported(code, span, message).help(help),
        }
    }
}

macro_rules! table {
    ($(#[$doc:meta])* $rows:ident $function:ident $node:ident: $($variant:ident $example:literal $support:expr;)*) => {
        $(#[$doc])*
        pub const $rows: &[Row] =
            &[$(Row { kind: stringify!($variant), example: $example, support: $support },)*];

        /// The row of a node.
        pub fn $function(node: &$node) -> Row {
            let kind = match node { $($node::$variant(_) => stringify!($variant),)* };
            let unknown = Row { kind, example: "", support: Support::Native("") };
            $rows.iter().copied().find(|row| row.kind == kind).unwrap_or(unknown)
        }
    };
}

use Support::{Error, Native};

table! {
    /// Statements.
    STMTS stmt Stmt:
    FunctionDef "def f(x: int) -> int: ..." Native("at the top level; no decorators, `*args`, `**kwargs`, type parameters, async");
    ClassDef "class C: ..." Native("typing.NamedTuple with fields only, exceptions with one base and an empty body; at the top level");
    Return "return x" Native("all of one type");
    Delete "del x" Native("local variables");
    TypeAlias "type T = int" Error("U0003", "type aliases are not compiled", "write the type itself");
    Assign "a, b = b, a" Native("names, nested tuples and items of buffers; no starred targets, attributes");
    AugAssign "x += 1" Native("names and items of buffers");
    AnnAssign "x: int = 1" Native("checked");
    For "for i in range(n): ..." Native("over ranges, tuples and buffers, enumerate, zip and reversed of them, with else");
    While "while x: ..." Native("with else");
    If "if x: ... elif y: ..." Native("");
    With "with suppress(E): ..." Native("contextlib.suppress and contextlib.nullcontext");
    Match "match x: case 1: ..." Native("literals, names, alternatives, tuples, guards");
    Raise "raise ValueError(\"...\")" Native("built-in exceptions and classes of the file with one argument; from None or a caught exception");
    Try "try: ... except E as e: ..." Native("except, else, finally; no except*");
    Assert "assert x, \"...\"" Native("");
    Import "import math" Native("math, cmath, sys, time, collections, contextlib, typing, pyexec");
    ImportFrom "from math import sqrt" Native("math, cmath, sys, time, collections, contextlib, typing, pyexec");
    Global "global x" Native("");
    Nonlocal "nonlocal x" Error("U0005", "`nonlocal` is not compiled: there are no nested functions", "");
    Expr "f(x)" Native("");
    Pass "pass" Native("");
    Break "break" Native("");
    Continue "continue" Native("");
    IpyEscapeCommand "%magic" Error("U0006", "IPython commands are not Python", "");
}

table! {
    /// Expressions.
    EXPRS expr Expr:
    BoolOp "a and b" Native("operands of one type, or as a condition");
    Named "(x := 1)" Native("");
    BinOp "a + b" Native("numbers; text before print; tuples with +");
    UnaryOp "-x" Native("");
    Lambda "lambda x: x" Error("U0010", "`lambda` is not compiled", "write a function at the top level");
    If "a if c else b" Native("both of one type, or handed to print");
    Dict "{1: 2}" Error("U0011", "dicts are not compiled yet", "");
    Set "{1, 2}" Error("U0012", "sets are not compiled yet", "`x in {1, 2}` is: it needs no set");
    ListComp "[x for x in y]" Error("U0013", "list comprehensions are not compiled yet", "write a loop");
    SetComp "{x for x in y}" Error("U0014", "set comprehensions are not compiled yet", "write a loop");
    DictComp "{x: x for x in y}" Error("U0015", "dict comprehensions are not compiled yet", "write a loop");
    Generator "(x for x in y)" Error("U0016", "generators are only compiled in sum, any, all, min and max", "write a loop");
    Await "await x" Error("U0017", "`await` is not compiled", "");
    Yield "yield x" Error("U0018", "generator functions are not compiled", "");
    YieldFrom "yield from x" Error("U0019", "generator functions are not compiled", "");
    Compare "a < b <= c" Native("values of like types; in over tuples; is with None, True, False");
    Call "f(x, y=1)" Native("functions of the file and the built-ins listed below");
    FString "f\"{x:.2f}\"" Native("handed to print or raise");
    TString "t\"{x}\"" Error("U0020", "template strings are not compiled", "use an f-string");
    StringLiteral "\"text\"" Native("");
    BytesLiteral "b\"bytes\"" Error("U0021", "bytes are not compiled", "");
    NumberLiteral "1, 2.5, 3j" Native("ints of any size");
    BooleanLiteral "True" Native("");
    NoneLiteral "None" Native("");
    EllipsisLiteral "..." Error("U0022", "`...` is only compiled as a statement", "");
    Attribute "math.pi, z.real" Native("members of modules, real and imag, fields of namedtuples, shape, ndim, itemsize and nbytes of buffers");
    Subscript "t[0]" Native("tuples, buffers (one or two dimensions) and sys.argv");
    Starred "*x" Error("U0023", "starred expressions are not compiled", "write every item");
    Name "x" Native("");
    List "[1, 2]" Error("U0024", "lists are not compiled yet", "use a tuple, or `x in [...]`, which needs no list");
    Tuple "(1, 2)" Native("");
    Slice "t[1:]" Native("of buffers, as views; of tuples, with constant bounds");
    IpyEscapeCommand "%magic" Error("U0006", "IPython commands are not Python", "");
}

table! {
    /// Patterns of `match`.
    PATTERNS pattern Pattern:
    MatchValue "case 1:" Native("");
    MatchSingleton "case None:" Native("");
    MatchSequence "case (a, b):" Native("of tuples");
    MatchMapping "case {\"a\": x}:" Error("U0030", "mapping patterns are not compiled", "");
    MatchClass "case C(x):" Error("U0031", "class patterns are not compiled", "");
    MatchStar "case (a, *rest):" Error("U0032", "starred patterns are not compiled", "name every item");
    MatchAs "case x:" Native("");
    MatchOr "case 1 | 2:" Native("");
}

/// The table as Markdown.
pub fn page() -> String {
    let mut out = String::from("# What is compiled\n\nGenerated from `frontend/src/support.rs`.\n");
    for (title, rows) in [("Statements", STMTS), ("Expressions", EXPRS), ("Patterns", PATTERNS)] {
        let _ = write!(out, "\n## {title}\n\n| kind | example | lane | note |\n|---|---|---|---|\n");
        for row in rows {
            let (lane, note) = match row.support {
                Native(note) => ("native", note.to_owned()),
                Error(code, message, help) => {
                    let help = if help.is_empty() { String::new() } else { format!("; {help}") };
                    ("error", format!("{code}: {message}{help}"))
                }
            };
            let example = row.example.replace('|', "\\|");
            let _ = writeln!(out, "| {} | `{example}` | {lane} | {} |", row.kind, note.replace('|', "\\|"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_name_one_construct_each() {
        let mut codes: Vec<(&str, &str)> = Vec::new();
        for row in STMTS.iter().chain(EXPRS).chain(PATTERNS) {
            if let Error(code, message, _) = row.support {
                let same = codes.iter().find(|(c, _)| *c == code);
                assert!(same.is_none_or(|(_, m)| *m == message), "{code}");
                codes.push((code, message));
            }
        }
        assert!(page().contains("| Lambda | `lambda x: x` | error | U0010"));
    }
}
