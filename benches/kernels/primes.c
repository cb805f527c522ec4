/* Integer remainders: primes up to n by trial division. The same as primes.py. */
#include "kernel.h"

static bool is_prime(int64_t n) {
    if (floor_mod(n, 2) == 0)
        return n == 2;
    for (int64_t d = 3; d * d <= n; d += 2)
        if (floor_mod(n, d) == 0)
            return false;
    return n > 1;
}

static int64_t run(int64_t n) {
    int64_t count = 0;
    for (int64_t i = 2; i <= n; i++)
        if (is_prime(i))
            count++;
    return count;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 300000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
