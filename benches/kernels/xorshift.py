"""Shifts, masks and exclusive ors in one dependent chain: n steps of a 32-bit xorshift generator."""

# bench: small=2000000 large=180000000
import sys


def run(n: int) -> int:
    x = 2463534242
    total = 0
    for _ in range(n):
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        total += x & 1023
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000000
print(run(n))
