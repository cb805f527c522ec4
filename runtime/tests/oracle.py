# Reads one case a line (name, then arguments as hex), prints CPython's answer a line.
import struct
import sys

LIMIT = "OverflowError: int too large: results beyond 64 bits are not supported yet"


def float_of(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def text_of(text):
    return bytes.fromhex(text).decode("utf-8")


def bits(x):
    return "nan" if x != x else struct.pack(">d", x).hex()


def int_in_range(value):
    return str(value) if -(2**63) <= value < 2**63 else LIMIT


ACTIONS = {
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
        answer = ACTIONS[name](*arguments)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(escape(answer))
