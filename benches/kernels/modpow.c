/* Modular powers by squaring: Fermat's test to base 2 of every odd number up to n. The same as modpow.py. */
#include "kernel.h"

static int64_t power_mod(int64_t base, int64_t exponent, int64_t modulus) {
    int64_t result = 1;
    base = floor_mod(base, modulus);
    while (exponent > 0) {
        if (exponent & 1)
            result = floor_mod(result * base, modulus);
        base = floor_mod(base * base, modulus);
        exponent >>= 1;
    }
    return result;
}

static int64_t run(int64_t n) {
    int64_t count = 0;
    for (int64_t i = 3; i <= n; i += 2)
        if (power_mod(2, i - 1, i) == 1)
            count++;
    return count;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 500000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
