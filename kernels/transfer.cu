/* Transfers between a grid and its coarser one. Each coarse cell is one or two fine cells along each axis:
 * coarse cells I of an axis own the fine cells start[I] .. start[I+1]-1 (padded indices, 1..n).
 */

/* name: restrict_sum
 * equation: coarse b = sum of the fine residuals of its cells
 * bytes: 17 / 9
 * reference: piecewise-constant Galerkin transfer, Notay, Electron. Trans. Numer. Anal. 37 (2010) 123
 * inputs: startx pairs nx, starty pairs ny, startz pairs nz
 */
KERNEL restrict_sum(int mx, int my, int mz, int nx, int ny, int nz,
                    const int* RESTRICT startx, /* (mx+2) - */
                    const int* RESTRICT starty, /* (my+2) - */
                    const int* RESTRICT startz, /* (mz+2) - */
                    const real* RESTRICT r,     /* (nz+2, ny+2, nx+2) W */
                    real* RESTRICT b)           /* (mz+2, my+2, mx+2) W */
{
    FOR_EACH_CELL(mx, my, mz) {
        const int sy = nx + 2, sz = sy * (ny + 2), i0 = startx[i + 1], j0 = starty[j + 1], k0 = startz[k + 1];
        const int dx = startx[i + 2] - i0 - 1, dy = starty[j + 2] - j0 - 1, dz = startz[k + 2] - k0 - 1; // 1: a second cell
        const int c = k0 * sz + j0 * sy + i0, jy = dy * sy, kz = dz * sz;
        const real wx = real(dx), wy = real(dy), wz = real(dz);
        const real sum = (r[c] + wx * r[c + dx]) + wy * (r[c + jy] + wx * r[c + jy + dx])
                       + wz * ((r[c + kz] + wx * r[c + kz + dx]) + wy * (r[c + kz + jy] + wx * r[c + kz + jy + dx]));
        b[((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1] = sum;
    } END_FOR_EACH_CELL
}

/* name: prolong_add
 * equation: x += coarse correction of the cell's parent, where the row is an equation
 * bytes: 25 / 13
 * reference: transpose of restrict_sum
 * inputs: parentx in 0..mx+1, parenty in 0..my+1, parentz in 0..mz+1
 */
KERNEL prolong_add(int nx, int ny, int nz, int mx, int my, int mz,
                   const int* RESTRICT parentx, /* (nx+2) - */
                   const int* RESTRICT parenty, /* (ny+2) - */
                   const int* RESTRICT parentz, /* (nz+2) - */
                   const real* RESTRICT dinv,   /* (nz+2, ny+2, nx+2) K/W */
                   const real* RESTRICT e,      /* (mz+2, my+2, mx+2) K */
                   real* RESTRICT x)            /* (nz+2, ny+2, nx+2) K */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = ((k + 1) * (ny + 2) + j + 1) * (nx + 2) + i + 1;
        if (dinv[c] == real(0)) continue;
        x[c] += e[(parentz[k + 1] * (my + 2) + parenty[j + 1]) * (mx + 2) + parentx[i + 1]];
    } END_FOR_EACH_CELL
}

/* Conductance of the coarse path through one fine face: half of the inner resistance of each coarse cell in series
 * with the face. inner_low and inner_high are the conductances of the fine faces inside the two coarse cells,
 * negative where the coarse cell is a single fine cell. An inner face that is blocked or conducts worse than the face
 * counts as the face: what lies behind it does not shield the near half (copper beside coolant in one coarse cell), and a
 * coarse conductance of less than half the sum of the fine ones would correct too much. */
DEVICE real series(real g, real inner_low, real inner_high)
{
    if (!(g > real(0))) return real(0);
    const real face = real(1) / g;
    real resistance = face;
    if (inner_low >= real(0)) resistance += real(0.5) * (inner_low > g ? real(1) / inner_low : face);
    if (inner_high >= real(0)) resistance += real(0.5) * (inner_high > g ? real(1) / inner_high : face);
    return real(1) / resistance;
}

/* name: coarsen_conductance
 * equation: coarse g of the low faces of one axis (0, 1, 2 = x, y, z): parallel sum of series(fine faces)
 * bytes: 17 / 9
 * reference: resistor network: series along the axis, parallel across it
 * inputs: axis in 0..2, startx pairs nx, starty pairs ny, startz pairs nz, g in 0..1
 */
KERNEL coarsen_conductance(int mx, int my, int mz, int nx, int ny, int nz,
                           int axis,                   /* - */
                           const int* RESTRICT startx, /* (mx+2) - */
                           const int* RESTRICT starty, /* (my+2) - */
                           const int* RESTRICT startz, /* (mz+2) - */
                           const real* RESTRICT g,     /* (nz+2, ny+2, nx+2) W/K */
                           real* RESTRICT gc)          /* (mz+2, my+2, mx+2) W/K */
{
    FOR_EACH_CELL(mx, my, mz) {
        const int sy = nx + 2, sz = sy * (ny + 2), s = axis == 0 ? 1 : (axis == 1 ? sy : sz);
        const int I = axis == 0 ? i : (axis == 1 ? j : k);
        const int* RESTRICT start = axis == 0 ? startx : (axis == 1 ? starty : startz);
        const bool low = start[I + 1] - start[I] == 2 && I > 0, high = start[I + 2] - start[I + 1] == 2;
        const int z1 = axis == 2 ? startz[k + 1] + 1 : startz[k + 2], y1 = axis == 1 ? starty[j + 1] + 1 : starty[j + 2];
        const int x1 = axis == 0 ? startx[i + 1] + 1 : startx[i + 2];
        real sum = real(0);
        for (int kk = startz[k + 1]; kk < z1; ++kk)
            for (int jj = starty[j + 1]; jj < y1; ++jj)
                for (int ii = startx[i + 1]; ii < x1; ++ii) {
                    const int f = kk * sz + jj * sy + ii;
                    sum += series(g[f], low ? g[f - s] : real(-1), high ? g[f + s] : real(-1));
                }
        gc[((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1] = sum;
    } END_FOR_EACH_CELL
}

/* name: coarsen_flux
 * equation: coarse m of the low faces of one axis: sum of the fine fluxes through it
 * bytes: 17 / 9
 * reference: keeps the upwind operator an M-matrix on every level
 * inputs: axis in 0..2, startx pairs nx, starty pairs ny, startz pairs nz
 */
KERNEL coarsen_flux(int mx, int my, int mz, int nx, int ny, int nz,
                    int axis,                   /* - */
                    const int* RESTRICT startx, /* (mx+2) - */
                    const int* RESTRICT starty, /* (my+2) - */
                    const int* RESTRICT startz, /* (mz+2) - */
                    const real* RESTRICT m,     /* (nz+2, ny+2, nx+2) W/K */
                    real* RESTRICT mc)          /* (mz+2, my+2, mx+2) W/K */
{
    FOR_EACH_CELL(mx, my, mz) {
        const int sy = nx + 2, sz = sy * (ny + 2);
        const int z1 = axis == 2 ? startz[k + 1] + 1 : startz[k + 2], y1 = axis == 1 ? starty[j + 1] + 1 : starty[j + 2];
        const int x1 = axis == 0 ? startx[i + 1] + 1 : startx[i + 2];
        real sum = real(0);
        for (int kk = startz[k + 1]; kk < z1; ++kk)
            for (int jj = starty[j + 1]; jj < y1; ++jj)
                for (int ii = startx[i + 1]; ii < x1; ++ii)
                    sum += m[kk * sz + jj * sy + ii];
        mc[((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1] = sum;
    } END_FOR_EACH_CELL
}
