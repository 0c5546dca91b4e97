/* The coarsest grid's system has few cells: one product with its inverse solves it. */

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
    FOR_EACH_CELL(nx, ny, nz) {
        const int cell = (k * ny + j) * nx + i, cells = nx * ny * nz;
        real sum = real(0);
        for (int q = 0; q < count; ++q) sum += matrix[q * cells + cell] * b[place[q]];
        x[((k + 1) * (ny + 3) + j + 1) * (nx + 3) + i + 1] = sum;
    } END_FOR_EACH_CELL
}
