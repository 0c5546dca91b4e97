/* Steps in time on the staggered grid: central convection, the stresses of small eddies, storage, limits of the step. Arrays and
 * `kind` as in momentum.cu (0 solid or prescribed, 1 coolant, 2 slip ghost, 3 ghost behind a pressure boundary).
 */

template <int D> DEVICE int pace(int sy, int sz) { return D == 0 ? 1 : (D == 1 ? sy : sz); }

/* Width of the cell `offset` cells above the one at (i, j, k) along D. */
template <int D> DEVICE real size(const real* RESTRICT hx, const real* RESTRICT hy, const real* RESTRICT hz,
                                  int i, int j, int k, int offset)
{
    return D == 0 ? hx[i + 1 + offset] : (D == 1 ? hy[j + 1 + offset] : hz[k + 1 + offset]);
}

/* |m| / 2 times the difference across the low face of c. */
template <class F>
DEVICE real half_difference(const F place, const real* RESTRICT m, const real* RESTRICT x, int c, int s, int along)
{
    const real value = real(0.5) * rabs(m[c]) * (x[c] - x[c - s]), zero = real(0);
    const real carried = (place[c] | along) != 0 ? value : zero;
    return (place[c - s] | along) != 0 ? carried : zero;
}

/* name: central_advection
 * equation: b += sum of the inflow corrections - sum of the outflow corrections + x/2 (sum of m in - sum of m out)
 * bytes: 49 / 25
 * reference: with the upwind fluxes of residual_advected the skew-symmetric form, m (x + x_nb)/2 - x/2 sum of m, which conserves
 *            the sum of V x^2 on any grid, Verstappen & Veldman, J. Comput. Phys. 187 (2003) 343. `place`: 1 the control volumes
 *            that take part, 2 other faces that touch coolant and whose value stands where they are, 0 the rest: across the own
 *            axis a flux from or to there stays upwind
 * inputs: axis in 0..2, place in 0..2
 */
KERNEL central_advection(int nx, int ny, int nz,
                         int axis,                            /* - */
                         const unsigned char* RESTRICT place, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT mx,             /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT my,             /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT mz,             /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT x,              /* (nz+2, ny+2, nx+2) m/s */
                         real* RESTRICT b)                    /* (nz+2, ny+2, nx+2) N */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, mx, my + sy, mz + sz, x + sz, place + sz, b) {
        const real left = mx[c] - mx[c + 1] + my[c] - my[c + sy] + mz[c] - mz[c + sz];
        const real total = half_difference(BYTES(place), mx, x, c, 1, axis == 0) - half_difference(BYTES(place), mx, x, c + 1, 1, axis == 0)
                         + half_difference(BYTES(place), my, x, c, sy, axis == 1) - half_difference(BYTES(place), my, x, c + sy, sy, axis == 1)
                         + half_difference(BYTES(place), mz, x, c, sz, axis == 2) - half_difference(BYTES(place), mz, x, c + sz, sz, axis == 2)
                         + real(0.5) * x[c] * left;
        b[c] += BYTES(place)[c] == 1 ? total : real(0);
    } END_FOR_EACH_CELL_FROM_IN_PLACE
}

/* Slope along D, at the centre of cell c, of the velocity q along A; a wall's value stands on the wall, across symmetry planes and
 * openings nothing changes. */
template <int A, int D>
DEVICE real slope(const flag* RESTRICT kind, const real* RESTRICT q, const real* RESTRICT hx, const real* RESTRICT hy,
                  const real* RESTRICT hz, int i, int j, int k, int c, int sy, int sz)
{
    const int a = pace<A>(sy, sz), d = pace<D>(sy, sz);
    const real h = size<D>(hx, hy, hz, i, j, k, 0);
    const real inner_low = real(1) / (h + size<D>(hx, hy, hz, i, j, k, -1)), wall = real(1) / h;
    const real inner_high = real(1) / (h + size<D>(hx, hy, hz, i, j, k, 1));
    if (A == D) return (q[c + a] - q[c]) * wall;
    const int below = kind[c - d], above = kind[c + d];
    const real low = real(below == 1) * inner_low + real(below == 0) * wall; // over two: of the distance
    const real high = real(above == 1) * inner_high + real(above == 0) * wall;
    const real down = (q[c] - q[c - d]) + (q[c + a] - q[c + a - d]), up = (q[c + d] - q[c]) + (q[c + a + d] - q[c + a]);
    return real(0.5) * (low * down + high * up);
}

struct Gradient { real xx, xy, xz, yx, yy, yz, zx, zy, zz; }; /* xy: of u along y */

DEVICE struct Gradient gradient(const flag* RESTRICT kind, const real* RESTRICT u, const real* RESTRICT v,
                                const real* RESTRICT w, const real* RESTRICT hx, const real* RESTRICT hy,
                                const real* RESTRICT hz, int i, int j, int k, int c, int sy, int sz)
{
    struct Gradient g;
    g.xx = slope<0, 0>(kind, u, hx, hy, hz, i, j, k, c, sy, sz);
    g.xy = slope<0, 1>(kind, u, hx, hy, hz, i, j, k, c, sy, sz);
    g.xz = slope<0, 2>(kind, u, hx, hy, hz, i, j, k, c, sy, sz);
    g.yx = slope<1, 0>(kind, v, hx, hy, hz, i, j, k, c, sy, sz);
    g.yy = slope<1, 1>(kind, v, hx, hy, hz, i, j, k, c, sy, sz);
    g.yz = slope<1, 2>(kind, v, hx, hy, hz, i, j, k, c, sy, sz);
    g.zx = slope<2, 0>(kind, w, hx, hy, hz, i, j, k, c, sy, sz);
    g.zy = slope<2, 1>(kind, w, hx, hy, hz, i, j, k, c, sy, sz);
    g.zz = slope<2, 2>(kind, w, hx, hy, hz, i, j, k, c, sy, sz);
    return g;
}

/* name: eddy_wale
 * equation: mu_t = rho L^2 (Sd:Sd)^1.5 / ((S:S)^2.5 + (Sd:Sd)^1.25), L^2 = lx ly lz, Sd the traceless symmetric part of the squared
 *           velocity gradient; 0 outside the coolant
 * bytes: 41 / 21
 * reference: Nicoud & Ducros, Flow Turbul. Combust. 62 (1999) 183, eq. 13: zero in pure shear, falls as the cube of the distance
 *            to a wall
 * inputs: kind in 0..3
 */
KERNEL eddy_wale(int nx, int ny, int nz,
                 const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                 const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                 const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                 const real* RESTRICT v,             /* (nz+2, ny+2, nx+2) m/s */
                 const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) m/s */
                 const real* RESTRICT hx,            /* (nx+2) m */
                 const real* RESTRICT hy,            /* (ny+2) m */
                 const real* RESTRICT hz,            /* (nz+2) m */
                 const real* RESTRICT lx,            /* (nx+2) m2/3 */
                 const real* RESTRICT ly,            /* (ny+2) m2/3 */
                 const real* RESTRICT lz,            /* (nz+2) m2/3 */
                 real* RESTRICT mu)                  /* (nz+2, ny+2, nx+2) Pa s */
{
    FLAGS(kinds, kind, nx, ny, nz)
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const struct Gradient g = gradient(kinds, u, v, w, hx, hy, hz, i, j, k, c, sy, sz);
        const real half = real(0.5), two = real(2);
        const real xx = g.xx * g.xx + g.xy * g.yx + g.xz * g.zx, yy = g.yx * g.xy + g.yy * g.yy + g.yz * g.zy;
        const real zz = g.zx * g.xz + g.zy * g.yz + g.zz * g.zz, third = (xx + yy + zz) * real(0.33333333333333333);
        const real xy = half * ((g.xx * g.xy + g.xy * g.yy + g.xz * g.zy) + (g.yx * g.xx + g.yy * g.yx + g.yz * g.zx));
        const real xz = half * ((g.xx * g.xz + g.xy * g.yz + g.xz * g.zz) + (g.zx * g.xx + g.zy * g.yx + g.zz * g.zx));
        const real yz = half * ((g.yx * g.xz + g.yy * g.yz + g.yz * g.zz) + (g.zx * g.xy + g.zy * g.yy + g.zz * g.zy));
        const real dx = xx - third, dy = yy - third, dz = zz - third;
        const real d = dx * dx + dy * dy + dz * dz + two * (xy * xy + xz * xz + yz * yz);
        const real sxy = half * (g.xy + g.yx), sxz = half * (g.xz + g.zx), syz = half * (g.yz + g.zy);
        const real s = g.xx * g.xx + g.yy * g.yy + g.zz * g.zz + two * (sxy * sxy + sxz * sxz + syz * syz);
        const real below = s * s * root(s) + d * root(root(d)), length = lx[i + 1] * ly[j + 1] * lz[k + 1];
        const real value = rho[c] * length * (d * root(d)) / (below != real(0) ? below : real(1));
        mu[c] = kinds[c] == 1 ? value : real(0);
    } END_FOR_EACH_CELL
}

/* name: eddy_vreman
 * equation: mu_t = factor rho sqrt(B / (a:a)), B the second invariant of b_ij = sum of h_m^2 a_mi a_mj, a the velocity gradient; 0
 *           outside the coolant
 * bytes: 41 / 21
 * reference: Vreman, Phys. Fluids 16 (2004) 3670, eq. 5 to 8; factor 2.5 Cs^2
 * inputs: kind in 0..3
 */
KERNEL eddy_vreman(int nx, int ny, int nz,
                   real factor,                        /* - */
                   const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                   const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                   const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT v,             /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT hx,            /* (nx+2) m */
                   const real* RESTRICT hy,            /* (ny+2) m */
                   const real* RESTRICT hz,            /* (nz+2) m */
                   real* RESTRICT mu)                  /* (nz+2, ny+2, nx+2) Pa s */
{
    FLAGS(kinds, kind, nx, ny, nz)
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const struct Gradient g = gradient(kinds, u, v, w, hx, hy, hz, i, j, k, c, sy, sz);
        const real x = hx[i + 1] * hx[i + 1], y = hy[j + 1] * hy[j + 1], z = hz[k + 1] * hz[k + 1], zero = real(0);
        const real xx = x * g.xx * g.xx + y * g.xy * g.xy + z * g.xz * g.xz;
        const real yy = x * g.yx * g.yx + y * g.yy * g.yy + z * g.yz * g.yz;
        const real zz = x * g.zx * g.zx + y * g.zy * g.zy + z * g.zz * g.zz;
        const real xy = x * g.xx * g.yx + y * g.xy * g.yy + z * g.xz * g.yz;
        const real xz = x * g.xx * g.zx + y * g.xy * g.zy + z * g.xz * g.zz;
        const real yz = x * g.yx * g.zx + y * g.yy * g.zy + z * g.yz * g.zz;
        const real b = (xx * yy - xy * xy) + (xx * zz - xz * xz) + (yy * zz - yz * yz);
        const real a = (g.xx * g.xx + g.xy * g.xy + g.xz * g.xz) + (g.yx * g.yx + g.yy * g.yy + g.yz * g.yz)
                     + (g.zx * g.zx + g.zy * g.zy + g.zz * g.zz);
        const real value = factor * rho[c] * root(rmax(b, zero) / (a != zero ? a : real(1)));
        mu[c] = kinds[c] == 1 ? value : zero;
    } END_FOR_EACH_CELL
}

/* mu A du_D/dx_A through the low D-face of the control volume of component A at c: the mean over the edge's four cells. */
template <int A, int D>
DEVICE real turned(const real* RESTRICT mu, const real* RESTRICT q, const real* RESTRICT hx, const real* RESTRICT hy,
                   const real* RESTRICT hz, int i, int j, int k, int c, int sy, int sz)
{
    const int a = pace<A>(sy, sz), d = pace<D>(sy, sz);
    const real mean = real(0.25) * (mu[c] + mu[c - a] + mu[c - d] + mu[c - a - d]);
    return mean * size<3 - A - D>(hx, hy, hz, i, j, k, 0) * (q[c] - q[c - a]);
}

template <int A>
DEVICE real eddies(const real* RESTRICT mu, const real* RESTRICT u, const real* RESTRICT v, const real* RESTRICT w,
                   const real* RESTRICT hx, const real* RESTRICT hy, const real* RESTRICT hz, int i, int j, int k, int c, int sy, int sz)
{
    const int D = (A + 1) % 3, E = (A + 2) % 3, a = pace<A>(sy, sz), d = pace<D>(sy, sz), e = pace<E>(sy, sz);
    const real* RESTRICT p = A == 0 ? u : (A == 1 ? v : w);
    const real* RESTRICT q = D == 0 ? u : (D == 1 ? v : w);
    const real* RESTRICT r = E == 0 ? u : (E == 1 ? v : w);
    const real area = size<D>(hx, hy, hz, i, j, k, 0) * size<E>(hx, hy, hz, i, j, k, 0);
    const real high = mu[c] * (p[c + a] - p[c]) / size<A>(hx, hy, hz, i, j, k, 0);
    const real low = mu[c - a] * (p[c] - p[c - a]) / size<A>(hx, hy, hz, i, j, k, -1);
    return area * (high - low)
         + (turned<A, D>(mu, q, hx, hy, hz, i, j, k, c + d, sy, sz) - turned<A, D>(mu, q, hx, hy, hz, i, j, k, c, sy, sz))
         + (turned<A, E>(mu, r, hx, hy, hz, i, j, k, c + e, sy, sz) - turned<A, E>(mu, r, hx, hy, hz, i, j, k, c, sy, sz));
}

/* name: eddy_stress
 * equation: b += sum over the faces of mu_t A du_n/dx_axis, the transposed part of the eddies' stress, on solved faces
 * bytes: 49 / 25
 * reference: Boussinesq's hypothesis, Pope, Turbulent Flows (2000), eq. 10.2; the other part is in the conductances
 * inputs: axis in 0..2, solved in 0..1
 */
KERNEL eddy_stress(int nx, int ny, int nz,
                   int axis,                             /* - */
                   const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                   const real* RESTRICT mu,              /* (nz+2, ny+2, nx+2) Pa s */
                   const real* RESTRICT u,               /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT v,               /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT w,               /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT hx,              /* (nx+2) m */
                   const real* RESTRICT hy,              /* (ny+2) m */
                   const real* RESTRICT hz,              /* (nz+2) m */
                   real* RESTRICT b)                     /* (nz+2, ny+2, nx+2) N */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const real total = axis == 0 ? eddies<0>(mu, u, v, w, hx, hy, hz, i, j, k, c, sy, sz)
                         : (axis == 1 ? eddies<1>(mu, u, v, w, hx, hy, hz, i, j, k, c, sy, sz)
                                      : eddies<2>(mu, u, v, w, hx, hy, hz, i, j, k, c, sy, sz));
        b[c] += solved[c] != 0 ? total : real(0);
    } END_FOR_EACH_CELL
}

/* (mu + mu_nb)/2 A / distance (T_nb - T) through the low D-face of c. */
template <int D>
DEVICE real mixed(const flag* RESTRICT carrier, const real* RESTRICT mu, const real* RESTRICT t, const real* RESTRICT hx,
                  const real* RESTRICT hy, const real* RESTRICT hz, int i, int j, int k, int c, int sy, int sz, int offset)
{
    const int s = pace<D>(sy, sz), inside = (carrier[c] == 1) & (carrier[c - s] == 1);
    const real area = size<(D + 1) % 3>(hx, hy, hz, i, j, k, 0) * size<(D + 2) % 3>(hx, hy, hz, i, j, k, 0);
    const real widths = size<D>(hx, hy, hz, i, j, k, offset) + size<D>(hx, hy, hz, i, j, k, offset - 1);
    const real value = (mu[c] + mu[c - s]) * area / widths * (t[c - s] - t[c]);
    return inside ? value : real(0);
}

/* name: eddy_conduction
 * equation: b += factor sum over faces between coolant of (mu_t + mu_t_nb)/2 A / distance (T_nb - T); factor = cp / Pr_t
 * bytes: 33 / 17
 * reference: gradient diffusion, Pope (2000), eq. 4.42
 * inputs: carrier in 0..2
 */
KERNEL eddy_conduction(int nx, int ny, int nz,
                       real factor,                           /* J/(kg K) */
                       const unsigned char* RESTRICT carrier, /* (nz+2, ny+2, nx+2) - */
                       const real* RESTRICT mu,               /* (nz+2, ny+2, nx+2) Pa s */
                       const real* RESTRICT t,                /* (nz+2, ny+2, nx+2) K */
                       const real* RESTRICT hx,               /* (nx+2) m */
                       const real* RESTRICT hy,               /* (ny+2) m */
                       const real* RESTRICT hz,               /* (nz+2) m */
                       real* RESTRICT b)                      /* (nz+2, ny+2, nx+2) W */
{
    FLAGS(at, carrier, nx, ny, nz)
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const real total = mixed<0>(at, mu, t, hx, hy, hz, i, j, k, c, sy, sz, 0)
                         - mixed<0>(at, mu, t, hx, hy, hz, i, j, k, c + 1, sy, sz, 1)
                         + mixed<1>(at, mu, t, hx, hy, hz, i, j, k, c, sy, sz, 0)
                         - mixed<1>(at, mu, t, hx, hy, hz, i, j, k, c + sy, sy, sz, 1)
                         + mixed<2>(at, mu, t, hx, hy, hz, i, j, k, c, sy, sz, 0)
                         - mixed<2>(at, mu, t, hx, hy, hz, i, j, k, c + sz, sy, sz, 1);
        b[c] += factor * total;
    } END_FOR_EACH_CELL
}

/* name: apply_stored
 * equation: y = s x + sum g (x - x_nb), zero in fixed rows
 * bytes: 49 / 25
 * reference: one implicit step in time, Patankar, Numerical Heat Transfer and Fluid Flow (1980), section 4.3
 * inputs: solved in 0..1
 */
KERNEL apply_stored(int nx, int ny, int nz,
                    const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                    const real* RESTRICT gx,              /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT gy,              /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT gz,              /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT s,               /* (nz+2, ny+2, nx+2) W/K */
                    const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                    real* RESTRICT y)                     /* (nz+2, ny+2, nx+2) W */
{
    FOR_EACH_PADDED_CELL(nx, ny, nz, gz[c] * (x[c] - x[c - sz]), x + sz, gx, gy + sy, gz + sz, s, y) {
        const real xc = x[c], above = gz[c + sz] * (x[c + sz] - xc);
        VALUE = s[c] * xc + gx[c] * (xc - x[c - 1]) + gx[c + 1] * (xc - x[c + 1]) + gy[c] * (xc - x[c - sy])
              + gy[c + sy] * (xc - x[c + sy]) + below - above;
    } THEN {
        y[c] = BYTES(solved)[c] != 0 ? value : real(0);
    } END_FOR_EACH_PADDED_CELL
}

/* name: sweep_stored
 * equation: x = dinv (b + sum g x_nb) in the cells of one colour where dinv is not 0; 1/dinv = s + sum g
 * bytes: 56 / 28
 * reference: red-black Gauss-Seidel, Trottenberg, Oosterlee & Schueller, Multigrid (2001), section 2.1.2
 * inputs: colour in 0..1
 */
KERNEL sweep_stored(int nx, int ny, int nz,
                    int colour,                /* - */
                    const real* RESTRICT gx,   /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT gy,   /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT gz,   /* (nz+2, ny+2, nx+2) W/K */
                    const real* RESTRICT dinv, /* (nz+2, ny+2, nx+2) K/W */
                    const real* RESTRICT b,    /* (nz+2, ny+2, nx+2) W */
                    real* RESTRICT x)          /* (nz+2, ny+2, nx+2) K */
{
    FOR_EACH_PADDED_CELL_OF_COLOUR(nx, ny, nz, colour, x + sz, gx, gy + sy, gz + sz, b, dinv) {
        const real sum = gx[c] * x[c - 1] + gx[c + 1] * x[c + 1] + gy[c] * x[c - sy] + gy[c + sy] * x[c + sy]
                       + gz[c] * x[c - sz] + gz[c + sz] * x[c + sz];
        const real d = dinv[c], now = x[c], next = d * (b[c] + sum);
        VALUE = d != real(0) ? next : now;
    } THEN_OF_COLOUR {
        x[c] = mine ? value : x[c];
    } END_FOR_EACH_PADDED_CELL_OF_COLOUR
}

/* name: advance
 * equation: x += inverse (gamma r + zeta r_before)
 * bytes: 40 / 20
 * reference: Spalart, Moser & Rogers, J. Comput. Phys. 96 (1991) 297, appendix; a stage of their Runge-Kutta scheme
 */
KERNEL advance(int nx, int ny, int nz,
               real gamma,                    /* s */
               real zeta,                     /* s */
               const real* RESTRICT inverse,  /* (nz, ny, nx) 1/kg */
               const real* RESTRICT r,        /* (nz, ny, nx) N */
               const real* RESTRICT r_before, /* (nz, ny, nx) N */
               real* RESTRICT x)              /* (nz, ny, nx) m/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = (k * ny + j) * nx + i;
        x[c] += inverse[c] * (gamma * r[c] + zeta * r_before[c]);
    } END_FOR_EACH_CELL
}

/* name: step_rates
 * equation: r = per_speed sum of |u|/h + per_viscosity mu/rho sum of 1/h^2 in coolant, 0 elsewhere
 * bytes: 49 / 25
 * reference: Courant, Friedrichs & Lewy, Math. Ann. 100 (1928) 32; the step in time is one over the largest rate
 * inputs: kind in 0..3
 */
KERNEL step_rates(int nx, int ny, int nz,
                  real per_speed,                     /* - */
                  real per_viscosity,                 /* - */
                  const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                  const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                  const real* RESTRICT mu,            /* (nz+2, ny+2, nx+2) Pa s */
                  const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                  const real* RESTRICT v,             /* (nz+2, ny+2, nx+2) m/s */
                  const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) m/s */
                  const real* RESTRICT hx,            /* (nx+2) m */
                  const real* RESTRICT hy,            /* (ny+2) m */
                  const real* RESTRICT hz,            /* (nz+2) m */
                  real* RESTRICT r)                   /* (nz+2, ny+2, nx+2) 1/s */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, rho, mu, u, v, w + sz, kind, r) {
        const real wide = hx[i + 1], heavy = rho[c], one = real(1) / (wide * heavy); // both divisions at once
        const real x = heavy * one, y = real(1) / hy[j + 1], z = real(1) / hz[k + 1];
        const real passed = rmax(rabs(u[c]), rabs(u[c + 1])) * x + rmax(rabs(v[c]), rabs(v[c + sy])) * y
                          + rmax(rabs(w[c]), rabs(w[c + sz])) * z;
        const real value = per_speed * passed + per_viscosity * (mu[c] * (wide * one)) * (x * x + y * y + z * z);
        r[c] = BYTES(kind)[c] == 1 ? value : real(0);
    } END_FOR_EACH_CELL_FROM
}

/* name: accumulate
 * equation: first += weight x, second += weight x^2
 * bytes: 40 / 20
 * reference: time averages of a signal and of its square
 */
KERNEL accumulate(int nx, int ny, int nz,
                  real weight,             /* s */
                  const real* RESTRICT x,  /* (nz, ny, nx) K */
                  real* RESTRICT first,    /* (nz, ny, nx) K s */
                  real* RESTRICT second)   /* (nz, ny, nx) K2 s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int c = (k * ny + j) * nx + i;
        first[c] += weight * x[c];
        second[c] += weight * x[c] * x[c];
    } END_FOR_EACH_CELL
}
