/* A linear congruential generator modulo 2**31: n steps, the sum of the high bits. The same as lcg31.py. */
#include "kernel.h"

static int64_t run(int64_t n) {
    unsigned __int128 x = 42;
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++) {
        x = (x * 1103515245 + 12345) % ((unsigned __int128)1 << 31);
        total += (int64_t)(x >> 16);
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 3000000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
