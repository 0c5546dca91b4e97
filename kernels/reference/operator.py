"""numpy twins of operator.cu."""

from __future__ import annotations

import numpy as np

I = (slice(1, -1),) * 3


def low(a, axis):
    """Interior view of `a` shifted one cell down along x (0), y (1) or z (2)."""
    s = list(I)
    s[2 - axis] = slice(0, -2)
    return a[tuple(s)]


def high(a, axis):
    """Interior view of `a` shifted one cell up along x (0), y (1) or z (2)."""
    s = list(I)
    s[2 - axis] = slice(2, None)
    return a[tuple(s)]


def _pos(a):
    return np.maximum(a, a.dtype.type(0))


def _balance(x, g):
    xc = x[I]
    total = g[0][I] * (xc - low(x, 0)) + high(g[0], 0) * (xc - high(x, 0))
    for axis in (1, 2):
        total = total + g[axis][I] * (xc - low(x, axis)) + high(g[axis], axis) * (xc - high(x, axis))
    return total


def _balance_advected(x, g, m):
    xc = x[I]
    parts = [((g[axis][I] + _pos(m[axis][I])) * (xc - low(x, axis)),
              (high(g[axis], axis) + _pos(-high(m[axis], axis))) * (xc - high(x, axis))) for axis in range(3)]
    total = parts[0][0] + parts[0][1]
    for below, above in parts[1:]:
        total = total + below + above
    return total


def _inside(shape):
    nz, ny, nx = (n - 2 for n in shape)
    mask = np.zeros((nz, ny, nx), bool)
    mask[: nz - 1, : ny - 1, : nx - 1] = True
    return mask


def _coloured(nx, ny, nz, colour):
    k, j, i = np.ogrid[:nz, :ny, :nx]
    return ((i + j + k + colour) & 1) == 0


def residual(nx, ny, nz, x, gx, gy, gz, solved, b, r):
    """r = b - A x."""
    r[I] = np.where(solved[I] != 0, b[I] - _balance(x, (gx, gy, gz)), 0)


def residual_advected(nx, ny, nz, x, gx, gy, gz, mx, my, mz, solved, b, r):
    """r = b - A x with upwind advection."""
    value = b[I] - _balance_advected(x, (gx, gy, gz), (mx, my, mz))
    r[I] = np.where(solved[I] != 0, value, 0)


def apply(nx, ny, nz, x, gx, gy, gz, solved, y):
    """y = A x."""
    y[I] = np.where(solved[I] != 0, _balance(x, (gx, gy, gz)), 0)


def apply_advected(nx, ny, nz, x, gx, gy, gz, mx, my, mz, solved, y):
    """y = A x with upwind advection."""
    y[I] = np.where(solved[I] != 0, _balance_advected(x, (gx, gy, gz), (mx, my, mz)), 0)


def _invert(d, dinv, times=1):
    on = _inside(dinv.shape) & (d > 0)
    dinv[I] = np.where(on, times / np.where(on, d, 1), 0)


def inverse_diagonal(nx, ny, nz, gx, gy, gz, dinv):
    """dinv = 1 / sum of g."""
    d = gx[I] + high(gx, 0) + gy[I] + high(gy, 1) + gz[I] + high(gz, 2)
    _invert(d, dinv)


def inverse_diagonal_advected(nx, ny, nz, over, gx, gy, gz, mx, my, mz, dinv):
    """dinv = 1 / sum of the upwind coefficients, more where that is conduction's."""
    conduction = gx[I] + high(gx, 0) + gy[I] + high(gy, 1) + gz[I] + high(gz, 2)
    d = conduction
    for axis, m in enumerate((mx, my, mz)):
        d = d + _pos(m[I]) + _pos(-high(m, axis))
    _invert(d, dinv, 1 + dinv.dtype.type(over) * conduction / np.where(d > 0, d, 1))


def gauss_seidel(nx, ny, nz, colour, gx, gy, gz, dinv, b, x):
    """One colour of red-black Gauss-Seidel."""
    change = dinv[I] * (b[I] - _balance(x, (gx, gy, gz)))
    x[I] += np.where(_coloured(nx, ny, nz, colour), change, 0)


def gauss_seidel_advected(nx, ny, nz, colour, shift, gx, gy, gz, mx, my, mz, dinv, b, x):
    """One colour of red-black Gauss-Seidel with advection and under-relaxation."""
    r = b[I] - _balance_advected(x, (gx, gy, gz), (mx, my, mz))
    change = dinv[I] * r - dinv.dtype.type(shift) * x[I]
    x[I] += np.where(_coloured(nx, ny, nz, colour) & (dinv[I] != 0), change, 0)
