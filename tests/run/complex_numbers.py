"""complex: arithmetic, comparison, printing, abs, parts."""


def newton(z: complex, steps: int) -> complex:
    for _ in range(steps):
        z = z - (z * z * z - 1) / (3 * z * z)
    return z


a = 1 + 2j
b = complex(-0.5, 1.5)
print(a, b, a + b, a - b, a * b, a / b, -a, +b)
print(a == b, a != b, a == 1 + 2j, a.real, a.imag, a.conjugate(), abs(3 + 4j))
print(a + 1, 2 * b, a / 2, 1 / a, a - 0.5, a * 1j)
print(newton(1 + 1j, 20))
print(newton(-1 + 0.5j, 20))
print(1j * 1j, 0j, -0j, complex(0.0, -0.0), complex(-0.0, 1.0), complex(3), 1e20 + 1e-20j)
print(complex(float("inf"), 1.0), complex(0.0, float("nan")))
print(bool(0j), bool(1j), not 0j)
print(a ** 2, a ** -1, a ** 0.5, 2 ** a)
try:
    print(a / 0j)
except ZeroDivisionError as e:
    print(e)
a += 1
a *= 2j
a -= b
a /= 3
print(a)
