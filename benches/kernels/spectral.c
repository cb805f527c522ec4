/* A small function in a double loop, integer and float mixed: |A 1| and |A^T A 1| of the spectral-norm matrix. The same as spectral.py. */
#include "kernel.h"

static double a(int64_t i, int64_t j) { return 1.0 / (floor_div((i + j) * (i + j + 1), 2) + i + 1); }

static double run(int64_t n) {
    double total = 0.0, transposed = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double row = 0.0, column = 0.0;
        for (int64_t j = 0; j < n; j++) {
            row += a(i, j);
            column += a(j, i);
        }
        total += row * row;
        transposed += row * column;
    }
    return sqrt(total / n) + sqrt(transposed / n);
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 1200;
    printf("%.9f\n", run(n));
    return 0;
}
