/* Chains of dependent divisions: the sum of gcd(i, j) over i, j up to n. The same as gcd_sum.py. */
#include "kernel.h"

static int64_t gcd(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = floor_mod(a, b);
        a = b;
        b = rest;
    }
    return a;
}

static int64_t run(int64_t n) {
    int64_t total = 0;
    for (int64_t i = 1; i <= n; i++)
        for (int64_t j = 1; j <= n; j++)
            total += gcd(i, j);
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 1400;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
