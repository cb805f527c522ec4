"""A cannonball with air drag: the fourth-order Runge-Kutta method, and the best angle by golden section."""

import math

GRAVITY = 9.80665
DRAG = 0.002


def slope(u: float, v: float) -> tuple[float, float]:
    """Acceleration of a ball that moves at (u, v)."""
    speed = math.sqrt(u * u + v * v)
    return -DRAG * speed * u, -GRAVITY - DRAG * speed * v


def flight(angle: float, speed: float = 100.0, dt: float = 0.02) -> tuple[float, float]:
    """Range and time of flight; the last step is cut where the path meets the ground."""
    x = y = t = 0.0
    u = speed * math.cos(math.radians(angle))
    v = speed * math.sin(math.radians(angle))
    while True:
        a1, b1 = slope(u, v)
        a2, b2 = slope(u + a1 * dt / 2, v + b1 * dt / 2)
        a3, b3 = slope(u + a2 * dt / 2, v + b2 * dt / 2)
        a4, b4 = slope(u + a3 * dt, v + b3 * dt)
        next_u = u + (a1 + 2 * a2 + 2 * a3 + a4) * dt / 6
        next_v = v + (b1 + 2 * b2 + 2 * b3 + b4) * dt / 6
        next_x, next_y = x + (u + next_u) * dt / 2, y + (v + next_v) * dt / 2
        if next_y < 0.0:
            part = y / (y - next_y)
            return x + part * (next_x - x), t + part * dt
        x, y, u, v, t = next_x, next_y, next_u, next_v, t + dt


def best_angle(low: float, high: float) -> float:
    """The angle of the longest shot, by narrowing [low, high] in the golden ratio."""
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    while high - low > 0.01:
        left = high - ratio * (high - low)
        right = low + ratio * (high - low)
        if flight(left)[0] > flight(right)[0]:
            high = right
        else:
            low = left
    return (low + high) / 2.0


for angle in range(15, 76, 15):
    distance, seconds = flight(float(angle))
    vacuum = 100.0**2 * math.sin(math.radians(2.0 * angle)) / GRAVITY
    print(f"{angle} degrees: {distance:7.2f} m in {seconds:5.2f} s (without air {vacuum:7.2f} m)")
print(f"best angle: {best_angle(20.0, 60.0):.1f} degrees")
