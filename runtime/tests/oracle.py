# Reads one case a line (name, then arguments as hex), prints CPython's answer a line.
import cmath
import math
import struct
import sys

LIMIT = "OverflowError: Python int too large to convert to C long"


def float_of(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def text_of(text):
    return bytes.fromhex(text).decode("utf-8")


def bits(x):
    return "nan" if x != x else struct.pack(">d", x).hex()


def int_in_range(value):
    return str(value) if -(2**63) <= value < 2**63 else LIMIT


def float_pow(a, b):
    result = a**b
    if isinstance(result, complex):
        raise ValueError("negative number cannot be raised to a fractional power")
    return result


def compare(a, b):
    return 2 if b != b else (a > b) - (a < b)


def complex_function(name):
    function = getattr(cmath, name)
    if name == "rect":
        return lambda a, b: function(a, b)
    if name == "polar":
        return lambda a, b: complex(*function(complex(a, b)))
    return lambda a, b: function(complex(a, b))


VECTORS = {
    "vector_hypot": lambda x: math.hypot(*x),
    "vector_fsum": math.fsum,
    "vector_sumprod": lambda x: float(math.sumprod(x[::2], x[1::2])),
}

HELPERS = {
    "cmath_log_base": lambda a, b, c, d: cmath.log(complex(a, b), complex(c, d)),
    "complex_abs": lambda a, b: abs(complex(a, b)),
    "float_is_integer": lambda x: int(x.is_integer()),
    "float_ratio_numerator": lambda x: x.as_integer_ratio()[0],
    "float_ratio_denominator": lambda x: x.as_integer_ratio()[1],
    "float_fromhex": float.fromhex,
    "hash_float": hash,
    "hash_int": hash,
    "hash_complex": lambda a, b: hash(complex(a, b)),
    "math_nextafter_steps": lambda x, y, n: math.nextafter(x, y, steps=n),
    "float_pow": float_pow,
    "float_mod": lambda a, b: a % b,
    "float_floordiv": lambda a, b: a // b,
    "int_div_f64": lambda a, b: a / b,
    "int_pow": lambda a, b: a**b,
    "int_pow_mod": pow,
    "int_cmp_f64": compare,
    "str_len": len,
    "str_cmp": compare,
    "math_log_int": math.log,
    "math_frexp_mantissa": lambda x: math.frexp(x)[0],
    "math_frexp_exponent": lambda x: math.frexp(x)[1],
    "complex_div": lambda a, b, c, d: complex(a, b) / complex(c, d),
    "complex_pow": lambda a, b, c, d: complex(a, b) ** complex(c, d),
}


def call(name, words):
    if name in VECTORS:
        return bits(VECTORS[name]([float_of(word) for word in words if word]))
    if name.startswith("cmath_") and name not in HELPERS:
        HELPERS[name] = complex_function(name.removeprefix("cmath_"))
    kinds = {"i": int, "f": float_of, "s": text_of}
    arguments = [kinds[word[0]](word[1:]) for word in words]
    helper = HELPERS.get(name) or getattr(math, name.removeprefix("math_"))
    result = helper(*arguments)
    if isinstance(result, complex):
        return bits(result.real) + " " + bits(result.imag)
    return bits(result) if isinstance(result, float) else int_in_range(result)


ACTIONS = {
    "hex": lambda x: float_of(x).hex(),
    "float_tuple": lambda *x: str(hash(tuple(float_of(word) for word in x if word))),
    "int_tuple": lambda *x: str(hash(tuple(int(word) for word in x if word))),
    "float": lambda x: repr(float_of(x)),
    "complex": lambda a, b: repr(complex(float_of(a), float_of(b))),
    "str": lambda s: repr(text_of(s)),
    "format_float": lambda x, s: format(float_of(x), text_of(s)),
    "format_complex": lambda a, b, s: format(complex(float_of(a), float_of(b)), text_of(s)),
    "format_int": lambda v, s: format(int(v), text_of(s)),
    "format_bool": lambda v, s: format(v == "1", text_of(s)),
    "format_str": lambda v, s: format(text_of(v), text_of(s)),
    "parse_int": lambda s, b: int_in_range(int(text_of(s), int(b))),
    "parse_float": lambda s: bits(float(text_of(s))),
    "parse_complex": lambda s: (lambda z: bits(z.real) + " " + bits(z.imag))(complex(text_of(s))),
    "round_float": lambda x, n: bits(round(float_of(x), int(n))),
    "round_int": lambda v, n: int_in_range(round(int(v), int(n))),
}


def escape(text):
    out = []
    for c in text:
        code = ord(c)
        if c == "\t":
            out.append("\\t")
        elif c == "\r":
            out.append("\\r")
        elif c == "\n":
            out.append("\\n")
        elif c in "'\"\\":
            out.append("\\" + c)
        elif 0x20 <= code < 0x7F:
            out.append(c)
        else:
            out.append("\\u{%x}" % code)
    return "".join(out)


for line in sys.stdin:
    name, *arguments = line.rstrip("\n").split(" ")
    try:
        helper = name.removeprefix("pyexec_")
        answer = call(helper, arguments) if helper != name else ACTIONS[name](*arguments)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(escape(answer))
