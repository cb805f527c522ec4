"""The spectral norm of the corner of an infinite matrix, a[i][j] = 1 / ((i+j)(i+j+1)/2 + i + 1).

The norm is the square root of the largest eigenvalue of (A transposed) A, found by the power method:
multiply a vector by the matrix again and again, and it turns towards the leading eigenvector. The matrix is
never stored; the vector is a tuple of six floats.
"""

import math


def a(i: int, j: int) -> float:
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def row(i: int, v: tuple[float, float, float, float, float, float]) -> float:
    """Component i of A v."""
    return a(i, 0) * v[0] + a(i, 1) * v[1] + a(i, 2) * v[2] + a(i, 3) * v[3] + a(i, 4) * v[4] + a(i, 5) * v[5]


def column(j: int, v: tuple[float, float, float, float, float, float]) -> float:
    """Component j of (A transposed) v."""
    return a(0, j) * v[0] + a(1, j) * v[1] + a(2, j) * v[2] + a(3, j) * v[3] + a(4, j) * v[4] + a(5, j) * v[5]


def step(
    v: tuple[float, float, float, float, float, float],
) -> tuple[float, float, float, float, float, float]:
    """(A transposed) A v."""
    t = (row(0, v), row(1, v), row(2, v), row(3, v), row(4, v), row(5, v))
    return column(0, t), column(1, t), column(2, t), column(3, t), column(4, t), column(5, t)


def dot(
    u: tuple[float, float, float, float, float, float], v: tuple[float, float, float, float, float, float]
) -> float:
    return u[0] * v[0] + u[1] * v[1] + u[2] * v[2] + u[3] * v[3] + u[4] * v[4] + u[5] * v[5]


u = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
for iteration in range(1, 11):
    v = step(u)
    print(f"after {iteration:2d} steps: {math.sqrt(dot(u, v) / dot(u, u)):.12f}")
    length = math.sqrt(dot(v, v))
    u = (v[0] / length, v[1] / length, v[2] / length, v[3] / length, v[4] / length, v[5] / length)
print("leading direction:", f"{u[0]:.6f} {u[1]:.6f} {u[2]:.6f} {u[3]:.6f} {u[4]:.6f} {u[5]:.6f}")
