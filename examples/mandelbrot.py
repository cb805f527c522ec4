"""The Mandelbrot set in characters: darker means that the point stays bounded for longer."""


def escape_time(cx: float, cy: float, limit: int) -> int:
    """How many steps of z -> z*z + c, from 0, stay within distance 2; at most `limit`."""
    x = y = 0.0
    for step in range(limit):
        x2, y2 = x * x, y * y
        if x2 + y2 > 4.0:
            return step
        y = 2.0 * x * y + cy
        x = x2 - y2 + cx
    return limit


def shade(steps: int, limit: int) -> None:
    if steps >= limit:
        print("#", end="")
    elif steps > 12:
        print("+", end="")
    elif steps > 6:
        print("-", end="")
    elif steps > 3:
        print(".", end="")
    else:
        print(" ", end="")


def draw(width: int, height: int, limit: int) -> int:
    inside = 0
    for row in range(height):
        cy = 1.2 - 2.4 * row / (height - 1)
        for column in range(width):
            cx = -2.1 + 3.0 * column / (width - 1)
            steps = escape_time(cx, cy, limit)
            inside += steps == limit
            shade(steps, limit)
        print()
    return inside


inside = draw(75, 31, 100)
print("points inside:", inside)
