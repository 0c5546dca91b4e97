/* Transport of momentum and scalars with sinks on the padded grid, extents and coefficients as in operator.cu:
 *
 *   (sum a_f + s) x_c = sum a_f x_nb + b,   a_f = g_f + max(inflow through f, 0),   s >= 0
 *
 * A sink is anything that grows with the value itself: drag, the dissipation of turbulence, the storage of a time step. Here the
 * sum over the neighbours is written out, not as flux differences: with b >= 0 every value stays positive in every sweep. Where
 * digits matter, in residuals, the flux differences of operator.cu are used.
 */

/* name: gauss_seidel_transport
 * equation: x = dinv (b + sum a_f x_nb) in the cells of one colour where dinv is not 0
 * bytes: 80 / 40
 * reference: red-black Gauss-Seidel; sinks in the diagonal, Patankar, Numerical Heat Transfer and Fluid Flow (1980), section 3.2
 * inputs: colour in 0..1
 */
KERNEL gauss_seidel_transport(int nx, int ny, int nz,
                              int colour,                /* - */
                              const real* RESTRICT gx,   /* (nz+2, ny+2, nx+2) kg/s */
                              const real* RESTRICT gy,   /* (nz+2, ny+2, nx+2) kg/s */
                              const real* RESTRICT gz,   /* (nz+2, ny+2, nx+2) kg/s */
                              const real* RESTRICT mx,   /* (nz+2, ny+2, nx+2) kg/s */
                              const real* RESTRICT my,   /* (nz+2, ny+2, nx+2) kg/s */
                              const real* RESTRICT mz,   /* (nz+2, ny+2, nx+2) kg/s */
                              const real* RESTRICT dinv, /* (nz+2, ny+2, nx+2) s/kg */
                              const real* RESTRICT b,    /* (nz+2, ny+2, nx+2) N */
                              real* RESTRICT x)          /* (nz+2, ny+2, nx+2) m/s */
{
    const real zero = ZERO;
    FOR_EACH_PADDED_CELL_OF_COLOUR(nx, ny, nz, colour, x + sz, gx, gy + sy, gz + sz, mx, my + sy, mz + sz, b, dinv) {
        const real sum = coupling_below(gx, mx, c, zero) * x[c - 1] + coupling_above(gx, mx, c, 1, zero) * x[c + 1]
                       + coupling_below(gy, my, c, zero) * x[c - sy] + coupling_above(gy, my, c, sy, zero) * x[c + sy]
                       + coupling_below(gz, mz, c, zero) * x[c - sz] + coupling_above(gz, mz, c, sz, zero) * x[c + sz];
        const real d = dinv[c], now = x[c], next = d * (b[c] + sum);
        VALUE = d != zero ? next : now;
    } THEN_OF_COLOUR {
        x[c] = mine ? value : x[c];
    } END_FOR_EACH_PADDED_CELL_OF_COLOUR
}

/* name: add_drag
 * equation: 1/dinv += s/alpha and 1/dp += s/(alpha A), as if momentum_diagonal had known the sinks s
 * bytes: 41 / 21
 * reference: SIMPLEC, Van Doormaal & Raithby, Numer. Heat Transfer 7 (1984) 147, eq. 14
 * inputs: axis in 0..2, solved in 0..1
 */
KERNEL add_drag(int nx, int ny, int nz,
                int axis,                             /* - */
                real alpha,                           /* - */
                const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                const real* RESTRICT drag,            /* (nz+2, ny+2, nx+2) kg/s */
                const real* RESTRICT hx,              /* (nx+2) m */
                const real* RESTRICT hy,              /* (ny+2) m */
                const real* RESTRICT hz,              /* (nz+2) m */
                real* RESTRICT dinv,                  /* (nz+2, ny+2, nx+2) s/kg */
                real* RESTRICT dp)                    /* (nz+2, ny+2, nx+2) m2 s/kg */
{
    const struct Axis normal = only(axis);
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const real area = face_area(normal, hx[i + 1], hy[j + 1], hz[k + 1]);
        const real s = real(solved[c]) * drag[c] / alpha;
        dinv[c] = dinv[c] / (real(1) + dinv[c] * s);
        dp[c] = dp[c] / (real(1) + dp[c] * s / area);
    } END_FOR_EACH_CELL
}
