/* The macros that let one text be CUDA C++ (NVRTC) and host C++ (any compiler with OpenMP). Loops OF_COLOUR visit
 * one colour of a chequerboard, (i + j + k + colour) even.
 *
 * FOR_EACH_CELL loops over (i, j, k). FOR_EACH_PADDED_CELL does its work in two steps, for arrays with one more cell on each
 * side: the first has `c`, `sy` and `sz` and ends with VALUE = ...; the second, after THEN, has i, j and k as well and puts
 * `value` where it belongs. FOR_EACH_PADDED_CELL_OF_COLOUR and THEN_OF_COLOUR do so for one colour: what is not `mine` must keep
 * its value. On a device both steps are one iteration. On the host they take turns every eight cells of a row, so that reading
 * from memory never pauses; the second step stays eight cells behind, for loads wait for what has just been written beside them.
 * The last eight cells of a row overlap those before, and are put once. Short rows go through the first step together, with the
 * ghosts between them, and up to LANES_ - 1 cells beyond the last row, which are still inside the arrays and not used.
 *
 * Of one colour the host writes whole vectors, the other colour with the value that it has. Another thread may read that
 * meanwhile, from the next row: formally a race, but of a value that does not change. No thread writes to another one's row.
 *
 * BYTES(a)[c] in the second step is a byte of an array of bytes: on the host eight cells' bytes are read as one word, for a vector
 * of bytes would make the compiler go in steps of 32 cells. FOR_EACH_CELL_OF_BYTES has it everywhere; it works out some cells twice,
 * so that what is read must not be written, unless END_FOR_EACH_CELL_OF_BYTES_IN_PLACE ends it. Ask BYTES in conditions: turning them
 * into doubles does not vectorise.
 *
 * FOR_EACH_CELL_BETWEEN_FACES is for what passes through a cell's faces: LOW_FACE says for each axis what passes through the low
 * face of cell c (i, j, k), and `value` is the sum of that less the sum of what passes through the high faces. On the host every
 * face is worked out once, and kept until the cell above has had it.
 *
 * FOR_EACH_CELL_OF_PARENTS is for cells that take a value from a coarser grid: PARENT_ROW is where that grid's row begins, OF_PARENT
 * the value in the place `parent` of it, which `index` has for each cell of a row; rows of one parent take it once, and need no
 * index where it has two cells for every parent. FOR_EACH_CELL_OF_CHILDREN is for coarse cells that sum up rows of finer ones:
 * CHILDREN the rows (number 0 or 1, whether it is there, the name of the place, the value), in the order in which memory has them,
 * and SUM_AT what a place sums up to. From memory two streams at a time are fastest, each of rows that follow one another: a
 * plane's two rows in turn, not at once.
 *
 * FLAGS makes whole numbers of an array of bytes, on the host for the time of a launch, where the bytes themselves are what a
 * kernel computes with. FOR_EACH_CELL_BY_INDEX is for what is read through an index: gathering into vectors costs more.
 *
 * FOR_EACH_LINE is for work that goes cell by cell along the lines of axis A (a template's constant) of one colour of their
 * chequerboard: FORWARD, BACKWARD and BOTH_ENDS (the ghosts) have the cell `c`, the stride `s`, and `mine`. On a
 * device a thread takes a line. On the host all lines of a plane go one cell on together, those of the other colour too where
 * that makes vectors: what is not `mine` must keep its value. */
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
#define FORWARD for (int l = 0; l <= last; ++l) { const int c = origin_ + l * s;
#define BACKWARD for (int l = last; l >= 0; --l) { const int c = origin_ + l * s;
#define END_STEP }
#define END_FOR_EACH_LINE } }
typedef unsigned char flag;
#define FLAGS(wide, bytes, n0, n1, n2) const flag* RESTRICT wide = bytes;
#define PADDED_(n0, n1) const int sy = (n0) + 2, sz = sy * ((n1) + 2), c = (k + 1) * sz + (j + 1) * sy + i + 1;
#define FOR_EACH_PADDED_CELL(n0, n1, n2) FOR_EACH_CELL(n0, n1, n2) { PADDED_(n0, n1) real value; {
#define FOR_EACH_PADDED_CELL_OF_COLOUR(n0, n1, n2, colour) \
    FOR_EACH_CELL_OF_COLOUR(n0, n1, n2, colour) { PADDED_(n0, n1) real value; {
#define VALUE value
#define THEN } {
#define THEN_OF_COLOUR } { const bool mine = true;
#define END_FOR_EACH_PADDED_CELL } }
#define BYTES(a) (a)
typedef const unsigned char* RESTRICT Bytes;
#define FOR_EACH_CELL_OF_BYTES(n0, n1, n2) FOR_EACH_CELL(n0, n1, n2)
#define END_FOR_EACH_CELL_OF_BYTES
#define END_FOR_EACH_CELL_OF_BYTES_IN_PLACE
#define FOR_EACH_CELL_BETWEEN_FACES(n0, n1, n2) FOR_EACH_CELL(n0, n1, n2) { PADDED_(n0, n1)
#define LOW_FACE(A, through)                                       \
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
#define CHILDREN(number, there, x, child) \
    const auto row##number##_ = [=](const int x) -> real { return (there) != 0 ? child : real(0); };
#define SUM_AT(x) (row0_(x) + row1_(x))
#define OF_CHILDREN
#define END_FOR_EACH_CELL_OF_CHILDREN
#else
#define KERNEL extern "C" __attribute__((visibility("protected"))) void /* calls from within must not find a namesake of libc */
#define DEVICE static inline __attribute__((always_inline))
#define RESTRICT __restrict__
#define PARALLEL_ (long)n0_ * n1_ * n2_ > 20000 /* below, starting threads costs more */
#define PLANES_(n0, n1, n2, high)                                                          \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2), high_ = (high);                          \
    const bool parallel_ = PARALLEL_;                                                      \
    _Pragma("omp parallel for collapse(2) schedule(static) if(parallel_)")                 \
    for (int k = 0; k < n2_; ++k)                                                          \
        for (int j0_ = 0; j0_ < n1_; j0_ += high_) {                                       \
            const int j1_ = n1_ - j0_ < high_ ? n1_ : j0_ + high_;
#define ROW_(n0, n1, n2) PLANES_(n0, n1, n2, 1) const int j = j0_; (void)j1_;
#define FOR_EACH_CELL(n0, n1, n2) ROW_(n0, n1, n2) _Pragma("omp simd") for (int i = 0; i < n0_; ++i)
#define FOR_EACH_CELL_BY_INDEX(n0, n1, n2) ROW_(n0, n1, n2) for (int i = 0; i < n0_; ++i)
#define END_FOR_EACH_CELL }
typedef int flag;
struct Flags {
    flag* RESTRICT at;
    Flags(const unsigned char* RESTRICT bytes, long count) : at(new flag[count])
    {
        _Pragma("omp parallel for simd schedule(static) if(count > 20000)") for (long c = 0; c < count; ++c) at[c] = bytes[c];
    }
    ~Flags() { delete[] at; }
};
#define FLAGS(wide, bytes, n0, n1, n2)                                                     \
    const Flags wide##_(bytes, long((n0) + 2) * ((n1) + 2) * ((n2) + 2));                  \
    const flag* RESTRICT wide = wide##_.at;
#define LANES_ 8    /* cells that are worked out together */
#define CHUNK_ 1024 /* cells of several short rows: their values stay in the first-level cache */
#define LONG_ 64    /* cells of a row that goes alone */
template <int size> struct Wide { typedef unsigned long long type; };
template <> struct Wide<4> { typedef unsigned int type; };
typedef Wide<sizeof(real)>::type wide;
#define INLINE_ __attribute__((always_inline))
struct Bytes {
    const unsigned char* at;
    int lane;   /* which of the cells that are worked out together */
    bool whole; /* whether there are LANES_ of them */
    INLINE_ wide operator[](int c) const
    {
        if (!whole) return at[c];
        const int size = sizeof(wide);
        wide low, high; // of all the cells' bytes
        __builtin_memcpy(&low, at + (c - lane), size);
        __builtin_memcpy(&high, at + (c - lane) + (LANES_ - size), size);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        const int shift = 8 * (size - 1 - lane % size);
#else
        const int shift = 8 * (lane % size);
#endif
        if (size == LANES_) return (low >> shift) & 255;
        const wide byte = wide(255) << shift, upper = -wide(lane / size); // all bits where the byte is in `high`
        return ((low & byte & ~upper) | (high & byte & upper)) >> shift;
    }
};
#define BYTES(a) (Bytes{a, lane_, whole_})
template <class Value> DEVICE void work_out(real* to, int at, const Value& value)
{
#pragma omp simd
    for (int l = 0; l < LANES_; ++l) to[l] = value(at + l);
}
template <class Put> DEVICE void put_all(int j, int i, const real* from, const Put& put)
{
#pragma omp simd
    for (int l = 0; l < LANES_; ++l) put(j, i + l, l, true, from[l]);
}
template <class Value, class Put> DEVICE void short_rows(int n, int j0, int j1, int sy, const Value& value, const Put& put)
{
    real chunk[CHUNK_ + LANES_];
    const int cells = (j1 - j0 - 1) * sy + n, count = n < LANES_ ? cells : (cells + LANES_ - 1) / LANES_ * LANES_;
#pragma omp simd
    for (int at = 0; at < count; ++at) chunk[at] = value(at);
    for (int j = j0; j < j1; ++j) {
        const real* const row = chunk + (j - j0) * sy;
        int i = 0;
        for (; i + LANES_ <= n; i += LANES_) put_all(j, i, row + i, put);
        for (; i < n; ++i) put(j, i, i, false, row[i]);
    }
}
template <class Value, class Put> DEVICE void long_row(int n, int j, const Value& value, const Put& put)
{
    real before[LANES_], now[LANES_];
    work_out(before, 0, value);
    int i = LANES_;
    for (; i + LANES_ <= n; i += LANES_) {
        work_out(now, i, value);
        put_all(j, i - LANES_, before, put);
        for (int l = 0; l < LANES_; ++l) before[l] = now[l];
    }
    if (i < n) work_out(now, n - LANES_, value);
    put_all(j, i - LANES_, before, put);
    for (; i < n; ++i) put(j, i, i, false, now[i - n + LANES_]);
}
#define ROWS_(n0, n1, n2)                                                                  \
    const int sy = (n0) + 2, sz = sy * ((n1) + 2);                                         \
    PLANES_(n0, n1, n2, n0_ < LONG_ ? CHUNK_ / sy : 1)                                     \
            const int c0_ = (k + 1) * sz + (j0_ + 1) * sy + 1;                             \
            const auto value_ = [=](const int at_) INLINE_ -> real {                       \
                const int c = c0_ + at_;                                                   \
                real value; {
#define FOR_EACH_PADDED_CELL(n0, n1, n2) ROWS_(n0, n1, n2)
#define FOR_EACH_PADDED_CELL_OF_COLOUR(n0, n1, n2, colour) const int colour_ = (colour); ROWS_(n0, n1, n2)
#define VALUE value
#define THEN                                                                               \
            } return value; };                                                             \
            const auto put_ = [=](const int j, const int i, const int lane_, const bool whole_, const real value) INLINE_ { \
                const int c = c0_ + (j - j0_) * sy + i;                                    \
                (void)lane_, (void)whole_; {
#define THEN_OF_COLOUR THEN const bool mine = ((wide(lane_) + ((j + k + colour_) & 1)) & 1) == 0;
#define END_FOR_EACH_PADDED_CELL                                                           \
            } };                                                                           \
            if (n0_ < LONG_) short_rows(n0_, j0_, j1_, sy, value_, put_);                  \
            else long_row(n0_, j0_, value_, put_);                                         \
        }
template <class Work> DEVICE void block(int i, const Work& work)
{
#pragma omp simd
    for (int l = 0; l < LANES_; ++l) work(i + l, l, true);
}
template <class Work> DEVICE void blocks(int n, bool twice, const Work& work)
{
    int i = 0;
    for (; i + LANES_ <= n; i += LANES_) block(i, work);
    if (twice && n >= LANES_ && i < n) block(n - LANES_, work), i = n;
    for (; i < n; ++i) work(i, 0, false);
}
#define FOR_EACH_CELL_OF_BYTES(n0, n1, n2)                                                 \
            ROW_(n0, n1, n2) const auto work_ = [=](const int i, const int lane_, const bool whole_) INLINE_ {
#define END_FOR_EACH_CELL_OF_BYTES }; blocks(n0_, true, work_); END_FOR_EACH_CELL
#define END_FOR_EACH_CELL_OF_BYTES_IN_PLACE }; blocks(n0_, false, work_); END_FOR_EACH_CELL
#define HIGH_ 16 /* rows that a thread takes one after the other: those of one parent row share what they take from it */
#define DEEP_ 32 /* planes that a thread goes through with HIGH_ rows, keeping what passes between them */
#define FOR_EACH_CELL_BETWEEN_FACES(n0, n1, n2)                                            \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2), sy = n0_ + 2, sz = sy * (n1_ + 2);       \
    const int width_ = n0_ < CHUNK_ ? n0_ : CHUNK_;                                        \
    const bool parallel_ = PARALLEL_;                                                      \
    _Pragma("omp parallel for collapse(3) schedule(static) if(parallel_)")                 \
    for (int k0_ = 0; k0_ < n2_; k0_ += DEEP_)                                             \
        for (int j0_ = 0; j0_ < n1_; j0_ += HIGH_)                                         \
            for (int i0_ = 0; i0_ < n0_; i0_ += width_) {
#define LOW_FACE(A, through)                                                               \
            const auto face##A##_ = [=](const int i, const int j, const int k) INLINE_ -> real { \
                const int c = (k + 1) * sz + (j + 1) * sy + i + 1;                         \
                return through;                                                            \
            };
#define ALONG_ROW_(to, face, n, j, k)                                                      \
            _Pragma("omp simd") for (int i_ = 0; i_ < (n); ++i_) (to)[i_] = face(i0_ + i_, j, k);
#define THEN_OF_FACES                                                                      \
            const auto put_ = [=](const int i, const int j, const int k, const real value) INLINE_ { \
                const int c = (k + 1) * sz + (j + 1) * sy + i + 1;
#define END_FOR_EACH_CELL_BETWEEN_FACES                                                    \
            };                                                                             \
            real x_[CHUNK_ + 1], y_[2][CHUNK_], z_[2][HIGH_][CHUNK_];                      \
            const int n_ = n0_ - i0_ < width_ ? n0_ - i0_ : width_;                        \
            const int j1_ = n1_ - j0_ < HIGH_ ? n1_ : j0_ + HIGH_, k1_ = n2_ - k0_ < DEEP_ ? n2_ : k0_ + DEEP_; \
            for (int j = j0_; j < j1_; ++j) { ALONG_ROW_(z_[k0_ & 1][j - j0_], face2_, n_, j, k0_) } \
            for (int k = k0_; k < k1_; ++k) {                                              \
                ALONG_ROW_(y_[j0_ & 1], face1_, n_, j0_, k)                                \
                for (int j = j0_; j < j1_; ++j) {                                          \
                    real* const on_ = y_[(j + 1) & 1];                                     \
                    real* const up_ = z_[(k + 1) & 1][j - j0_];                            \
                    const real* const here_ = y_[j & 1];                                   \
                    const real* const below_ = z_[k & 1][j - j0_];                         \
                    ALONG_ROW_(x_, face0_, n_ + 1, j, k)                                   \
                    ALONG_ROW_(on_, face1_, n_, j + 1, k)                                  \
                    ALONG_ROW_(up_, face2_, n_, j, k + 1)                                  \
                    _Pragma("omp simd") for (int i_ = 0; i_ < n_; ++i_)                    \
                        put_(i0_ + i_, j, k, (x_[i_] - x_[i_ + 1]) + (here_[i_] - on_[i_]) + (below_[i_] - up_[i_])); \
                }                                                                          \
            }                                                                              \
        }
struct Row {
    real* at;
    explicit Row(int count) : at(new real[count]) {}
    ~Row() { delete[] at; }
};
template <class Parents, class Child, class Put>
DEVICE void rows_of_parents(int n, int j0, int j1, const int* index, bool pairs, const Parents& parents, const Child& child,
                            const Put& put)
{
    for (int i0 = 0; i0 < n; i0 += CHUNK_) {
        real row[CHUNK_];
        const int count = n - i0 < CHUNK_ ? n - i0 : CHUNK_;
        for (int j = j0, last = -1; j < j1; ++j) {
            const int now = parents(j);
            if (now != last && pairs)
                for (int q = 0; q < count / 2; ++q) row[2 * q] = row[2 * q + 1] = child(now, i0 / 2 + 1 + q);
            else if (now != last)
                for (int i = 0; i < count; ++i) row[i] = child(now, index[i0 + i + 1]);
            last = now;
            int i = 0;
            for (; i + LANES_ <= count; i += LANES_) put_all(j, i0 + i, row + i, put);
            for (; i < count; ++i) put(j, i0 + i, 0, false, row[i]);
        }
    }
}
#define FOR_EACH_CELL_OF_PARENTS(n0, n1, n2, index)                                        \
    const int sy = (n0) + 2, sz = sy * ((n1) + 2);                                         \
    const int* const index_ = index;                                                       \
    bool pairs_ = (n0) % 2 == 0;                                                           \
    for (int i = 0; i < (n0); ++i) pairs_ &= index_[i + 1] == i / 2 + 1;                   \
    PLANES_(n0, n1, n2, HIGH_)
#define PARENT_ROW(at) const auto parents_ = [=](const int j) INLINE_ -> int { return at; };
#define OF_PARENT(child) const auto child_ = [=](const int parents, const int parent) INLINE_ -> real { return child; };
#define THEN_OF_PARENTS                                                                    \
            const auto put_ = [=](const int j, const int i, const int lane_, const bool whole_, const real value) INLINE_ { \
                const int c = (k + 1) * sz + (j + 1) * sy + i + 1;                         \
                (void)lane_, (void)whole_;
#define END_FOR_EACH_CELL_OF_PARENTS                                                       \
            };                                                                             \
            rows_of_parents(n0_, j0_, j1_, index_, pairs_, parents_, child_, put_);        \
        }
#define FOR_EACH_CELL_OF_CHILDREN(n0, n1, n2, children)                                    \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2), children_ = (children);                  \
    const bool parallel_ = PARALLEL_;                                                      \
    _Pragma("omp parallel if(parallel_)") {                                                \
    const Row kept_(children_);                                                            \
    real* const RESTRICT row_ = kept_.at;                                                  \
    _Pragma("omp for collapse(2) schedule(static)")                                        \
    for (int k = 0; k < n2_; ++k)                                                          \
        for (int j = 0; j < n1_; ++j) {
#define CHILDREN(number, there, x, child)                                                  \
            if (number == 0 || (there) != 0) {                                             \
                _Pragma("omp simd") for (int x = 0; x < children_; ++x) row_[x] = number == 0 ? child : row_[x] + (child); \
            }
#define SUM_AT(x) row_[x]
#define OF_CHILDREN _Pragma("omp simd") for (int i = 0; i < n0_; ++i)
#define END_FOR_EACH_CELL_OF_CHILDREN } }
#define ROWS_TOGETHER_ 8 /* lines that go one cell on together: what they read on one step is in the cache for the next */
#define LINES_TOGETHER_ 64
#define FOR_EACH_LINE(A, n0, n1, n2, colour)                                               \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2), sy = n0_ + 2, sz = sy * (n1_ + 2);       \
    constexpr bool rows_ = A == 0;                                                         \
    const int s = rows_ ? 1 : (A == 1 ? sy : sz), last = (rows_ ? n0_ : (A == 1 ? n1_ : n2_)) - 1; \
    const int across_ = rows_ ? n1_ : n0_, planes_ = A == 2 ? n1_ : n2_, tile_ = rows_ ? ROWS_TOGETHER_ : LINES_TOGETHER_;  \
    const bool parallel_ = PARALLEL_;                                                      \
    _Pragma("omp parallel for collapse(2) schedule(static) if(parallel_)")                 \
    for (int q_ = 0; q_ < planes_; ++q_)                                                   \
        for (int p0_ = 0; p0_ < across_; p0_ += tile_) {                                   \
        const int other_ = (q_ + (colour)) & 1, origin_ = sz + sy + 1 + q_ * (A == 2 ? sy : sz); \
        const int p1_ = across_ - p0_ < tile_ ? across_ : p0_ + tile_;
#define LINE_STEP_                                                                         \
            _Pragma("omp simd") for (int p_ = p0_ + (rows_ ? other_ : 0); p_ < p1_; p_ += rows_ ? 2 : 1) { \
                const bool mine = rows_ || ((p_ + other_) & 1) == 0;                                \
                const int c = origin_ + l * s + p_ * (rows_ ? sy : 1);
#define BOTH_ENDS for (int l = -1; l <= last + 1; l += last + 2) { LINE_STEP_
#define FORWARD for (int l = 0; l <= last; ++l) { LINE_STEP_
#define BACKWARD for (int l = last; l >= 0; --l) { LINE_STEP_
#define END_STEP } }
#define END_FOR_EACH_LINE }
#endif

/* Not a number in `a` stays; `b` is the constant bound where there is one. */
DEVICE real rmin(real a, real b) { return b < a ? b : a; }
DEVICE real rmax(real a, real b) { return b > a ? b : a; }
DEVICE real rabs(real a) { return a < real(0) ? -a : a; }

/* Square root, exponential and logarithm from operations that every machine rounds alike, so that all backends agree. The
 * exponential is the 32nd power of a Taylor polynomial (relative error below 1e-6 for |x| < 20, 1e-3 for 40, held at +-80), the
 * logarithm (of 1 and more) 32 times that of the 32nd root, by the series of the inverse hyperbolic tangent. */
#ifdef __CUDACC__
DEVICE float root(float a) { return sqrtf(a); }
DEVICE double root(double a) { return sqrt(a); }
#else
DEVICE float root(float a) { return __builtin_sqrtf(a); }
DEVICE double root(double a) { return __builtin_sqrt(a); }
#endif
DEVICE real exponential(real x)
{
    const real y = rmin(rmax(x, real(-80)), real(80)) * real(0.03125);
    real t = real(1) + y * real(0.125);
    t = real(1) + y * (real(1) / real(7)) * t;
    t = real(1) + y * (real(1) / real(6)) * t;
    t = real(1) + y * real(0.2) * t;
    t = real(1) + y * real(0.25) * t;
    t = real(1) + y * (real(1) / real(3)) * t;
    t = real(1) + y * real(0.5) * t;
    t = real(1) + y * t;
    t = t * t;
    t = t * t;
    t = t * t;
    t = t * t;
    return t * t;
}
DEVICE real logarithm(real x)
{
    const real z = root(root(root(root(root(x)))));
    const real t = (z - real(1)) / (z + real(1)), q = t * t;
    real sum = real(1) / real(15);
    sum = real(1) / real(13) + q * sum;
    sum = real(1) / real(11) + q * sum;
    sum = real(1) / real(9) + q * sum;
    sum = real(1) / real(7) + q * sum;
    sum = real(0.2) + q * sum;
    sum = real(1) / real(3) + q * sum;
    sum = real(1) + q * sum;
    return real(64) * t * sum;
}
DEVICE real hyperbolic_tangent(real x)
{
    const real e = exponential(-(real(2) * rabs(x))), t = (real(1) - e) / (real(1) + e);
    return x < real(0) ? -t : t;
}
