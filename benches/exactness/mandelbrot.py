"""Floats in the inner loop, integers around them: points of a grid that stay bounded."""

# bench: size=1400
import sys


def run(n: int) -> int:
    inside = INT(0)
    for row in range(n):
        ci = 2.0 * float(row) / float(n) - 1.0
        for column in range(n):
            cr = 3.0 * float(column) / float(n) - 2.0
            zr = zi = 0.0
            step = INT(0)
            while step < 100 and zr * zr + zi * zi <= 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                step += 1
            if step == 100:
                inside += 1
    return int(inside)


print(run(int(sys.argv[1])))
