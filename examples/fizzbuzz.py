"""FizzBuzz: numbers from 1, but Fizz for multiples of 3, Buzz for multiples of 5, FizzBuzz for both."""

import sys


def fizzbuzz(n: int) -> bool:
    """Prints one line; says whether it was a word."""
    if n % 15 == 0:
        print("FizzBuzz")
    elif n % 3 == 0:
        print("Fizz")
    elif n % 5 == 0:
        print("Buzz")
    else:
        print(n)
        return False
    return True


limit = int(sys.argv[1]) if len(sys.argv) > 1 else 30
words = 0
for n in range(1, limit + 1):
    if fizzbuzz(n):
        words += 1
print(f"{words} words, {limit - words} numbers")
