/* The macros that let one text be CUDA C++ (NVRTC) and host C++ (any compiler with OpenMP). FOR_EACH_CELL_OF_COLOUR visits
 * one colour of a chequerboard, (i + j + k + colour) even, without touching the cells of the other: on the host a stride of
 * two, which vectorises five times better than skipping every second cell. */
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
#define END_FOR_EACH_CELL
#else
#define KERNEL extern "C" void
#define DEVICE static inline __attribute__((always_inline))
#define RESTRICT __restrict__
#define FOR_EACH_CELL(n0, n1, n2)                                                          \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2);                                          \
    const bool parallel_ = (long)n0_ * n1_ * n2_ > 20000; /* below, starting threads costs more */ \
    _Pragma("omp parallel for collapse(2) schedule(static) if(parallel_)")                 \
    for (int k = 0; k < n2_; ++k)                                                          \
        for (int j = 0; j < n1_; ++j) {                                                    \
            _Pragma("omp simd") for (int i = 0; i < n0_; ++i)
#define FOR_EACH_CELL_OF_COLOUR(n0, n1, n2, colour)                                        \
    const int n0_ = (n0), n1_ = (n1), n2_ = (n2);                                          \
    const bool parallel_ = (long)n0_ * n1_ * n2_ > 20000;                                  \
    _Pragma("omp parallel for collapse(2) schedule(static) if(parallel_)")                 \
    for (int k = 0; k < n2_; ++k)                                                          \
        for (int j = 0; j < n1_; ++j) {                                                    \
            const int first_ = (j + k + (colour)) & 1;                                     \
            _Pragma("omp simd") for (int i = first_; i < n0_; i += 2)
#define END_FOR_EACH_CELL }
#endif

/* Not a number in `a` stays; `b` is the constant bound where there is one. */
DEVICE real rmin(real a, real b) { return b < a ? b : a; }
DEVICE real rmax(real a, real b) { return b > a ? b : a; }
DEVICE real rabs(real a) { return a < real(0) ? -a : a; }
