"""Numbers and their digits: sums, reversal, palindromes, Armstrong, happy and Kaprekar numbers."""


def digit_sum(n: int) -> int:
    total = 0
    while n:
        n, digit = divmod(n, 10)
        total += digit
    return total


def digital_root(n: int) -> int:
    while n > 9:
        n = digit_sum(n)
    return n


def reverse(n: int) -> int:
    result = 0
    while n > 0:
        result = result * 10 + n % 10
        n //= 10
    return result


def is_armstrong(n: int) -> bool:
    """Whether n is the sum of its digits, each to the power of how many there are."""
    length = 0
    rest = n
    while rest:
        rest //= 10
        length += 1
    total, rest = 0, n
    while rest:
        total += (rest % 10) ** length
        rest //= 10
    return total == n


def is_happy(n: int) -> bool:
    while n not in (1, 4):
        squares = 0
        while n:
            squares += (n % 10) ** 2
            n //= 10
        n = squares
    return n == 1


def kaprekar_steps(n: int) -> int:
    """How many times to sort the four digits down, sort them up and subtract, until 6174."""
    steps = 0
    while n != 6174:
        a, b, c, d = n // 1000, n // 100 % 10, n // 10 % 10, n % 10
        high, low = max(a, b, c, d), min(a, b, c, d)
        rest = a + b + c + d - high - low
        x = max(min(a, b), min(c, d), min(max(a, b), max(c, d)))
        y = rest - x
        down = high * 1000 + max(x, y) * 100 + min(x, y) * 10 + low
        up = low * 1000 + min(x, y) * 100 + max(x, y) * 10 + high
        n = down - up
        steps += 1
    return steps


print(digit_sum(9_876_543_210), digital_root(9_876_543_210), reverse(1_234_567))
for n in range(100, 10_000):
    if is_armstrong(n):
        print("Armstrong:", n)
for n in range(1, 50):
    if is_happy(n):
        print(n, end=" ")
print("are happy")
largest, left, right = 0, 0, 0
for i in range(990, 900, -1):
    for j in range(i, 900, -1):
        if i * j > largest and reverse(i * j) == i * j:
            largest, left, right = i * j, i, j
print(f"largest palindrome of two factors in 900..990: {largest} = {left} * {right}")
print("Kaprekar:", kaprekar_steps(3524), kaprekar_steps(9831), kaprekar_steps(1000))
