"""Three bodies under gravity, integrated by leapfrog: energy and angular momentum should hardly drift.

The start is the figure-of-eight orbit found by Moore, and by Chenciner and Montgomery: three equal masses
chase one another along one curve, so the whole state is twelve floats.
"""

import math


def pull(dx: float, dy: float) -> tuple[float, float]:
    """Acceleration towards a unit mass at distance (dx, dy)."""
    r2 = dx * dx + dy * dy
    factor = 1.0 / (r2 * math.sqrt(r2))
    return dx * factor, dy * factor


def accelerations(
    x0: float, y0: float, x1: float, y1: float, x2: float, y2: float
) -> tuple[float, float, float, float, float, float]:
    ax01, ay01 = pull(x1 - x0, y1 - y0)
    ax02, ay02 = pull(x2 - x0, y2 - y0)
    ax12, ay12 = pull(x2 - x1, y2 - y1)
    return ax01 + ax02, ay01 + ay02, ax12 - ax01, ay12 - ay01, -ax02 - ax12, -ay02 - ay12


def potential(x0: float, y0: float, x1: float, y1: float, x2: float, y2: float) -> float:
    d01 = math.hypot(x1 - x0, y1 - y0)
    d02 = math.hypot(x2 - x0, y2 - y0)
    d12 = math.hypot(x2 - x1, y2 - y1)
    return -1 / d01 - 1 / d02 - 1 / d12


def simulate(steps: int, dt: float) -> None:
    x0, y0, x1, y1, x2, y2 = -0.97000436, 0.24308753, 0.97000436, -0.24308753, 0.0, 0.0
    u2, v2 = -0.93240737, -0.86473146
    u0, v0, u1, v1 = -u2 / 2, -v2 / 2, -u2 / 2, -v2 / 2
    a0, b0, a1, b1, a2, b2 = accelerations(x0, y0, x1, y1, x2, y2)
    for step in range(steps + 1):
        if step % (steps // 8) == 0:
            kinetic = (u0 * u0 + v0 * v0 + u1 * u1 + v1 * v1 + u2 * u2 + v2 * v2) / 2
            energy = kinetic + potential(x0, y0, x1, y1, x2, y2)
            spin = x0 * v0 - y0 * u0 + x1 * v1 - y1 * u1 + x2 * v2 - y2 * u2
            print(f"t={step * dt:7.3f}  body0=({x0:+.6f}, {y0:+.6f})  energy={energy:.9f}  spin={spin:+.1e}")
        half = dt / 2
        u0, v0, u1, v1, u2, v2 = (
            u0 + a0 * half, v0 + b0 * half, u1 + a1 * half, v1 + b1 * half, u2 + a2 * half, v2 + b2 * half,
        )
        x0, y0, x1, y1, x2, y2 = (
            x0 + u0 * dt, y0 + v0 * dt, x1 + u1 * dt, y1 + v1 * dt, x2 + u2 * dt, y2 + v2 * dt,
        )
        a0, b0, a1, b1, a2, b2 = accelerations(x0, y0, x1, y1, x2, y2)
        u0, v0, u1, v1, u2, v2 = (
            u0 + a0 * half, v0 + b0 * half, u1 + a1 * half, v1 + b1 * half, u2 + a2 * half, v2 + b2 * half,
        )


simulate(16_000, 0.0005)
