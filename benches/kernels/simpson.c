/* Calls into the mathematics library: Simpson's rule with n intervals on sin(x) exp(-x/5). The same as simpson.py. */
#include "kernel.h"

static double f(double x) { return sin(x) * exp(-0.2 * x); }

static double run(int64_t n) {
    double h = 10.0 / n;
    double total = f(0.0) + f(10.0);
    for (int64_t i = 1; i < n; i++) {
        if (floor_mod(i, 2) == 1)
            total += 4.0 * f(i * h);
        else
            total += 2.0 * f(i * h);
    }
    return total * h / 3.0;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 3000000;
    printf("%.9f\n", run(n));
    return 0;
}
