/* Bit operations in a short data-dependent loop: the number of set bits in the Gray codes of 0..n-1. The same as popcount.py. */
#include "kernel.h"

static int64_t run(int64_t n) {
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t x = i ^ (i >> 1);
        while (x != 0) {
            x &= x - 1;
            total++;
        }
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 700000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
