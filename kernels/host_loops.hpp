/* The loops of prelude.cuh for any C++ compiler with OpenMP. */
#ifndef __CUDACC__
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
#define LINE_ (64 / int(sizeof(real)))   /* cells of one line of the caches */
#define AHEAD_ (768 / int(sizeof(real))) /* cells: 256 to 512 bytes are best on one kind of processor, 768 to 1024 on another */
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
template <class Put> DEVICE void put_rows(int n, int j0, int j1, int sy, const real* chunk, const Put& put)
{
    for (int j = j0; j < j1; ++j) {
        const real* const row = chunk + (j - j0) * sy;
        int i = 0;
        for (; i + LANES_ <= n; i += LANES_) put_all(j, i, row + i, put);
        for (; i < n; ++i) put(j, i, i, false, row[i]);
    }
}
template <class Value, class Put> DEVICE void short_rows(int n, int j0, int j1, int sy, const Value& value, const Put& put)
{
    real chunk[CHUNK_ + LANES_];
    const int cells = (j1 - j0 - 1) * sy + n, count = n < LANES_ ? cells : (cells + LANES_ - 1) / LANES_ * LANES_;
#pragma omp simd
    for (int at = 0; at < count; ++at) chunk[at] = value(at);
    put_rows(n, j0, j1, sy, chunk, put);
}
/* Asks for what the arrays have some cells further on: a core that reads nine of them at once does not do so early enough. */
template <class... Arrays> DEVICE void fetch(int c, Arrays... arrays)
{
    const int asked[] = {(__builtin_prefetch(arrays + c + AHEAD_), 0)...};
    (void)asked;
}
template <class Ask, class Value, class Put> DEVICE void long_row(int n, int j, const Ask& ask, const Value& value, const Put& put)
{
    real before[LANES_], now[LANES_];
    work_out(before, 0, value);
    int i = LANES_;
    for (; i + LANES_ <= n; i += LANES_) {
        if (i % LINE_ < LANES_) ask(i);
        work_out(now, i, value);
        put_all(j, i - LANES_, before, put);
        for (int l = 0; l < LANES_; ++l) before[l] = now[l];
    }
    if (i < n) work_out(now, n - LANES_, value);
    put_all(j, i - LANES_, before, put);
    for (; i < n; ++i) put(j, i, i, false, now[i - n + LANES_]);
}
#define FOR_EACH_PADDED_CELL_OF_COLOUR(n0, n1, n2, colour, ...)                            \
    const int sy = (n0) + 2, sz = sy * ((n1) + 2), colour_ = (colour);                     \
    PLANES_(n0, n1, n2, n0_ < LONG_ ? CHUNK_ / sy : 1)                                     \
            const int c0_ = (k + 1) * sz + (j0_ + 1) * sy + 1;                             \
            const auto ask_ = [=](const int at_) INLINE_ { fetch(c0_ + at_, __VA_ARGS__); }; \
            const auto value_ = [=](const int at_) INLINE_ -> real {                       \
                const int c = c0_ + at_;                                                   \
                real value; {
#define VALUE value
#define THEN_OF_COLOUR                                                                     \
            } return value; };                                                             \
            const auto put_ = [=](const int j, const int i, const int lane_, const bool whole_, const real value) INLINE_ { \
                const int c = c0_ + (j - j0_) * sy + i;                                    \
                const bool mine = ((wide(lane_) + ((j + k + colour_) & 1)) & 1) == 0;      \
                (void)whole_; {
#define END_FOR_EACH_PADDED_CELL_OF_COLOUR                                                 \
            } };                                                                           \
            if (n0_ < LONG_) short_rows(n0_, j0_, j1_, sy, value_, put_);                  \
            else long_row(n0_, j0_, ask_, value_, put_);                                   \
        }
/* An array of one thread. */
struct Row {
    real* at;
    explicit Row(int count) : at(new real[count]) {}
    ~Row() { delete[] at; }
};
/* What passes from below to the cells that are worked out: worked out too; kept from the plane below, as what passes to the plane
 * above will be; the only thing that is wanted. */
enum Passing { WORKED_OUT, KEPT, ALONE };
template <class Value, class Put>
DEVICE void passing_short_rows(int n, int j0, int j1, int sy, real* kept, const Value& value, const Put& put)
{
    real chunk[CHUNK_ + LANES_], passing[CHUNK_ + LANES_];
    const int cells = (j1 - j0 - 1) * sy + n, count = n < LANES_ ? cells : (cells + LANES_ - 1) / LANES_ * LANES_;
    for (int at = 0; at < count; ++at) passing[at] = kept[at];
#pragma omp simd
    for (int at = 0; at < count; ++at) {
        real pass = passing[at];
        chunk[at] = value(at, KEPT, pass);
        passing[at] = pass;
    }
    for (int at = 0; at < cells; ++at) kept[at] = passing[at]; // those beyond are the next rows'
    put_rows(n, j0, j1, sy, chunk, put);
}
template <class Value> DEVICE void work_out_passing(real* to, int at, real* kept, const Value& value)
{
#pragma omp simd
    for (int l = 0; l < LANES_; ++l) {
        real pass = kept[l];
        to[l] = value(at + l, KEPT, pass);
        kept[l] = pass;
    }
}
template <class Ask, class Value, class Put>
DEVICE void passing_long_row(int n, int j, real* kept, const Ask& ask, const Value& value, const Put& put)
{
    real now[LANES_], last[LANES_];
    for (int l = 0; l < LANES_; ++l) last[l] = kept[n - LANES_ + l]; // before the cells that they share change it
    int i = 0;
    for (; i + LANES_ <= n; i += LANES_) {
        if (i % LINE_ < LANES_) ask(i);
        work_out_passing(now, i, kept + i, value);
        put_all(j, i, now, put);
    }
    if (i < n) work_out_passing(now, n - LANES_, last, value);
    for (; i < n; ++i) {
        kept[i] = last[i - n + LANES_];
        put(j, i, i, false, now[i - n + LANES_]);
    }
}
#define THIN_ 4 /* planes; of fewer, working out what comes from below the first costs more than keeping it for the others saves */
struct Block {
    int n, j0, j1, k0, k1, sy, sz; /* cells of a row; rows and planes from, to */
};
template <class Ask, class Value, class Put> DEVICE void planes(const Block& of, const Ask& ask, const Value& value, const Put& put)
{
    const int n = of.n, sy = of.sy, high = n < LONG_ ? CHUNK_ / sy : 1;
    const bool keep = of.k1 - of.k0 >= THIN_;
    const Row row(keep ? (of.j1 - of.j0) * sy + LANES_ : 1);
    real* const RESTRICT kept = row.at;
    const int first = (of.k0 + 1) * of.sz + (of.j0 + 1) * sy + 1;
    if (keep) {
#pragma omp simd
        for (int at = 0; at < (of.j1 - of.j0 - 1) * sy + n; ++at) value(first + at, ALONE, kept[at]);
    }
    for (int k = of.k0; k < of.k1; ++k)
        for (int j0 = of.j0; j0 < of.j1; j0 += high) {
            const int c = first + (k - of.k0) * of.sz + (j0 - of.j0) * sy, j1 = of.j1 - j0 < high ? of.j1 : j0 + high;
            const auto value_of = [=](const int at, const Passing how, real& pass) INLINE_ -> real {
                return value(c + at, how, pass);
            };
            const auto value_alone = [=](const int at) INLINE_ -> real {
                real pass;
                return value(c + at, WORKED_OUT, pass);
            };
            const auto put_row = [=](const int j, const int i, const int lane, const bool whole, const real a) INLINE_ {
                put(c + (j - j0) * sy + i, lane, whole, a);
            };
            const auto ask_for = [=](const int i) INLINE_ { ask(c + i); };
            real* const from = kept + (j0 - of.j0) * sy;
            if (keep && n < LONG_) passing_short_rows(n, j0, j1, sy, from, value_of, put_row);
            else if (keep) passing_long_row(n, j0, from, ask_for, value_of, put_row);
            else if (n < LONG_) short_rows(n, j0, j1, sy, value_alone, put_row);
            else long_row(n, j0, ask_for, value_alone, put_row);
        }
}
#ifdef _OPENMP
extern "C" int omp_get_max_threads();
#define THREADS_ omp_get_max_threads()
#else
#define THREADS_ 1
#endif
/* Each thread takes a block of planes, or of their rows where there are few planes. */
template <class Ask, class Value, class Put>
DEVICE void blocks_of_planes(int n0_, int n1_, int n2_, const Ask& ask, const Value& value, const Put& put)
{
    const int sy = n0_ + 2, sz = sy * (n1_ + 2), threads = PARALLEL_ ? THREADS_ : 1;
    const int fit = n2_ < THIN_ ? 1 : n2_ / THIN_, deep = fit < threads ? fit : threads, across = (threads + deep - 1) / deep;
#pragma omp parallel for schedule(static) if(threads > 1)
    for (int block = 0; block < deep * across; ++block) {
        const long k = block / across, j = block % across;
        const int j0 = int(n1_ * j / across), j1 = int(n1_ * (j + 1) / across), k0 = int(n2_ * k / deep);
        const Block of = {n0_, j0, j1, k0, int(n2_ * (k + 1) / deep), sy, sz};
        planes(of, ask, value, put);
    }
}
#define FOR_EACH_PADDED_CELL(n0, n1, n2, through, ...)                                     \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2), sy = n0_ + 2, sz = sy * (n1_ + 2);       \
    const auto ask_ = [=](const int c) INLINE_ { fetch(c, __VA_ARGS__); };                 \
    const auto value_ = [=](const int c, const Passing how_, real& pass_) INLINE_ -> real { \
        const auto through_ = [=](const int c) INLINE_ -> real { return through; };        \
        const real below = how_ == KEPT ? pass_ : through_(c);                             \
        if (how_ == ALONE) return pass_ = below;                                           \
        if (how_ == KEPT) pass_ = through_(c + sz);                                        \
        real value; {
#define THEN                                                                               \
        } return value; };                                                                 \
    const auto put_ = [=](const int c, const int lane_, const bool whole_, const real value) INLINE_ { {
#define END_FOR_EACH_PADDED_CELL                                                           \
    } };                                                                                   \
    blocks_of_planes(n0_, n1_, n2_, ask_, value_, put_);
template <class Work> DEVICE void block(int i, const Work& work)
{
#pragma omp simd
    for (int l = 0; l < LANES_; ++l) work(i + l, l, true);
}
template <class Ask, class Work> DEVICE void blocks(int n, bool twice, const Ask& ask, const Work& work)
{
    int i = 0;
    for (; i + LANES_ <= n; i += LANES_) {
        if (i % LINE_ < LANES_) ask(i);
        block(i, work);
    }
    if (twice && n >= LANES_ && i < n) block(n - LANES_, work), i = n;
    for (; i < n; ++i) work(i, 0, false);
}
/* The rows of some planes in turn: what the upper ones need of the lower is still in the first cache. */
#define IN_TURN_ int(sizeof(real) == 8 ? 3 : 2) /* as measured: a hundredth more than with 2, in single precision than with 3 */
#define ROWS_IN_TURN_(n0, n1, n2)                                                          \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2);                                          \
    const bool parallel_ = PARALLEL_;                                                      \
    _Pragma("omp parallel for collapse(2) schedule(static) if(parallel_)")                 \
    for (int plane_ = 0; plane_ < n2_; plane_ += IN_TURN_)                                 \
        for (int j = 0; j < n1_; ++j)                                                      \
            for (int k = plane_; k < n2_ && k < plane_ + IN_TURN_; ++k) {
template <class Work> DEVICE void short_row(int n, const Work& work)
{
#pragma omp simd
    for (int i = 0; i < n; ++i) work(i, 0, false);
}
#define FOR_EACH_CELL_FROM(n0, n1, n2, first, ...)                                         \
            ROWS_IN_TURN_(n0, n1, n2) const int c0_ = first;                               \
            const auto ask_ = [=](const int i) INLINE_ { fetch(c0_ + i, __VA_ARGS__); };   \
            const auto work_ = [=](const int i, const int lane_, const bool whole_) INLINE_ { \
                const int c = c0_ + i;                                                     \
                (void)lane_, (void)whole_;
#define END_FOR_EACH_CELL_FROM }; blocks(n0_, true, ask_, work_); END_FOR_EACH_CELL
#define END_FOR_EACH_CELL_FROM_WITHOUT_BYTES                                               \
            };                                                                             \
            if (n0_ < LONG_) short_row(n0_, work_);                                        \
            else blocks(n0_, true, ask_, work_);                                           \
            END_FOR_EACH_CELL
#define END_FOR_EACH_CELL_FROM_IN_PLACE }; blocks(n0_, false, ask_, work_); END_FOR_EACH_CELL
static volatile real zero_ = 0;
#define ZERO zero_
#endif
