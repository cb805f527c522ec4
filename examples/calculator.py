"""A calculator on the command line: `calculator.py 7 // 2`, `calculator.py sqrt 2`, or a demonstration.

Whole numbers stay exact integers; anything with a point is a float. Bad input ends with exit status 1 (an
exception nobody catches) or 2 (a usage message).
"""

import math
import sys


def on_integers(a: int, op: str, b: int) -> int:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "x":
        return a * b
    if op == "//":
        return a // b
    if op == "%":
        return a % b
    if op == "^" and b >= 0:
        return a**b
    raise ValueError(f"cannot compute {a} {op} {b} in integers")


def on_floats(a: float, op: str, b: float) -> float:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "x":
        return a * b
    if op == "/":
        return a / b
    if op == "^":
        return math.pow(a, b)
    raise ValueError(f"unknown operator {op}")


def of_one(name: str, x: float) -> float:
    if name == "sqrt":
        return math.sqrt(x)
    if name == "sin":
        return math.sin(x)
    if name == "log":
        return math.log(x)
    raise ValueError(f"unknown function {name}")


if len(sys.argv) == 1:
    print("7 // 2 =", on_integers(7, "//", 2))
    print("-7 % 3 =", on_integers(-7, "%", 3))
    print("2 ^ 62 =", on_integers(2, "^", 62))
    print("1 / 3 =", on_floats(1.0, "/", 3.0))
    print("sqrt 2 =", of_one("sqrt", 2.0))
elif len(sys.argv) == 3:
    print(of_one(sys.argv[1], float(sys.argv[2])))
elif len(sys.argv) == 4:
    try:
        if sys.argv[2] == "/":
            raise ValueError("true division is done in floats")
        print(on_integers(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
    except ValueError:
        print(on_floats(float(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
else:
    print("usage: calculator.py A OP B | calculator.py sqrt|sin|log X")
    sys.exit(2)
