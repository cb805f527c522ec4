/* Functions with many arguments and results inlined by hand: Fibonacci numbers modulo 10^9 + 7 by 2x2 matrices. The same as matrix_fib.py. */
#include "kernel.h"

static int64_t fib_mod(int64_t n) {
    int64_t m = 1000000007;
    int64_t a = 1, b = 0, c = 0, d = 1, p = 1, q = 1, r = 1, s = 0;
    while (n > 0) {
        if (n & 1) {
            int64_t e = floor_mod(a * p + b * r, m), f = floor_mod(a * q + b * s, m);
            int64_t g = floor_mod(c * p + d * r, m), h = floor_mod(c * q + d * s, m);
            a = e, b = f, c = g, d = h;
        }
        int64_t e = floor_mod(p * p + q * r, m), f = floor_mod(p * q + q * s, m);
        int64_t g = floor_mod(r * p + s * r, m), h = floor_mod(r * q + s * s, m);
        p = e, q = f, r = g, s = h;
        n >>= 1;
    }
    return b;
}

static int64_t run(int64_t n) {
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++)
        total = floor_mod(total + fib_mod(i), 1000000007);
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 60000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
