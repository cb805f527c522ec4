/* Unpredictable branches: the longest Collatz walk that starts below n. The same as collatz.py. */
#include "kernel.h"

static int64_t run(int64_t n) {
    int64_t best = 0, best_steps = 0;
    for (int64_t start = 1; start < n; start++) {
        int64_t x = start, steps = 0;
        while (x != 1) {
            if (floor_mod(x, 2) == 0)
                x = floor_div(x, 2);
            else
                x = 3 * x + 1;
            steps++;
        }
        if (steps > best_steps)
            best = start, best_steps = steps;
    }
    return best * 1000 + best_steps;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 80000;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
