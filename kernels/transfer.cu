/* Transfers between a grid and its coarser one. Each coarse cell is one or two fine cells along each axis:
 * coarse cells I of an axis own the fine cells start[I] .. start[I+1]-1 (padded indices, 1..n). Bytes are those of a fine cell,
 * with eight of them in a coarse one.
 */

/* name: restrict_sum
 * equation: coarse b = sum of the fine residuals of its cells
 * bytes: 9 / 4.5
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
    const int sy = nx + 2, sz = sy * (ny + 2);
    const bool pairs = nx == 2 * mx;
    FOR_EACH_CELL_OF_CHILDREN(mx, my, mz, nx) {
        const int j0 = starty[j + 1], k0 = startz[k + 1];
        const int dy = starty[j + 2] - j0 - 1, dz = startz[k + 2] - k0 - 1; // 1: a second cell
        const int low = k0 * sz + j0 * sy + 1, high = low + dz * sz, c = ((k + 1) * (my + 2) + j + 1) * (mx + 2) + 1;
        const real wz = real(dz);
        CHILDREN(0, 1, x, r[low + x] + wz * r[high + x], r + low, r + high)
        CHILDREN(1, dy, x, r[low + sy + x] + wz * r[high + sy + x], r + low + sy, r + high + sy)
        if (pairs)
            OF_CHILDREN {
                b[c + i] = SUM_AT(2 * i) + SUM_AT(2 * i + 1);
            }
        else
            OF_CHILDREN {
                const int x = startx[i + 1] - 1, dx = startx[i + 2] - x - 2;
                b[c + i] = SUM_AT(x) + real(dx) * SUM_AT(x + dx);
            }
    } END_FOR_EACH_CELL_OF_CHILDREN
}

/* name: prolong_add
 * equation: x += coarse correction of the cell's parent, where the row is an equation
 * bytes: 18 / 9.5
 * reference: transpose of restrict_sum
 * inputs: solved in 0..1, parentx in 0..mx+1, parenty in 0..my+1, parentz in 0..mz+1
 */
KERNEL prolong_add(int nx, int ny, int nz, int mx, int my, int mz,
                   const int* RESTRICT parentx,          /* (nx+2) - */
                   const int* RESTRICT parenty,          /* (ny+2) - */
                   const int* RESTRICT parentz,          /* (nz+2) - */
                   const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                   const real* RESTRICT e,               /* (mz+2, my+2, mx+2) K */
                   real* RESTRICT x)                     /* (nz+2, ny+2, nx+2) K */
{
    FOR_EACH_CELL_OF_PARENTS(nx, ny, nz, parentx)
    PARENT_ROW((parentz[k + 1] * (my + 2) + parenty[j + 1]) * (mx + 2))
    OF_PARENT(e[parents + parent])
    THEN_OF_PARENTS {
        x[c] += BYTES(solved)[c] != 0 ? value : real(0);
    } END_FOR_EACH_CELL_OF_PARENTS
}

/* Conductance of the coarse path through one fine face: half of the inner resistance of each coarse cell in series
 * with the face. `below` and `above` are the conductances of the fine faces inside the two coarse cells, `low` and `high` 1/2,
 * or 0 where the coarse cell is a single fine cell. An inner face that is blocked or conducts worse than the face counts as
 * the face: what lies behind it does not shield the near half (copper beside coolant in one coarse cell), and a coarse
 * conductance of less than half the sum of the fine ones would correct too much. */
DEVICE real series(real g, real below, real above, real low, real high)
{
    const real face = g > real(0) ? g : real(1);
    const real resistance = real(1) + low * (face / rmax(below, face)) + high * (face / rmax(above, face));
    return g > real(0) ? g / resistance : real(0);
}

/* name: coarsen_conductance
 * equation: coarse g of the low faces of one axis (0, 1, 2 = x, y, z): parallel sum of series(fine faces)
 * bytes: 9 / 4.5
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
        const int sy = nx + 2, sz = sy * (ny + 2), s = stride(axis, sy, sz);
        const int I = axis == 0 ? i : (axis == 1 ? j : k);
        const int* RESTRICT start = axis == 0 ? startx : (axis == 1 ? starty : startz);
        const real low = start[I + 1] - start[I] == 2 && I > 0 ? real(0.5) : real(0);
        const real high = start[I + 2] - start[I + 1] == 2 ? real(0.5) : real(0);
        const int i0 = startx[i + 1], j0 = starty[j + 1], k0 = startz[k + 1];
        const int da = axis == 0 ? starty[j + 2] - j0 - 1 : startx[i + 2] - i0 - 1; // 1: a second face side by side
        const int db = axis == 2 ? starty[j + 2] - j0 - 1 : startz[k + 2] - k0 - 1;
        const int a = da * (axis == 0 ? sy : 1), b = db * (axis == 2 ? sy : sz), f = k0 * sz + j0 * sy + i0;
        const real wa = real(da), wb = real(db);
        const real sum = series(g[f], g[f - s], g[f + s], low, high)
                       + wa * series(g[f + a], g[f + a - s], g[f + a + s], low, high)
                       + wb * (series(g[f + b], g[f + b - s], g[f + b + s], low, high)
                               + wa * series(g[f + a + b], g[f + a + b - s], g[f + a + b + s], low, high));
        gc[((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1] = sum;
    } END_FOR_EACH_CELL
}

/* name: coarsen_flux
 * equation: coarse m of the low faces of one axis: sum of the fine fluxes; coarse g += half of what cancels, (sum |m| - |sum m|) / 2
 * bytes: 7 / 3.5
 * reference: streams through one coarse face in both directions exchange heat all the same: sum max(m, 0) = max(sum m, 0) + that
 * inputs: axis in 0..2, startx pairs nx, starty pairs ny, startz pairs nz
 */
KERNEL coarsen_flux(int mx, int my, int mz, int nx, int ny, int nz,
                    int axis,                   /* - */
                    const int* RESTRICT startx, /* (mx+2) - */
                    const int* RESTRICT starty, /* (my+2) - */
                    const int* RESTRICT startz, /* (mz+2) - */
                    const real* RESTRICT m,     /* (nz+2, ny+2, nx+2) W/K */
                    real* RESTRICT mc,          /* (mz+2, my+2, mx+2) W/K */
                    real* RESTRICT gc)          /* (mz+2, my+2, mx+2) W/K */
{
    FOR_EACH_CELL(mx, my, mz) {
        const int sy = nx + 2, sz = sy * (ny + 2), i0 = startx[i + 1], j0 = starty[j + 1], k0 = startz[k + 1];
        const int da = axis == 0 ? starty[j + 2] - j0 - 1 : startx[i + 2] - i0 - 1; // 1: a second face side by side
        const int db = axis == 2 ? starty[j + 2] - j0 - 1 : startz[k + 2] - k0 - 1;
        const int a = da * (axis == 0 ? sy : 1), b = db * (axis == 2 ? sy : sz), f = k0 * sz + j0 * sy + i0;
        const int c = ((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1;
        const real wa = real(da), wb = real(db), m0 = m[f], m1 = m[f + a], m2 = m[f + b], m3 = m[f + a + b];
        const real sum = (m0 + wa * m1) + wb * (m2 + wa * m3);
        const real both = (rabs(m0) + wa * rabs(m1)) + wb * (rabs(m2) + wa * rabs(m3));
        mc[c] = sum;
        gc[c] += real(0.5) * (both - rabs(sum));
    } END_FOR_EACH_CELL
}
