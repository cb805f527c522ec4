/* Modular powers with a 62-bit modulus. The same as modpow62.py. */
#include "kernel.h"

static int64_t power_mod(int64_t base, int64_t exponent, int64_t modulus) {
    int64_t result = 1;
    base = floor_mod(base, modulus);
    while (exponent > 0) {
        if (exponent & 1)
            result = (int64_t)((unsigned __int128)result * (unsigned __int128)base % (unsigned __int128)modulus);
        base = (int64_t)((unsigned __int128)base * (unsigned __int128)base % (unsigned __int128)modulus);
        exponent >>= 1;
    }
    return result;
}

static int64_t run(int64_t n, int64_t modulus) {
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++)
        total ^= power_mod(i + 3, modulus - 2 - i, modulus);
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 20000;
    printf("%" PRId64 "\n", run(n, 4611686018427387847));
    return 0;
}
