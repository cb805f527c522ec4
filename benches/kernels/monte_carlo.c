/* A serial integer recurrence feeding floats: pi from n random points of an LCG. The same as monte_carlo.py. */
#include "kernel.h"

static double run(int64_t n) {
    int64_t state = 42, hits = 0;
    for (int64_t i = 0; i < n; i++) {
        state = floor_mod(state * 1103515245 + 12345, 2147483648);
        double x = state / 2147483648.0;
        state = floor_mod(state * 1103515245 + 12345, 2147483648);
        double y = state / 2147483648.0;
        if (x * x + y * y <= 1.0)
            hits++;
    }
    return 4.0 * hits / n;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 1200000;
    printf("%.9f\n", run(n));
    return 0;
}
