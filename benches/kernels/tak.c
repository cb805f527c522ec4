/* Calls with three arguments: Takeuchi's function. The same as tak.py. */
#include "kernel.h"

static int64_t tak(int64_t x, int64_t y, int64_t z) {
    if (y >= x)
        return z;
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

static int64_t run(int64_t n) { return tak(n, n * 2 / 3, n / 3); }

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 24;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
