/* The coarsest grid's system has few cells: one product with its inverse solves it. */

DEVICE double into(const real g, const real m) /* g + max(m, 0) */
{
    const double flow = double(m);
    return double(g) + 0.5 * (flow + (flow < 0.0 ? -flow : flow));
}

/* name: dense_operator
 * equation: column c of the transposed matrix: -a_f in the rows of c's neighbours, a_f = g_f + max(m_f into c, 0), and the sum
 *           of all six a_f and of what is stored in row c, 1 where that is 0; q are the rows
 * bytes: 56 / 28
 * reference: bytes without the rows, of which there are as many as cells
 * inputs: count in 2..2, advected in 0..1
 */
KERNEL dense_operator(int nx, int ny, int nz,
                      int count,                   /* - */
                      int advected,                /* - */
                      const real* RESTRICT gx,     /* (nz+3, ny+3, nx+3) W/K */
                      const real* RESTRICT gy,     /* (nz+3, ny+3, nx+3) W/K */
                      const real* RESTRICT gz,     /* (nz+3, ny+3, nx+3) W/K */
                      const real* RESTRICT mx,     /* (nz+3, ny+3, nx+3) W/K */
                      const real* RESTRICT my,     /* (nz+3, ny+3, nx+3) W/K */
                      const real* RESTRICT mz,     /* (nz+3, ny+3, nx+3) W/K */
                      const real* RESTRICT stored, /* (nz+3, ny+3, nx+3) W/K */
                      double* RESTRICT matrix)     /* (count, nz, ny, nx) W/K */
{
    const real flow = real(advected);
    FOR_EACH_CELL(nx, ny, nz) {
        const int sy = nx + 3, sz = sy * (ny + 3), c = (k + 1) * sz + (j + 1) * sy + i + 1;
        const int cells = nx * ny * nz, cell = (k * ny + j) * nx + i;
        const double xl = into(gx[c], flow * mx[c]), xh = into(gx[c + 1], -flow * mx[c + 1]);
        const double yl = into(gy[c], flow * my[c]), yh = into(gy[c + sy], -flow * my[c + sy]);
        const double zl = into(gz[c], flow * mz[c]), zh = into(gz[c + sz], -flow * mz[c + sz]);
        const double sum = xl + xh + yl + yh + zl + zh + double(stored[c]);
        for (int q = 0; q < count; ++q) {
            double a = q == cell ? (sum == 0.0 ? 1.0 : sum) : 0.0;
            if (i > 0 && q == cell - 1) a = -xl;
            if (i < nx - 1 && q == cell + 1) a = -xh;
            if (j > 0 && q == cell - nx) a = -yl;
            if (j < ny - 1 && q == cell + nx) a = -yh;
            if (k > 0 && q == cell - nx * ny) a = -zl;
            if (k < nz - 1 && q == cell + nx * ny) a = -zh;
            matrix[q * cells + cell] = a;
        }
    } END_FOR_EACH_CELL
}

/* name: multiply_matrix
 * equation: x_c = sum over q of matrix_qc b_place(q), every cell c gathers along its column
 * bytes: 24 / 12
 * reference: bytes for two columns; a kernel of our own because recorded launches cannot hold CuPy's matrix product
 * inputs: count in 2..2, place in 0..(nx+3)*(ny+3)*(nz+3)-1
 */
KERNEL multiply_matrix(int nx, int ny, int nz,
                       int count,                   /* - */
                       const int* RESTRICT place,   /* (count) - */
                       const real* RESTRICT matrix, /* (count, nz, ny, nx) K/W */
                       const real* RESTRICT b,      /* (nz+3, ny+3, nx+3) W */
                       real* RESTRICT x)            /* (nz+3, ny+3, nx+3) K */
{
    const int sy = nx + 3, sz = sy * (ny + 3), cells = nx * ny * nz;
    FOR_EACH_CELL_FROM(nx, ny, nz, (k * ny + j) * nx, matrix, matrix + cells) {
        real even = real(0), odd = real(0); // two sums: one alone would wait for itself
        for (int q = 0; q + 1 < count; q += 2) {
            even += matrix[q * cells + c] * b[place[q]];
            odd += matrix[(q + 1) * cells + c] * b[place[q + 1]];
        }
        if (count % 2) even += matrix[(count - 1) * cells + c] * b[place[count - 1]];
        x[PADDED_ROW + i] = even + odd;
    } END_FOR_EACH_CELL_FROM_WITHOUT_BYTES
}
