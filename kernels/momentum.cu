/* Staggered momentum and pressure on the padded grid. The velocity along axis a at index c sits on the LOW a-face of
 * cell c; all arrays share one shape, so a component differs from another only by its stride. `kind` says what a cell
 * is for the flow: 0 solid or prescribed (the velocity array holds the wall's or inlet's value there), 1 coolant,
 * 2 slip ghost (symmetry), 3 ghost behind a pressure boundary. `solved` marks the faces whose momentum is an equation.
 */

DEVICE int stride(int axis, int sy, int sz) { return axis == 0 ? 1 : (axis == 1 ? sy : sz); }

DEVICE real face_density(const unsigned char* RESTRICT kind, const real* RESTRICT rho, int q, int p)
{
    const bool a = kind[q] == 1, b = kind[p] == 1;
    return a && b ? real(0.5) * (rho[q] + rho[p]) : (a ? rho[q] : (b ? rho[p] : real(0)));
}

/* Share of the wall cell q (width h) in q and the cell t behind it (width ht, inside the array if `there`), seen from a wall.
 * The slope at the wall of the parabola with the two cells' means is 2/h ((1 + r) (u_q - u_wall) - r^2 (u_t - u_q)): the
 * friction of developed flow is then exact on any number of cells. With nothing behind, r = 0: a straight line. */
DEVICE real wall_share(const unsigned char* RESTRICT kind, int t, bool there, real h, real ht)
{
    return there && kind[t] == 1 ? h / (h + ht) : real(0);
}

/* Viscous conductance through the half face between cell q and p = q - s at index n along that axis, whose widths are h. */
DEVICE real half_conductance(const unsigned char* RESTRICT kind, const real* RESTRICT mu, const real* RESTRICT h,
                             int q, int s, int n, real area)
{
    const int p = q - s;
    const bool a = kind[q] == 1, b = kind[p] == 1;
    if (a && b) return (mu[q] + mu[p]) * area / (h[n] + h[n - 1]);
    if (a && kind[p] == 0)
        return real(2) * mu[q] * area / h[n] * (real(1) + wall_share(kind, q + s, true, h[n], h[n + 1]));
    if (b && kind[q] == 0)
        return real(2) * mu[p] * area / h[n - 1]
               * (real(1) + wall_share(kind, p - s, n > 1, h[n - 1], h[n > 1 ? n - 2 : 0]));
    return real(0);
}

/* What the cell t behind the wall cell q lends to the slope at the wall: 2 mu A / h r^2 (u_t - u_q). `wall`: the cell beyond. */
DEVICE real half_curvature(const unsigned char* RESTRICT kind, const real* RESTRICT mu, int q, int wall, int t,
                           real area, real h, real ht, real difference)
{
    if (kind[q] != 1 || kind[wall] != 0) return real(0);
    const real share = wall_share(kind, t, true, h, ht);
    return real(2) * mu[q] * area / h * share * share * difference;
}

/* name: momentum_coefficients
 * equation: g = mu A / distance and m = rho u A on the low faces of the control volumes of one velocity component; at
 *           walls g = 2 mu A / h (1 + r), the part of a parabola's slope that belongs to the wall cell
 * bytes: 98 / 50
 * reference: staggered grid, Harlow & Welch, Phys. Fluids 8 (1965) 2182. What flows back through an open face comes from
 *            rest: its flux stands on the outer face of the open face's control volume, whose neighbour is zero (beyond
 *            the high side that face has no cell of its own and is written with the last one)
 * inputs: axis in 0..2, kind in 0..3
 */
KERNEL momentum_coefficients(int nx, int ny, int nz,
                             int axis,                           /* - */
                             const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                             const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                             const real* RESTRICT mu,            /* (nz+2, ny+2, nx+2) Pa s */
                             const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                             const real* RESTRICT v,             /* (nz+2, ny+2, nx+2) m/s */
                             const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) m/s */
                             const real* RESTRICT hx,            /* (nx+2) m */
                             const real* RESTRICT hy,            /* (ny+2) m */
                             const real* RESTRICT hz,            /* (nz+2) m */
                             real* RESTRICT gx,                  /* (nz+2, ny+2, nx+2) kg/s */
                             real* RESTRICT gy,                  /* (nz+2, ny+2, nx+2) kg/s */
                             real* RESTRICT gz,                  /* (nz+2, ny+2, nx+2) kg/s */
                             real* RESTRICT mx,                  /* (nz+2, ny+2, nx+2) kg/s */
                             real* RESTRICT my,                  /* (nz+2, ny+2, nx+2) kg/s */
                             real* RESTRICT mz)                  /* (nz+2, ny+2, nx+2) kg/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int sa = stride(axis, sy, sz), l = c - sa;
        const real h0[3] = {hx[i], hy[j], hz[k]}, h1[3] = {hx[i + 1], hy[j + 1], hz[k + 1]};
        for (int d = 0; d < 3; ++d) {
            const int e = 3 - axis - d;
            const real* RESTRICT q = d == 0 ? u : (d == 1 ? v : w);
            real g = real(0), m = real(0);
            if (d == axis) {
                if (kind[l] == 1 && (axis == 0 ? i : (axis == 1 ? j : k)) > 0) {
                    const real area = h1[(axis + 1) % 3] * h1[(axis + 2) % 3];
                    g = mu[l] * area / h0[axis];
                    m = real(0.5) * area * (face_density(kind, rho, l, l - sa) * q[l]
                                            + face_density(kind, rho, c, l) * q[c]);
                }
                const int at = axis == 0 ? i : (axis == 1 ? j : k), end = axis == 0 ? nx : (axis == 1 ? ny : nz);
                const bool low = at == 0 && kind[l] == 3, high = at == end - 1 && kind[c] == 3;
                if (low || high) {
                    const real area = h1[(axis + 1) % 3] * h1[(axis + 2) % 3];
                    const real back = area * face_density(kind, rho, c, l) * q[c];
                    if (low) m = rmax(back, real(0));
                    if (high) (d == 0 ? mx : (d == 1 ? my : mz))[c + sa] = rmin(back, real(0));
                }
            } else {
                const int s = stride(d, sy, sz);
                const real al = real(0.5) * h0[axis] * h1[e], ar = real(0.5) * h1[axis] * h1[e];
                const real fl = kind[l] == 1 || kind[l - s] == 1 ? al : real(0);
                const real fr = kind[c] == 1 || kind[c - s] == 1 ? ar : real(0);
                const int n = d == 0 ? i + 1 : (d == 1 ? j + 1 : k + 1);
                const real* RESTRICT h = d == 0 ? hx : (d == 1 ? hy : hz);
                g = half_conductance(kind, mu, h, l, s, n, al) + half_conductance(kind, mu, h, c, s, n, ar);
                m = face_density(kind, rho, l, l - s) * q[l] * fl + face_density(kind, rho, c, c - s) * q[c] * fr;
            }
            real* RESTRICT gd = d == 0 ? gx : (d == 1 ? gy : gz);
            real* RESTRICT md = d == 0 ? mx : (d == 1 ? my : mz);
            gd[c] = g;
            md[c] = m;
        }
    } END_FOR_EACH_CELL
}

/* name: momentum_diagonal
 * equation: D = sum a_nb; dinv = alpha / D; dp = A / (D / alpha - sum of a_nb over solved neighbours)
 * bytes: 66 / 34
 * reference: SIMPLEC, Van Doormaal & Raithby, Numer. Heat Transfer 7 (1984) 147, eq. 14
 * inputs: axis in 0..2, solved in 0..1
 */
KERNEL momentum_diagonal(int nx, int ny, int nz,
                         int axis,                             /* - */
                         real alpha,                           /* - */
                         const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT gx,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT gy,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT gz,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT hx,              /* (nx+2) m */
                         const real* RESTRICT hy,              /* (ny+2) m */
                         const real* RESTRICT hz,              /* (nz+2) m */
                         real* RESTRICT dinv,                  /* (nz+2, ny+2, nx+2) s/kg */
                         real* RESTRICT dp)                    /* (nz+2, ny+2, nx+2) m2 s/kg */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const real zero = real(0);
        const real a[6] = {gx[c] + rmax(mx[c], zero), gx[c + 1] + rmax(-mx[c + 1], zero),
                           gy[c] + rmax(my[c], zero), gy[c + sy] + rmax(-my[c + sy], zero),
                           gz[c] + rmax(mz[c], zero), gz[c + sz] + rmax(-mz[c + sz], zero)};
        const real d = a[0] + a[1] + a[2] + a[3] + a[4] + a[5];
        const real h = a[0] * real(solved[c - 1]) + a[1] * real(solved[c + 1]) + a[2] * real(solved[c - sy])
                     + a[3] * real(solved[c + sy]) + a[4] * real(solved[c - sz]) + a[5] * real(solved[c + sz]);
        const real area = axis == 0 ? hy[j + 1] * hz[k + 1] : (axis == 1 ? hx[i + 1] * hz[k + 1] : hx[i + 1] * hy[j + 1]);
        const bool on = solved[c] != 0 && d > zero;
        dinv[c] = on ? alpha / d : zero;
        dp[c] = on ? area / (d / alpha - h) : zero;
    } END_FOR_EACH_CELL
}

/* name: momentum_force
 * equation: b = A (p_low - p_high) + sum over walls of 2 mu A / h r^2 (u_behind - u) on solved faces, 0 elsewhere
 * bytes: 42 / 22
 * reference: staggered grid, Harlow & Welch (1965); the wall's term completes the parabola of momentum_coefficients and is
 *            deferred, so that the matrix keeps its signs
 * inputs: axis in 0..2, kind in 0..3, solved in 0..1
 */
KERNEL momentum_force(int nx, int ny, int nz,
                      int axis,                             /* - */
                      const unsigned char* RESTRICT kind,   /* (nz+2, ny+2, nx+2) - */
                      const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                      const real* RESTRICT mu,              /* (nz+2, ny+2, nx+2) Pa s */
                      const real* RESTRICT u,               /* (nz+2, ny+2, nx+2) m/s */
                      const real* RESTRICT p,               /* (nz+2, ny+2, nx+2) Pa */
                      const real* RESTRICT hx,              /* (nx+2) m */
                      const real* RESTRICT hy,              /* (ny+2) m */
                      const real* RESTRICT hz,              /* (nz+2) m */
                      real* RESTRICT b)                     /* (nz+2, ny+2, nx+2) N */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int l = c - stride(axis, sy, sz);
        const real lo[3] = {hx[i], hy[j], hz[k]}, at[3] = {hx[i + 1], hy[j + 1], hz[k + 1]};
        const real hi[3] = {hx[i + 2], hy[j + 2], hz[k + 2]};
        real force = at[(axis + 1) % 3] * at[(axis + 2) % 3] * (p[l] - p[c]);
        for (int d = 0; d < 3; ++d) {
            if (d == axis) continue;
            const int e = 3 - axis - d, s = stride(d, sy, sz);
            const real al = real(0.5) * lo[axis] * at[e], ar = real(0.5) * at[axis] * at[e];
            const real up = u[c + s] - u[c], down = u[c - s] - u[c];
            force += half_curvature(kind, mu, l, l - s, l + s, al, at[d], hi[d], up)
                   + half_curvature(kind, mu, c, c - s, c + s, ar, at[d], hi[d], up)
                   + half_curvature(kind, mu, l, l + s, l - s, al, at[d], lo[d], down)
                   + half_curvature(kind, mu, c, c + s, c - s, ar, at[d], lo[d], down);
        }
        b[c] = solved[c] != 0 ? force : real(0);
    } END_FOR_EACH_CELL
}

/* name: mass_flux
 * equation: m = rho u A on the low faces of one axis
 * bytes: 25 / 13
 * reference: staggered grid, Harlow & Welch (1965)
 * inputs: axis in 0..2, kind in 0..3
 */
KERNEL mass_flux(int nx, int ny, int nz,
                 int axis,                           /* - */
                 const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                 const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                 const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                 const real* RESTRICT hx,            /* (nx+2) m */
                 const real* RESTRICT hy,            /* (ny+2) m */
                 const real* RESTRICT hz,            /* (nz+2) m */
                 real* RESTRICT m)                   /* (nz+2, ny+2, nx+2) kg/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const real area = axis == 0 ? hy[j + 1] * hz[k + 1] : (axis == 1 ? hx[i + 1] * hz[k + 1] : hx[i + 1] * hy[j + 1]);
        m[c] = area * face_density(kind, rho, c, c - stride(axis, sy, sz)) * u[c];
    } END_FOR_EACH_CELL
}

/* name: mass_imbalance
 * equation: b = inflow - outflow of coolant cells, 0 elsewhere
 * bytes: 41 / 21
 * reference: continuity, the right-hand side of the pressure correction (Patankar 1980, eq. 6.18)
 * inputs: kind in 0..3
 */
KERNEL mass_imbalance(int nx, int ny, int nz,
                      const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                      const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                      const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                      const real* RESTRICT v,             /* (nz+2, ny+2, nx+2) m/s */
                      const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) m/s */
                      const real* RESTRICT hx,            /* (nx+2) m */
                      const real* RESTRICT hy,            /* (ny+2) m */
                      const real* RESTRICT hz,            /* (nz+2) m */
                      real* RESTRICT b)                   /* (nz+2, ny+2, nx+2) kg/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const real ax = hy[j + 1] * hz[k + 1], ay = hx[i + 1] * hz[k + 1], az = hx[i + 1] * hy[j + 1];
        real sum = real(0);
        if (kind[c] == 1)
            sum = ax * (face_density(kind, rho, c, c - 1) * u[c] - face_density(kind, rho, c, c + 1) * u[c + 1])
                + ay * (face_density(kind, rho, c, c - sy) * v[c] - face_density(kind, rho, c, c + sy) * v[c + sy])
                + az * (face_density(kind, rho, c, c - sz) * w[c] - face_density(kind, rho, c, c + sz) * w[c + sz]);
        b[c] = sum;
    } END_FOR_EACH_CELL
}

/* name: pressure_conductance
 * equation: g = rho A dp on the low faces of one axis: mass flow per unit of pressure-correction difference
 * bytes: 25 / 13
 * reference: SIMPLEC, Van Doormaal & Raithby (1984)
 * inputs: axis in 0..2, kind in 0..3
 */
KERNEL pressure_conductance(int nx, int ny, int nz,
                            int axis,                           /* - */
                            const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                            const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                            const real* RESTRICT dp,            /* (nz+2, ny+2, nx+2) m2 s/kg */
                            const real* RESTRICT hx,            /* (nx+2) m */
                            const real* RESTRICT hy,            /* (ny+2) m */
                            const real* RESTRICT hz,            /* (nz+2) m */
                            real* RESTRICT g)                   /* (nz+2, ny+2, nx+2) m s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const real area = axis == 0 ? hy[j + 1] * hz[k + 1] : (axis == 1 ? hx[i + 1] * hz[k + 1] : hx[i + 1] * hy[j + 1]);
        g[c] = area * face_density(kind, rho, c, c - stride(axis, sy, sz)) * dp[c];
    } END_FOR_EACH_CELL
}

/* name: correct_velocity
 * equation: u += dp (p'_low - p'_high)
 * bytes: 32 / 16
 * reference: Patankar (1980), eq. 6.13
 * inputs: axis in 0..2
 */
KERNEL correct_velocity(int nx, int ny, int nz,
                        int axis,                /* - */
                        const real* RESTRICT dp, /* (nz+2, ny+2, nx+2) m2 s/kg */
                        const real* RESTRICT p,  /* (nz+2, ny+2, nx+2) Pa */
                        real* RESTRICT u)        /* (nz+2, ny+2, nx+2) m/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        u[c] += dp[c] * (p[c - stride(axis, sy, sz)] - p[c]);
    } END_FOR_EACH_CELL
}
