/* Friction and heat transfer of turbulent flow at walls, for cells of any size: from the viscous sublayer to the logarithmic layer.
 *
 * `walls` has a bit for every side of an air cell that is a wall: 1, 2 the low and high x side, 4, 8 those of y, 16, 32 of z.
 * With y the distance of the cell's centre, ustar the velocity scale of the turbulence there, y+ = rho ustar y / mu: the mean
 * profile u+(y+) makes the stress at the wall tau = mu U/y (y+ / u+), so y+/u+ is what turbulence multiplies the friction by.
 */

/* u+ (y+), Reichardt, Z. angew. Math. Mech. 31 (1951) 208, with 0.41 and 5.2 for the constants of the logarithmic law. */
DEVICE real velocity_plus(real y)
{
    const real log_part = logarithm(real(1) + real(0.41) * y) / real(0.41);
    const real buffer = real(1) - exponential(-y / real(11)) - y / real(11) * exponential(real(-0.33) * y);
    return log_part + real(7.3746) * buffer;
}

/* y+/u+ */
DEVICE real friction_ratio(real y) { return y < real(0.1) ? real(1) : y / velocity_plus(rmax(y, real(0.1))); }

/* T+/(Pr y+) inverse: what turbulence multiplies the heat transfer by; Kader, Int. J. Heat Mass Transfer 24 (1981) 1541, eqs. 15, 33. */
DEVICE real heat_ratio(real y, real pr, real beta)
{
    const real yp = rmax(y, real(0.1)), a = pr * yp, a2 = a * a;
    const real blend = real(0.01) * a2 * a2 / (real(1) + real(5) * pr * pr * a);
    const real t = a * exponential(-blend) + (real(2.12) * logarithm(real(1) + yp) + beta) * exponential(real(-1) / blend);
    return y < real(0.1) ? real(1) : a / t;
}

DEVICE int low_bit(int axis) { return axis == 0 ? 1 : (axis == 1 ? 4 : 16); }

DEVICE real along(int axis, real x, real y, real z) { return axis == 0 ? x : (axis == 1 ? y : z); }

/* Conductance, kg/s, to the walls across axis D of half a cell q with the area `area`. */
DEVICE real wall_conductance(const unsigned char* RESTRICT walls, const real* RESTRICT rho, const real* RESTRICT mu,
                             const real* RESTRICT ustar, int q, int D, real h, real area)
{
    const int bit = low_bit(D), w = walls[q], count = ((w & bit) != 0) + ((w & (2 * bit)) != 0);
    const real y = real(0.5) * h;
    if (count == 0) // most cells: spares the profile
        return real(0);
    return real(count) * area * mu[q] / y * friction_ratio(rho[q] * ustar[q] * y / mu[q]);
}

/* name: lateral_viscosity
 * equation: g = sum over both halves of the low face of 2 (mu_q mu_p)^0.5 A / (h_q + h_p) between air cells, else 0: conductance
 *           of the component along the axis, across the first or the second axis after it
 * bytes: 18 / 10
 * reference: geometric means of what grows as fast as the eddy viscosity does beside walls come nearest to the stress: with
 *            arithmetic ones the first step of the profile is a third too small where the first cell ends in the buffer layer
 * inputs: axis in 0..2, second in 0..1, kind in 0..3, walls in 0..63, mu in 0.01..1, hx in 0.5..1, hy in 0.5..1, hz in 0.5..1
 */
KERNEL lateral_viscosity(int nx, int ny, int nz,
                         int axis,                            /* - */
                         int second,                          /* - */
                         const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                         const unsigned char* RESTRICT walls, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT mu,             /* (nz+2, ny+2, nx+2) Pa s */
                         const real* RESTRICT hx,             /* (nx+2) m */
                         const real* RESTRICT hy,             /* (ny+2) m */
                         const real* RESTRICT hz,             /* (nz+2) m */
                         real* RESTRICT g)                    /* (nz+2, ny+2, nx+2) kg/s */
{
    const int d = (axis + 1 + second) % 3, e = (axis + 2 - second) % 3, bit = low_bit(d);
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int l = c - stride(axis, sy, sz), s = stride(d, sy, sz);
        const int q = c - s, p = l >= s ? l - s : 0; // below the first line is nothing
        const int open_c = (kind[c] == 1) & (kind[q] == 1) & ((walls[c] & bit) == 0);
        const int open_l = (kind[l] == 1) & (kind[p] == 1) & ((walls[l] & bit) == 0);
        const real width = along(e, hx[i + 1], hy[j + 1], hz[k + 1]);
        const real ac = along(axis, hx[i + 1], hy[j + 1], hz[k + 1]), al = along(axis, hx[i], hy[j], hz[k]);
        const real distance = along(d, hx[i + 1], hy[j + 1], hz[k + 1]) + along(d, hx[i], hy[j], hz[k]);
        g[c] = width / distance * (real(open_l) * al * root(mu[l] * mu[p]) + real(open_c) * ac * root(mu[c] * mu[q]));
    } END_FOR_EACH_CELL
}

/* name: wall_friction
 * equation: b -= C u and drag += C on solved faces, C = sum over the walls beside a face's control volume of A mu/y (y+/u+)
 * bytes: 66 / 34
 * reference: wall functions, Launder & Spalding, Comput. Methods Appl. Mech. Eng. 3 (1974) 269; profile of Reichardt (1951)
 * inputs: axis in 0..2, walls in 0..63, solved in 0..1, rho in 0.5..2, mu in 0.01..1, ustar in 0..50
 */
KERNEL wall_friction(int nx, int ny, int nz,
                     int axis,                             /* - */
                     const unsigned char* RESTRICT walls,  /* (nz+2, ny+2, nx+2) - */
                     const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                     const real* RESTRICT rho,             /* (nz+2, ny+2, nx+2) kg/m3 */
                     const real* RESTRICT mu,              /* (nz+2, ny+2, nx+2) Pa s */
                     const real* RESTRICT ustar,           /* (nz+2, ny+2, nx+2) m/s */
                     const real* RESTRICT hx,              /* (nx+2) m */
                     const real* RESTRICT hy,              /* (ny+2) m */
                     const real* RESTRICT hz,              /* (nz+2) m */
                     const real* RESTRICT u,               /* (nz+2, ny+2, nx+2) m/s */
                     real* RESTRICT b,                     /* (nz+2, ny+2, nx+2) N */
                     real* RESTRICT drag)                  /* (nz+2, ny+2, nx+2) kg/s */
{
    const int d = (axis + 1) % 3, e = (axis + 2) % 3;
    FOR_EACH_CELL_BY_INDEX(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int l = c - stride(axis, sy, sz);
        if (solved[c] != 0 && (walls[c] | walls[l]) != 0) {
            const real hd = along(d, hx[i + 1], hy[j + 1], hz[k + 1]), he = along(e, hx[i + 1], hy[j + 1], hz[k + 1]);
            const real al = real(0.5) * along(axis, hx[i], hy[j], hz[k]);
            const real ar = real(0.5) * along(axis, hx[i + 1], hy[j + 1], hz[k + 1]);
            const real sum = wall_conductance(walls, rho, mu, ustar, l, d, hd, al * he)
                           + wall_conductance(walls, rho, mu, ustar, c, d, hd, ar * he)
                           + wall_conductance(walls, rho, mu, ustar, l, e, he, al * hd)
                           + wall_conductance(walls, rho, mu, ustar, c, e, he, ar * hd);
            b[c] -= sum * u[c];
            drag[c] += sum;
        }
    } END_FOR_EACH_CELL
}

/* name: wall_strain
 * equation: s2 = sum over the axes with walls of (tau_w / (mu + mu_t))^2 in cells beside walls
 * bytes: 65 / 33
 * reference: constant stress layer: tau_w = (mu + mu_t) dU/dy, tau_w = mu U/y (y+/u+), U the speed along the wall
 * inputs: walls in 0..63, rho in 0.5..2, mu in 0.01..1, mut in 0..1, ustar in 0..50
 */
KERNEL wall_strain(int nx, int ny, int nz,
                   const unsigned char* RESTRICT walls, /* (nz+2, ny+2, nx+2) - */
                   const real* RESTRICT rho,            /* (nz+2, ny+2, nx+2) kg/m3 */
                   const real* RESTRICT mu,             /* (nz+2, ny+2, nx+2) Pa s */
                   const real* RESTRICT mut,            /* (nz+2, ny+2, nx+2) Pa s */
                   const real* RESTRICT ustar,          /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT u,              /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT v,              /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT w,              /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT hx,             /* (nx+2) m */
                   const real* RESTRICT hy,             /* (ny+2) m */
                   const real* RESTRICT hz,             /* (nz+2) m */
                   real* RESTRICT s2)                   /* (nz+2, ny+2, nx+2) 1/s2 */
{
    FOR_EACH_CELL_BY_INDEX(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int at = walls[c];
        if (at != 0) {
            const real a = real(0.5) * (u[c] + u[c + 1]), b = real(0.5) * (v[c] + v[c + sy]), d = real(0.5) * (w[c] + w[c + sz]);
            const real a2 = a * a, b2 = b * b, d2 = d * d;
            const real yx = real(0.5) * hx[i + 1], yy = real(0.5) * hy[j + 1], yz = real(0.5) * hz[k + 1];
            const real scale = rho[c] * ustar[c] / mu[c], viscous = mu[c] / (mu[c] + mut[c]);
            const real fx = real((at & 3) != 0) * viscous * friction_ratio(scale * yx) / yx;
            const real fy = real((at & 12) != 0) * viscous * friction_ratio(scale * yy) / yy;
            const real fz = real((at & 48) != 0) * viscous * friction_ratio(scale * yz) / yz;
            s2[c] = fx * fx * (b2 + d2) + fy * fy * (a2 + d2) + fz * fz * (a2 + b2);
        }
    } END_FOR_EACH_CELL
}

/* name: turbulent_conductance
 * equation: between air cells g = A (k_q k_p)^0.5 / distance, k = cp (mu/Pr + mu_t/Pr_t); at walls 1/g = 1/g0 less the air's
 *           laminar half cell plus y T+/(Pr y+ cp mu/Pr A); elsewhere, and where g0 is 0, g0
 * bytes: 58 / 30
 * reference: geometric means as in lateral_viscosity; T+ of Kader (1981) for all y+ and Prandtl numbers; beta = (3.85 Pr^(1/3) - 1.3)^2
 *            + 2.12 log Pr
 * inputs: axis in 0..2, walls in 0..63, kind in 0..3, rho in 0.5..2, mu in 0.01..1, mut in 0..1, ustar in 0..50,
 *         hx in 0.5..1, hy in 0.5..1, hz in 0.5..1, g0 in 0..0.001, beta in 3..4
 */
KERNEL turbulent_conductance(int nx, int ny, int nz,
                             int axis,                            /* - */
                             real pr,                             /* - */
                             real beta,                           /* - */
                             real cp,                             /* J/(kg K) */
                             real turbulent_pr,                   /* - */
                             const unsigned char* RESTRICT walls, /* (nz+2, ny+2, nx+2) - */
                             const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                             const real* RESTRICT rho,            /* (nz+2, ny+2, nx+2) kg/m3 */
                             const real* RESTRICT mu,             /* (nz+2, ny+2, nx+2) Pa s */
                             const real* RESTRICT mut,            /* (nz+2, ny+2, nx+2) Pa s */
                             const real* RESTRICT ustar,          /* (nz+2, ny+2, nx+2) m/s */
                             const real* RESTRICT hx,             /* (nx+2) m */
                             const real* RESTRICT hy,             /* (ny+2) m */
                             const real* RESTRICT hz,             /* (nz+2) m */
                             const real* RESTRICT g0,             /* (nz+2, ny+2, nx+2) W/K */
                             real* RESTRICT g)                    /* (nz+2, ny+2, nx+2) W/K */
{
    const int bit = low_bit(axis);
    FOR_EACH_CELL_BY_INDEX(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int l = c - stride(axis, sy, sz);
        const real area = along((axis + 1) % 3, hx[i + 1], hy[j + 1], hz[k + 1]) * along((axis + 2) % 3, hx[i + 1], hy[j + 1], hz[k + 1]);
        const real yc = real(0.5) * along(axis, hx[i + 1], hy[j + 1], hz[k + 1]), yl = real(0.5) * along(axis, hx[i], hy[j], hz[k]);
        const real fixed = g0[c];
        const int above = (walls[c] & bit) != 0, below = (walls[l] & (2 * bit)) != 0;
        real value = fixed;
        if (fixed > real(0) && kind[c] == 1 && kind[l] == 1) {
            const real kc = cp * (mu[c] / pr + mut[c] / turbulent_pr), kl = cp * (mu[l] / pr + mut[l] / turbulent_pr);
            value = area * root(kc * kl) / (yc + yl);
        } else if (fixed > real(0) && (above || below)) {
            const int q = above ? c : l;
            const real y = above ? yc : yl, laminar = y * pr / (cp * mu[q] * area);
            const real ratio = heat_ratio(rho[q] * ustar[q] * y / mu[q], pr, beta);
            value = real(1) / (real(1) / fixed - laminar + laminar / ratio);
        }
        g[c] = value;
    } END_FOR_EACH_CELL
}
