/* Radiation between surfaces: rays through the grid, and products of a sparse matrix that gather and spread what patches of
 * surface have in common. Every face of the grid has a label: OPEN where coolant is on both sides, MIRROR on a symmetry plane,
 * else the number of the patch that it belongs to.
 */

#define OPEN (-1)
#define MIRROR (-2)

DEVICE real wrapped(real a, real shift) { return a + shift < real(1) ? a + shift : a + shift - real(1); }
DEVICE real between(const real* RESTRICT f, int n, real share) { return f[n] + share * (f[n + 1] - f[n]); }
DEVICE real distance(const real* RESTRICT f, int n, real origin, real inverse, bool upwards)
{
    return inverse != real(0) ? (f[upwards ? n + 1 : n] - origin) * inverse : real(1e30);
}
DEVICE real inverted(real d) { return d != real(0) ? real(1) / d : real(0); }

/* name: trace_rays
 * equation: hit = label of the first labelled face on p + s d, s > 0, from cell to cell through the faces; -1 if none in `most`
 * bytes: 8 / 8
 * reference: traversal of a grid, Amanatides & Woo, Eurographics 1987, 3; ray i of patch (j, k) starts on the face of cell
 *     `start` that looks along `axis` (upwards if `sign` is positive); direction (along, across, beside) of i + offset, turned
 * inputs: cx in 1..5, cy in 1..5, cz in 1..5, most in 1..40, axis in 0..2, start in 0..cx*cy*cz-1, labelx in -2..30,
 *     labely in -2..30, labelz in -2..30, a in 0..1, b in 0..1, shifta in 0..1, shiftb in 0..1, hit in -1..30,
 *     offset in 0..nx-1
 */
KERNEL trace_rays(int nx, int ny, int nz,
                  int cx, int cy, int cz, int most,
                  const real* RESTRICT fx,     /* (cx+1) m */
                  const real* RESTRICT fy,     /* (cy+1) m */
                  const real* RESTRICT fz,     /* (cz+1) m */
                  const int* RESTRICT labelx,  /* (cz*cy*(cx+1)) - */
                  const int* RESTRICT labely,  /* (cz*(cy+1)*cx) - */
                  const int* RESTRICT labelz,  /* ((cz+1)*cy*cx) - */
                  const int* RESTRICT axis,    /* (nz, ny) - */
                  const int* RESTRICT offset,  /* (nz, ny) - */
                  const real* RESTRICT sign,   /* (nz, ny) - */
                  const real* RESTRICT cosine, /* (nz, ny) - */
                  const real* RESTRICT sine,   /* (nz, ny) - */
                  const real* RESTRICT shifta, /* (nz, ny) - */
                  const real* RESTRICT shiftb, /* (nz, ny) - */
                  const real* RESTRICT a,      /* (nx) - */
                  const real* RESTRICT b,      /* (nx) - */
                  const real* RESTRICT along,  /* (nx) - */
                  const real* RESTRICT across, /* (nx) - */
                  const real* RESTRICT beside, /* (nx) - */
                  const int* RESTRICT start,   /* (nz, ny, nx) - */
                  int* RESTRICT hit)           /* (nz, ny, nx) - */
{
    FOR_EACH_CELL_BY_INDEX(nx, ny, nz) {
        const int p = k * ny + j, n = p * nx + i, which = axis[p], m = (i + offset[p]) % nx;
        int x = start[n] % cx, y = start[n] / cx % cy, z = start[n] / cx / cy;
        const real up = sign[p], share = wrapped(a[i], shifta[p]), other = wrapped(b[i], shiftb[p]);
        const real s = across[m] * cosine[p] - beside[m] * sine[p], t = across[m] * sine[p] + beside[m] * cosine[p];
        const int side = up > real(0) ? 0 : 1;
        real px = which == 0 ? fx[x + side] : between(fx, x, share);
        real py = which == 1 ? fy[y + side] : between(fy, y, which == 0 ? share : other);
        real pz = which == 2 ? fz[z + side] : between(fz, z, other);
        real dx = inverted(which == 0 ? along[m] * up : s);
        real dy = inverted(which == 1 ? along[m] * up : (which == 0 ? s : t));
        real dz = inverted(which == 2 ? along[m] * up : t);
        int found = OPEN;
        for (int step = 0; step < most; ++step) {
            const bool ux = dx > real(0), uy = dy > real(0), uz = dz > real(0);
            const real sx = distance(fx, x, px, dx, ux), sy = distance(fy, y, py, dy, uy), sz = distance(fz, z, pz, dz, uz);
            const bool first = sx <= sy && sx <= sz, second = !first && sy <= sz;
            const int ox = x + (ux ? 1 : 0), oy = y + (uy ? 1 : 0), oz = z + (uz ? 1 : 0);
            const int label = first ? labelx[(z * cy + y) * (cx + 1) + ox]
                                    : (second ? labely[(z * (cy + 1) + oy) * cx + x] : labelz[(oz * cy + y) * cx + x]);
            if (label >= 0) {
                found = label;
                break;
            }
            if (label == MIRROR) { /* origin and direction beyond the plane */
                if (first) { px = real(2) * fx[ox] - px; dx = -dx; }
                else if (second) { py = real(2) * fy[oy] - py; dy = -dy; }
                else { pz = real(2) * fz[oz] - pz; dz = -dz; }
                continue;
            }
            if (first) x += ux ? 1 : -1;
            else if (second) y += uy ? 1 : -1;
            else z += uz ? 1 : -1;
            if (x < 0 || x >= cx || y < 0 || y >= cy || z < 0 || z >= cz) break;
        }
        hit[n] = found;
    } END_FOR_EACH_CELL
}

/* name: sparse_product
 * equation: y_r = sum over q of value_qr x_(column_qr), nothing where column_qr = size; rows r counted along x, y, z
 * bytes: 8 / 4
 * reference: matrix in rows of one length, Bell & Garland, NVIDIA technical report NVR-2008-004 (2008), "ELL"
 * inputs: width in 1..5, size in 1..50, column in 0..size
 */
KERNEL sparse_product(int nx, int ny, int nz,
                      int width, int size,
                      const int* RESTRICT column, /* (width, nz, ny, nx) - */
                      const real* RESTRICT value, /* (width, nz, ny, nx) - */
                      const real* RESTRICT x,     /* (size) K */
                      real* RESTRICT y)           /* (nz, ny, nx) K */
{
    FOR_EACH_CELL_BY_INDEX(nx, ny, nz) {
        const int row = (k * ny + j) * nx + i, rows = nx * ny * nz;
        real sum = real(0);
        for (int q = 0; q < width; ++q) {
            const int c = column[q * rows + row];
            if (c < size) sum += value[q * rows + row] * x[c];
        }
        y[row] = sum;
    } END_FOR_EACH_CELL
}
