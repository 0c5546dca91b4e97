"""Moist air, vectorised. ASHRAE Handbook Fundamentals 2017, chapter 1 (equation numbers are its own).

Temperatures in kelvin, pressures in pascal, humidity ratio in kg of vapour per kg of dry air, enthalpy in J per kg of dry air.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ZERO_CELSIUS = 273.15
RATIO = 0.621945  # molar mass of water over that of dry air, eq. 20
DRY_GAS = 287.042  # J/(kg K), eq. 1
_ICE = (-5.6745359e3, 6.3925247e0, -9.6778430e-3, 6.2215701e-7, 2.0747825e-9, -9.4840240e-13, 4.1635019e0)
_WATER = (-5.8002206e3, 1.3914993e0, -4.8640239e-2, 4.1764768e-5, -1.4452093e-8, 0.0, 6.5459673e0)


def saturation_pressure(t: Array) -> Array:
    """Over water, below 0 degC over ice, Pa (Hyland & Wexler 1983; eq. 5 and 6)."""
    t = np.asarray(t, float)

    def law(c: tuple[float, ...]) -> Array:
        return np.exp(c[0] / t + c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5]))) + c[6] * np.log(t))

    return np.where(t < ZERO_CELSIUS, law(_ICE), law(_WATER))


def humidity_ratio(dew_point: Array, pressure: Array) -> Array:
    """From the dew point; that of saturated air is the same at its own temperature (eq. 20)."""
    p = np.minimum(saturation_pressure(dew_point), 0.9 * np.asarray(pressure, float))
    return RATIO * p / (pressure - p)


def enthalpy(t: Array, w: Array) -> Array:
    """Enthalpy above dry air and liquid water at 0 degC, J/kg (eq. 30)."""
    c = np.asarray(t, float) - ZERO_CELSIUS
    return 1006.0 * c + w * (2.501e6 + 1860.0 * c)


def density(t: Array, w: Array, pressure: Array) -> Array:
    """Of the mixture, kg/m3 (eq. 26 and 9b)."""
    return pressure * (1.0 + w) / (DRY_GAS * t * (1.0 + 1.607858 * w))


def wet_bulb(t: Array, dew_point: Array, pressure: Array) -> Array:
    """Thermodynamic wet bulb, K: where evaporating into saturation takes what the air gives (eq. 33, over ice eq. 35).

    The balance rises steadily between dew point and dry bulb, so it is bisected (40 halvings: 1e-9 K).
    """
    t, dew_point, pressure = np.broadcast_arrays(*(np.asarray(a, float) for a in (t, dew_point, pressure)))
    w = humidity_ratio(np.minimum(dew_point, t), pressure)
    low, high = np.minimum(dew_point, t).copy(), t.copy()
    for _ in range(40):
        middle = 0.5 * (low + high)
        below = _ratio_at(middle, t, pressure) < w
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def _ratio_at(wet: Array, t: Array, pressure: Array) -> Array:
    """Humidity ratio of air at `t` whose wet bulb is `wet`."""
    star, c, b = humidity_ratio(wet, pressure), t - ZERO_CELSIUS, wet - ZERO_CELSIUS
    water = ((2501.0 - 2.326 * b) * star - 1.006 * (c - b)) / (2501.0 + 1.86 * c - 4.186 * b)
    ice = ((2830.0 - 0.24 * b) * star - 1.006 * (c - b)) / (2830.0 + 1.86 * c - 2.1 * b)
    return np.where(b < 0.0, ice, water)


def saturated_temperature(h: Array, pressure: Array) -> Array:
    """Temperature of saturated air of enthalpy `h`, K (bisected between -40 and 80 degC)."""
    h, pressure = np.broadcast_arrays(np.asarray(h, float), np.asarray(pressure, float))
    low, high = np.full(h.shape, 233.15), np.full(h.shape, 353.15)
    for _ in range(40):
        middle = 0.5 * (low + high)
        below = enthalpy(middle, humidity_ratio(middle, pressure)) < h
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)
