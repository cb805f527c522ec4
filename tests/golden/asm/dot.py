# emit: asm -O2
def dot(a: float, b: float, c: float, d: float) -> float:
    return a * c + b * d
