/* Division by a constant: the sum of the decimal digits of 1..n. The same as digit_sum.py. */
#include "kernel.h"

static int64_t run(int64_t n) {
    int64_t total = 0;
    for (int64_t i = 1; i <= n; i++) {
        int64_t x = i;
        while (x > 0) {
            total += floor_mod(x, 10);
            x = floor_div(x, 10);
        }
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 2000000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
