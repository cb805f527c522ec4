"""Determinants of 2x2, 3x3 and 4x4 matrices, and Cramer's rule, with rows as tuples."""


def det2(a: float, b: float, c: float, d: float) -> float:
    return a * d - b * c


def det3(
    a: tuple[float, float, float], b: tuple[float, float, float], c: tuple[float, float, float]
) -> float:
    """Expansion along the first row."""
    return (
        a[0] * det2(b[1], b[2], c[1], c[2])
        - a[1] * det2(b[0], b[2], c[0], c[2])
        + a[2] * det2(b[0], b[1], c[0], c[1])
    )


def det4(
    a: tuple[int, int, int, int],
    b: tuple[int, int, int, int],
    c: tuple[int, int, int, int],
    d: tuple[int, int, int, int],
) -> int:
    """Laplace expansion by the 2x2 minors of the upper and the lower two rows; exact in integers."""
    s0 = a[0] * b[1] - a[1] * b[0]
    s1 = a[0] * b[2] - a[2] * b[0]
    s2 = a[0] * b[3] - a[3] * b[0]
    s3 = a[1] * b[2] - a[2] * b[1]
    s4 = a[1] * b[3] - a[3] * b[1]
    s5 = a[2] * b[3] - a[3] * b[2]
    c5 = c[2] * d[3] - c[3] * d[2]
    c4 = c[1] * d[3] - c[3] * d[1]
    c3 = c[1] * d[2] - c[2] * d[1]
    c2 = c[0] * d[3] - c[3] * d[0]
    c1 = c[0] * d[2] - c[2] * d[0]
    c0 = c[0] * d[1] - c[1] * d[0]
    return s0 * c5 - s1 * c4 + s2 * c3 + s3 * c2 - s4 * c1 + s5 * c0


def solve(p: float, q: float, r: float) -> tuple[float, float, float]:
    """x, y, z with 2x + y - z = p, -3x - y + 2z = q, -2x + y + 2z = r."""
    whole = det3((2.0, 1.0, -1.0), (-3.0, -1.0, 2.0), (-2.0, 1.0, 2.0))
    x = det3((p, 1.0, -1.0), (q, -1.0, 2.0), (r, 1.0, 2.0)) / whole
    y = det3((2.0, p, -1.0), (-3.0, q, 2.0), (-2.0, r, 2.0)) / whole
    z = det3((2.0, 1.0, p), (-3.0, -1.0, q), (-2.0, 1.0, r)) / whole
    return x, y, z


print("det2:", det2(3.0, 8.0, 4.0, 6.0))
print("det3:", det3((6.0, 1.0, 1.0), (4.0, -2.0, 5.0), (2.0, 8.0, 7.0)))
print("det4:", det4((1, 0, 2, -1), (3, 0, 0, 5), (2, 1, 4, -3), (1, 0, 5, 0)))
print("singular:", det4((1, 2, 3, 4), (2, 4, 6, 8), (1, 1, 1, 1), (0, 5, 0, 5)))
for n in range(1, 5):
    print("Vandermonde", n, det4((1, n, n**2, n**3), (1, 2, 4, 8), (1, 3, 9, 27), (1, 5, 25, 125)))
print("solution:", solve(8.0, -11.0, -3.0))
x, y, z = solve(1.0, 0.0, 0.5)
print(f"check: {2 * x + y - z:.6f} {-3 * x - y + 2 * z:.6f} {-2 * x + y + 2 * z:.6f}")
