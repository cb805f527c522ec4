"""Calls: Fibonacci numbers by the recursion that defines them."""

# bench: size=40
import sys


def fib(n: INT) -> INT:
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


print(int(fib(INT(int(sys.argv[1])))))
