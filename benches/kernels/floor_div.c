/* Floor division and remainder of numbers of both signs by a varying divisor. The same as floor_div.py. */
#include "kernel.h"

static int64_t run(int64_t n) {
    int64_t total = 0;
    for (int64_t i = floor_div(-n, 2); i < floor_div(n, 2); i++) {
        int64_t d = (i & 15) - 20;
        total += floor_div(i, d) * 3 + floor_mod(i, d);
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 4000000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
