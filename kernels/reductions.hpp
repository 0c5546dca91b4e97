// Reductions of the host backend, accumulated in double. Devices and numpy use their array library's own.
template <class A, class B> static double dot(long n, const A* a, const B* b)
{
    double sum = 0.0;
#pragma omp parallel for simd reduction(+ : sum) schedule(static) if (n > 50000)
    for (long i = 0; i < n; ++i) sum += double(a[i]) * double(b[i]);
    return sum;
}
template <class A> static double abs_sum(long n, const A* a)
{
    double sum = 0.0;
#pragma omp parallel for simd reduction(+ : sum) schedule(static) if (n > 50000)
    for (long i = 0; i < n; ++i) sum += a[i] < 0 ? -double(a[i]) : double(a[i]);
    return sum;
}
extern "C" {
double dot_f8_f8(long n, const double* a, const double* b) { return dot(n, a, b); }
double dot_f8_f4(long n, const double* a, const float* b) { return dot(n, a, b); }
double dot_f4_f8(long n, const float* a, const double* b) { return dot(n, a, b); }
double dot_f4_f4(long n, const float* a, const float* b) { return dot(n, a, b); }
double abs_sum_f8(long n, const double* a) { return abs_sum(n, a); }
double abs_sum_f4(long n, const float* a) { return abs_sum(n, a); }
}
