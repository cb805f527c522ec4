# emit: opt -O2
def triangle(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total
