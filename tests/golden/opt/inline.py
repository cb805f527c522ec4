# emit: opt -O2
def square(x: float) -> float:
    return x * x


def hypotenuse(a: float, b: float) -> float:
    return square(a) + square(b)
