/* Line Gauss-Seidel: the cells of a line along one axis are solved together, lines in the order of a chequerboard. */

DEVICE real inflow_below(const real* RESTRICT g, const real* RESTRICT m, int c) { return g[c] + rmax(m[c], real(0)); }
DEVICE real inflow_above(const real* RESTRICT g, const real* RESTRICT m, int c, int s)
{
    return g[c + s] + rmax(-m[c + s], real(0));
}
DEVICE real exchange(const real* RESTRICT x, const real* RESTRICT g, const real* RESTRICT m, int c, int s)
{
    return inflow_below(g, m, c) * (x[c] - x[c - s]) + inflow_above(g, m, c, s) * (x[c] - x[c + s]);
}

/* The change e of a line solves -low e_{c-s} + e_c / dinv - high e_{c+s} = r, by elimination: e_c = change_c + factor_c e_{c+s}. */
template <int A>
DEVICE void sweep(int nx, int ny, int nz, int colour, const real* RESTRICT gx, const real* RESTRICT gy,
                  const real* RESTRICT gz, const real* RESTRICT mx, const real* RESTRICT my, const real* RESTRICT mz,
                  const real* RESTRICT dinv, const real* RESTRICT b, real* RESTRICT factor, real* RESTRICT change,
                  real* RESTRICT x)
{
    const real* RESTRICT g = A == 0 ? gx : (A == 1 ? gy : gz);
    const real* RESTRICT m = A == 0 ? mx : (A == 1 ? my : mz);
    FOR_EACH_LINE(A, nx, ny, nz, colour) {
        FORWARD {
            const real d = dinv[c], before_factor = factor[c - s], before_change = change[c - s];
            const real f = l > 0 ? before_factor : real(0), e = l > 0 ? before_change : real(0);
            const real r = b[c] - exchange(x, gx, mx, c, 1) - exchange(x, gy, my, c, sy) - exchange(x, gz, mz, c, sz);
            const real low = inflow_below(g, m, c), whole = d != real(0) ? d : real(1);
            const real pivot = real(1) / (real(1) / whole - low * f);
            const real new_factor = d != real(0) ? inflow_above(g, m, c, s) * pivot : real(0);
            const real new_change = d != real(0) ? (r + low * e) * pivot : real(0);
            factor[c] = mine ? new_factor : factor[c];
            change[c] = mine ? new_change : change[c];
        } END_STEP
        BACKWARD {
            const real behind = change[c + s];
            const real e = change[c] + factor[c] * (l < last ? behind : real(0));
            change[c] = mine ? e : change[c];
            x[c] = mine ? x[c] + e : x[c];
        } END_STEP
    } END_FOR_EACH_LINE
}

/* name: gauss_seidel_lines
 * equation: x += e, A e = b - A x along the lines of one colour with e = 0 elsewhere, A with upwind advection; dinv = 0 stays
 * bytes: 104 / 52
 * reference: zebra line relaxation, Trottenberg, Oosterlee & Schueller, Multigrid (2001), section 5.1.3; elimination: Thomas
 * inputs: axis in 0..2, colour in 0..1, dinv in 0..0.05
 */
KERNEL gauss_seidel_lines(int nx, int ny, int nz,
                          int axis,                  /* - */
                          int colour,                /* - */
                          const real* RESTRICT gx,   /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT gy,   /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT gz,   /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT mx,   /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT my,   /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT mz,   /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT dinv, /* (nz+2, ny+2, nx+2) K/W */
                          const real* RESTRICT b,    /* (nz+2, ny+2, nx+2) W */
                          real* RESTRICT factor,     /* (nz+2, ny+2, nx+2) - */
                          real* RESTRICT change,     /* (nz+2, ny+2, nx+2) K */
                          real* RESTRICT x)          /* (nz+2, ny+2, nx+2) K */
{
    if (axis == 0) {
        sweep<0>(nx, ny, nz, colour, gx, gy, gz, mx, my, mz, dinv, b, factor, change, x);
    } else if (axis == 1) {
        sweep<1>(nx, ny, nz, colour, gx, gy, gz, mx, my, mz, dinv, b, factor, change, x);
    } else {
        sweep<2>(nx, ny, nz, colour, gx, gy, gz, mx, my, mz, dinv, b, factor, change, x);
    }
}
