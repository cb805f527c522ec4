"""A tour of f-strings: widths, signs, bases, precision, percent, thousands, exponents, nested specs."""


def roman(n: int) -> None:
    """Prints n in Roman numerals."""
    while n > 0:
        if n >= 1000:
            print("M", end="")
            n -= 1000
        elif n >= 900:
            print("CM", end="")
            n -= 900
        elif n >= 500:
            print("D", end="")
            n -= 500
        elif n >= 400:
            print("CD", end="")
            n -= 400
        elif n >= 100:
            print("C", end="")
            n -= 100
        elif n >= 90:
            print("XC", end="")
            n -= 90
        elif n >= 50:
            print("L", end="")
            n -= 50
        elif n >= 40:
            print("XL", end="")
            n -= 40
        elif n >= 10:
            print("X", end="")
            n -= 10
        elif n == 9:
            print("IX", end="")
            n = 0
        elif n >= 5:
            print("V", end="")
            n -= 5
        elif n == 4:
            print("IV", end="")
            n = 0
        else:
            print("I", end="")
            n -= 1
    print()


n, x = 1234567, 1234.56789
print(f"[{n}] [{n:12}] [{n:<12}] [{n:^12}] [{n:>12}] [{n:012}]")
print(f"[{n:,}] [{n:_}] [{n:+}] [{-n: }] [{n: }] [{n:=+12}] [{n:*^15}]")
print(f"[{255:x}] [{255:X}] [{255:#x}] [{255:b}] [{255:#010b}] [{255:o}] [{65:c}] [{255:e}]")
print(f"[{x}] [{x:.2f}] [{x:10.1f}] [{x:<10.1f}] [{x:+.3f}] [{x:,.2f}] [{x:e}] [{x:.3g}] [{x:G}]")
print(f"[{0.1 + 0.2}] [{1e16}] [{1e-5}] [{1e22}] [{-0.0}] [{float('inf')}] [{float('nan')}] [{2.0**0.5!r}]")
print(f"[{0.4567:.1%}] [{0.5:.0f}] [{1.5:.0f}] [{2.5:.0f}] [{1e300 * 10:g}]")
print(f"[{True}] [{True:5}] [{False:d}] [{None}] [{1 + 2j}] [{-2.5j}] [{3 - 1j:.2f}]")
for width in range(4, 9):
    for precision in range(1, 3):
        print(f"[{3.14159:{width}.{precision}f}]", end=" ")
print()
print(f"{n = } {x * 2 = :.3f} {{braces}} {'text':>8}|{'text':.2}|")
print(1, 2.5, True, None, (1, 2.0, False), (7,), sep=" | ", end=" <end>\n")
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234, -2))
roman(1994)
roman(2026)
roman(3888)
