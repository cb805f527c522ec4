//! What is refused, with which code, where, and that several faults are reported at once.

mod common;

use common::compiled;
use pyexec_frontend::Options;

/// Source and what each diagnostic begins with, in order.
const REFUSED: &[(&str, &[&str])] = &[
    ("x = 1 +\n", &["f.py:1:8: error[E0001]: syntax error: Expected an expression"]),
    ("def f(a, a): pass\n", &["f.py:1:10: error[E0104]"]),
    ("return 1\n", &["f.py:1:1: error[E0107]"]),
    ("break\n", &["f.py:1:1: error[E0108]"]),
    ("def f():\n    x = 1\n    global x\n", &["f.py:3:12: error[E0105]"]),
    (
        "value = 1\nprint(valeu)\n",
        &["f.py:2:7: error[E0101]: name `valeu` is not defined\n  help: did you mean `value`?"],
    ),
    ("print(a)\nprint(b)\n", &["f.py:1:7: error[E0101]", "f.py:2:7: error[E0101]"]),
    ("def f():\n    print(x)\n    x = 1\nf()\n", &["f.py:2:11: error[E0102]"]),
    ("f()\ndef f(): pass\n", &["f.py:1:1: error[E0303]"]),
    ("import math\nmath.sqroot(2)\n", &["f.py:2:1: error[E0103]"]),
    ("1 + 'a'\n", &["f.py:1:1: error[E0205]: unsupported operand types for +: int and str"]),
    ("(1, 2)[2]\n", &["f.py:1:8: error[E0206]"]),
    ("a, b = 1, 2, 3\n", &["f.py:1:1: error[E0203]"]),
    ("1j < 2\n", &["f.py:1:1: error[E0205]"]),
    ("def f(x: int) -> int:\n    return 1.5\n", &["f.py:2:12: error[E0202]"]),
    ("def f(x: int) -> int: return x\nf('a')\n", &["f.py:2:3: error[E0201]"]),
    ("def f(a, b): pass\nf(1)\n", &["f.py:2:1: error[E0304]: f() missing required argument: 'b'"]),
    ("def f(a): pass\nf(1, 2)\n", &["f.py:2:1: error[E0304]"]),
    ("def f(a): pass\nf(b=1)\n", &["f.py:2:3: error[E0304]: f() got an unexpected keyword argument 'b'"]),
    ("from pyexec import uint8\nuint8(1) + 300\n", &["f.py:2:12: error[E0209]"]),
    ("class C: pass\n", &["f.py:1:1: unsupported[U0002]"]),
    ("def f():\n    return lambda: 1\n", &["f.py:2:12: unsupported[U0010]"]),
    ("def f():\n    def g(): pass\n", &["f.py:2:9: unsupported[U0406]"]),
    ("def f(*args): pass\n", &["f.py:1:7: unsupported[U0411]: the parameter `*args` is not compiled"]),
    ("x = [1]\n", &["f.py:1:5: unsupported[U0024]"]),
    ("a, *b = 1, 2\n", &["f.py:1:4: unsupported[U0303]"]),
    ("import numpy\n", &["f.py:1:8: unsupported[U0105]"]),
    (
        "print('%d' % 1)\n",
        &["f.py:1:7: unsupported[U0213]: % formatting is not compiled\n  help: use an f-string"],
    ),
    ("print('{}'.format(1))\n", &["f.py:1:7: unsupported[U0220]"]),
    ("x = f'{1.5}'\n", &["f.py:1:5: unsupported[U0307]"]),
    ("for c in 'abc': pass\n", &["f.py:1:10: unsupported[U0313]"]),
    ("def f(c):\n    if c: return 1\n    return 2.5\nf(1)\n", &["f.py:3:12: unsupported[U0402]"]),
    ("def f(c):\n    if c: return 1\nf(1)\n", &["f.py:1:5: unsupported[U0402]"]),
    ("def f() -> float:\n    return 0\n", &["f.py:2:12: unsupported[U0403]"]),
    ("def f(n): return f(n - 1)\nf(1)\n", &["f.py:1:5: unsupported[U0404]"]),
    ("def f(x): return f((x, x))\nf(1)\n", &["f.py:1:18: unsupported[U0401]"]),
    ("x: float = 0\n", &["f.py:1:12: unsupported[U0309]"]),
    ("x = True if 1 else 2.5\n", &[]),
    ("def f(n):\n    return True if n else 2.5\nf(1)\n", &["f.py:2:12: unsupported[U0207]"]),
    ("x = 0\ndef f():\n    global x\n    x = 0.5\nf()\n", &["f.py:4:5: unsupported[U0308]"]),
    ("raise\n", &["f.py:1:1: unsupported[U0501]"]),
    ("with open('f'): pass\n", &["f.py:1:6: unsupported[U0004]"]),
    ("def f():\n    class C(Exception): pass\n", &["f.py:2:5: unsupported[U0002]"]),
    ("class C(Exception):\n    def f(self): pass\n", &["f.py:1:1: unsupported[U0002]"]),
    ("class C(SystemExit): pass\nraise C(1)\n", &["f.py:2:7: unsupported[U0506]"]),
    ("class C(Exception): pass\nx = C('a')\n", &["f.py:2:5: unsupported[U0223]"]),
    ("try: pass\nexcept 5: pass\n", &["f.py:2:8: unsupported[U0505]"]),
    ("raise ValueError from KeyError('a')\n", &["f.py:1:23: unsupported[U0502]"]),
    ("from collections import namedtuple\nP = namedtuple('P', 'x x')\n", &["f.py:2:5: unsupported[U0107]"]),
    (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\nP(1)\nP(1, 2, 3)\nP(1, z=2)\nP(1, 2).z\n",
        &[
            "f.py:3:1: error[E0304]: P() missing required argument: 'y'",
            "f.py:4:1: error[E0304]: P() takes 2 positional arguments but 3 were given",
            "f.py:5:6: error[E0304]: P() got an unexpected keyword argument 'z'",
            "f.py:6:1: error[E0213]: `P` has no field `z`",
        ],
    ),
    (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(p: P): pass\n",
        &["f.py:3:10: unsupported[U0301]: the types of the fields are not known"],
    ),
    ("def f(): yield 1\n", &["f.py:1:10: unsupported[U0018]"]),
    ("def f(a: float[:]): pass\n", &["f.py:1:10: unsupported[U0301]: buffers hold the sized types"]),
    ("from pyexec import int8\ndef f(a: int8[:, :, :]): pass\n", &["f.py:2:10: unsupported[U0301]"]),
    ("def f(a: 'int[[]'): pass\n", &["f.py:1:10: unsupported[U0301]"]),
    (
        "from pyexec import int8, zeros\na = zeros(3, int8)\na[0] = 1.5\n",
        &["f.py:3:8: error[E0212]: an item of int8[:] cannot be float"],
    ),
    ("from pyexec import zeros\na = zeros(3)\na[1.0]\n", &["f.py:3:3: error[E0207]"]),
    (
        "from pyexec import zeros\na = zeros(3)\na[1, 2]\n",
        &["f.py:3:3: error[E0206]: this buffer has 1 dimensions"],
    ),
    ("from pyexec import zeros\na = zeros(3)\na[1:2] = a\n", &["f.py:3:1: unsupported[U0321]"]),
    ("from pyexec import zeros\nprint(zeros(3))\n", &["f.py:2:7: unsupported[U0319]"]),
    ("from pyexec import zeros\nzeros(3, int)\n", &["f.py:2:10: unsupported[U0234]"]),
    (
        "from pyexec import zeros\na = zeros(3)\ndef f():\n    global a\n    a = zeros(4)\nf()\n",
        &["f.py:5:5: unsupported[U0320]: a function cannot keep a buffer in a module variable"],
    ),
    ("for i, x in enumerate(5): pass\n", &["f.py:1:23: unsupported[U0313]"]),
    (
        "from pyexec import zeros\na = zeros(3)\na = a[::2]\nfor x in zip(a, strict=True): pass\n",
        &["f.py:4:10: unsupported[U0235]"],
    ),
];

#[test]
fn each_fault_has_its_code_and_place() {
    for (source, expected) in REFUSED {
        let found = compiled(source, &Options::default()).err().unwrap_or_default();
        assert_eq!(found.len(), expected.len(), "{source}\n{found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            assert!(found.starts_with(expected), "{source}\nfound:    {found}\nexpected: {expected}");
        }
    }
}

#[test]
fn a_variable_of_two_types_is_blamed_on_both_places() {
    let mut sources = pyexec_base::SourceMap::new();
    let text = "def f(n: int):\n    if n:\n        x = 1\n    else:\n        x = 2.5\n    print(x)\n";
    let file = sources.add("f.py", text).expect("small");
    let errors = pyexec_frontend::check(&sources, file, &Options::default()).expect_err("refused");
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!((error.code, error.labels.len()), ("U0302", 2));
    let lines: Vec<u32> =
        error.labels.iter().filter_map(|l| sources.position(l.span.lo)).map(|p| p.line).collect();
    assert_eq!(lines, [3, 5]);
}

/// Programs that look doubtful and are fine.
const ACCEPTED: &[&str] = &[
    // A loop may bind a variable first in its body, or give a temporary another type.
    "def f(n: int):\n    for i in range(n):\n        t = i\n        t = t + 0.5\n    return t\nf(1)\n",
    // The result of a recursive function without annotation.
    "def f(n):\n    if n < 2: return n\n    return f(n - 1) + f(n - 2)\nprint(f(5))\n",
    "def e(n): return True if n == 0 else o(n - 1)\ndef o(n): return False if n == 0 else e(n - 1)\nprint(e(4))\n",
    // Two instances of one function.
    "def f(x): return x + x\nprint(f(1), f(1.5), f(True))\n",
    // Names of built-ins as variables.
    "def f(n: int) -> int:\n    sum = 0\n    for i in range(n): sum += i\n    return sum\n",
    // A function used before its definition, from within another function.
    "def a(): return b()\ndef b(): return 1\nprint(a())\n",
];

#[test]
fn what_is_fine_compiles_to_ir_that_the_verifier_accepts() {
    for source in ACCEPTED {
        for exports in [false, true] {
            let options = Options { run_as_main: true, exports, ..Options::default() };
            let lowered = compiled(source, &options).unwrap_or_else(|e| panic!("{source}\n{e:#?}"));
            assert_eq!(pyexec_ir::verify(&lowered.module), [], "{source}");
        }
    }
}
