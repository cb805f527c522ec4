/* Float division and sign changes: n terms of 4 - 4/3 + 4/5 - ... The same as leibniz.py. */
#include "kernel.h"

static double run(int64_t n) {
    double total = 0.0, sign = 4.0;
    for (int64_t i = 0; i < n; i++) {
        total += sign / (2 * i + 1);
        sign = -sign;
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 8000000;
    printf("%.9f\n", run(n));
    return 0;
}
