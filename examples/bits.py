"""Bit tricks: population count, parity, Gray code, reversal, isolated bits, a small xorshift generator."""


def popcount(x: int) -> int:
    """Clears the lowest set bit until none is left."""
    count = 0
    while x:
        x &= x - 1
        count += 1
    return count


def popcount_swar(x: int) -> int:
    """Adds bits side by side within 32 bits."""
    x -= x >> 1 & 0x55555555
    x = (x & 0x33333333) + (x >> 2 & 0x33333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F
    return (x * 0x01010101 & 0xFFFFFFFF) >> 24


def reverse8(x: int) -> int:
    result = 0
    for _ in range(8):
        result, x = result << 1 | x & 1, x >> 1
    return result


def from_gray(code: int) -> int:
    value = 0
    while code:
        value ^= code
        code >>= 1
    return value


def xorshift32(x: int) -> int:
    x ^= x << 13 & 0xFFFFFFFF
    x ^= x >> 17
    return x ^ (x << 5 & 0xFFFFFFFF)


for i in range(8):
    gray = i ^ i >> 1
    print(f"{i} {i:03b} gray {gray:03b} back {from_gray(gray)}")
state, different = 2463534242, 0
for _ in range(1000):
    state = xorshift32(state)
    different += popcount(state) != popcount_swar(state)
print("state", state, "counts that differ:", different)
print("reversed:", f"{0b00010110:08b} {reverse8(0b00010110):08b}")
print("lowest bit of 88:", 88 & -88, "without it:", 88 & 87, "inverted:", ~88)
print("shifts floor:", -5 >> 1, -1 >> 10, 1 << 40, -3 << 2)
print("parity of 0..15:", end=" ")
for i in range(16):
    print(popcount(i) & 1, end="")
print()
try:
    print(1 << (state - state - 1))
except ValueError as error:
    print("error:", error)
