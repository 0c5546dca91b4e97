/* Second-order bounded advection as a correction to upwind, division free.
 *
 * Between the upwind value C, the downwind value D and the one further upwind U, with gradients gu = (C-U)/distance and
 * gd = (D-C)/distance, the face value is C + delta, |delta| = min(2 |gu| l, (|gu| + 2 |gd|)/3 l, |D - C|), l = distance
 * from C to the face, and delta = 0 where gu gd <= 0. In smooth regions this is the third-order upwind-biased scheme.
 */

DEVICE real limited(real gu, real gd, real l, real span)
{
    const real size = rmin(rmin(real(2) * rabs(gu) * l, (rabs(gu) + real(2) * rabs(gd)) * l / real(3)), rabs(span));
    return gu * gd > real(0) ? (gd > real(0) ? size : -size) : real(0);
}

/* Gradients and distance that the correction of the flux through the low face of c along one axis needs (stride s, index n
 * along the axis, no flux beyond `last`). `along` is true where the axis is the velocity component's own: neighbours then
 * sit at their true places even where they are prescribed; across a wall they do not, and the face stays upwind, as does the
 * face outside the domain that only what flows back through an opening crosses. Without
 * a coolant neighbour further upwind the two gradients are taken equal. */
struct Slopes { real gu, gd, l, span; };

DEVICE bool slopes(const real* RESTRICT x, const real* RESTRICT m, const unsigned char* RESTRICT solved,
                   const real* RESTRICT pos, const real* RESTRICT face, const real* RESTRICT rdist,
                   int c, int s, int n, int last, bool along, struct Slopes* out)
{
    const real flux = m[c];
    if (flux == real(0) || n > last || (along && n < 2)) return false;
    if (!(along || (solved[c - s] != 0 && solved[c] != 0))) return false;
    const real span = x[c] - x[c - s], gd = span * rdist[n];
    out->gd = gd;
    out->span = span;
    if (flux > real(0)) {
        out->gu = n > 1 && solved[c - 2 * s] != 0 ? (x[c - s] - x[c - 2 * s]) * rdist[n - 1] : gd;
        out->l = face[n] - pos[n - 1];
    } else {
        out->gu = solved[c + s] != 0 ? (x[c + s] - x[c]) * rdist[n + 1] : gd;
        out->l = pos[n] - face[n];
    }
    return true;
}

/* |m| delta through the low face of c. */
DEVICE real flux_correction(const real* RESTRICT x, const real* RESTRICT m, const unsigned char* RESTRICT solved,
                            const real* RESTRICT pos, const real* RESTRICT face, const real* RESTRICT rdist,
                            int c, int s, int n, int last, bool along)
{
    struct Slopes q;
    if (!slopes(x, m, solved, pos, face, rdist, c, s, n, last, along, &q)) return real(0);
    return rabs(m[c]) * limited(q.gu, q.gd, q.l, q.span);
}

/* |m| delta without the limiter, weighted. */
DEVICE real flux_weighted(const real* RESTRICT x, const real* RESTRICT m, const unsigned char* RESTRICT solved,
                          const real* RESTRICT pos, const real* RESTRICT face, const real* RESTRICT rdist,
                          const float* RESTRICT w, int c, int s, int n, int last, bool along)
{
    struct Slopes q;
    if (w[c] == 0.0f || !slopes(x, m, solved, pos, face, rdist, c, s, n, last, along, &q)) return real(0);
    return rabs(m[c]) * real(w[c]) * q.l * (q.gu + real(2) * q.gd) / real(3);
}

/* name: limited_advection
 * equation: b += sum of the inflow corrections - sum of the outflow corrections to the upwind fluxes
 * bytes: 49 / 25
 * reference: limiter in gradient form, Koren, in Vreugdenhil & Koren (eds), Numerical Methods for Advection-Diffusion
 *            Problems (1993) 117; deferred correction, Khosla & Rubin, Comput. Fluids 2 (1974) 207
 * inputs: axis in 0..3, solved in 0..1
 */
KERNEL limited_advection(int nx, int ny, int nz,
                         int axis,                             /* - */
                         const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT px,              /* (nx+2) m */
                         const real* RESTRICT py,              /* (ny+2) m */
                         const real* RESTRICT pz,              /* (nz+2) m */
                         const real* RESTRICT fx,              /* (nx+2) m */
                         const real* RESTRICT fy,              /* (ny+2) m */
                         const real* RESTRICT fz,              /* (nz+2) m */
                         const real* RESTRICT rx,              /* (nx+2) 1/m */
                         const real* RESTRICT ry,              /* (ny+2) 1/m */
                         const real* RESTRICT rz,              /* (nz+2) 1/m */
                         const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) m/s */
                         real* RESTRICT b)                     /* (nz+2, ny+2, nx+2) N */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        if (solved[c] == 0) continue;
        b[c] += flux_correction(x, mx, solved, px, fx, rx, c, 1, i + 1, nx, axis == 0)
              - flux_correction(x, mx, solved, px, fx, rx, c + 1, 1, i + 2, nx, axis == 0)
              + flux_correction(x, my, solved, py, fy, ry, c, sy, j + 1, ny, axis == 1)
              - flux_correction(x, my, solved, py, fy, ry, c + sy, sy, j + 2, ny, axis == 1)
              + flux_correction(x, mz, solved, pz, fz, rz, c, sz, k + 1, nz, axis == 2)
              - flux_correction(x, mz, solved, pz, fz, rz, c + sz, sz, k + 2, nz, axis == 2);
    } END_FOR_EACH_CELL
}

DEVICE float face_weight(const real* RESTRICT x, const real* RESTRICT m, const unsigned char* RESTRICT solved,
                         const real* RESTRICT pos, const real* RESTRICT face, const real* RESTRICT rdist,
                         int c, int s, int n, int last, bool along)
{
    struct Slopes q;
    if (!slopes(x, m, solved, pos, face, rdist, c, s, n, last, along, &q)) return 0.0f;
    const real change = limited(q.gu, q.gd, q.l, q.span);
    return change != real(0) ? float(real(3) * change / (q.l * (q.gu + real(2) * q.gd))) : 0.0f;
}

/* name: advection_weights
 * equation: weight = limited delta / unlimited delta on every low face, between 0 (upwind) and 1 (third order)
 * bytes: 52 / 32
 * reference: as limited_advection; frozen weights make the bounded scheme linear, so that solutions superpose
 * inputs: axis in 0..3, solved in 0..1
 */
KERNEL advection_weights(int nx, int ny, int nz,
                         int axis,                             /* - */
                         const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT px,              /* (nx+2) m */
                         const real* RESTRICT py,              /* (ny+2) m */
                         const real* RESTRICT pz,              /* (nz+2) m */
                         const real* RESTRICT fx,              /* (nx+2) m */
                         const real* RESTRICT fy,              /* (ny+2) m */
                         const real* RESTRICT fz,              /* (nz+2) m */
                         const real* RESTRICT rx,              /* (nx+2) 1/m */
                         const real* RESTRICT ry,              /* (ny+2) 1/m */
                         const real* RESTRICT rz,              /* (nz+2) 1/m */
                         const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                         float* RESTRICT wx,                   /* (nz+2, ny+2, nx+2) - */
                         float* RESTRICT wy,                   /* (nz+2, ny+2, nx+2) - */
                         float* RESTRICT wz)                   /* (nz+2, ny+2, nx+2) - */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        wx[c] = face_weight(x, mx, solved, px, fx, rx, c, 1, i + 1, nx, axis == 0);
        wy[c] = face_weight(x, my, solved, py, fy, ry, c, sy, j + 1, ny, axis == 1);
        wz[c] = face_weight(x, mz, solved, pz, fz, rz, c, sz, k + 1, nz, axis == 2);
    } END_FOR_EACH_CELL
}

/* name: weighted_advection
 * equation: r += sum of inflow m w delta - sum of outflow m w delta, the unlimited correction with frozen weights
 * bytes: 61 / 37
 * reference: deferred correction, Khosla & Rubin (1974), made linear
 * inputs: axis in 0..3, solved in 0..1
 */
KERNEL weighted_advection(int nx, int ny, int nz,
                          int axis,                             /* - */
                          const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                          const real* RESTRICT px,              /* (nx+2) m */
                          const real* RESTRICT py,              /* (ny+2) m */
                          const real* RESTRICT pz,              /* (nz+2) m */
                          const real* RESTRICT fx,              /* (nx+2) m */
                          const real* RESTRICT fy,              /* (ny+2) m */
                          const real* RESTRICT fz,              /* (nz+2) m */
                          const real* RESTRICT rx,              /* (nx+2) 1/m */
                          const real* RESTRICT ry,              /* (ny+2) 1/m */
                          const real* RESTRICT rz,              /* (nz+2) 1/m */
                          const float* RESTRICT wx,             /* (nz+2, ny+2, nx+2) - */
                          const float* RESTRICT wy,             /* (nz+2, ny+2, nx+2) - */
                          const float* RESTRICT wz,             /* (nz+2, ny+2, nx+2) - */
                          const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                          real* RESTRICT r)                     /* (nz+2, ny+2, nx+2) W */
{
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        if (solved[c] == 0) continue;
        r[c] += flux_weighted(x, mx, solved, px, fx, rx, wx, c, 1, i + 1, nx, axis == 0)
              - flux_weighted(x, mx, solved, px, fx, rx, wx, c + 1, 1, i + 2, nx, axis == 0)
              + flux_weighted(x, my, solved, py, fy, ry, wy, c, sy, j + 1, ny, axis == 1)
              - flux_weighted(x, my, solved, py, fy, ry, wy, c + sy, sy, j + 2, ny, axis == 1)
              + flux_weighted(x, mz, solved, pz, fz, rz, wz, c, sz, k + 1, nz, axis == 2)
              - flux_weighted(x, mz, solved, pz, fz, rz, wz, c + sz, sz, k + 2, nz, axis == 2);
    } END_FOR_EACH_CELL
}
