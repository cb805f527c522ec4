"""print and f-strings: separators, ends, format specs."""
import math
import sys

n = 255
big = -1234567
x = 3.14159265
t = True
print(n, big, x, t, None, "text", sep=", ", end="!\n")
print()
print("a", "b", sep="")
print(f"{n} {n:d} {n:5} {n:<5}| {n:^7}| {n:>7}| {n:07} {n:+} {n: } {n:x} {n:X} {n:#x} {n:o} {n:#b} {n:,} {n:_}")
print(f"{big:,} {big:12,} {big:012} {big:+,} {big:x} {big:_b} {big:*^20}")
print(f"{x} {x:.2f} {x:10.3f}| {x:<10.1f}| {x:e} {x:.3e} {x:g} {x:.3g} {x:%} {x:.1%} {x:+.2f} {x:010.2f} {x:F}")
print(f"{1e10:g} {1e-7:g} {123456789.0:,} {1234567.891:,.2f} {0.0:g} {-0.0:.1f} {1e300:.3} {100000.0:n}")
print(f"{math.inf} {-math.inf:f} {math.nan:.2f} {math.inf:8.1f}|")
print(f"{t} {t:d} {t:5} {False!r} {'q'!r} {n!r:>6} {x!s:<10}|")
print(f"{n=} {x=:.2f} {n + 1=}")
width = 12
prec = 3
print(f"{x:{width}.{prec}f}|{n:>{width}}|{'abc':^{width}}|")
print(f"{'abc':5}|{'abc':>5}|{'abc':.2}|{'é':*^5}|")
print(f"{{braces}} {1 if t else 2} {max(1, 2)} {n % 10:03d}")
print(f"{3:.2f} {3:e} {True:.1f} {7:%}")
print(f"{3 + 4j} {1j:.2f} {-1.5 - 2.25j}")
print("line\nbreak\ttab \"quote\" 'single' \\ é ü 漢")
print("end", end="")
print(" here", flush=True)
print(1, 2.0, 3, file=sys.stdout)
print(str(n), str(x), repr(x), str(t), str(None))
print("%", "{}", "100%")
print((1, 2.5, "a'b", None, True, (1j,)))
