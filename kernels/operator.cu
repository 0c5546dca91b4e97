/* The seven-point operator of every equation on the padded grid, always as flux differences:
 *
 *   (A x)_c = sum over faces f of a_f (x_c - x_nb) + shift x_c / dinv_c,   a_f = g_f + max(inflow through f, 0)
 *
 * Arrays carry one ghost cell on each side: extents (nx, ny, nz) are the cells 1..n of each axis. `gx[c]` and `mx[c]`
 * belong to the LOW x face of cell c; m is positive along the axis. A row with dinv = 0, or `solved` = 0, is not an
 * equation: its value is fixed (ghost, wall, solid). `shift` = 1 - alpha adds the implicit under-relaxation of momentum, 0
 * elsewhere.
 */

/* What passes from cell c through its faces on x and y; through its low face on z from it, through the high one to it. */
DEVICE real through_sides(const real* RESTRICT x, const real* RESTRICT gx, const real* RESTRICT gy, int c, int sy)
{
    const real xc = x[c];
    return gx[c] * (xc - x[c - 1]) + gx[c + 1] * (xc - x[c + 1]) + gy[c] * (xc - x[c - sy]) + gy[c + sy] * (xc - x[c + sy]);
}

DEVICE real through_low(const real* RESTRICT x, const real* RESTRICT gz, int c, int sz) { return gz[c] * (x[c] - x[c - sz]); }
DEVICE real through_high(const real* RESTRICT x, const real* RESTRICT gz, int c, int sz) { return through_low(x, gz, c + sz, sz); }

DEVICE real balance(const real* RESTRICT x, const real* RESTRICT gx, const real* RESTRICT gy, const real* RESTRICT gz,
                    int c, int sy, int sz, real below)
{
    return through_sides(x, gx, gy, c, sy) + below - through_high(x, gz, c, sz);
}

/* The same with upwind advection: a cell is coupled to the neighbour from which something flows in. */
DEVICE real advected_sides(const real* RESTRICT x, const real* RESTRICT gx, const real* RESTRICT gy, const real* RESTRICT mx,
                           const real* RESTRICT my, int c, int sy, real zero)
{
    const real xc = x[c];
    return coupling_below(gx, mx, c, zero) * (xc - x[c - 1]) + coupling_above(gx, mx, c, 1, zero) * (xc - x[c + 1])
         + coupling_below(gy, my, c, zero) * (xc - x[c - sy]) + coupling_above(gy, my, c, sy, zero) * (xc - x[c + sy]);
}

DEVICE real advected_low(const real* RESTRICT x, const real* RESTRICT gz, const real* RESTRICT mz, int c, int sz, real zero)
{
    return coupling_below(gz, mz, c, zero) * (x[c] - x[c - sz]);
}

DEVICE real advected_high(const real* RESTRICT x, const real* RESTRICT gz, const real* RESTRICT mz, int c, int sz, real zero)
{
    return coupling_above(gz, mz, c, sz, zero) * (x[c + sz] - x[c]);
}

DEVICE real balance_advected(const real* RESTRICT x, const real* RESTRICT gx, const real* RESTRICT gy, const real* RESTRICT gz,
                             const real* RESTRICT mx, const real* RESTRICT my, const real* RESTRICT mz, int c, int sy, int sz,
                             real below, real zero)
{
    return advected_sides(x, gx, gy, mx, my, c, sy, zero) + below - advected_high(x, gz, mz, c, sz, zero);
}

/* name: residual
 * equation: r = b - A x, zero in fixed rows
 * bytes: 49 / 25
 * reference: finite volumes, Patankar, Numerical Heat Transfer and Fluid Flow (1980), eq. 3.58
 * inputs: solved in 0..1
 */
KERNEL residual(int nx, int ny, int nz,
                const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                const real* RESTRICT gx,              /* (nz+2, ny+2, nx+2) W/K */
                const real* RESTRICT gy,              /* (nz+2, ny+2, nx+2) W/K */
                const real* RESTRICT gz,              /* (nz+2, ny+2, nx+2) W/K */
                const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                const real* RESTRICT b,               /* (nz+2, ny+2, nx+2) W */
                real* RESTRICT r)                     /* (nz+2, ny+2, nx+2) W */
{
    FOR_EACH_PADDED_CELL(nx, ny, nz, through_low(x, gz, c, sz), x + sz, gx, gy + sy, gz + sz, r) {
        VALUE = b[c] - balance(x, gx, gy, gz, c, sy, sz, below);
    } THEN {
        r[c] = BYTES(solved)[c] != 0 ? value : real(0);
    } END_FOR_EACH_PADDED_CELL
}

/* name: residual_advected
 * equation: r = b - A x with first-order upwind advection, zero in fixed rows
 * bytes: 73 / 37
 * reference: finite volumes, Patankar (1980), section 5.2-2 (upwind)
 * inputs: solved in 0..1
 */
KERNEL residual_advected(int nx, int ny, int nz,
                         const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                         const real* RESTRICT gx,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT gy,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT gz,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) W/K */
                         const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT b,               /* (nz+2, ny+2, nx+2) W */
                         real* RESTRICT r)                     /* (nz+2, ny+2, nx+2) W */
{
    const real zero = ZERO;
    FOR_EACH_PADDED_CELL(nx, ny, nz, advected_low(x, gz, mz, c, sz, zero), x + sz, gx, gy + sy, gz + sz, mx, my + sy,
                         mz + sz, r) {
        VALUE = b[c] - balance_advected(x, gx, gy, gz, mx, my, mz, c, sy, sz, below, zero);
    } THEN {
        r[c] = BYTES(solved)[c] != 0 ? value : real(0);
    } END_FOR_EACH_PADDED_CELL
}

/* name: apply
 * equation: y = A x, zero in fixed rows
 * bytes: 41 / 21
 * reference: Patankar (1980), eq. 3.58
 * inputs: solved in 0..1
 */
KERNEL apply(int nx, int ny, int nz,
             const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
             const real* RESTRICT gx,              /* (nz+2, ny+2, nx+2) W/K */
             const real* RESTRICT gy,              /* (nz+2, ny+2, nx+2) W/K */
             const real* RESTRICT gz,              /* (nz+2, ny+2, nx+2) W/K */
             const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
             real* RESTRICT y)                     /* (nz+2, ny+2, nx+2) W */
{
    FOR_EACH_PADDED_CELL(nx, ny, nz, through_low(x, gz, c, sz), x + sz, gx, gy + sy, gz + sz, y) {
        VALUE = balance(x, gx, gy, gz, c, sy, sz, below);
    } THEN {
        y[c] = BYTES(solved)[c] != 0 ? value : real(0);
    } END_FOR_EACH_PADDED_CELL
}

/* name: apply_advected
 * equation: y = A x with first-order upwind advection, zero in fixed rows
 * bytes: 65 / 33
 * reference: Patankar (1980), section 5.2-2 (upwind)
 * inputs: solved in 0..1
 */
KERNEL apply_advected(int nx, int ny, int nz,
                      const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                      const real* RESTRICT gx,              /* (nz+2, ny+2, nx+2) W/K */
                      const real* RESTRICT gy,              /* (nz+2, ny+2, nx+2) W/K */
                      const real* RESTRICT gz,              /* (nz+2, ny+2, nx+2) W/K */
                      const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) W/K */
                      const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) W/K */
                      const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) W/K */
                      const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                      real* RESTRICT y)                     /* (nz+2, ny+2, nx+2) W */
{
    const real zero = ZERO;
    FOR_EACH_PADDED_CELL(nx, ny, nz, advected_low(x, gz, mz, c, sz, zero), x + sz, gx, gy + sy, gz + sz, mx, my + sy,
                         mz + sz, y) {
        VALUE = balance_advected(x, gx, gy, gz, mx, my, mz, c, sy, sz, below, zero);
    } THEN {
        y[c] = BYTES(solved)[c] != 0 ? value : real(0);
    } END_FOR_EACH_PADDED_CELL
}

/* name: inverse_diagonal
 * equation: dinv = 1 / sum of the face coefficients in the first (nx-1, ny-1, nz-1) cells where that is positive, else 0
 * bytes: 32 / 16
 * reference: the last layer on each axis is the high ghost of a cell-centred field
 */
KERNEL inverse_diagonal(int nx, int ny, int nz,
                        const real* RESTRICT gx, /* (nz+2, ny+2, nx+2) W/K */
                        const real* RESTRICT gy, /* (nz+2, ny+2, nx+2) W/K */
                        const real* RESTRICT gz, /* (nz+2, ny+2, nx+2) W/K */
                        real* RESTRICT dinv)     /* (nz+2, ny+2, nx+2) K/W */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, gx, gy + sy, gz + sz, dinv) {
        const real d = gx[c] + gx[c + 1] + gy[c] + gy[c + sy] + gz[c] + gz[c + sz];
        const bool inside = i < nx - 1 && j < ny - 1 && k < nz - 1;
        dinv[c] = inside && d > real(0) ? real(1) / d : real(0);
    } END_FOR_EACH_CELL_FROM_WITHOUT_BYTES
}

/* name: inverse_diagonal_advected
 * equation: as inverse_diagonal, with the upwind inflow in the coefficients, times 1 + over (conduction's share of the sum)
 * bytes: 56 / 28
 * reference: Patankar (1980), eq. 5.31: the diagonal is the sum of the neighbour coefficients; overrelaxation: Yavneh (1996)
 */
KERNEL inverse_diagonal_advected(int nx, int ny, int nz,
                                 real over,               /* - */
                                 const real* RESTRICT gx, /* (nz+2, ny+2, nx+2) W/K */
                                 const real* RESTRICT gy, /* (nz+2, ny+2, nx+2) W/K */
                                 const real* RESTRICT gz, /* (nz+2, ny+2, nx+2) W/K */
                                 const real* RESTRICT mx, /* (nz+2, ny+2, nx+2) W/K */
                                 const real* RESTRICT my, /* (nz+2, ny+2, nx+2) W/K */
                                 const real* RESTRICT mz, /* (nz+2, ny+2, nx+2) W/K */
                                 real* RESTRICT dinv)     /* (nz+2, ny+2, nx+2) K/W */
{
    const real zero = ZERO;
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, gx, gy + sy, gz + sz, mx, my + sy, mz + sz, dinv) {
        const real conduction = gx[c] + gx[c + 1] + gy[c] + gy[c + sy] + gz[c] + gz[c + sz];
        const real d = conduction + rmax(mx[c], zero) - rmin(mx[c + 1], zero) + rmax(my[c], zero) - rmin(my[c + sy], zero)
                     + rmax(mz[c], zero) - rmin(mz[c + sz], zero);
        const bool inside = i < nx - 1 && j < ny - 1 && k < nz - 1;
        dinv[c] = inside && d > zero ? (real(1) + over * conduction / d) / d : zero;
    } END_FOR_EACH_CELL_FROM_WITHOUT_BYTES
}

/* name: gauss_seidel
 * equation: x += dinv (b - sum g (x_c - x_nb)) in the cells of one colour of a chequerboard
 * bytes: 56 / 28
 * reference: red-black Gauss-Seidel, Trottenberg, Oosterlee & Schueller, Multigrid (2001), section 2.1.2
 * inputs: colour in 0..1
 */
KERNEL gauss_seidel(int nx, int ny, int nz,
                    int colour,                /* - */
                    const real* RESTRICT gx,   /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT gy,   /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT gz,   /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT dinv, /* (nz+2, ny+2, nx+2) K/W */
                    const real* RESTRICT b,    /* (nz+2, ny+2, nx+2) W */
                    real* RESTRICT x)          /* (nz+2, ny+2, nx+2) K */
{
    FOR_EACH_PADDED_CELL_OF_COLOUR(nx, ny, nz, colour, x + sz, gx, gy + sy, gz + sz, b, dinv) {
        VALUE = x[c] + dinv[c] * (b[c] - balance(x, gx, gy, gz, c, sy, sz, through_low(x, gz, c, sz)));
    } THEN_OF_COLOUR {
        x[c] = mine ? value : x[c];
    } END_FOR_EACH_PADDED_CELL_OF_COLOUR
}

/* name: gauss_seidel_advected
 * equation: x += dinv (b - A x), A with upwind advection and the shift of implicit under-relaxation, one colour
 * bytes: 80 / 40
 * reference: red-black Gauss-Seidel, Trottenberg et al. (2001); relaxation, Patankar (1980), section 4.5
 * inputs: colour in 0..1
 */
KERNEL gauss_seidel_advected(int nx, int ny, int nz,
                             int colour,                /* - */
                             real shift,                /* - */
                             const real* RESTRICT gx,   /* (nz+2, ny+2, nx+2) W/K */
                             const real* RESTRICT gy,   /* (nz+2, ny+2, nx+2) W/K */
                             const real* RESTRICT gz,   /* (nz+2, ny+2, nx+2) W/K */
                             const real* RESTRICT mx,   /* (nz+2, ny+2, nx+2) W/K */
                             const real* RESTRICT my,   /* (nz+2, ny+2, nx+2) W/K */
                             const real* RESTRICT mz,   /* (nz+2, ny+2, nx+2) W/K */
                             const real* RESTRICT dinv, /* (nz+2, ny+2, nx+2) K/W */
                             const real* RESTRICT b,    /* (nz+2, ny+2, nx+2) W */
                             real* RESTRICT x)          /* (nz+2, ny+2, nx+2) K */
{
    const real zero = ZERO;
    FOR_EACH_PADDED_CELL_OF_COLOUR(nx, ny, nz, colour, x + sz, gx, gy + sy, gz + sz, mx, my + sy, mz + sz, b, dinv) {
        const real r = b[c] - balance_advected(x, gx, gy, gz, mx, my, mz, c, sy, sz, advected_low(x, gz, mz, c, sz, zero), zero);
        VALUE = x[c] + (dinv[c] != real(0) ? dinv[c] * r - shift * x[c] : real(0));
    } THEN_OF_COLOUR {
        x[c] = mine ? value : x[c];
    } END_FOR_EACH_PADDED_CELL_OF_COLOUR
}
