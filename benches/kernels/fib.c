/* Calls: doubly recursive Fibonacci. The same as fib.py. */
#include "kernel.h"

static int64_t fib(int64_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static int64_t run(int64_t n) { return fib(n); }

int main(int argc, char **argv) {
    int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 34;
    printf("%" PRId64 "\n", run(n));
    return 0;
}
