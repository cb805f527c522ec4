/* Complex numbers: escape times of an n by n grid under z*z + c. The same as julia.py. */
#include "kernel.h"

static int64_t escape(double re, double im, double c_re, double c_im) {
    int64_t steps = 0;
    while (steps < 100 && re * re + im * im <= 4.0) {
        double square_re = re * re - im * im, square_im = re * im + im * re;
        re = square_re + c_re;
        im = square_im + c_im;
        steps++;
    }
    return steps;
}

static int64_t run(int64_t n) {
    int64_t total = 0;
    for (int64_t row = 0; row < n; row++)
        for (int64_t column = 0; column < n; column++)
            total += escape(-1.6 + 3.2 * column / n, -1.6 + 3.2 * row / n, -0.8, 0.156);
    return total;
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 450;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
