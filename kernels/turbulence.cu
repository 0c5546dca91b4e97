/* Models of turbulence at cell centres: strain, sources of their transport equations, eddy viscosities.
 *
 * Everything is worked out in air cells (kind 1), and 0 elsewhere. `distance` is that to the nearest wall, `s2` the square of the
 * mean strain rate, 2 S_ij S_ij, `q` the buoyant production over the eddy viscosity, beta/Pr_t g . grad T. Sources come as a
 * part b >= 0 and a sink s >= 0, so that the values stay positive (Patankar 1980, section 7.2-2). In cells whose value is known
 * (beside walls), s is so large that nothing else counts. */

#define FIXED real(1e20) /* 1/s, of a sink that fixes a value */

template <class F> DEVICE real air(const F kind, int c) { return real(kind[c] == 1); }

/* Sum of the slopes towards both neighbours along an axis over how many of them are there: 0, 1 or 2. */
template <class F> DEVICE real slope(const F kind, int c, int s, real low, real here, real high, real h, real hl, real hh)
{
    const real a = air(kind, c - s), b = air(kind, c + s);
    const real down = a * (here - low) / (real(0.5) * (h + hl)), up = b * (high - here) / (real(0.5) * (h + hh));
    return (down + up) / rmax(a + b, real(1));
}

/* As slope, with the harmonic mean of two slopes of one sign, 0 where the signs differ: 1/y beside walls is met to 5 % by cells that
 * end at y = h, 2h, 3h, where the arithmetic mean is a fifth too large, and the production of turbulence half as large again. */
template <class F> DEVICE real shear(const F kind, int c, int s, real low, real here, real high, real h, real hl, real hh)
{
    const real a = air(kind, c - s), b = air(kind, c + s);
    const real down = a * (here - low) / (real(0.5) * (h + hl)), up = b * (high - here) / (real(0.5) * (h + hh));
    const real size = rmax(rmax(down, -down) + rmax(up, -up), real(1e-30)), apart = a * b * (up - down) / size;
    return (down + up) / rmax(a + b, real(1)) * (real(1) - apart * apart);
}

DEVICE real mean(const real* RESTRICT u, int c, int s) { return real(0.5) * (u[c] + u[c + s]); }

/* name: strain_rate
 * equation: s2 = 2 (u_x^2 + v_y^2 + w_z^2) + (u_y + v_x)^2 + (u_z + w_x)^2 + (v_z + w_y)^2 in air cells, else 0
 * bytes: 33 / 17
 * reference: Pope, Turbulent Flows (2000), eq. 10.34; slopes across the components are harmonic means of those to both
 *            air neighbours
 * inputs: kind in 0..3, hx in 0.5..1, hy in 0.5..1, hz in 0.5..1
 */
KERNEL strain_rate(int nx, int ny, int nz,
                   const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                   const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT v,             /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) m/s */
                   const real* RESTRICT hx,            /* (nx+2) m */
                   const real* RESTRICT hy,            /* (ny+2) m */
                   const real* RESTRICT hz,            /* (nz+2) m */
                   real* RESTRICT s2)                  /* (nz+2, ny+2, nx+2) 1/s2 */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx - 1, ny - 1, nz - 1, PADDED_ROW, u, v, w, u + sz, v + sz, w + sz, kind + sz, s2) {
        const real x = hx[i + 1], xl = hx[i], xh = hx[i + 2], y = hy[j + 1], yl = hy[j], yh = hy[j + 2];
        const real z = hz[k + 1], zl = hz[k], zh = hz[k + 2];
        const real a = mean(u, c, 1), b = mean(v, c, sy), d = mean(w, c, sz);
        const real ux = (u[c + 1] - u[c]) / x, vy = (v[c + sy] - v[c]) / y, wz = (w[c + sz] - w[c]) / z;
        const real uy = shear(BYTES(kind), c, sy, mean(u, c - sy, 1), a, mean(u, c + sy, 1), y, yl, yh);
        const real uz = shear(BYTES(kind), c, sz, mean(u, c - sz, 1), a, mean(u, c + sz, 1), z, zl, zh);
        const real vx = shear(BYTES(kind), c, 1, mean(v, c - 1, sy), b, mean(v, c + 1, sy), x, xl, xh);
        const real vz = shear(BYTES(kind), c, sz, mean(v, c - sz, sy), b, mean(v, c + sz, sy), z, zl, zh);
        const real wx = shear(BYTES(kind), c, 1, mean(w, c - 1, sz), d, mean(w, c + 1, sz), x, xl, xh);
        const real wy = shear(BYTES(kind), c, sy, mean(w, c - sy, sz), d, mean(w, c + sy, sz), y, yl, yh);
        const real xy = uy + vx, xz = uz + wx, yz = vz + wy;
        s2[c] = air(BYTES(kind), c) * (real(2) * (ux * ux + vy * vy + wz * wz) + xy * xy + xz * xz + yz * yz);
    } END_FOR_EACH_CELL_FROM
}

/* name: buoyant_production
 * equation: q = ax T_x + ay T_y + az T_z in air cells, else 0; a = beta g / Pr_t
 * bytes: 17 / 9
 * reference: Rodi, Turbulence Models and Their Application in Hydraulics (1980), eq. 2.48 with the gradient-diffusion model
 * inputs: kind in 0..3, hx in 0.5..1, hy in 0.5..1, hz in 0.5..1
 */
KERNEL buoyant_production(int nx, int ny, int nz,
                          real ax,                            /* 1/(s2 K m) */
                          real ay,                            /* 1/(s2 K m) */
                          real az,                            /* 1/(s2 K m) */
                          const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                          const real* RESTRICT hx,            /* (nx+2) m */
                          const real* RESTRICT hy,            /* (ny+2) m */
                          const real* RESTRICT hz,            /* (nz+2) m */
                          const real* RESTRICT t,             /* (nz+2, ny+2, nx+2) K */
                          real* RESTRICT q)                   /* (nz+2, ny+2, nx+2) 1/s2 */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx - 1, ny - 1, nz - 1, PADDED_ROW, t + sz, kind + sz, q) {
        const real tx = slope(BYTES(kind), c, 1, t[c - 1], t[c], t[c + 1], hx[i + 1], hx[i], hx[i + 2]);
        const real ty = slope(BYTES(kind), c, sy, t[c - sy], t[c], t[c + sy], hy[j + 1], hy[j], hy[j + 2]);
        const real tz = slope(BYTES(kind), c, sz, t[c - sz], t[c], t[c + sz], hz[k + 1], hz[k], hz[k + 2]);
        q[c] = air(BYTES(kind), c) * (ax * tx + ay * ty + az * tz);
    } END_FOR_EACH_CELL_FROM
}

/* name: scalar_conductance
 * equation: g = (gamma_q + gamma_p)/2 A / distance on low faces between air cells without a wall between them, else 0
 * bytes: 18 / 10
 * reference: Patankar (1980), section 4.2-3
 * inputs: axis in 0..2, kind in 0..3, walls in 0..63, hx in 0.5..1, hy in 0.5..1, hz in 0.5..1
 */
KERNEL scalar_conductance(int nx, int ny, int nz,
                          int axis,                            /* - */
                          const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                          const unsigned char* RESTRICT walls, /* (nz+2, ny+2, nx+2) - */
                          const real* RESTRICT gamma,          /* (nz+2, ny+2, nx+2) Pa s */
                          const real* RESTRICT hx,             /* (nx+2) m */
                          const real* RESTRICT hy,             /* (ny+2) m */
                          const real* RESTRICT hz,             /* (nz+2) m */
                          real* RESTRICT g)                    /* (nz+2, ny+2, nx+2) kg/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int l = c - stride(axis, sy, sz), bit = axis == 0 ? 1 : (axis == 1 ? 4 : 16);
        const real area = axis == 0 ? hy[j + 1] * hz[k + 1] : (axis == 1 ? hx[i + 1] * hz[k + 1] : hx[i + 1] * hy[j + 1]);
        const real widths = axis == 0 ? hx[i] + hx[i + 1] : (axis == 1 ? hy[j] + hy[j + 1] : hz[k] + hz[k + 1]);
        const int open = (kind[c] == 1) & (kind[l] == 1) & ((walls[c] & bit) == 0);
        g[c] = real(open) * ((gamma[c] + gamma[l]) * area / widths);
    } END_FOR_EACH_CELL
}

/* name: omega_conductance
 * equation: g = f (gamma_q + gamma_p)/2 A / distance, else 0 as in scalar_conductance, f = 2 a^2 b^2/(e^3 (a + b)): a, b = w^-1/2 in both
 *           cells, e on the face between them
 * bytes: 26 / 14
 * reference: the difference of w over the distance is 1.8 times its slope next to walls, where w ~ 1/y^2; with w^-1/2 linear it is exact
 * inputs: axis in 0..2, kind in 0..3, walls in 0..63, w in 0.01..1, hx in 0.5..1, hy in 0.5..1, hz in 0.5..1
 */
KERNEL omega_conductance(int nx, int ny, int nz,
                         int axis,                            /* - */
                         const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                         const unsigned char* RESTRICT walls, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT gamma,          /* (nz+2, ny+2, nx+2) Pa s */
                         const real* RESTRICT w,              /* (nz+2, ny+2, nx+2) 1/s */
                         const real* RESTRICT hx,             /* (nx+2) m */
                         const real* RESTRICT hy,             /* (ny+2) m */
                         const real* RESTRICT hz,             /* (nz+2) m */
                         real* RESTRICT g)                    /* (nz+2, ny+2, nx+2) kg/s */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int l = c - stride(axis, sy, sz), bit = axis == 0 ? 1 : (axis == 1 ? 4 : 16);
        const real area = axis == 0 ? hy[j + 1] * hz[k + 1] : (axis == 1 ? hx[i + 1] * hz[k + 1] : hx[i + 1] * hy[j + 1]);
        const real hl = axis == 0 ? hx[i] : (axis == 1 ? hy[j] : hz[k]);
        const real hc = axis == 0 ? hx[i + 1] : (axis == 1 ? hy[j + 1] : hz[k + 1]), widths = hl + hc;
        const int open = (kind[c] == 1) & (kind[l] == 1) & ((walls[c] & bit) == 0);
        const real rc = root(rmax(w[c], real(0))), rl = root(rmax(w[l], real(0))), sum = rmax(rc + rl, real(1e-20));
        const real a = rc / sum, b = rl / sum, e = rmax((a * hc + b * hl) / widths, real(1e-10)); // over a + b
        const real f = real(2) * a * a * b * b / (e * e * e);
        g[c] = real(open) * f * ((gamma[c] + gamma[l]) * area / widths);
    } END_FOR_EACH_CELL
}

/* name: close_backflow
 * equation: m = 0 where it enters through an open face: what enters has there the value of the cell that it enters
 * bytes: 17 / 9
 * reference: zero gradient for what flows back
 * inputs: axis in 0..2, kind in 0..3
 */
KERNEL close_backflow(int nx, int ny, int nz,
                      int axis,                           /* - */
                      const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                      real* RESTRICT m)                   /* (nz+2, ny+2, nx+2) kg/s */
{
    const int sy = nx + 2, sz = sy * (ny + 2), s = stride(axis, sy, sz);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, kind, m) {
        const real now = m[c], zero = real(0), least = rmin(now, zero), out_low = BYTES(kind)[c - s] == 3 ? least : now;
        const real most = rmax(out_low, zero);
        m[c] = BYTES(kind)[c] == 3 ? most : out_low;
    } END_FOR_EACH_CELL_FROM_IN_PLACE
}

/* name: transport_diagonal
 * equation: D = sum a_f + s; dinv = alpha / D and b += (1 - alpha)/alpha D x in air cells with D > 0, else dinv = 0
 * bytes: 89 / 45
 * reference: implicit under-relaxation, Patankar (1980), section 4.5
 * inputs: kind in 0..3, s in 0..1
 */
KERNEL transport_diagonal(int nx, int ny, int nz,
                          real alpha,                         /* - */
                          const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                          const real* RESTRICT gx,            /* (nz+2, ny+2, nx+2) kg/s */
                          const real* RESTRICT gy,            /* (nz+2, ny+2, nx+2) kg/s */
                          const real* RESTRICT gz,            /* (nz+2, ny+2, nx+2) kg/s */
                          const real* RESTRICT mx,            /* (nz+2, ny+2, nx+2) kg/s */
                          const real* RESTRICT my,            /* (nz+2, ny+2, nx+2) kg/s */
                          const real* RESTRICT mz,            /* (nz+2, ny+2, nx+2) kg/s */
                          const real* RESTRICT s,             /* (nz+2, ny+2, nx+2) kg/s */
                          const real* RESTRICT x,             /* (nz+2, ny+2, nx+2) m2/s2 */
                          real* RESTRICT b,                   /* (nz+2, ny+2, nx+2) W */
                          real* RESTRICT dinv)                /* (nz+2, ny+2, nx+2) s/kg */
{
    const real old = (real(1) - alpha) / alpha, zero = ZERO;
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, gx, gy + sy, gz + sz, mx, my + sy, mz + sz, s, x, b, dinv, kind) {
        const real d = gx[c] + gx[c + 1] + gy[c] + gy[c + sy] + gz[c] + gz[c + sz]
                     + rmax(mx[c], zero) - rmin(mx[c + 1], zero) + rmax(my[c], zero) - rmin(my[c + sy], zero)
                     + rmax(mz[c], zero) - rmin(mz[c + sz], zero) + s[c];
        const int on = (BYTES(kind)[c] == 1) & (d > zero);
        b[c] = on ? b[c] + old * d * x[c] : b[c];
        dinv[c] = on ? alpha / d : zero;
    } END_FOR_EACH_CELL_FROM_IN_PLACE
}

/* Turbulent Reynolds number and length of the one-equation layer, Chen & Patel, AIAA J. 26 (1988) 641: y 0.41/0.09^0.75 damped. */
DEVICE real wall_reynolds(real rho, real mu, real y, real k) { return rho * root(k) * y / mu; }

DEVICE real layer_length(real y, real reynolds, real damping)
{
    return real(2.4951) * y * (real(1) - exponential(-reynolds / damping));
}

/* Share of the two-equation model: 0 in the layer, 1 far from walls; from 0.01 to 0.99 within 40 of Re_y = 200. */
DEVICE real layer_share(real reynolds)
{
    return real(0.5) * (real(1) + hyperbolic_tangent((reynolds - real(200)) / real(17.41)));
}

/* name: k_epsilon_sources
 * equation: b_k = V (P + G+), s_k = V (rho e/k + G-/k), b_e = V 1.44 e/k (P + G+), s_e = V 1.92 rho e/k; P = min(mut s2,
 *           10 rho e), G = mut q; beside walls (share w of the equation -> 0) e = k^1.5 / l_e; gamma_k = mu + mut, gamma_e = mu + mut/1.3
 * bytes: 121 / 61
 * reference: Launder & Spalding (1974); buoyancy acts on epsilon where it drives (Viollet, Nucl. Eng. Des. 99 (1987) 187);
 *            layer at walls, Chen & Patel (1988)
 * inputs: kind in 0..3, rho in 0.5..2, mu in 0.01..1, mut in 0..1, distance in 0.01..1, s2 in 0..1, ke in 0.01..50, eps in 0.01..1
 */
KERNEL k_epsilon_sources(int nx, int ny, int nz,
                         const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT rho,            /* (nz+2, ny+2, nx+2) kg/m3 */
                         const real* RESTRICT mu,             /* (nz+2, ny+2, nx+2) Pa s */
                         const real* RESTRICT mut,            /* (nz+2, ny+2, nx+2) Pa s */
                         const real* RESTRICT distance,       /* (nz+2, ny+2, nx+2) m */
                         const real* RESTRICT s2,             /* (nz+2, ny+2, nx+2) 1/s2 */
                         const real* RESTRICT q,              /* (nz+2, ny+2, nx+2) 1/s2 */
                         const real* RESTRICT ke,             /* (nz+2, ny+2, nx+2) m2/s2 */
                         const real* RESTRICT eps,            /* (nz+2, ny+2, nx+2) m2/s3 */
                         const real* RESTRICT hx,             /* (nx+2) m */
                         const real* RESTRICT hy,             /* (ny+2) m */
                         const real* RESTRICT hz,             /* (nz+2) m */
                         real* RESTRICT gammak,               /* (nz+2, ny+2, nx+2) Pa s */
                         real* RESTRICT bk,                   /* (nz+2, ny+2, nx+2) W */
                         real* RESTRICT sk,                   /* (nz+2, ny+2, nx+2) kg/s */
                         real* RESTRICT gammae,               /* (nz+2, ny+2, nx+2) Pa s */
                         real* RESTRICT be,                   /* (nz+2, ny+2, nx+2) W/s */
                         real* RESTRICT se)                   /* (nz+2, ny+2, nx+2) kg/s */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, rho, mu, mut, distance, s2, q, ke, eps, kind, gammak, bk, sk, gammae, be, se) {
        const real volume = air(BYTES(kind), c) * hx[i + 1] * hy[j + 1] * hz[k + 1], zero = real(0);
        const real rate = eps[c] / ke[c], loss = mut[c] * rmax(-q[c], zero);
        const real gain = rmin(mut[c] * s2[c], real(10) * rho[c] * eps[c]) + mut[c] * rmax(q[c], zero);
        const real reynolds = wall_reynolds(rho[c], mu[c], distance[c], ke[c]);
        const real known = ke[c] * root(ke[c]) / layer_length(distance[c], reynolds, real(4.9902));
        const real share = layer_share(reynolds), sink = rho[c] * rate * (real(1) - share) / rmax(share, real(1e-20));
        gammak[c] = mu[c] + mut[c];
        gammae[c] = mu[c] + mut[c] / real(1.3);
        const real inner = (real(1) - share) * rho[c] * known / ke[c]; // of the layer, known from k itself: Newton's method
        bk[c] = volume * (gain + real(0.5) * inner * ke[c]);
        sk[c] = volume * (share * rho[c] * rate + real(1.5) * inner + loss / ke[c]);
        be[c] = volume * (real(1.44) * rate * gain + sink * known);
        se[c] = volume * (real(1.92) * rho[c] * rate + sink);
    } END_FOR_EACH_CELL_FROM
}

/* name: k_epsilon_viscosity
 * equation: mut = w rho 0.09 k^2/e + (1 - w) rho 0.09 l_mu k^0.5, at most `most` mu; w = (1 + tanh((Re_y - 200)/17.4))/2;
 *           ustar = 0.09^0.25 k^0.5
 * bytes: 57 / 29
 * reference: Launder & Spalding (1974); layer at walls, Chen & Patel (1988), joined as by Jongen (1992)
 * inputs: kind in 0..3, rho in 0.5..2, mu in 0.01..1, distance in 0.01..1, ke in 0.01..50, eps in 0.01..1
 */
KERNEL k_epsilon_viscosity(int nx, int ny, int nz,
                           real most,                          /* - */
                           const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                           const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                           const real* RESTRICT mu,            /* (nz+2, ny+2, nx+2) Pa s */
                           const real* RESTRICT distance,      /* (nz+2, ny+2, nx+2) m */
                           const real* RESTRICT ke,            /* (nz+2, ny+2, nx+2) m2/s2 */
                           const real* RESTRICT eps,           /* (nz+2, ny+2, nx+2) m2/s3 */
                           real* RESTRICT mut,                 /* (nz+2, ny+2, nx+2) Pa s */
                           real* RESTRICT ustar)               /* (nz+2, ny+2, nx+2) m/s */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, rho, mu, distance, ke, eps, kind, mut, ustar) {
        const real size = root(ke[c]), reynolds = wall_reynolds(rho[c], mu[c], distance[c], ke[c]);
        const real share = layer_share(reynolds);
        const real outer = ke[c] * ke[c] / eps[c], inner = layer_length(distance[c], reynolds, real(70)) * size;
        const real value = real(0.09) * rho[c] * (share * outer + (real(1) - share) * inner);
        mut[c] = air(BYTES(kind), c) * rmin(value, most * mu[c]);
        ustar[c] = air(BYTES(kind), c) * real(0.5477225575) * size;
    } END_FOR_EACH_CELL_FROM
}

/* Half of what is across the smallest of a wall cell's walls. */
DEVICE real nearest(int walls, real hx, real hy, real hz)
{
    const real far = real(1e30);
    const real x = (walls & 3) != 0 ? hx : far, y = (walls & 12) != 0 ? hy : far, z = (walls & 48) != 0 ? hz : far;
    return real(0.5) * rmin(x, rmin(y, z));
}

/* w^-1/2: linear in the distance beside walls, where w ~ 1/y^2. */
DEVICE real thin(real w) { return real(1) / root(rmax(w, real(1e-30))); }

/* name: k_omega_sources
 * equation: b_k = V (min(P, 10 0.09 rho k w) + G+), s_k = V (0.09 rho w + G-/k), b_w = V rho gamma (P/mut + q+) + CD+,
 *           s_w = V (m beta rho w + CD-/w), CD = V 2 (1 - F1) rho 0.856/w grad k . grad w; m = (1 + q2/3)/(1 - q2)^3 makes w^2
 *           its mean over the cell, with w^-1/2 linear in it and q2 = sum (h grad(w^-1/2) w^1/2 / 2)^2 <= 0.16; beside walls
 *           w = 6 mu/(rho 0.075 y^2) + ustar/(0.3 0.41 y) tanh((y+/8)^1.5); gamma_k = mu + sigma_k mut, gamma_w alike
 * bytes: 123 / 63
 * reference: SST, Menter, Kuntz & Langtry, Turbulence, Heat and Mass Transfer 4 (2003); omega at walls of any y+ blends
 *            its two laws (as in Menter, Ferreira, Esch & Konno, 2003) so as to meet SST's own solution of a channel within 5 %
 * inputs: kind in 0..3, walls in 0..63, rho in 0.5..2, mu in 0.01..1, mut in 0.01..1, ustar in 0..50, distance in 0.01..1,
 *         s2 in 0..1, ke in 0.01..50, w in 0.01..1, hx in 0.5..1, hy in 0.5..1, hz in 0.5..1
 */
KERNEL k_omega_sources(int nx, int ny, int nz,
                       const unsigned char* RESTRICT kind,  /* (nz+2, ny+2, nx+2) - */
                       const unsigned char* RESTRICT walls, /* (nz+2, ny+2, nx+2) - */
                       const real* RESTRICT rho,            /* (nz+2, ny+2, nx+2) kg/m3 */
                       const real* RESTRICT mu,             /* (nz+2, ny+2, nx+2) Pa s */
                       const real* RESTRICT mut,            /* (nz+2, ny+2, nx+2) Pa s */
                       const real* RESTRICT ustar,          /* (nz+2, ny+2, nx+2) m/s */
                       const real* RESTRICT distance,       /* (nz+2, ny+2, nx+2) m */
                       const real* RESTRICT s2,             /* (nz+2, ny+2, nx+2) 1/s2 */
                       const real* RESTRICT q,              /* (nz+2, ny+2, nx+2) 1/s2 */
                       const real* RESTRICT ke,             /* (nz+2, ny+2, nx+2) m2/s2 */
                       const real* RESTRICT w,              /* (nz+2, ny+2, nx+2) 1/s */
                       const real* RESTRICT hx,             /* (nx+2) m */
                       const real* RESTRICT hy,             /* (ny+2) m */
                       const real* RESTRICT hz,             /* (nz+2) m */
                       real* RESTRICT gammak,               /* (nz+2, ny+2, nx+2) Pa s */
                       real* RESTRICT bk,                   /* (nz+2, ny+2, nx+2) W */
                       real* RESTRICT sk,                   /* (nz+2, ny+2, nx+2) kg/s */
                       real* RESTRICT gammaw,               /* (nz+2, ny+2, nx+2) Pa s */
                       real* RESTRICT bw,                   /* (nz+2, ny+2, nx+2) kg/s2 */
                       real* RESTRICT sw)                   /* (nz+2, ny+2, nx+2) kg/s */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx - 1, ny - 1, nz - 1, PADDED_ROW, rho, mu, mut, ustar, distance, s2, q, ke + sz, w + sz, kind + sz,
                       walls, gammak, bk, sk, gammaw, bw, sw) {
        const real x = hx[i + 1], xl = hx[i], xh = hx[i + 2], y = hy[j + 1], yl = hy[j], yh = hy[j + 2];
        const real z = hz[k + 1], zl = hz[k], zh = hz[k + 2], zero = real(0), one = real(1);
        const real kc = ke[c], wc = w[c], d = distance[c], r = rho[c], volume = air(BYTES(kind), c) * x * y * z;
        const real along_x = slope(BYTES(kind), c, 1, ke[c - 1], kc, ke[c + 1], x, xl, xh)
                           * slope(BYTES(kind), c, 1, w[c - 1], wc, w[c + 1], x, xl, xh);
        const real along_y = slope(BYTES(kind), c, sy, ke[c - sy], kc, ke[c + sy], y, yl, yh)
                           * slope(BYTES(kind), c, sy, w[c - sy], wc, w[c + sy], y, yl, yh);
        const real along_z = slope(BYTES(kind), c, sz, ke[c - sz], kc, ke[c + sz], z, zl, zh)
                           * slope(BYTES(kind), c, sz, w[c - sz], wc, w[c + sz], z, zl, zh);
        const real cross = real(1.712) * r / wc * (along_x + along_y + along_z);
        const real far = root(kc) / (real(0.09) * wc * d), viscous = real(500) * mu[c] / (r * d * d * wc);
        const real third = real(3.424) * r * kc / (rmax(cross, real(1e-10)) * d * d), arg = rmin(rmax(far, viscous), third);
        const real capped = rmin(arg, real(10)), f1 = hyperbolic_tangent(capped * capped * capped * capped), f2 = one - f1;
        const real limited = rmin(s2[c], real(0.9) * r * kc * wc / rmax(mut[c], real(1e-30)));
        const real gain = rmax(q[c], zero), loss = mut[c] * rmax(-q[c], zero);
        const real gamma = real(5) / real(9) * f1 + real(0.44) * f2, beta = real(0.075) * f1 + real(0.0828) * f2;
        const real here = thin(wc), half = real(0.5) / here;
        const real qx = half * x * slope(BYTES(kind), c, 1, thin(w[c - 1]), here, thin(w[c + 1]), x, xl, xh);
        const real qy = half * y * slope(BYTES(kind), c, sy, thin(w[c - sy]), here, thin(w[c + sy]), y, yl, yh);
        const real qz = half * z * slope(BYTES(kind), c, sz, thin(w[c - sz]), here, thin(w[c + sz]), z, zl, zh);
        const real q2 = rmin(qx * qx + qy * qy + qz * qz, real(0.16)), rest = one - q2;
        const real uneven = (one + q2 / real(3)) / (rest * rest * rest);
        const real at = nearest(BYTES(walls)[c], x, y, z);
        const real inner = real(80) * mu[c] / (r * at * at), outer = ustar[c] / (real(0.123) * at);
        const real plus = rmax(real(0.125) * r * ustar[c] * at / mu[c], zero);
        const real known = inner + outer * hyperbolic_tangent(rmin(plus * root(plus), real(10)));
        const bool beside = BYTES(walls)[c] != 0;
        gammak[c] = mu[c] + (real(0.85) * f1 + f2) * mut[c];
        gammaw[c] = mu[c] + (real(0.5) * f1 + real(0.856) * f2) * mut[c];
        bk[c] = volume * mut[c] * (limited + gain);
        sk[c] = volume * (real(0.09) * r * wc + loss / kc);
        bw[c] = volume * (beside ? FIXED * r * known : gamma * r * (limited + gain) + f2 * rmax(cross, zero));
        sw[c] = volume * (beside ? FIXED * r : uneven * beta * r * wc + f2 * rmax(-cross, zero) / wc);
    } END_FOR_EACH_CELL_FROM
}

/* name: k_omega_viscosity
 * equation: mut = rho 0.31 k / max(0.31 w, S F2), at most `most` mu; ustar = 0.09^0.25 k^0.5
 * bytes: 65 / 33
 * reference: SST, Menter, Kuntz & Langtry (2003), eq. 1
 * inputs: kind in 0..3, rho in 0.5..2, mu in 0.01..1, distance in 0.01..1, s2 in 0..1, ke in 0.01..50, w in 0.01..1
 */
KERNEL k_omega_viscosity(int nx, int ny, int nz,
                         real most,                          /* - */
                         const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                         const real* RESTRICT mu,            /* (nz+2, ny+2, nx+2) Pa s */
                         const real* RESTRICT distance,      /* (nz+2, ny+2, nx+2) m */
                         const real* RESTRICT s2,            /* (nz+2, ny+2, nx+2) 1/s2 */
                         const real* RESTRICT ke,            /* (nz+2, ny+2, nx+2) m2/s2 */
                         const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) 1/s */
                         real* RESTRICT mut,                 /* (nz+2, ny+2, nx+2) Pa s */
                         real* RESTRICT ustar)               /* (nz+2, ny+2, nx+2) m/s */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, rho, mu, distance, s2, ke, w, kind, mut, ustar) {
        const real d = distance[c], size = root(ke[c]);
        const real arg = rmax(real(2) * size / (real(0.09) * w[c] * d), real(500) * mu[c] / (rho[c] * d * d * w[c]));
        const real capped = rmin(arg, real(10)), f2 = hyperbolic_tangent(capped * capped);
        const real value = real(0.31) * rho[c] * ke[c] / rmax(real(0.31) * w[c], root(s2[c]) * f2);
        mut[c] = air(BYTES(kind), c) * rmin(value, most * mu[c]);
        ustar[c] = air(BYTES(kind), c) * real(0.5477225575) * size;
    } END_FOR_EACH_CELL_FROM
}

/* u+ of Spalding's law of the wall where u+ y+ is a Reynolds number (of speed and distance): Newton from the seventh-root profile. */
DEVICE real spalding_rest(real z) { return exponential(z) - real(1) - z - real(0.5) * z * z; }

DEVICE real spalding_plus(real reynolds)
{
    real plus = rmin(root(reynolds), real(6.37) * root(root(root(reynolds))));
    for (int step = 0; step < 4; ++step) {
        const real z = real(0.417) * plus, e = spalding_rest(z);
        const real y = plus + (e - z * z * z / real(6)) / real(8.6), rise = real(1) + real(0.417) / real(8.6) * e;
        plus -= (plus * y - reynolds) / (y + plus * rise);
    }
    return plus;
}

/* name: lvel_viscosity
 * equation: mut = f mu a/E (exp(a u+) - 1 - a u+ - (a u+)^2/2), u+ y+ = rho U L/mu, y+ = u+ + (exp(a u+) - 1 - a u+
 *           - (a u+)^2/2 - (a u+)^3/6)/E; a = 0.417, E = 8.6; f = (1 - n/2)(1 - 4n/3 + 2n^2/3), n = 2 L/D
 * bytes: 65 / 33
 * reference: LVEL, Agonafer, Gan-Li & Spalding, ASME EEP-6 (1996); law of the wall, Spalding, J. Appl. Mech. 28 (1961) 455; f is
 *            the outer layer between walls at a distance D, Reichardt, Z. angew. Math. Mech. 31 (1951) 208, 1 far from others
 * inputs: kind in 0..3, rho in 0.5..2, mu in 0.01..1, distance in 0..20, gap in 40..50
 */
KERNEL lvel_viscosity(int nx, int ny, int nz,
                      const unsigned char* RESTRICT kind, /* (nz+2, ny+2, nx+2) - */
                      const real* RESTRICT rho,           /* (nz+2, ny+2, nx+2) kg/m3 */
                      const real* RESTRICT mu,            /* (nz+2, ny+2, nx+2) Pa s */
                      const real* RESTRICT distance,      /* (nz+2, ny+2, nx+2) m */
                      const real* RESTRICT gap,           /* (nz+2, ny+2, nx+2) m */
                      const real* RESTRICT u,             /* (nz+2, ny+2, nx+2) m/s */
                      const real* RESTRICT v,             /* (nz+2, ny+2, nx+2) m/s */
                      const real* RESTRICT w,             /* (nz+2, ny+2, nx+2) m/s */
                      real* RESTRICT mut)                 /* (nz+2, ny+2, nx+2) Pa s */
{
    const int sy = nx + 2, sz = sy * (ny + 2);
    FOR_EACH_CELL_FROM(nx - 1, ny - 1, nz - 1, PADDED_ROW, rho, mu, distance, gap, u, v, w + sz, kind, mut) {
        const real a = mean(u, c, 1), b = mean(v, c, sy), d = mean(w, c, sz), speed = root(a * a + b * b + d * d);
        const real plus = spalding_plus(rmax(rho[c] * speed * distance[c] / mu[c], real(1e-12)));
        const real grown = real(0.417) / real(8.6) * spalding_rest(real(0.417) * plus);
        const real n = rmin(real(2) * distance[c] / gap[c], real(1));
        const real outer = (real(1) - real(0.5) * n) * (real(1) - real(4) / real(3) * n + real(2) / real(3) * n * n);
        mut[c] = air(BYTES(kind), c) * mu[c] * outer * rmax(grown, real(0));
    } END_FOR_EACH_CELL_FROM
}

/* name: friction_velocity
 * equation: ustar = U/u+ in air cells beside walls, u+ y+ = rho U y/mu, y to the nearest of their walls
 * bytes: 49 / 25
 * reference: law of the wall, Spalding, J. Appl. Mech. 28 (1961) 455
 * inputs: walls in 0..63, rho in 0.5..2, mu in 0.01..1, hx in 0.5..1, hy in 0.5..1, hz in 0.5..1
 */
KERNEL friction_velocity(int nx, int ny, int nz,
                         const unsigned char* RESTRICT walls, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT rho,            /* (nz+2, ny+2, nx+2) kg/m3 */
                         const real* RESTRICT mu,             /* (nz+2, ny+2, nx+2) Pa s */
                         const real* RESTRICT u,              /* (nz+2, ny+2, nx+2) m/s */
                         const real* RESTRICT v,              /* (nz+2, ny+2, nx+2) m/s */
                         const real* RESTRICT w,              /* (nz+2, ny+2, nx+2) m/s */
                         const real* RESTRICT hx,             /* (nx+2) m */
                         const real* RESTRICT hy,             /* (ny+2) m */
                         const real* RESTRICT hz,             /* (nz+2) m */
                         real* RESTRICT ustar)                /* (nz+2, ny+2, nx+2) m/s */
{
    FOR_EACH_CELL_BY_INDEX(nx - 1, ny - 1, nz - 1) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        if (walls[c] != 0) {
            const real a = mean(u, c, 1), b = mean(v, c, sy), d = mean(w, c, sz), speed = root(a * a + b * b + d * d);
            const real y = nearest(walls[c], hx[i + 1], hy[j + 1], hz[k + 1]);
            ustar[c] = speed / spalding_plus(rmax(rho[c] * speed * y / mu[c], real(1e-12)));
        }
    } END_FOR_EACH_CELL
}
