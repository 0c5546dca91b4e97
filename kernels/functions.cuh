/* Functions that all kernels have; numpy twins in reference/functions.py. */

/* Not a number in `a` stays; `b` is the constant bound where there is one. */
DEVICE real rmin(real a, real b) { return b < a ? b : a; }
DEVICE real rmax(real a, real b) { return b > a ? b : a; }
DEVICE real rabs(real a) { return a < real(0) ? -a : a; }

DEVICE int stride(int axis, int sy, int sz) { return axis == 0 ? 1 : (axis == 1 ? sy : sz); }

/* What couples a cell to its neighbour below and to that above along an axis of stride s, with what flows in from there: first-order
 * upwind, a_f = g_f + max(inflow, 0). `zero` is ZERO. */
DEVICE real coupling_below(const real* RESTRICT g, const real* RESTRICT m, int c, real zero) { return g[c] + rmax(m[c], zero); }
DEVICE real coupling_above(const real* RESTRICT g, const real* RESTRICT m, int c, int s, real zero)
{
    return g[c + s] - rmin(m[c + s], zero);
}

/* Area of a face across an axis, from the widths of its cell: that along the axis counts as 1. Which one that is must be known
 * before the loop, or the host's compiler does not vectorise it. */
struct Axis { real x, y, z; };
DEVICE struct Axis only(int axis)
{
    const struct Axis a = {real(axis == 0), real(axis == 1), real(axis == 2)};
    return a;
}
DEVICE real face_area(struct Axis a, real x, real y, real z)
{
    return (a.x + (real(1) - a.x) * x) * (a.y + (real(1) - a.y) * y) * (a.z + (real(1) - a.z) * z);
}

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
