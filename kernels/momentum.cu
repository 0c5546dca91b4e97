/* Staggered momentum and pressure on the padded grid. The velocity along axis a at index c sits on the LOW a-face of
 * cell c; all arrays share one shape, so a component differs from another only by its stride. `kind` says what a cell
 * is for the flow: 0 solid or prescribed (the velocity array holds the wall's or inlet's value there), 1 coolant,
 * 2 slip ghost (symmetry), 3 ghost behind a pressure boundary. `solved` marks the faces whose momentum is an equation.
 */

/* Mean over the coolant cells of q and p; densities of other cells are finite. */
template <class F> DEVICE real face_density(const F kind, const real* RESTRICT rho, int q, int p)
{
    const real high = rho[q], low = rho[p], zero = real(0);
    const real sum = (kind[q] == 1 ? high : zero) + (kind[p] == 1 ? low : zero);
    const real share = kind[p] == 1 ? real(0.5) : real(1);
    return kind[q] == 1 ? share * sum : sum;
}

/* Twice the same where q is coolant. */
template <class F> DEVICE real two_densities(const F kind, const real* RESTRICT rho, int q, int p)
{
    const real here = rho[q], there = rho[p];
    return here + (kind[p] == 1 ? there : here);
}

/* The kernels of one velocity component are written for a constant axis, so that strides and choices of arrays are known where
 * the host's compiler vectorises; conditions are whole numbers, and every value is loaded, then chosen. */
template <int D> DEVICE int step(int sy, int sz) { return D == 0 ? 1 : (D == 1 ? sy : sz); }

template <int D, class T> DEVICE T of(T x, T y, T z) { return D == 0 ? x : (D == 1 ? y : z); }

template <int D> DEVICE real width(const real* RESTRICT hx, const real* RESTRICT hy, const real* RESTRICT hz,
                                   int i, int j, int k, int offset)
{
    return D == 0 ? hx[i + 1 + offset] : (D == 1 ? hy[j + 1 + offset] : hz[k + 1 + offset]);
}

/* Viscous conductance through the half face between cell q and p = q - s. The parabola with the wall's velocity at the wall and
 * the means of two cells has there the slope 2/h ((1 + r) (u_q - u_wall) - r^2 (u_t - u_q)), r the share of the wall cell q
 * (width h) in q and the cell t behind it: the friction of developed flow is then exact on any number of cells. `low`, `high`:
 * 2/h of q and p as wall cells, `share_low`, `share_high`: their r, used where the cell behind is coolant; with nothing behind,
 * a straight line. */
template <class F>
DEVICE real half_conductance(const F* RESTRICT kind, const real* RESTRICT mu, int q, int s, int two, real area,
                             real inner, real low, real high, real share_low, real share_high, real friction)
{
    const int p = q - s, kq = kind[q], kp = kind[p], kt = kind[q + s], kb = kind[q - two];
    const int fluid = (kq == 1) & (kp == 1), below = (kq == 1) & (kp == 0), above = (kp == 1) & (kq == 0);
    const real both = (mu[q] + mu[p]) * area * inner;
    const real wall_low = friction * mu[q] * area * low * (real(1) + real(kt == 1) * share_low);
    const real wall_high = friction * mu[p] * area * high * (real(1) + real(kb == 1) * share_high);
    return real(fluid) * both + real(below) * wall_low + real(above) * wall_high;
}

/* g and m on the low D-face of the control volume of component A at c, D across A. */
template <int A, int D, class F>
DEVICE void lateral_face(real friction, const F* RESTRICT kind, const real* RESTRICT rho, const real* RESTRICT mu,
                         const real* RESTRICT q, const real* RESTRICT hx, const real* RESTRICT hy, const real* RESTRICT hz,
                         real* RESTRICT g, real* RESTRICT m, int i, int j, int k, int c, int sy, int sz)
{
    const int E = 3 - A - D, s = step<D>(sy, sz), l = c - step<A>(sy, sz);
    const int first = of<D>(i, j, k) == 0; // two cells below is nothing (along x another row's end: inside the array)
    const int two = (D == 2 && k == 0) || (D == 1 && j == 0) ? s : 2 * s;
    const real across = width<E>(hx, hy, hz, i, j, k, 0);
    const real al = real(0.5) * width<A>(hx, hy, hz, i, j, k, -1) * across;
    const real ar = real(0.5) * width<A>(hx, hy, hz, i, j, k, 0) * across;
    const real h = width<D>(hx, hy, hz, i, j, k, 0), up = width<D>(hx, hy, hz, i, j, k, 1);
    const real down = width<D>(hx, hy, hz, i, j, k, -1), below = width<D>(hx, hy, hz, i, j, k, first - 2);
    const real inner = real(1) / (h + down), low = real(2) / h, high = real(2) / down;
    const real share_low = h / (h + up), share_high = real(!first) * (down / (down + below));
    g[c] = half_conductance(kind, mu, l, s, two, al, inner, low, high, share_low, share_high, friction)
         + half_conductance(kind, mu, c, s, two, ar, inner, low, high, share_low, share_high, friction);
    m[c] = face_density(kind, rho, l, l - s) * q[l] * al + face_density(kind, rho, c, c - s) * q[c] * ar;
}

/* g and m on the low A-face of the control volume of component A at c: at the centre of the cell l below. */
template <int A, class F>
DEVICE void normal_face(const F* RESTRICT kind, const real* RESTRICT rho, const real* RESTRICT mu,
                        const real* RESTRICT q, const real* RESTRICT hx, const real* RESTRICT hy, const real* RESTRICT hz,
                        real* RESTRICT g, real* RESTRICT m, int i, int j, int k, int c, int sy, int sz)
{
    const int s = step<A>(sy, sz), l = c - s, at = of<A>(i, j, k);
    const int ll = l - (A == 2 ? s * (k > 0) : s); // below the first ghost is nothing
    const real area = width<(A + 1) % 3>(hx, hy, hz, i, j, k, 0) * width<(A + 2) % 3>(hx, hy, hz, i, j, k, 0);
    const real here = face_density(kind, rho, c, l) * q[c], below = face_density(kind, rho, l, ll) * q[l];
    const int kl = kind[l];
    const real inside = real(kl == 1) * real(at > 0), low = real(kl == 3) * real(at == 0);
    const real back = area * here;
    const real conductance = mu[l] * area / width<A>(hx, hy, hz, i, j, k, -1);
    g[c] = inside * conductance;
    m[c] = low * rmax(back, real(0)) + inside * (real(0.5) * area * (below + here));
}

template <int A, class F>
DEVICE void component(real friction, const F* RESTRICT kind, const real* RESTRICT rho, const real* RESTRICT mu,
                      const real* RESTRICT u, const real* RESTRICT v, const real* RESTRICT w, const real* RESTRICT hx,
                      const real* RESTRICT hy, const real* RESTRICT hz, real* RESTRICT gx, real* RESTRICT gy,
                      real* RESTRICT gz, real* RESTRICT mx, real* RESTRICT my, real* RESTRICT mz,
                      int i, int j, int k, int nx, int ny)
{
    const int D = (A + 1) % 3, E = (A + 2) % 3, sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
    lateral_face<A, D>(friction, kind, rho, mu, of<D>(u, v, w), hx, hy, hz, of<D>(gx, gy, gz), of<D>(mx, my, mz), i, j, k, c, sy, sz);
    lateral_face<A, E>(friction, kind, rho, mu, of<E>(u, v, w), hx, hy, hz, of<E>(gx, gy, gz), of<E>(mx, my, mz), i, j, k, c, sy, sz);
    normal_face<A>(kind, rho, mu, of<A>(u, v, w), hx, hy, hz, of<A>(gx, gy, gz), of<A>(mx, my, mz), i, j, k, c, sy, sz);
}

/* name: momentum_coefficients
 * equation: g = mu A / distance and m = rho u A on the low faces of the control volumes of one velocity component; at
 *           walls g = friction 2 mu A / h (1 + r), the part of a parabola's slope that belongs to the wall cell; friction is 1, or 0
 *           where wall functions give it
 * bytes: 98 / 50
 * reference: staggered grid, Harlow & Welch, Phys. Fluids 8 (1965) 2182. What flows back through an open face comes from
 *            rest: its flux stands on the outer face of the open face's control volume, whose neighbour is zero (beyond
 *            the high side that face has no cell of its own and is written with the last one)
 * inputs: axis in 0..2, kind in 0..3
 */
KERNEL momentum_coefficients(int nx, int ny, int nz,
                             int axis,                           /* - */
                             real friction,                      /* - */
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
    FLAGS(kinds, kind, nx, ny, nz)
    if (axis == 0) {
        FOR_EACH_CELL(nx, ny, nz) {
            component<0>(friction, kinds, rho, mu, u, v, w, hx, hy, hz, gx, gy, gz, mx, my, mz, i, j, k, nx, ny);
        } END_FOR_EACH_CELL
    } else if (axis == 1) {
        FOR_EACH_CELL(nx, ny, nz) {
            component<1>(friction, kinds, rho, mu, u, v, w, hx, hy, hz, gx, gy, gz, mx, my, mz, i, j, k, nx, ny);
        } END_FOR_EACH_CELL
    } else {
        FOR_EACH_CELL(nx, ny, nz) {
            component<2>(friction, kinds, rho, mu, u, v, w, hx, hy, hz, gx, gy, gz, mx, my, mz, i, j, k, nx, ny);
        } END_FOR_EACH_CELL
    }
    { // a loop of its own: the host's compiler vectorises no store that hangs on a condition
        real* RESTRICT m = axis == 0 ? mx : (axis == 1 ? my : mz);
        const real* RESTRICT q = axis == 0 ? u : (axis == 1 ? v : w);
        FOR_EACH_CELL(axis == 0 ? 1 : nx, axis == 1 ? 1 : ny, axis == 2 ? 1 : nz) {
            const int x = axis == 0 ? nx : i + 1, y = axis == 1 ? ny : j + 1, z = axis == 2 ? nz : k + 1;
            const int sy = nx + 2, sz = sy * (ny + 2), c = z * sz + y * sy + x, s = stride(axis, sy, sz);
            const real area = axis == 0 ? hy[y] * hz[z] : (axis == 1 ? hx[x] * hz[z] : hx[x] * hy[y]);
            const real back = area * (face_density(kind, rho, c, c - s) * q[c]);
            m[c + s] = kind[c] == 3 ? rmin(back, real(0)) : m[c + s];
        } END_FOR_EACH_CELL
    }
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
    const int sy = nx + 2, sz = sy * (ny + 2);
    const real zero = ZERO;
    const struct Axis normal = only(axis);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, gx, gy + sy, gz + sz, mx, my + sy, mz + sz, solved + sz, dinv, dp) {
        const real ax = coupling_below(gx, mx, c, zero), bx = coupling_above(gx, mx, c, 1, zero);
        const real ay = coupling_below(gy, my, c, zero), by = coupling_above(gy, my, c, sy, zero);
        const real az = coupling_below(gz, mz, c, zero), bz = coupling_above(gz, mz, c, sz, zero);
        const real d = ax + bx + ay + by + az + bz;
        const real h = (BYTES(solved)[c - 1] != 0 ? ax : zero) + (BYTES(solved)[c + 1] != 0 ? bx : zero)
                     + (BYTES(solved)[c - sy] != 0 ? ay : zero) + (BYTES(solved)[c + sy] != 0 ? by : zero)
                     + (BYTES(solved)[c - sz] != 0 ? az : zero) + (BYTES(solved)[c + sz] != 0 ? bz : zero);
        const real area = face_area(normal, hx[i + 1], hy[j + 1], hz[k + 1]);
        const real on = BYTES(solved)[c] != 0 ? real(1) : zero, off = real(1) - on; // a solved face has viscosity: d > 0
        dinv[c] = on * (alpha / (d + off));
        dp[c] = on * (area / (d / alpha - on * h + off));
    } END_FOR_EACH_CELL_FROM
}

/* What the cells behind wall cells lend to the slope at the walls across D: mu A times 2/h r^2 (u_t - u_q), see half_conductance. */
template <int A, int D>
DEVICE real curvature(const unsigned char* RESTRICT kind, const real* RESTRICT mu, const real* RESTRICT u,
                      const real* RESTRICT hx, const real* RESTRICT hy, const real* RESTRICT hz,
                      int i, int j, int k, int c, int sy, int sz)
{
    const int E = 3 - A - D, s = step<D>(sy, sz), l = c - step<A>(sy, sz);
    const real across = width<E>(hx, hy, hz, i, j, k, 0);
    const real al = real(0.5) * width<A>(hx, hy, hz, i, j, k, -1) * across;
    const real ar = real(0.5) * width<A>(hx, hy, hz, i, j, k, 0) * across;
    const real h = width<D>(hx, hy, hz, i, j, k, 0);
    const real share_up = h / (h + width<D>(hx, hy, hz, i, j, k, 1)), share_down = h / (h + width<D>(hx, hy, hz, i, j, k, -1));
    const real up = real(2) / h * share_up * share_up * (u[c + s] - u[c]);
    const real down = real(2) / h * share_down * share_down * (u[c - s] - u[c]);
    const int l0 = kind[l], l1 = kind[l + s], l2 = kind[l - s], c0 = kind[c], c1 = kind[c + s], c2 = kind[c - s];
    const int low_l = (l0 == 1) & (l2 == 0) & (l1 == 1), low_c = (c0 == 1) & (c2 == 0) & (c1 == 1);
    const int high_l = (l0 == 1) & (l1 == 0) & (l2 == 1), high_c = (c0 == 1) & (c1 == 0) & (c2 == 1);
    const real left = mu[l] * al, right = mu[c] * ar;
    return (real(low_l) * left + real(low_c) * right) * up + (real(high_l) * left + real(high_c) * right) * down;
}

template <int A>
DEVICE void force(real friction, const unsigned char* RESTRICT kind, const unsigned char* RESTRICT solved, const real* RESTRICT mu,
                  const real* RESTRICT u, const real* RESTRICT p, const real* RESTRICT hx, const real* RESTRICT hy,
                  const real* RESTRICT hz, real* RESTRICT b, int i, int j, int k, int nx, int ny)
{
    const int D = (A + 1) % 3, E = (A + 2) % 3, sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
    const real area = width<D>(hx, hy, hz, i, j, k, 0) * width<E>(hx, hy, hz, i, j, k, 0);
    const real curved = curvature<A, D>(kind, mu, u, hx, hy, hz, i, j, k, c, sy, sz)
                      + curvature<A, E>(kind, mu, u, hx, hy, hz, i, j, k, c, sy, sz);
    const real total = area * (p[c - step<A>(sy, sz)] - p[c]) + friction * curved;
    b[c] = solved[c] != 0 ? total : real(0);
}

/* name: momentum_force
 * equation: b = A (p_low - p_high) + friction sum over walls of 2 mu A / h r^2 (u_behind - u) on solved faces, 0 elsewhere
 * bytes: 42 / 22
 * reference: staggered grid, Harlow & Welch (1965); the wall's term completes the parabola of momentum_coefficients and is
 *            deferred, so that the matrix keeps its signs
 * inputs: axis in 0..2, kind in 0..3, solved in 0..1
 */
KERNEL momentum_force(int nx, int ny, int nz,
                      int axis,                             /* - */
                      real friction,                        /* - */
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
    if (axis == 0) {
        FOR_EACH_CELL(nx, ny, nz) {
            force<0>(friction, kind, solved, mu, u, p, hx, hy, hz, b, i, j, k, nx, ny);
        } END_FOR_EACH_CELL
    } else if (axis == 1) {
        FOR_EACH_CELL(nx, ny, nz) {
            force<1>(friction, kind, solved, mu, u, p, hx, hy, hz, b, i, j, k, nx, ny);
        } END_FOR_EACH_CELL
    } else {
        FOR_EACH_CELL(nx, ny, nz) {
            force<2>(friction, kind, solved, mu, u, p, hx, hy, hz, b, i, j, k, nx, ny);
        } END_FOR_EACH_CELL
    }
}

/* out = rho A x on the low faces of one axis. */
DEVICE void through_faces(int nx, int ny, int nz, int axis, const unsigned char* RESTRICT kind, const real* RESTRICT rho,
                          const real* RESTRICT x, const real* RESTRICT hx, const real* RESTRICT hy, const real* RESTRICT hz,
                          real* RESTRICT out)
{
    const int sy = nx + 2, sz = sy * (ny + 2), s = stride(axis, sy, sz);
    const struct Axis normal = only(axis);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, rho, rho - s, x, kind, out) {
        const real area = face_area(normal, hx[i + 1], hy[j + 1], hz[k + 1]);
        out[c] = area * face_density(BYTES(kind), rho, c, c - s) * x[c];
    } END_FOR_EACH_CELL_FROM
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
    through_faces(nx, ny, nz, axis, kind, rho, u, hx, hy, hz, m);
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
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, rho + sz, rho - sz, u, v + sy, w + sz, w, kind + sz, b) {
        const real ax = hy[j + 1] * hz[k + 1], ay = hx[i + 1] * hz[k + 1], az = hx[i + 1] * hy[j + 1];
        const real sum = ax * (two_densities(BYTES(kind), rho, c, c - 1) * u[c] - two_densities(BYTES(kind), rho, c, c + 1) * u[c + 1])
                       + ay * (two_densities(BYTES(kind), rho, c, c - sy) * v[c] - two_densities(BYTES(kind), rho, c, c + sy) * v[c + sy])
                       + az * (two_densities(BYTES(kind), rho, c, c - sz) * w[c] - two_densities(BYTES(kind), rho, c, c + sz) * w[c + sz]);
        b[c] = BYTES(kind)[c] == 1 ? real(0.5) * sum : real(0);
    } END_FOR_EACH_CELL_FROM
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
    through_faces(nx, ny, nz, axis, kind, rho, dp, hx, hy, hz, g);
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
