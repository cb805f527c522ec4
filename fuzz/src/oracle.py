"""CPython as an oracle: one request a line on standard input, one answer a line on standard output, both JSON.

{"ask": "version"}                       -> {"version": "3.13.0"}
{"ask": "run", "source": ..., "mode": m} -> {"ended": ..., "printed": ..., "said": ...}
{"ask": "reductions", "source": ..., "skip": n, "count": n} -> {"sources": [...], "more": bool}

`ended` is `ok`, `exit N` or the last line of the traceback; `printed` is standard output; `said` is standard error
with the traceback, as this program would show it if it were the file `f.py`, without carets.

Modes:
plain    Python's own answer.
limited  Every operation that gives an integer beyond 64 bits raises OverflowError: what native code does where it
         has no exact body.
counting Python's own answer, and `wide` tells how many operations gave such an integer.
guarded  An integer beyond 20,000 bits ends the program: candidates of the shrinker have lost what bounded them.
"""
import ast
import io
import json
import linecache
import os
import resource
import signal
import sys
import traceback

CPU_SECONDS = 1.0
MEMORY = 2 << 30
GUARD_BITS = 20_000
FILE = "f.py"


class TooSlow(BaseException):
    pass


class TooBig(BaseException):
    pass


def limited(value):
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        raise OverflowError("integer overflow")
    if type(value) is tuple:
        for item in value:
            limited(item)
    return value


def guarded(value):
    if type(value) is int and value.bit_length() > GUARD_BITS:
        raise TooBig()
    return value


wide = 0


def counting(value):
    global wide
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        wide += 1
    return value


def power(base, exponent, *modulus):
    """`**` that does not begin what would not end."""
    if type(base) is int and type(exponent) is int and not modulus and exponent > 0:
        if base.bit_length() * exponent > 2 * GUARD_BITS:
            raise TooBig()
    return pow(base, exponent, *modulus)


def shift(value, count):
    if type(count) is int and count > GUARD_BITS:
        raise TooBig()
    return value << count


class Wrap(ast.NodeTransformer):
    """Puts `__checked(...)` around everything that can make a new integer."""

    def call(self, name, *args):
        return ast.Call(ast.Name(name, ast.Load()), list(args), [])

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, (ast.Pow, ast.LShift)):
            name = "__power" if isinstance(node.op, ast.Pow) else "__shift"
            return ast.copy_location(self.call("__checked", self.call(name, node.left, node.right)), node)
        return ast.copy_location(self.call("__checked", node), node)

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        return ast.copy_location(self.call("__checked", node), node)

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "pow":
            node.func.id = "__power"
        return ast.copy_location(self.call("__checked", node), node)

    def visit_MatchValue(self, node):
        return node

    def visit_AugAssign(self, node):
        load = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)
        value = self.visit(ast.copy_location(ast.BinOp(load, node.op, node.value), node))
        return ast.copy_location(ast.Assign([node.target], value), node)


def too_slow(*_):
    raise TooSlow()


def compiled(source, mode):
    if mode == "plain":
        return compile(source, FILE, "exec")
    tree = ast.fix_missing_locations(Wrap().visit(ast.parse(source)))
    return compile(tree, FILE, "exec")


def only_the_program(told):
    """Leaves out our own frames, which call the program, and those of what `Wrap` put into it."""
    while told is not None:
        told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if frame.filename == FILE])
        if told.__cause__ is not None:
            only_the_program(told.__cause__)
        told = told.__context__


def show(error, out):
    """Writes the traceback; the last line of it."""
    if isinstance(error, SystemExit):
        code = error.code
        if code is not None and not isinstance(code, int):
            print(code, file=out)
        return f"exit {code if isinstance(code, int) else int(code is not None)}"
    told = traceback.TracebackException.from_exception(error)
    only_the_program(told)
    text = "".join(told.format())
    caret = lambda line: line.strip() and not line.strip().strip("~^ ")
    out.write("".join(line + "\n" for line in text.splitlines() if not caret(line)))
    return traceback.format_exception_only(error)[-1].rstrip("\n")


def run(source, mode):
    global wide
    wide = 0
    out, err = io.StringIO(), io.StringIO()
    names = {"__name__": "__main__", "__power": power, "__shift": shift}
    names["__checked"] = {"limited": limited, "counting": counting}.get(mode, guarded)
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    sys.stdout, sys.stderr = out, err
    try:
        code = compiled(source, mode)
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        exec(code, names)
        ended = "ok"
    except BaseException as error:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        ended = show(error, err)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    return {"ended": ended, "printed": out.getvalue(), "said": err.getvalue(), "wide": wide}


def answer(request):
    if request["ask"] == "version":
        return {"version": sys.version.split()[0]}
    if request["ask"] == "reductions":
        return reductions(request["source"], request["skip"], request["count"])
    return run(request["source"], request["mode"])


def serve():
    signal.signal(signal.SIGVTALRM, too_slow)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin.buffer:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


serve()
