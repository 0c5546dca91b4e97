/* Transfers of staggered flows between a grid and its coarser one. Coarse cells I of an axis own the fine cells
 * start[I] .. start[I+1]-1 (padded indices), so every coarse face lies on fine faces. Velocities along an axis live on the
 * low face of their cell; `solved` and `kind` as in momentum.cu.
 */

/* name: restrict_velocity
 * equation: coarse u = sum of u A over the fine faces of the coarse face / its area, on solved coarse faces
 * bytes: 6.1 / 3.1
 * reference: conserves mass fluxes; Hortmann, Peric & Scheuerer, Int. J. Numer. Methods Fluids 11 (1990) 189, section 3
 * inputs: axis in 0..2, startx pairs nx, starty pairs ny, startz pairs nz, hx in 0.5..1.5, hy in 0.5..1.5, hz in 0.5..1.5,
 *         solved in 0..1
 */
KERNEL restrict_velocity(int mx, int my, int mz, int nx, int ny, int nz,
                         int axis,                             /* - */
                         const int* RESTRICT startx,           /* (mx+2) - */
                         const int* RESTRICT starty,           /* (my+2) - */
                         const int* RESTRICT startz,           /* (mz+2) - */
                         const real* RESTRICT hx,              /* (nx+2) m */
                         const real* RESTRICT hy,              /* (ny+2) m */
                         const real* RESTRICT hz,              /* (nz+2) m */
                         const unsigned char* RESTRICT solved, /* (mz+2, my+2, mx+2) - */
                         const real* RESTRICT u,               /* (nz+2, ny+2, nx+2) m/s */
                         real* RESTRICT uc)                    /* (mz+2, my+2, mx+2) m/s */
{
    FOR_EACH_CELL(mx, my, mz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = ((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1;
        const int x1 = axis == 0 ? startx[i + 1] + 1 : startx[i + 2], y1 = axis == 1 ? starty[j + 1] + 1 : starty[j + 2];
        const int z1 = axis == 2 ? startz[k + 1] + 1 : startz[k + 2];
        real flow = real(0), area = real(0);
        for (int kk = startz[k + 1]; kk < z1; ++kk)
            for (int jj = starty[j + 1]; jj < y1; ++jj)
                for (int ii = startx[i + 1]; ii < x1; ++ii) {
                    const real a = axis == 0 ? hy[jj] * hz[kk] : (axis == 1 ? hx[ii] * hz[kk] : hx[ii] * hy[jj]);
                    flow += a * u[kk * sz + jj * sy + ii];
                    area += a;
                }
        uc[c] = solved[c] != 0 ? flow / area : uc[c];
    } END_FOR_EACH_CELL
}

/* name: restrict_mean
 * equation: coarse p = mean of p over the volume of the coolant in the coarse cell, in coarse coolant cells
 * bytes: 11.1 / 6.1
 * reference: Hortmann, Peric & Scheuerer (1990), section 3
 * inputs: startx pairs nx, starty pairs ny, startz pairs nz, hx in 0.5..1.5, hy in 0.5..1.5, hz in 0.5..1.5, kind in 0..3,
 *         kindc in 0..3
 */
KERNEL restrict_mean(int mx, int my, int mz, int nx, int ny, int nz,
                     const int* RESTRICT startx,          /* (mx+2) - */
                     const int* RESTRICT starty,          /* (my+2) - */
                     const int* RESTRICT startz,          /* (mz+2) - */
                     const real* RESTRICT hx,             /* (nx+2) m */
                     const real* RESTRICT hy,             /* (ny+2) m */
                     const real* RESTRICT hz,             /* (nz+2) m */
                     const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                     const unsigned char* RESTRICT kindc, /* (mz+2, my+2, mx+2) - */
                     const real* RESTRICT p,              /* (nz+2, ny+2, nx+2) Pa */
                     real* RESTRICT pc)                   /* (mz+2, my+2, mx+2) Pa */
{
    FOR_EACH_CELL(mx, my, mz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = ((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1;
        real sum = real(0), volume = real(0);
        for (int kk = startz[k + 1]; kk < startz[k + 2]; ++kk)
            for (int jj = starty[j + 1]; jj < starty[j + 2]; ++jj)
                for (int ii = startx[i + 1]; ii < startx[i + 2]; ++ii) {
                    const int f = kk * sz + jj * sy + ii;
                    const real v = kind[f] == 1 ? hx[ii] * hy[jj] * hz[kk] : real(0);
                    sum += v * p[f];
                    volume += v;
                }
        pc[c] = kindc[c] == 1 && volume > real(0) ? sum / volume : pc[c];
    } END_FOR_EACH_CELL
}

/* Sum of r over the fine faces of one coarse face, moved by `shift` planes along the axis. */
DEVICE real plane_sum(const real* RESTRICT r, int x0, int x1, int y0, int y1, int z0, int z1, int sy, int sz, int shift)
{
    real sum = real(0);
    for (int kk = z0; kk < z1; ++kk)
        for (int jj = y0; jj < y1; ++jj)
            for (int ii = x0; ii < x1; ++ii) sum += r[kk * sz + jj * sy + ii + shift];
    return sum;
}

/* name: restrict_force
 * equation: coarse b = residuals of the fine faces of the coarse face, and their share of those of the planes between coarse
 *           faces: the transpose of linear interpolation along the axis, sums across it; 0 where not solved
 * bytes: 9.1 / 4.6
 * reference: Trottenberg, Oosterlee & Schueller, Multigrid (2001), section 8.7.2 (staggered transfers)
 * inputs: axis in 0..2, startx pairs nx, starty pairs ny, startz pairs nz, h in 0.5..1.5, solved in 0..1
 */
KERNEL restrict_force(int mx, int my, int mz, int nx, int ny, int nz,
                      int axis,                             /* - */
                      const int* RESTRICT startx,           /* (mx+2) - */
                      const int* RESTRICT starty,           /* (my+2) - */
                      const int* RESTRICT startz,           /* (mz+2) - */
                      const real* RESTRICT h, /* ((1-axis)*(2-axis)/2*nx+axis*(2-axis)*ny+axis*(axis-1)/2*nz+2) m */
                      const unsigned char* RESTRICT solved, /* (mz+2, my+2, mx+2) - */
                      const real* RESTRICT r,               /* (nz+2, ny+2, nx+2) N */
                      real* RESTRICT b)                     /* (mz+2, my+2, mx+2) N */
{
    FOR_EACH_CELL(mx, my, mz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = ((k + 1) * (my + 2) + j + 1) * (mx + 2) + i + 1;
        const int s = stride(axis, sy, sz), at = axis == 0 ? i : (axis == 1 ? j : k);
        const int* RESTRICT start = axis == 0 ? startx : (axis == 1 ? starty : startz);
        const int x0 = startx[i + 1], y0 = starty[j + 1], z0 = startz[k + 1];
        const int x1 = axis == 0 ? x0 + 1 : startx[i + 2], y1 = axis == 1 ? y0 + 1 : starty[j + 2];
        const int z1 = axis == 2 ? z0 + 1 : startz[k + 2], q = start[at + 1];
        real sum = real(0);
        if (solved[c] != 0) {
            sum = plane_sum(r, x0, x1, y0, y1, z0, z1, sy, sz, 0);
            if (start[at + 2] - q == 2) sum += h[q + 1] / (h[q] + h[q + 1]) * plane_sum(r, x0, x1, y0, y1, z0, z1, sy, sz, s);
            if (at > 0 && q - start[at] == 2)
                sum += h[q - 2] / (h[q - 2] + h[q - 1]) * plane_sum(r, x0, x1, y0, y1, z0, z1, sy, sz, -s);
        }
        b[c] = sum;
    } END_FOR_EACH_CELL
}

/* Coarse correction at the corner (x, y, z) of an interpolation; the corner (bx, by, bz) is mirrored where it is no unknown. */
DEVICE real velocity_corner(const unsigned char* RESTRICT solved, const unsigned char* RESTRICT kind, const real* RESTRICT e,
                            int x, int y, int z, int bx, int by, int bz, int sy, int sz)
{
    const int at = z * sz + y * sy + x, base = bz * sz + by * sy + bx;
    const real mirrored = kind[at] == 0 ? -e[base] : e[base];
    return solved[at] != 0 || at == base ? e[at] : mirrored;
}

DEVICE real pressure_corner(const unsigned char* RESTRICT kind, const real* RESTRICT e, int x, int y, int z, real near,
                            int sy, int sz)
{
    const int at = z * sz + y * sy + x;
    return kind[at] == 1 || kind[at] == 3 ? e[at] : near;
}

/* name: prolong_velocity
 * equation: u += trilinear interpolation of the coarse correction e, on solved faces. Per axis a face lies between the coarse
 *           indices near (its parent) and far, at the share t from near. Across the axis what is no unknown stands for minus
 *           (wall) or plus (symmetry, opening) the near value: the correction vanishes on walls
 * bytes: 18.3 / 9.8
 * reference: Trottenberg, Oosterlee & Schueller (2001), section 8.7.2
 * inputs: axis in 0..2, nearx in 0..mx+1, neary in 0..my+1, nearz in 0..mz+1, farx in 0..mx+1, fary in 0..my+1,
 *         farz in 0..mz+1, solved in 0..1, solvedc in 0..1, kindc in 0..3
 */
KERNEL prolong_velocity(int nx, int ny, int nz, int mx, int my, int mz,
                        int axis,                              /* - */
                        const int* RESTRICT nearx,             /* (nx+2) - */
                        const int* RESTRICT neary,             /* (ny+2) - */
                        const int* RESTRICT nearz,             /* (nz+2) - */
                        const int* RESTRICT farx,              /* (nx+2) - */
                        const int* RESTRICT fary,              /* (ny+2) - */
                        const int* RESTRICT farz,              /* (nz+2) - */
                        const real* RESTRICT tx,               /* (nx+2) - */
                        const real* RESTRICT ty,               /* (ny+2) - */
                        const real* RESTRICT tz,               /* (nz+2) - */
                        const unsigned char* RESTRICT solved,  /* (nz+2, ny+2, nx+2) - */
                        const unsigned char* RESTRICT solvedc, /* (mz+2, my+2, mx+2) - */
                        const unsigned char* RESTRICT kindc,   /* (mz+2, my+2, mx+2) - */
                        const real* RESTRICT e,                /* (mz+2, my+2, mx+2) m/s */
                        real* RESTRICT u)                      /* (nz+2, ny+2, nx+2) m/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = ((k + 1) * (ny + 2) + j + 1) * (nx + 2) + i + 1, sy = mx + 2, sz = sy * (my + 2);
        const int x0 = nearx[i + 1], x1 = farx[i + 1], y0 = neary[j + 1], y1 = fary[j + 1], z0 = nearz[k + 1], z1 = farz[k + 1];
        const real wx1 = tx[i + 1], wy1 = ty[j + 1], wz1 = tz[k + 1];
        const real wx0 = real(1) - wx1, wy0 = real(1) - wy1, wz0 = real(1) - wz1;
        const int bx = axis == 0 ? x1 : x0, by = axis == 1 ? y1 : y0, bz = axis == 2 ? z1 : z0;
        real sum = wz0 * wy0 * wx0 * velocity_corner(solvedc, kindc, e, x0, y0, z0, x0, y0, z0, sy, sz);
        sum += wz0 * wy0 * wx1 * velocity_corner(solvedc, kindc, e, x1, y0, z0, bx, y0, z0, sy, sz);
        sum += wz0 * wy1 * wx0 * velocity_corner(solvedc, kindc, e, x0, y1, z0, x0, by, z0, sy, sz);
        sum += wz0 * wy1 * wx1 * velocity_corner(solvedc, kindc, e, x1, y1, z0, bx, by, z0, sy, sz);
        sum += wz1 * wy0 * wx0 * velocity_corner(solvedc, kindc, e, x0, y0, z1, x0, y0, bz, sy, sz);
        sum += wz1 * wy0 * wx1 * velocity_corner(solvedc, kindc, e, x1, y0, z1, bx, y0, bz, sy, sz);
        sum += wz1 * wy1 * wx0 * velocity_corner(solvedc, kindc, e, x0, y1, z1, x0, by, bz, sy, sz);
        sum += wz1 * wy1 * wx1 * velocity_corner(solvedc, kindc, e, x1, y1, z1, bx, by, bz, sy, sz);
        u[c] += solved[c] != 0 ? sum : real(0);
    } END_FOR_EACH_CELL
}

/* name: prolong_pressure
 * equation: p += trilinear interpolation of the coarse correction e, in coolant cells; where a neighbour is neither coolant nor
 *           behind a pressure boundary the near value stands for it
 * bytes: 18.1 / 9.6
 * reference: Trottenberg, Oosterlee & Schueller (2001), section 8.7.2
 * inputs: nearx in 0..mx+1, neary in 0..my+1, nearz in 0..mz+1, farx in 0..mx+1, fary in 0..my+1, farz in 0..mz+1,
 *         kind in 0..3, kindc in 0..3
 */
KERNEL prolong_pressure(int nx, int ny, int nz, int mx, int my, int mz,
                        const int* RESTRICT nearx,           /* (nx+2) - */
                        const int* RESTRICT neary,           /* (ny+2) - */
                        const int* RESTRICT nearz,           /* (nz+2) - */
                        const int* RESTRICT farx,            /* (nx+2) - */
                        const int* RESTRICT fary,            /* (ny+2) - */
                        const int* RESTRICT farz,            /* (nz+2) - */
                        const real* RESTRICT tx,             /* (nx+2) - */
                        const real* RESTRICT ty,             /* (ny+2) - */
                        const real* RESTRICT tz,             /* (nz+2) - */
                        const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                        const unsigned char* RESTRICT kindc, /* (mz+2, my+2, mx+2) - */
                        const real* RESTRICT e,              /* (mz+2, my+2, mx+2) Pa */
                        real* RESTRICT p)                    /* (nz+2, ny+2, nx+2) Pa */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = ((k + 1) * (ny + 2) + j + 1) * (nx + 2) + i + 1, sy = mx + 2, sz = sy * (my + 2);
        const int x0 = nearx[i + 1], x1 = farx[i + 1], y0 = neary[j + 1], y1 = fary[j + 1], z0 = nearz[k + 1], z1 = farz[k + 1];
        const real wx1 = tx[i + 1], wy1 = ty[j + 1], wz1 = tz[k + 1];
        const real wx0 = real(1) - wx1, wy0 = real(1) - wy1, wz0 = real(1) - wz1;
        const real near = e[z0 * sz + y0 * sy + x0];
        real sum = wz0 * wy0 * wx0 * pressure_corner(kindc, e, x0, y0, z0, near, sy, sz);
        sum += wz0 * wy0 * wx1 * pressure_corner(kindc, e, x1, y0, z0, near, sy, sz);
        sum += wz0 * wy1 * wx0 * pressure_corner(kindc, e, x0, y1, z0, near, sy, sz);
        sum += wz0 * wy1 * wx1 * pressure_corner(kindc, e, x1, y1, z0, near, sy, sz);
        sum += wz1 * wy0 * wx0 * pressure_corner(kindc, e, x0, y0, z1, near, sy, sz);
        sum += wz1 * wy0 * wx1 * pressure_corner(kindc, e, x1, y0, z1, near, sy, sz);
        sum += wz1 * wy1 * wx0 * pressure_corner(kindc, e, x0, y1, z1, near, sy, sz);
        sum += wz1 * wy1 * wx1 * pressure_corner(kindc, e, x1, y1, z1, near, sy, sz);
        p[c] += kind[c] == 1 ? sum : real(0);
    } END_FOR_EACH_CELL
}
