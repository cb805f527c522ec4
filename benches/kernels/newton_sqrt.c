/* Float divisions until convergence: the sum of the square roots of 1..n by Newton's method. The same as newton_sqrt.py. */
#include "kernel.h"

static double root(double x) {
    double guess = x;
    for (;;) {
        double better = 0.5 * (guess + x / guess);
        if (fabs(better - guess) <= 1e-12 * better)
            return better;
        guess = better;
    }
}

static double run(int64_t n) {
    double total = 0.0;
    for (int64_t i = 1; i <= n; i++)
        total += root((double)i);
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 450000;
    printf("%.9f\n", run(n));
    return 0;
}
