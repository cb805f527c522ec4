"""Monte Carlo with a linear congruential generator, so that every run gives the same numbers.

The generator is x -> (1103515245 x + 12345) mod 2^31; its upper bits are the good ones.
"""

import math

MULTIPLIER = 1103515245
INCREMENT = 12345
MODULUS = 2**31


def next_random(state: int) -> int:
    return (state * MULTIPLIER + INCREMENT) % MODULUS


def estimate_pi(samples: int, seed: int = 42) -> float:
    """Four times the share of random points of the unit square that lie in the quarter disc."""
    state = seed
    hits = 0
    for _ in range(samples):
        state = next_random(state)
        x = state / MODULUS
        state = next_random(state)
        y = state / MODULUS
        if x * x + y * y <= 1.0:
            hits += 1
    return 4.0 * hits / samples


def two_dice(rolls: int, target: int, seed: int = 7) -> float:
    """How often two dice add up to `target`."""
    state = seed
    seen = 0
    for _ in range(rolls):
        state = next_random(state)
        first = (state >> 16) % 6 + 1
        state = next_random(state)
        second = (state >> 16) % 6 + 1
        seen += first + second == target
    return seen / rolls


for exponent in range(1, 6):
    samples = 10**exponent
    pi = estimate_pi(samples)
    print(f"{samples:>8,} samples: pi ~ {pi:.5f}  error {abs(pi - math.pi):.5f}")
for target in range(2, 13):
    share = two_dice(20_000, target, seed=target)
    print(f"sum {target:2d}: {share:.4f} expected {(6 - abs(target - 7)) / 36:.4f}")
