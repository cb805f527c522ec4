/* Shifts, masks and exclusive ors in one dependent chain: n steps of a 32-bit xorshift generator. The same as xorshift.py. */
#include "kernel.h"

static int64_t run(int64_t n) {
    int64_t x = 2463534242, total = 0;
    for (int64_t i = 0; i < n; i++) {
        x ^= (x << 13) & 0xFFFFFFFF;
        x ^= x >> 17;
        x ^= (x << 5) & 0xFFFFFFFF;
        total += x & 1023;
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 2000000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
