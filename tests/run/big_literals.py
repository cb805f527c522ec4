# Literals beyond 64 bits, where integers are kept: locals, globals, defaults, tuples.
LIMIT = 340282366920938463463374607431768211456
limit = LIMIT
limit += 1

def below(x: int, most: int = 0xFFFFFFFFFFFFFFFF) -> bool:
    return x < most

def reduce(x: int) -> int:
    y = x * 123456789012345678901234567890 % 1_000_000_000_000_000_000_000
    return y // 1000000000000

print(LIMIT, limit, LIMIT - 1 == 2**128 - 1)
print(below(5), below(0xFFFF_FFFF_FFFF_FFFF_F), below(18446744073709551615))
print(reduce(3), reduce(-7))
print((1, 99999999999999999999, -18446744073709551616))
print(0b1 << 70, 0x1_0000_0000_0000_0000, -0o7777777777777777777777777)
print(float(123456789012345678901234567890), 123456789012345678901234567890 / 7)
for i in range(18446744073709551616, 18446744073709551619):
    print(i, i in (18446744073709551617, 3), f"{i:,}")
