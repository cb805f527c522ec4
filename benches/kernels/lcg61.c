/* A multiplicative generator modulo 2**61 - 1: n steps of 128-bit products. The same as lcg61.py. */
#include "kernel.h"

static int64_t run(int64_t n) {
    unsigned __int128 x = 42;
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++) {
        x = (x * 437799614237992725 + 11) % (((unsigned __int128)1 << 61) - 1);
        total += (int64_t)(x >> 40);
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 2000000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
