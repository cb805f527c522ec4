typedef long long i64; typedef unsigned long long u64;
__attribute__((optimize("no-optimize-sibling-calls"))) i64 fib(i64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
i64 sum(i64 *a, i64 n) { i64 s = 0; for (i64 i = 0; i < n; i++) s += a[i]; return s; }
double dot(double *a, double *b, i64 n) { double s = 0; for (i64 i = 0; i < n; i++) s += a[i] * b[i]; return s; }
u64 gcd(u64 a, u64 b) { while (b) { u64 t = a % b; a = b; b = t; } return a; }
i64 collatz(i64 n) {
  i64 steps = 0;
  while (n != 1) {
    if (n & 1) { if (__builtin_mul_overflow(n, 3, &n) || __builtin_add_overflow(n, 1, &n)) return -1; } else n >>= 1;
    steps++;
  }
  return steps;
}
i64 sieve(char *composite, i64 n) {
  i64 count = 0;
  for (i64 i = 2; i < n; i++) {
    if (composite[i]) continue;
    count++;
    for (i64 j = i * i; j < n; j += i) composite[j] = 1;
  }
  return count;
}
double horner(double *c, i64 n, double x) { double r = 1; for (i64 i = 0; i < n; i++) r = r * x + c[i]; return r; }
u64 hash(unsigned char *s, i64 n) { u64 h = 14695981039346656037ull; for (i64 i = 0; i < n; i++) h = (h ^ s[i]) * 1099511628211ull; return h; }
u64 digits(u64 n) { u64 s = 0; while (n) { s += n % 10; n /= 10; } return s; }
i64 clamp(i64 x, i64 low, i64 high) { x = x < low ? low : x; return x > high ? high : x; }
