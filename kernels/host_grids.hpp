/* The loops of prelude.cuh over faces, between grids and along lines, for any C++ compiler with OpenMP. */
#ifndef __CUDACC__
#define HIGH_ 32 /* rows that a thread takes one after the other: those of one parent row share what they take from it */
#define DEEP_ 16 /* planes that a thread goes through with HIGH_ rows, keeping what passes between them */
#define FOR_EACH_CELL_BETWEEN_FACES(n0, n1, n2)                                            \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2), sy = n0_ + 2, sz = sy * (n1_ + 2);       \
    const int width_ = n0_ < CHUNK_ ? n0_ : CHUNK_;                                        \
    const bool parallel_ = PARALLEL_;                                                      \
    _Pragma("omp parallel for collapse(3) schedule(static) if(parallel_)")                 \
    for (int k0_ = 0; k0_ < n2_; k0_ += DEEP_)                                             \
        for (int j0_ = 0; j0_ < n1_; j0_ += HIGH_)                                         \
            for (int i0_ = 0; i0_ < n0_; i0_ += width_) {
#define LOW_FACE(A, through, ...)                                                          \
            const auto ask##A##_ = [=](const int i, const int j, const int k) INLINE_ {    \
                fetch((k + 1) * sz + (j + 1) * sy + i + 1 - AHEAD_, __VA_ARGS__);          \
            };                                                                             \
            const auto face##A##_ = [=](const int i, const int j, const int k) INLINE_ -> real { \
                const int c = (k + 1) * sz + (j + 1) * sy + i + 1;                         \
                return through;                                                            \
            };
#define PART_ 64 /* cells; before each part of a row the same part of the next row is asked for */
#define ALONG_ROW_(to, A, n, j, k)                                                         \
            for (int p_ = 0; p_ < (n); p_ += PART_) {                                      \
                const int end_ = (n) - p_ < PART_ ? (n) : p_ + PART_;                      \
                for (int q_ = p_; q_ < end_; q_ += LINE_) ask##A##_(i0_ + q_, j + 1, k);   \
                _Pragma("omp simd") for (int i_ = p_; i_ < end_; ++i_) (to)[i_] = face##A##_(i0_ + i_, j, k); \
            }
#define THEN_OF_FACES                                                                      \
            const auto put_ = [=](const int i, const int j, const int k, const real value) INLINE_ { \
                const int c = (k + 1) * sz + (j + 1) * sy + i + 1;
#define END_FOR_EACH_CELL_BETWEEN_FACES                                                    \
            };                                                                             \
            real x_[CHUNK_ + 1], y_[2][CHUNK_], z_[2][HIGH_][CHUNK_];                      \
            const int n_ = n0_ - i0_ < width_ ? n0_ - i0_ : width_;                        \
            const int j1_ = n1_ - j0_ < HIGH_ ? n1_ : j0_ + HIGH_, k1_ = n2_ - k0_ < DEEP_ ? n2_ : k0_ + DEEP_; \
            for (int j = j0_; j < j1_; ++j) { ALONG_ROW_(z_[k0_ & 1][j - j0_], 2, n_, j, k0_) } \
            for (int k = k0_; k < k1_; ++k) {                                              \
                ALONG_ROW_(y_[j0_ & 1], 1, n_, j0_, k)                                     \
                for (int j = j0_; j < j1_; ++j) {                                          \
                    real* const on_ = y_[(j + 1) & 1];                                     \
                    real* const up_ = z_[(k + 1) & 1][j - j0_];                            \
                    const real* const here_ = y_[j & 1];                                   \
                    const real* const below_ = z_[k & 1][j - j0_];                         \
                    ALONG_ROW_(x_, 0, n_ + 1, j, k)                                        \
                    ALONG_ROW_(on_, 1, n_, j + 1, k)                                       \
                    ALONG_ROW_(up_, 2, n_, j, k + 1)                                       \
                    _Pragma("omp simd") for (int i_ = 0; i_ < n_; ++i_)                    \
                        put_(i0_ + i_, j, k, (x_[i_] - x_[i_ + 1]) + (here_[i_] - on_[i_]) + (below_[i_] - up_[i_])); \
                }                                                                          \
            }                                                                              \
        }
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
#define CHILDREN(number, there, x, child, ...)                                             \
            if (number == 0 || (there) != 0)                                               \
                for (int part_ = 0; part_ < children_; part_ += PART_) {                   \
                    const int end_ = children_ - part_ < PART_ ? children_ : part_ + PART_; \
                    for (int x_ = part_; x_ < end_; x_ += LINE_) fetch(x_, __VA_ARGS__);   \
                    _Pragma("omp simd") for (int x = part_; x < end_; ++x) row_[x] = number == 0 ? child : row_[x] + (child); \
                }
#define SUM_AT(x) row_[x]
#define OF_CHILDREN _Pragma("omp simd") for (int i = 0; i < n0_; ++i)
#define END_FOR_EACH_CELL_OF_CHILDREN } }
/* Lines that go one cell on together: what they read on one step is in the cache for the next. */
#define ROWS_TOGETHER_ LINE_
#define LINES_TOGETHER_ 256
#define FOR_EACH_LINE(A, n0, n1, n2, colour)                                               \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2), sy = n0_ + 2, sz = sy * (n1_ + 2), colour_ = (colour); \
    constexpr bool rows_ = A == 0;                                                         \
    constexpr int pair_ = A == 2 ? 2 : 1; /* rows of lines: their planes are far apart, and each needs the other's coefficients */ \
    const int s = rows_ ? 1 : (A == 1 ? sy : sz), last = (rows_ ? n0_ : (A == 1 ? n1_ : n2_)) - 1; \
    const int across_ = rows_ ? n1_ : n0_, planes_ = A == 2 ? n1_ : n2_;                   \
    const int most_ = rows_ ? ROWS_TOGETHER_ : LINES_TOGETHER_, tile_ = across_ < most_ ? across_ : most_; \
    const bool parallel_ = PARALLEL_;                                                      \
    _Pragma("omp parallel if(parallel_)") {                                                \
    const Row kept0_(pair_ * (last + 3) * tile_), kept1_(pair_ * (last + 3) * tile_);      \
    _Pragma("omp for collapse(2) schedule(static)")                                        \
    for (int q0_ = 0; q0_ < planes_; q0_ += pair_)                                         \
        for (int p0_ = 0; p0_ < across_; p0_ += tile_) {                                   \
        const int q1_ = planes_ - q0_ < pair_ ? planes_ : q0_ + pair_;                     \
        const int p1_ = across_ - p0_ < tile_ ? across_ : p0_ + tile_;
#define OF_LINE(number, x) real* const RESTRICT x##_of_ = kept##number##_.at + tile_;
#define IN_LINE(x, step) x##_of_[((q_ - q0_) * (last + 3) + l + (step)) * tile_ + t_]
#define LINE_PART_ (3 * LINE_)
#define LINE_STEP_(next, ...)                                                              \
            for (int q_ = q0_; q_ < q1_; ++q_) {                                           \
                const int other_ = (q_ + colour_) & 1, lines_ = rows_ ? (p1_ - p0_ - other_ + 1) / 2 : p1_ - p0_; \
                const int origin_ = sz + sy + 1 + q_ * (A == 2 ? sy : sz) + p0_ * (rows_ ? sy : 1); \
                for (int part_ = 0; part_ < lines_; part_ += LINE_PART_) {                 \
                    const int end_ = lines_ - part_ < LINE_PART_ ? lines_ : part_ + LINE_PART_; \
                    if (rows_ && l % LINE_ == 0)                                           \
                        for (int t_ = part_; t_ < end_; ++t_)                              \
                            fetch(origin_ + l + 2 * (next) * LINE_ + (2 * t_ + other_) * sy - AHEAD_, __VA_ARGS__); \
                    for (int t_ = rows_ ? end_ : part_; t_ < end_; t_ += LINE_)            \
                        fetch(origin_ + (l + (next)) * s + t_ - AHEAD_, __VA_ARGS__);      \
                    _Pragma("omp simd") for (int t_ = part_; t_ < end_; ++t_) {            \
                        const bool mine = rows_ || ((p0_ + t_ + other_) & 1) == 0;         \
                        const int c = origin_ + l * s + (rows_ ? (2 * t_ + other_) * sy : t_);
#define BOTH_ENDS                                                                          \
            for (int l = -1; l <= last + 1; l += last + 2)                                 \
                for (int q_ = q0_; q_ < q1_; ++q_) { { {                                   \
                    for (int t_ = 0; t_ < p1_ - p0_; ++t_) {
#define FORWARD(...) for (int l = 0; l <= last; ++l) { LINE_STEP_(1, __VA_ARGS__)
#define BACKWARD(...) for (int l = last; l >= 0; --l) { LINE_STEP_(-1, __VA_ARGS__)
#define END_STEP } } } }
#define END_FOR_EACH_LINE } }
#endif
