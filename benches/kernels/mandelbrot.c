/* Float arithmetic with an early exit: points of an n by n grid inside the Mandelbrot set. The same as mandelbrot.py. */
#include "kernel.h"

static bool inside(double cx, double cy) {
    double x = 0.0, y = 0.0;
    for (int i = 0; i < 200; i++) {
        double x2 = x * x, y2 = y * y;
        if (x2 + y2 > 4.0)
            return false;
        y = 2.0 * x * y + cy;
        x = x2 - y2 + cx;
    }
    return true;
}

static int64_t run(int64_t n) {
    int64_t count = 0;
    for (int64_t row = 0; row < n; row++)
        for (int64_t column = 0; column < n; column++)
            if (inside(-2.0 + 3.0 * column / n, -1.5 + 3.0 * row / n))
                count++;
    return count;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 450;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
