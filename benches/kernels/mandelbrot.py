"""Float arithmetic with an early exit: points of an n by n grid inside the Mandelbrot set."""

# bench: small=450 large=2200
import sys


def inside(cx: float, cy: float) -> bool:
    x = 0.0
    y = 0.0
    for _ in range(200):
        x2 = x * x
        y2 = y * y
        if x2 + y2 > 4.0:
            return False
        y = 2.0 * x * y + cy
        x = x2 - y2 + cx
    return True


def run(n: int) -> int:
    count = 0
    for row in range(n):
        for column in range(n):
            if inside(-2.0 + 3.0 * column / n, -1.5 + 3.0 * row / n):
                count += 1
    return count


n = int(sys.argv[1]) if len(sys.argv) > 1 else 450
print(run(n))
