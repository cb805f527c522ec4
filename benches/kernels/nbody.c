/* Many live floats, square roots and divisions: three bodies, n leapfrog steps; the final energy. The same as nbody.py. */
#include "kernel.h"

static double run(int64_t n) {
    double dt = 0.0005;
    double x0 = -0.97000436, y0 = 0.24308753, x1 = 0.97000436, y1 = -0.24308753, x2 = 0.0, y2 = 0.0;
    double u2 = -0.93240737, v2 = -0.86473146;
    double u0 = -0.5 * u2, v0 = -0.5 * v2, u1 = -0.5 * u2, v1 = -0.5 * v2;
    for (int64_t i = 0; i < n; i++) {
        double dx = x1 - x0, dy = y1 - y0;
        double r2 = dx * dx + dy * dy;
        double f = dt / (r2 * sqrt(r2));
        u0 += dx * f, v0 += dy * f, u1 -= dx * f, v1 -= dy * f;
        dx = x2 - x0, dy = y2 - y0;
        r2 = dx * dx + dy * dy;
        f = dt / (r2 * sqrt(r2));
        u0 += dx * f, v0 += dy * f, u2 -= dx * f, v2 -= dy * f;
        dx = x2 - x1, dy = y2 - y1;
        r2 = dx * dx + dy * dy;
        f = dt / (r2 * sqrt(r2));
        u1 += dx * f, v1 += dy * f, u2 -= dx * f, v2 -= dy * f;
        x0 += u0 * dt, y0 += v0 * dt, x1 += u1 * dt, y1 += v1 * dt, x2 += u2 * dt, y2 += v2 * dt;
    }
    return 0.5 * (u0 * u0 + v0 * v0 + u1 * u1 + v1 * v1 + u2 * u2 + v2 * v2);
}

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 800000;
    printf("%.9f\n", run(n));
    return 0;
}
