"""Calls: doubly recursive Fibonacci."""

# bench: small=34 large=42
import sys


def fib(n: int) -> int:
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def run(n: int) -> int:
    return fib(n)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 34
print(run(n))
