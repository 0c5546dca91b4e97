/* Buoyancy of a Boussinesq fluid on the staggered grid: density varies with temperature in the weight only. Arrays and
 * `kind` as in momentum.cu.
 */

/* name: buoyancy_force
 * equation: b += weight V (rise_low + rise_high) / 2 on solved faces, V the face's control volume from centre to centre
 * bytes: 26 / 14
 * reference: Boussinesq, Theorie analytique de la chaleur II (1903) 172. The control volume reaches from one cell centre to the
 *            next, so the trapezoidal rule is the exact integral of a linear temperature: stratified coolant at rest stays
 *            at rest on any grid. Behind an opening stands no temperature of the coolant: the cell's own is taken
 * inputs: axis in 0..2, kind in 0..3, solved in 0..1
 */
KERNEL buoyancy_force(int nx, int ny, int nz,
                      int axis,                             /* - */
                      real weight,                          /* N/(m3 K) */
                      const unsigned char* RESTRICT kind,   /* (nz+2, ny+2, nx+2) - */
                      const unsigned char* RESTRICT solved, /* (nz+2, ny+2, nx+2) - */
                      const real* RESTRICT hx,              /* (nx+2) m */
                      const real* RESTRICT hy,              /* (ny+2) m */
                      const real* RESTRICT hz,              /* (nz+2) m */
                      const real* RESTRICT rise,            /* (nz+2, ny+2, nx+2) K */
                      real* RESTRICT b)                     /* (nz+2, ny+2, nx+2) N */
{
    const int sy = nx + 2, sz = sy * (ny + 2), s = stride(axis, sy, sz);
    const struct Axis normal = only(axis); // the width below counts along the axis only
    FOR_EACH_CELL_FROM(nx, ny, nz, PADDED_ROW, rise, rise - s, kind, solved, b) {
        const real low = rise[c - s], high = rise[c];
        const real sum = (BYTES(kind)[c - s] == 1 ? low : high) + (BYTES(kind)[c] == 1 ? high : low);
        const real volume = (normal.x * hx[i] + hx[i + 1]) * (normal.y * hy[j] + hy[j + 1]) * (normal.z * hz[k] + hz[k + 1]);
        const real force = real(0.25) * weight * volume * sum;
        b[c] += BYTES(solved)[c] != 0 ? force : real(0);
    } END_FOR_EACH_CELL_FROM_IN_PLACE
}
