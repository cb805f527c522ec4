"""Smaller programs than a given one, from the syntax tree: what the shrinker tries, biggest steps first.

A step drops statements, puts a body in the place of its compound statement, drops a clause, or puts an operand, a
constant or nothing in the place of an expression. `skip` steps were tried before and did not help.
"""
import ast
import copy
import itertools


def drop(body, start, count):
    def step():
        del body[start:start + count]
    return step


def bodies(tree):
    for node in ast.walk(tree):
        for field in "body", "orelse", "finalbody", "handlers":
            body = getattr(node, field, None)
            if isinstance(body, list) and body:
                yield node, field, body


def drops(tree):
    """Runs of statements, long ones first."""
    found = []
    for node, field, body in bodies(tree):
        keep = isinstance(node, (ast.If, ast.For, ast.While, ast.Try, ast.FunctionDef, ast.ExceptHandler))
        lowest = 1 if keep and field == "body" else 0
        if isinstance(node, ast.Try) and field in ("handlers", "finalbody"):
            lowest = 0 if node.handlers and node.finalbody else 1
        size = len(body)
        while size:
            for start in range(0, len(body), size):
                count = min(size, len(body) - start)
                if len(body) - count >= lowest:
                    found.append((count, drop(body, start, count)))
            size //= 2
    return [step for _, step in sorted(found, key=lambda item: -item[0])]


def unwraps(tree):
    """Bodies in the place of their compound statements."""
    def unwrap(body, at, inner):
        def step():
            body[at:at + 1] = inner
        return step
    for _, _, body in list(bodies(tree)):
        for at, node in enumerate(body):
            if isinstance(node, (ast.If, ast.For, ast.While, ast.Try)):
                yield unwrap(body, at, node.body)
                if node.orelse:
                    yield unwrap(body, at, node.orelse)


def simpler(node):
    """What can stand in the place of an expression."""
    if isinstance(node, ast.Constant):
        if type(node.value) is int and node.value not in (0, 1):
            yield from (ast.Constant(n) for n in {0, 1, node.value // 2} if n != node.value)
        if type(node.value) is float and node.value not in (0.0, 1.0):
            yield ast.Constant(1.0)
        return
    if isinstance(node, ast.JoinedStr):
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        if len(parts) > 1:
            yield from (ast.JoinedStr([part]) for part in parts)
        yield from (part.value for part in parts)
        return
    if isinstance(node, (ast.Name, ast.Attribute)):
        if isinstance(node.ctx, ast.Load):
            yield from (ast.Constant(0), ast.Constant(1), ast.Constant(1.0), ast.Constant(False))
        return
    yield from (ast.Constant(1), ast.Constant(1.0), ast.Constant(True))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not (isinstance(node, ast.Call) and child is node.func):
            yield child
    if isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield ast.Compare(node.left, node.ops[:1], node.comparators[:1])
    if isinstance(node, ast.BoolOp) and len(node.values) > 2:
        yield ast.BoolOp(node.op, node.values[1:])


def expressions(tree):
    def put(parent, field, at, new):
        def step():
            if at is None:
                setattr(parent, field, new)
            else:
                getattr(parent, field)[at] = new
        return step

    def remove(items, at):
        def step():
            del items[at]
        return step

    types = set()
    for node in ast.walk(tree):
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if annotation is not None:
                types.update(map(id, ast.walk(annotation)))
    for parent in ast.walk(tree):
        if isinstance(parent, ast.MatchValue) or id(parent) in types:
            continue
        if isinstance(parent, ast.Call) and len(parent.args) > 1:
            yield from (remove(parent.args, at) for at in range(len(parent.args)))
        for field, value in ast.iter_fields(parent):
            if field in ("func", "targets", "target", "annotation", "returns", "type", "format_spec"):
                continue
            if isinstance(value, ast.expr):
                yield from (put(parent, field, None, new) for new in simpler(value))
            elif isinstance(value, list):
                for at, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        yield from (put(parent, field, at, new) for new in simpler(item))
        if isinstance(parent, ast.FormattedValue) and parent.format_spec:
            yield put(parent, "format_spec", None, None)


def steps(tree):
    yield from drops(tree)
    yield from unwraps(tree)
    yield from expressions(tree)


def reductions(source, skip, count):
    """`count` smaller programs after the first `skip`."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return {"sources": [], "more": False}
    total = sum(1 for _ in steps(tree))
    sources = []
    for number in range(skip, min(skip + count, total)):
        smaller = copy.deepcopy(tree)
        step = next(itertools.islice(steps(smaller), number, None))
        try:
            step()
            sources.append(ast.unparse(ast.fix_missing_locations(smaller)) + "\n")
        except (ValueError, TypeError, AttributeError, IndexError):
            sources.append("")
    return {"sources": sources, "more": skip + count < total}
