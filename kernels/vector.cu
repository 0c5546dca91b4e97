/* Fused vector updates of the Krylov solvers. Vectors stay in double whatever `real` is; what the preconditioner
 * returns is float.
 */

/* name: step_solution
 * equation: x += a p; r -= a q
 * bytes: 48 / 48
 * reference: conjugate gradients, Saad, Iterative Methods for Sparse Linear Systems (2003), algorithm 9.1
 */
KERNEL step_solution(int nx, int ny, int nz,
                     double a,                 /* - */
                     const double* RESTRICT p, /* (nz, ny, nx) K */
                     const double* RESTRICT q, /* (nz, ny, nx) W */
                     double* RESTRICT x,       /* (nz, ny, nx) K */
                     double* RESTRICT r)       /* (nz, ny, nx) W */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = (k * ny + j) * nx + i;
        x[c] += a * p[c];
        r[c] -= a * q[c];
    } END_FOR_EACH_CELL
}

/* name: step_direction
 * equation: p = z + beta p
 * bytes: 20 / 20
 * reference: Saad (2003), algorithm 9.1
 */
KERNEL step_direction(int nx, int ny, int nz,
                      double beta,             /* - */
                      const float* RESTRICT z, /* (nz, ny, nx) K */
                      double* RESTRICT p)      /* (nz, ny, nx) K */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = (k * ny + j) * nx + i;
        p[c] = double(z[c]) + beta * p[c];
    } END_FOR_EACH_CELL
}

/* name: step_bicgstab
 * equation: p = r + beta (p - omega v)
 * bytes: 32 / 32
 * reference: Van der Vorst, SIAM J. Sci. Stat. Comput. 13 (1992) 631
 */
KERNEL step_bicgstab(int nx, int ny, int nz,
                     double beta,              /* - */
                     double omega,             /* - */
                     const double* RESTRICT r, /* (nz, ny, nx) W */
                     const double* RESTRICT v, /* (nz, ny, nx) W */
                     double* RESTRICT p)       /* (nz, ny, nx) W */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = (k * ny + j) * nx + i;
        p[c] = r[c] + beta * (p[c] - omega * v[c]);
    } END_FOR_EACH_CELL
}

/* name: scale_to_float
 * equation: y = a x, rounded to single precision
 * bytes: 12 / 12
 * reference: the preconditioner runs in float on a residual of unit norm
 */
KERNEL scale_to_float(int nx, int ny, int nz,
                      double a,                 /* - */
                      const double* RESTRICT x, /* (nz, ny, nx) W */
                      float* RESTRICT y)        /* (nz, ny, nx) W */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = (k * ny + j) * nx + i;
        y[c] = float(a * x[c]);
    } END_FOR_EACH_CELL
}

/* name: scale_to_double
 * equation: y = a x, from single precision
 * bytes: 12 / 12
 * reference: inverse of scale_to_float
 */
KERNEL scale_to_double(int nx, int ny, int nz,
                       double a,                /* - */
                       const float* RESTRICT x, /* (nz, ny, nx) K */
                       double* RESTRICT y)      /* (nz, ny, nx) K */
{
    FOR_EACH_CELL_FROM(nx, ny, nz, (k * ny + j) * nx, x, y, y + 8) {
        y[c] = a * double(x[c]);
    } END_FOR_EACH_CELL_FROM_WITHOUT_BYTES
}
