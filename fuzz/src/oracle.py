"""CPython as an oracle: runs programs from standard input, one after another.

A request is a line with a length, then that many bytes of source. There are two answers, each a line with a length,
then how the program ended (`ok`, or type and message of its exception), a line break, and what it printed.

The first answer is Python's. Native code has no integers beyond 64 bits yet and raises OverflowError, but may
carry wider temporaries; for the second answer every operation that gives such an integer raises the same.
"""
import ast
import io
import signal
import sys

LIMIT = 1 << 63


def checked(value):
    if type(value) is int and not -LIMIT <= value < LIMIT:
        raise OverflowError("integer overflow")
    if type(value) is tuple:
        for item in value:
            checked(item)
    return value


class Wrap(ast.NodeTransformer):
    """Puts `checked(...)` around everything that can make a new integer."""

    def wrap(self, node):
        self.generic_visit(node)
        return ast.Call(ast.Name("__checked", ast.Load()), [node], [])

    visit_BinOp = visit_UnaryOp = visit_Call = wrap

    def visit_AugAssign(self, node):
        load = ast.Name(node.target.id, ast.Load())
        value = self.visit(ast.BinOp(load, node.op, node.value))
        return ast.Assign([node.target], value)


class TooSlow(BaseException):
    pass


def too_slow(*_):
    raise TooSlow()


def answer(source, limited):
    out = io.StringIO()
    sys.stdout = out
    try:
        tree = ast.parse(source)
        if limited:
            tree = ast.fix_missing_locations(Wrap().visit(tree))
        code = compile(tree, "program", "exec")
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        exec(code, {"__name__": "__main__", "__checked": checked})
        ended = "ok"
    except BaseException as error:
        ended = f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout = sys.__stdout__
    return ended + "\n" + out.getvalue()


signal.signal(signal.SIGALRM, too_slow)
requests, answers = sys.stdin.buffer, sys.stdout.buffer
while length := requests.readline():
    source = requests.read(int(length)).decode()
    for limited in False, True:
        reply = answer(source, limited).encode()
        answers.write(b"%d\n" % len(reply) + reply)
    answers.flush()
