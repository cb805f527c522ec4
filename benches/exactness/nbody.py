"""Many live floats, square roots and divisions: three bodies, n leapfrog steps, the step counted."""

# bench: size=15000000
import math
import sys


def run(n: INT) -> float:
    dt = 0.0005
    x0, y0, x1, y1, x2, y2 = -0.97000436, 0.24308753, 0.97000436, -0.24308753, 0.0, 0.0
    u2, v2 = -0.93240737, -0.86473146
    u0, v0, u1, v1 = -0.5 * u2, -0.5 * v2, -0.5 * u2, -0.5 * v2
    k = INT(0)
    while k < n:
        dx, dy = x1 - x0, y1 - y0
        r2 = dx * dx + dy * dy
        f = dt / (r2 * math.sqrt(r2))
        u0 += dx * f
        v0 += dy * f
        u1 -= dx * f
        v1 -= dy * f
        dx, dy = x2 - x0, y2 - y0
        r2 = dx * dx + dy * dy
        f = dt / (r2 * math.sqrt(r2))
        u0 += dx * f
        v0 += dy * f
        u2 -= dx * f
        v2 -= dy * f
        dx, dy = x2 - x1, y2 - y1
        r2 = dx * dx + dy * dy
        f = dt / (r2 * math.sqrt(r2))
        u1 += dx * f
        v1 += dy * f
        u2 -= dx * f
        v2 -= dy * f
        x0 += u0 * dt
        y0 += v0 * dt
        x1 += u1 * dt
        y1 += v1 * dt
        x2 += u2 * dt
        y2 += v2 * dt
        k += 1
    return 0.5 * (u0 * u0 + v0 * v0 + u1 * u1 + v1 * v1 + u2 * u2 + v2 * v2)


print(f"{run(INT(int(sys.argv[1]))):.9f}")
