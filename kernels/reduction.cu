/* Partial reductions for devices: `nx ny nz` lanes each take every (nx ny nz)-th element and leave one number. A second pass
 * over those numbers leaves few enough for the host to finish. The order never depends on the device, so runs repeat exactly.
 * (The host's own reductions are in reductions.hpp.)
 */

/* name: partial_dot
 * equation: sums_t = sum of a_e b_e over e = t, t + lanes, ..., in double
 * bytes: 16 / 12
 * reference: inner product of the Krylov methods, Saad (2003)
 * inputs: count in 1..4000
 */
KERNEL partial_dot(int nx, int ny, int nz,
                   int count,                /* - */
                   const double* RESTRICT a, /* (count) W */
                   const real* RESTRICT b,   /* (count) K */
                   double* RESTRICT sums)    /* (nz, ny, nx) W K */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int t = (k * ny + j) * nx + i;
        double sum = 0.0;
        for (long long e = t; e < count; e += (long long)nx * ny * nz) sum += a[e] * double(b[e]);
        sums[t] = sum;
    } END_FOR_EACH_CELL
}

/* name: partial_sum
 * equation: sums_t = sum of a_e over e = t, t + lanes, ..., in double
 * bytes: 8 / 4
 * reference: second pass of partial_dot and partial_abs_sum
 * inputs: count in 1..4000
 */
KERNEL partial_sum(int nx, int ny, int nz,
                   int count,              /* - */
                   const real* RESTRICT a, /* (count) W */
                   double* RESTRICT sums)  /* (nz, ny, nx) W */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int t = (k * ny + j) * nx + i;
        double sum = 0.0;
        for (long long e = t; e < count; e += (long long)nx * ny * nz) sum += double(a[e]);
        sums[t] = sum;
    } END_FOR_EACH_CELL
}

/* name: partial_abs_sum
 * equation: sums_t = sum of |a_e| over e = t, t + lanes, ..., in double
 * bytes: 8 / 4
 * reference: mass imbalance as the sum of the cells' magnitudes
 * inputs: count in 1..4000
 */
KERNEL partial_abs_sum(int nx, int ny, int nz,
                       int count,              /* - */
                       const real* RESTRICT a, /* (count) kg/s */
                       double* RESTRICT sums)  /* (nz, ny, nx) kg/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int t = (k * ny + j) * nx + i;
        double sum = 0.0;
        for (long long e = t; e < count; e += (long long)nx * ny * nz) sum += double(rabs(a[e]));
        sums[t] = sum;
    } END_FOR_EACH_CELL
}

/* name: partial_max_abs
 * equation: largest_t = max of |a_e| over e = t, t + lanes, ...; not a number if one of them is not
 * bytes: 8 / 4
 * reference: change of a field between two passes
 * inputs: count in 1..4000
 */
KERNEL partial_max_abs(int nx, int ny, int nz,
                       int count,                /* - */
                       const real* RESTRICT a,   /* (count) K */
                       double* RESTRICT largest) /* (nz, ny, nx) K */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int t = (k * ny + j) * nx + i;
        double most = 0.0;
        for (long long e = t; e < count; e += (long long)nx * ny * nz) {
            const double value = double(rabs(a[e]));
            most = value <= most || most != most ? most : value;
        }
        largest[t] = most;
    } END_FOR_EACH_CELL
}
