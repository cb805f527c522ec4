/* Nested loops with invariant parts: a double sum of products of floats. The same as float_sum.py. */
#include "kernel.h"

static double run(int64_t n) {
    double total = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double x = i * 0.001;
        for (int64_t j = 0; j < n; j++) {
            double y = j * 0.002;
            total += x * y - (x * x - 0.5) * 0.25;
        }
    }
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 3000;
    printf("%.9f\n", run(n));
    return 0;
}
