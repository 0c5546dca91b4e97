/* Second-order bounded advection as a correction to upwind, division free.
 *
 * Between the upwind value C, the downwind value D and the one further upwind U, with gradients gu = (C-U)/distance and
 * gd = (D-C)/distance, the face value is C + delta, |delta| = min(2 |gu| l, (|gu| + 2 |gd|)/3 l, |D - C|), l = distance
 * from C to the face, and delta = 0 where gu gd <= 0. In smooth regions this is the third-order upwind-biased scheme.
 *
 * `solved` is 1 where the value is carried by the flow. Velocities (axis 0..2): only 0 and 1. Temperature (axis 3): 2 where a
 * value stands that the flow does not carry (solid, ghost behind a given temperature); it serves as U, so that a coolant that
 * turns away from a wall stays between wall and coolant. Where nothing stands upwind, velocities take gu = gd, temperatures
 * stay upwind.
 *
 * Every value is loaded, then chosen, conditions are whole numbers and strides do not depend on the cell: the host's compiler
 * vectorises no load that hangs on a condition, no choice between truth values and no strided bytes.
 */

struct Slopes { real gu, gd, l, span, flux; };

/* What the correction of the flux through the low face of c along one axis needs (stride s, index n along the axis, no flux
 * beyond `last`); `flux` is 0 where there is no correction. `along`: the axis is the velocity component's own, whose neighbours
 * sit at their true places even where they are prescribed; across a wall they do not, and the face stays upwind, as does the
 * face outside the domain that only what flows back through an opening crosses. Only along z do two steps leave the array. */
DEVICE struct Slopes slopes(const real* RESTRICT x, const real* RESTRICT m, const flag* RESTRICT solved,
                            const real* RESTRICT pos, const real* RESTRICT face, const real* RESTRICT rdist,
                            int c, int s, int n, int last, int axis, int direction)
{
    const int along = axis == direction, inside = n <= last;
    const int two = direction == 2 && n <= 1 ? s : 2 * s, one = direction == 2 && n > last ? 0 : s;
    const real flux = m[c], xu = x[c - two], xl = x[c - s], xc = x[c], xd = x[c + one];
    const int su = solved[c - two], sl = solved[c - s], sc = solved[c], sd = solved[c + one];
    const real below = (xl - xu) * rdist[n - 1], above = (xd - xc) * rdist[n + 1];
    const real length_low = face[n] - pos[n - 1], length_high = pos[n] - face[n];
    struct Slopes q;
    q.span = xc - xl;
    q.gd = q.span * rdist[n];
    const real missing = axis == 3 ? real(0) : q.gd;
    const int has_low = (n > 1) & (su != 0), has_high = inside & (sd != 0);
    const real low = has_low ? below : missing, high = has_high ? above : missing;
    q.gu = flux > real(0) ? low : high;
    q.l = flux > real(0) ? length_low : length_high;
    const int carried = along ? n > 1 : (sl == 1) & (sc == 1);
    q.flux = inside & carried ? flux : real(0);
    return q;
}

DEVICE real limited(struct Slopes q)
{
    const real third = (rabs(q.gu) + real(2) * rabs(q.gd)) * q.l * real(0.33333333333333333);
    const real size = rmin(rmin(real(2) * rabs(q.gu) * q.l, third), rabs(q.span));
    const real sized = q.gd > real(0) ? size : -size;
    return q.gu * q.gd > real(0) ? sized : real(0);
}

/* |m| delta through the low face of c. */
DEVICE real flux_correction(const real* RESTRICT x, const real* RESTRICT m, const flag* RESTRICT solved,
                            const real* RESTRICT pos, const real* RESTRICT face, const real* RESTRICT rdist,
                            int c, int s, int n, int last, int axis, int direction)
{
    const struct Slopes q = slopes(x, m, solved, pos, face, rdist, c, s, n, last, axis, direction);
    return rabs(q.flux) * limited(q);
}

/* |m| delta without the limiter, weighted. Where slopes() finds no correction the weight is 0, and the inverse distances
 * beyond the ends are: nothing else has to be asked. */
DEVICE real flux_weighted(const real* RESTRICT x, const real* RESTRICT m, const real* RESTRICT pos, const real* RESTRICT face,
                          const real* RESTRICT rdist, const float* RESTRICT w, int c, int s, int n, int last, int direction)
{
    const int two = direction == 2 && n <= 1 ? s : 2 * s, one = direction == 2 && n > last ? 0 : s;
    const real flux = m[c], xl = x[c - s], xc = x[c];
    const real below = (xl - x[c - two]) * rdist[n - 1], above = (x[c + one] - xc) * rdist[n + 1];
    const real length_low = face[n] - pos[n - 1], length_high = pos[n] - face[n];
    const real gu = flux > real(0) ? below : above, l = flux > real(0) ? length_low : length_high;
    const real delta = real(w[c]) * l * (gu + real(2) * ((xc - xl) * rdist[n])) * real(0.33333333333333333);
    return rabs(flux) * delta;
}

/* name: limited_advection
 * equation: b += sum of the inflow corrections - sum of the outflow corrections to the upwind fluxes; in the last layer along z,
 *           the high ghosts, only for axis 2
 * bytes: 49 / 25
 * reference: limiter in gradient form, Koren, in Vreugdenhil & Koren (eds), Numerical Methods for Advection-Diffusion
 *            Problems (1993) 117; deferred correction, Khosla & Rubin, Comput. Fluids 2 (1974) 207
 * inputs: axis in 0..3, solved in 0..2
 */
KERNEL limited_advection(int nx, int ny, int nz,
                         int axis,                             /* - */
                         const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT px,              /* (nx+3) m */
                         const real* RESTRICT py,              /* (ny+3) m */
                         const real* RESTRICT pz,              /* (nz+3) m */
                         const real* RESTRICT fx,              /* (nx+3) m */
                         const real* RESTRICT fy,              /* (ny+3) m */
                         const real* RESTRICT fz,              /* (nz+3) m */
                         const real* RESTRICT rx,              /* (nx+3) 1/m */
                         const real* RESTRICT ry,              /* (ny+3) 1/m */
                         const real* RESTRICT rz,              /* (nz+3) 1/m */
                         const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) kg/s */
                         const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) m/s */
                         real* RESTRICT b)                     /* (nz+2, ny+2, nx+2) N */
{
    FLAGS(carried, solved, nx, ny, nz)
    FOR_EACH_CELL_BETWEEN_FACES(nx, ny, axis == 2 ? nz : nz - 1)
    LOW_FACE(0, flux_correction(x, mx, carried, px, fx, rx, c, 1, i + 1, nx, axis, 0), mx, solved, b)
    LOW_FACE(1, flux_correction(x, my, carried, py, fy, ry, c, sy, j + 1, ny, axis, 1), my)
    LOW_FACE(2, flux_correction(x, mz, carried, pz, fz, rz, c, sz, k + 1, nz, axis, 2), mz, x + sz, carried + sz)
    THEN_OF_FACES {
        b[c] += solved[c] == 1 ? value : real(0);
    } END_FOR_EACH_CELL_BETWEEN_FACES
}

DEVICE float face_weight(const real* RESTRICT x, const real* RESTRICT m, const flag* RESTRICT solved,
                         const real* RESTRICT pos, const real* RESTRICT face, const real* RESTRICT rdist,
                         int c, int s, int n, int last, int axis, int direction)
{
    const struct Slopes q = slopes(x, m, solved, pos, face, rdist, c, s, n, last, axis, direction);
    const real change = q.flux != real(0) ? limited(q) : real(0), whole = q.l * (q.gu + real(2) * q.gd);
    const real weight = real(3) * change / (whole != real(0) ? whole : real(1));
    return change != real(0) ? float(weight) : 0.0f;
}

/* name: advection_weights
 * equation: w += share (limited delta / unlimited delta - w) on every low face; w between 0 (upwind) and 1 (third order)
 * bytes: 57 / 41
 * reference: as limited_advection; frozen weights make the bounded scheme linear, so that solutions superpose
 * inputs: axis in 0..3, solved in 0..2
 */
KERNEL advection_weights(int nx, int ny, int nz,
                         int axis,                             /* - */
                         real share,                           /* - */
                         const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                         const real* RESTRICT px,              /* (nx+3) m */
                         const real* RESTRICT py,              /* (ny+3) m */
                         const real* RESTRICT pz,              /* (nz+3) m */
                         const real* RESTRICT fx,              /* (nx+3) m */
                         const real* RESTRICT fy,              /* (ny+3) m */
                         const real* RESTRICT fz,              /* (nz+3) m */
                         const real* RESTRICT rx,              /* (nx+3) 1/m */
                         const real* RESTRICT ry,              /* (ny+3) 1/m */
                         const real* RESTRICT rz,              /* (nz+3) 1/m */
                         const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) W/K */
                         const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                         float* RESTRICT wx,                   /* (nz+2, ny+2, nx+2) - */
                         float* RESTRICT wy,                   /* (nz+2, ny+2, nx+2) - */
                         float* RESTRICT wz)                   /* (nz+2, ny+2, nx+2) - */
{
    FLAGS(carried, solved, nx, ny, nz)
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 2, sz = sy * (ny + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        wx[c] += float(share) * (face_weight(x, mx, carried, px, fx, rx, c, 1, i + 1, nx, axis, 0) - wx[c]);
        wy[c] += float(share) * (face_weight(x, my, carried, py, fy, ry, c, sy, j + 1, ny, axis, 1) - wy[c]);
        wz[c] += float(share) * (face_weight(x, mz, carried, pz, fz, rz, c, sz, k + 1, nz, axis, 2) - wz[c]);
    } END_FOR_EACH_CELL
}

/* name: weighted_advection
 * equation: r += sign (sum of inflow m w delta - sum of outflow m w delta), the unlimited correction with frozen weights
 * bytes: 61 / 37
 * reference: deferred correction, Khosla & Rubin (1974), made linear
 * inputs: axis in 0..3, solved in 0..2
 */
KERNEL weighted_advection(int nx, int ny, int nz,
                          int axis,                             /* - */
                          real sign,                            /* - */
                          const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                          const real* RESTRICT px,              /* (nx+3) m */
                          const real* RESTRICT py,              /* (ny+3) m */
                          const real* RESTRICT pz,              /* (nz+3) m */
                          const real* RESTRICT fx,              /* (nx+3) m */
                          const real* RESTRICT fy,              /* (ny+3) m */
                          const real* RESTRICT fz,              /* (nz+3) m */
                          const real* RESTRICT rx,              /* (nx+3) 1/m */
                          const real* RESTRICT ry,              /* (ny+3) 1/m */
                          const real* RESTRICT rz,              /* (nz+3) 1/m */
                          const float* RESTRICT wx,             /* (nz+2, ny+2, nx+2) - */
                          const float* RESTRICT wy,             /* (nz+2, ny+2, nx+2) - */
                          const float* RESTRICT wz,             /* (nz+2, ny+2, nx+2) - */
                          const real* RESTRICT mx,              /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT my,              /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT mz,              /* (nz+2, ny+2, nx+2) W/K */
                          const real* RESTRICT x,               /* (nz+2, ny+2, nx+2) K */
                          real* RESTRICT r)                     /* (nz+2, ny+2, nx+2) W */
{
    FOR_EACH_CELL_BETWEEN_FACES(nx, ny, nz)
    LOW_FACE(0, flux_weighted(x, mx, px, fx, rx, wx, c, 1, i + 1, nx, 0), mx, wx, solved, r)
    LOW_FACE(1, flux_weighted(x, my, py, fy, ry, wy, c, sy, j + 1, ny, 1), my, wy)
    LOW_FACE(2, flux_weighted(x, mz, pz, fz, rz, wz, c, sz, k + 1, nz, 2), mz, wz, x + sz, x)
    THEN_OF_FACES {
        r[c] += solved[c] == 1 ? sign * value : real(0);
    } END_FOR_EACH_CELL_BETWEEN_FACES
}
