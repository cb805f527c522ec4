# emit: ir -O0
def add(a: int, b: int) -> int:
    return a + b
