/* Line Gauss-Seidel: the cells of a line along one axis are solved together, lines in the order of a chequerboard. */

/* The change e of a line solves -low e_{c-s} + diagonal e_c - high e_{c+s} = r, by elimination: e_c = change_c + factor_c e_{c+s}. */
template <int A>
DEVICE void sweep(int nx, int ny, int nz, int colour, const real* RESTRICT gx, const real* RESTRICT gy,
                  const real* RESTRICT gz, const real* RESTRICT mx, const real* RESTRICT my, const real* RESTRICT mz,
                  const real* RESTRICT dinv, const real* RESTRICT b, real* RESTRICT factor, real* RESTRICT change,
                  real* RESTRICT x)
{
    const real zero = ZERO;
    FOR_EACH_LINE(A, nx, ny, nz, colour) {
        OF_LINE(0, factor)
        OF_LINE(1, change)
        BOTH_ENDS {
            IN_LINE(factor, 0) = zero;
            IN_LINE(change, 0) = zero;
        } END_STEP
        FORWARD(gx, gy, gy + sy, gz + sz, mx, my, my + sy, mz + sz, dinv, b, x - sy, x, x + sy, x + sz) {
            const real f = IN_LINE(factor, -1), e = IN_LINE(change, -1), xc = x[c];
            const real west = coupling_below(gx, mx, c, zero), east = coupling_above(gx, mx, c, 1, zero);
            const real south = coupling_below(gy, my, c, zero), north = coupling_above(gy, my, c, sy, zero);
            const real bottom = coupling_below(gz, mz, c, zero), top = coupling_above(gz, mz, c, sz, zero);
            const real r = b[c] - (west * (xc - x[c - 1]) + east * (xc - x[c + 1]))
                         - (south * (xc - x[c - sy]) + north * (xc - x[c + sy]))
                         - (bottom * (xc - x[c - sz]) + top * (xc - x[c + sz]));
            const real diagonal = west + east + south + north + bottom + top;
            const real low = A == 0 ? west : (A == 1 ? south : bottom), high = A == 0 ? east : (A == 1 ? north : top);
            const real equation = dinv[c] != zero ? real(1) : real(0);
            const real pivot = equation / (equation * (diagonal - low * f) + (real(1) - equation));
            IN_LINE(factor, 0) = high * pivot;
            IN_LINE(change, 0) = (r + low * e) * pivot;
        } END_STEP
        BACKWARD(x) {
            const real e = IN_LINE(change, 0) + IN_LINE(factor, 0) * IN_LINE(change, 1);
            IN_LINE(change, 0) = e;
            x[c] = mine ? x[c] + e : x[c];
        } END_STEP
    } END_FOR_EACH_LINE
}

/* name: gauss_seidel_lines
 * equation: x += e, A e = b - A x along the lines of one colour with e = 0 elsewhere, A with upwind advection; dinv = 0 stays
 * bytes: 104 / 52
 * reference: zebra line relaxation, Trottenberg, Oosterlee & Schueller, Multigrid (2001), section 5.1.3; elimination: Thomas
 * scratch: factor, change
 * inputs: axis in 0..2, colour in 0..1, dinv in 0..1, gx in 0..1, gy in 0..1, gz in 0..1
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
