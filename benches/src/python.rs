//! Generated Python functions: what people (and generators of parsers and models) write at that size.

use std::fmt::Write;

/// The form of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Assignment after assignment to one variable; each may raise.
    Lines,
    /// `if`/`else` after `if`/`else`, all of them working on one variable.
    IfElse,
    /// As `IfElse`, on twenty variables.
    Variables,
    /// Loop after loop.
    Loops,
    /// Call after call of a function that may raise.
    Calls,
}

impl Source {
    /// All forms.
    pub const ALL: [Source; 5] =
        [Source::Lines, Source::IfElse, Source::Variables, Source::Loops, Source::Calls];

    /// Its name in the tables.
    pub const fn name(self) -> &'static str {
        match self {
            Source::Lines => "py lines",
            Source::IfElse => "py if/else",
            Source::Variables => "py variables",
            Source::Loops => "py loops",
            Source::Calls => "py calls",
        }
    }

    /// A program whose function `f` repeats the form `count` times.
    pub fn program(self, count: usize) -> String {
        let mut text = String::new();
        if self == Source::Calls {
            text += "def g(a: int, b: int) -> int:\n    if a > b:\n        raise ValueError('x')\n";
            text += "    return a * b + 1\n\n";
        }
        text += "def f(x: int) -> int:\n";
        if self == Source::Variables {
            (0..VARIABLES).for_each(|i| line(&mut text, format_args!("    a{i} = x + {i}")));
        }
        (0..count).for_each(|i| self.repeat(&mut text, i));
        let result = match self {
            Source::Variables => (0..VARIABLES).map(|i| format!("a{i}")).collect::<Vec<_>>().join(" + "),
            _ => "x".into(),
        };
        line(&mut text, format_args!("    return {result}\n\nprint(f(5))"));
        text
    }

    fn repeat(self, text: &mut String, i: usize) {
        let name = |factor: usize, offset: usize| (i * factor + offset) % VARIABLES;
        match self {
            Source::Lines => line(text, format_args!("    x = (x * 3 + {i}) % 1000003")),
            Source::IfElse => {
                line(text, format_args!("    if x % {} == {}:", i % 7 + 2, i % 2));
                line(text, format_args!("        x = (x * 3 + {i}) % 1000003"));
                line(text, format_args!("    else:\n        x = x + {}", i % 13));
            }
            Source::Variables => {
                let (to, from, other) = (name(3, 1), name(7, 3), name(11, 5));
                line(text, format_args!("    if a{} % 3 == {}:", name(1, 0), i % 3));
                line(text, format_args!("        a{to} = (a{from} * 3 + a{other}) % {}", 1000 + i % 100));
                line(text, format_args!("    else:\n        a{} = a{} // 3", name(13, 1), name(5, 3)));
            }
            Source::Loops => {
                line(text, format_args!("    for i in range({}):", i % 5 + 3));
                line(text, format_args!("        x = (x * 3 + i) % 1000003"));
            }
            Source::Calls => {
                line(text, format_args!("    x = (x + x * g({}, {})) % 10007", i % 9, i % 9 + 7))
            }
        }
    }
}

const VARIABLES: usize = 20;

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{what}");
}
