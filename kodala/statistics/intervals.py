"""Intervals of rates and counts: Wilson and Byar."""

from __future__ import annotations

import math

Z_95 = 1.96  # standard normal quantile of a two-sided 95 % interval, as written in the methods


def wilson(share: float, n: float, z: float = Z_95) -> tuple[float, float]:
    """Interval of a share, inside [0, 1] also for very small and very large shares.

    share:    0 … 1
    n:        base of the share (persons, need not be whole), > 0
    returns:  lower and upper limit, 0 <= lower <= share <= upper <= 1

    Raises ValueError if the share lies outside [0, 1] or the base is not positive.
    Source: Wilson 1927, JASA 22.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share is {share}, must lie in [0, 1]")
    if n <= 0.0:
        raise ValueError(f"base is {n}, must be positive")
    spread = z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def byar(count: float, z: float = Z_95) -> tuple[float, float]:
    """Interval of a count, as the random fluctuation of a counting process.

    count:    observed or expected number, >= 0, need not be whole
    returns:  lower and upper limit, 0 <= lower <= count <= upper

    Raises ValueError if the count is negative. Source: Breslow & Day 1987, II, p. 69.
    """
    if count < 0.0:
        raise ValueError(f"count is {count}, must not be negative")
    above = count + 1.0
    upper = above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3
    if count == 0.0:
        return 0.0, upper
    root = max(0.0, 1 - 1 / (9 * count) - z / (3 * math.sqrt(count)))
    return count * root**3, upper


def half_width_se(lower: float, upper: float) -> float:
    """Standard error that belongs to a 95 % interval: its width over 3.92."""
    return (upper - lower) / (2 * Z_95)
