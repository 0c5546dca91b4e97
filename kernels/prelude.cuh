/* The macros that let one text be CUDA C++ (NVRTC) and host C++ (any compiler with OpenMP). Loops OF_COLOUR visit
 * one colour of a chequerboard, (i + j + k + colour) even.
 *
 * FOR_EACH_CELL loops over (i, j, k). FOR_EACH_PADDED_CELL does its work in two steps, for arrays with one more cell on each
 * side: the first has `c`, `sy` and `sz` and ends with VALUE = ...; the second, after THEN, puts `value` where it belongs. On a
 * device both steps are one iteration. On the host they take turns every eight cells of a row, so that reading from memory never
 * pauses. The last eight cells of a row overlap those before, and are put once. Short rows go through the first step together,
 * with the ghosts between them, and up to LANES_ - 1 cells beyond the last row, which are still inside the arrays and not used.
 *
 * `through` says what passes through the low z face of cell c, and `below` is that of the cell at hand. The host works it out
 * with the cell below, whose high face it is, and keeps it: what that face is made of need not come from the last cache again.
 * Blocks of less than THIN_ planes do without. Values keep their bits: what passes is the same number from both sides.
 *
 * FOR_EACH_PADDED_CELL_OF_COLOUR and THEN_OF_COLOUR are for one colour: what is not `mine` must keep its value. The second step
 * stays eight cells behind the first, for loads wait for what has just been written beside them.
 *
 * Both end with the arrays that come from memory, each from where cell c reads it first: the host asks for them ahead.
 *
 * Of one colour the host writes whole vectors, the other colour with the value that it has. Another thread may read that
 * meanwhile, from the next row: formally a race, but of a value that does not change. No thread writes to another one's row.
 *
 * FOR_EACH_CELL_FROM is for what needs no second step: `first` is where the arrays have cell (0, j, k), PADDED_ROW in padded ones
 * (`sy` and `sz` must be known), and then come the arrays that are asked for, written ones too: a line that is written is read
 * first. It works out some cells twice, so that what is read must not be written, unless END_FOR_EACH_CELL_FROM_IN_PLACE ends it.
 * END_FOR_EACH_CELL_FROM_WITHOUT_BYTES leaves short rows to the compiler, which is better where no byte is read.
 *
 * BYTES(a)[c] there, and in second steps, is a byte of an array of bytes: on the host eight cells' bytes are read as one word, for
 * a vector of bytes would make the compiler go in steps of 32 cells. Ask BYTES in conditions, turning them into doubles does not
 * vectorise; nor does a choice between values by what is the same in all cells: work that out before the loop.
 *
 * FOR_EACH_CELL_BETWEEN_FACES is for what passes through a cell's faces: LOW_FACE says for each axis what passes through the low
 * face of cell c (i, j, k), with the arrays that this reads from memory, and `value` is the sum of that less the sum of what passes
 * through the high faces. On the host every face is worked out once, and kept until the cell above has had it; for each part of a
 * row the same part of the next row is asked for.
 *
 * FOR_EACH_CELL_OF_PARENTS is for cells that take a value from a coarser grid: PARENT_ROW is where that grid's row begins, OF_PARENT
 * the value in the place `parent` of it, which `index` has for each cell of a row; rows of one parent take it once, and need no
 * index where it has two cells for every parent. FOR_EACH_CELL_OF_CHILDREN is for coarse cells that sum up rows of finer ones:
 * CHILDREN the rows (number 0 or 1, whether it is there, the name of the place, the value, the arrays from place 0), in memory's order,
 * and SUM_AT what a place sums up to. From memory two streams at a time are fastest, each of rows that follow one another: a
 * plane's two rows in turn, not at once.
 *
 * ZERO is a zero that the host's compiler does not know: of a bound by a zero that it knows it makes a comparison and a mask,
 * two to three operations where one would do.
 *
 * FLAGS makes whole numbers of an array of bytes, on the host for the time of a launch, where the bytes themselves are what a
 * kernel computes with. FOR_EACH_CELL_BY_INDEX is for what is read through an index: gathering into vectors costs more.
 *
 * FOR_EACH_LINE is for work that goes cell by cell along the lines of axis A (a template's constant) of one colour of their
 * chequerboard: FORWARD, BACKWARD and BOTH_ENDS (the ghosts) have the cell `c`, the stride `s`, and `mine`. What a line keeps
 * from one to the other is scratch: OF_LINE(number 0 or 1, x) and IN_LINE(x, step), so many cells on. On a device that is array
 * x and a thread takes a line. On the host it is a thread's own memory, which stays in the cache, and all lines of a row or two
 * go one cell on together, those of the other colour too where that makes vectors: arrays must keep what is not `mine`. */
#define PADDED_ROW ((k + 1) * sz + (j + 1) * sy + 1)
#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void
#define DEVICE static __device__ __forceinline__
#define RESTRICT __restrict__
#define FOR_EACH_CELL(n0, n1, n2)                                  \
    const int i = int(blockIdx.x) * int(blockDim.x) + int(threadIdx.x); \
    const int j = int(blockIdx.y) * int(blockDim.y) + int(threadIdx.y); \
    const int k = int(blockIdx.z) * int(blockDim.z) + int(threadIdx.z); \
    if (i < (n0) && j < (n1) && k < (n2))                          \
        for (int once_ = 1; once_; once_ = 0)
#define FOR_EACH_CELL_OF_COLOUR(n0, n1, n2, colour)                \
    const int j = int(blockIdx.y) * int(blockDim.y) + int(threadIdx.y); \
    const int k = int(blockIdx.z) * int(blockDim.z) + int(threadIdx.z); \
    const int i = 2 * (int(blockIdx.x) * int(blockDim.x) + int(threadIdx.x)) + ((j + k + (colour)) & 1); \
    if (i < (n0) && j < (n1) && k < (n2))                          \
        for (int once_ = 1; once_; once_ = 0)
#define FOR_EACH_CELL_BY_INDEX(n0, n1, n2) FOR_EACH_CELL(n0, n1, n2)
#define END_FOR_EACH_CELL
#define LINES_(A, n0, n1, n2)                                      \
    const int sy = (n0) + 2, sz = sy * ((n1) + 2), s = A == 0 ? 1 : (A == 1 ? sy : sz); \
    const int last = (A == 0 ? (n0) : (A == 1 ? (n1) : (n2))) - 1;
#define FOR_EACH_LINE(A, n0, n1, n2, colour)                       \
    LINES_(A, n0, n1, n2)                                          \
    FOR_EACH_CELL(A == 0 ? 1 : (n0), A == 1 ? 1 : (n1), A == 2 ? 1 : (n2)) { \
        const bool mine = ((i + j + k + (colour)) & 1) == 0;       \
        const int origin_ = (k + 1) * sz + (j + 1) * sy + i + 1;   \
        if (mine) {
#define BOTH_ENDS for (int l = -1; l <= last + 1; l += last + 2) { const int c = origin_ + l * s;
#define FORWARD(...) for (int l = 0; l <= last; ++l) { const int c = origin_ + l * s;
#define BACKWARD(...) for (int l = last; l >= 0; --l) { const int c = origin_ + l * s;
#define END_STEP }
#define OF_LINE(number, x)
#define IN_LINE(x, step) x[c + (step) * s]
#define END_FOR_EACH_LINE } }
typedef unsigned char flag;
#define FLAGS(wide, bytes, n0, n1, n2) const flag* RESTRICT wide = bytes;
#define PADDED_(n0, n1) const int sy = (n0) + 2, sz = sy * ((n1) + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
#define FOR_EACH_PADDED_CELL(n0, n1, n2, through, ...)             \
    FOR_EACH_CELL(n0, n1, n2) { PADDED_(n0, n1) const real below = through; real value; {
#define FOR_EACH_PADDED_CELL_OF_COLOUR(n0, n1, n2, colour, ...) \
    FOR_EACH_CELL_OF_COLOUR(n0, n1, n2, colour) { PADDED_(n0, n1) real value; {
#define VALUE value
#define THEN } {
#define THEN_OF_COLOUR } { const bool mine = true;
#define END_FOR_EACH_PADDED_CELL } }
#define END_FOR_EACH_PADDED_CELL_OF_COLOUR } }
#define BYTES(a) (a)
typedef const unsigned char* RESTRICT Bytes;
#define FOR_EACH_CELL_FROM(n0, n1, n2, first, ...) FOR_EACH_CELL(n0, n1, n2) { const int c = (first) + i;
#define END_FOR_EACH_CELL_FROM }
#define END_FOR_EACH_CELL_FROM_IN_PLACE }
#define END_FOR_EACH_CELL_FROM_WITHOUT_BYTES }
#define FOR_EACH_CELL_BETWEEN_FACES(n0, n1, n2) FOR_EACH_CELL(n0, n1, n2) { PADDED_(n0, n1)
#define LOW_FACE(A, through, ...)                                     \
    const auto face##A##_ = [=](const int i, const int j, const int k, const int c) -> real { return through; };
#define THEN_OF_FACES                                              \
    const real value = (face0_(i, j, k, c) - face0_(i + 1, j, k, c + 1)) + (face1_(i, j, k, c) - face1_(i, j + 1, k, c + sy)) \
                     + (face2_(i, j, k, c) - face2_(i, j, k + 1, c + sz));
#define END_FOR_EACH_CELL_BETWEEN_FACES }
#define FOR_EACH_CELL_OF_PARENTS(n0, n1, n2, index) FOR_EACH_CELL(n0, n1, n2) { PADDED_(n0, n1) const int parent = index[i + 1];
#define PARENT_ROW(at) const int parents = at;
#define OF_PARENT(child) const real value = child;
#define THEN_OF_PARENTS
#define END_FOR_EACH_CELL_OF_PARENTS }
#define FOR_EACH_CELL_OF_CHILDREN(n0, n1, n2, children) FOR_EACH_CELL(n0, n1, n2)
#define CHILDREN(number, there, x, child, ...) \
    const auto row##number##_ = [=](const int x) -> real { return (there) != 0 ? child : real(0); };
#define SUM_AT(x) (row0_(x) + row1_(x))
#define OF_CHILDREN
#define END_FOR_EACH_CELL_OF_CHILDREN
#define ZERO real(0)
#endif
