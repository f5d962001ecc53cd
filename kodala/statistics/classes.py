"""Class limits of maps: how they are found, and into which class a value falls.

Limits are upper limits. Class i holds the values in (b_{i-1}, b_i]: a limit belongs to the lower
class. On the map only the inner limits are kept, the first and the last class are open.
Source: methods §11.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RELATIVE_GUARD = 1e-9  # a value this close to a limit counts as equal to it
PRETTY_BIAS = 1.5  # high.u.bias of R's pretty(): prefers larger round steps
ROUND_FACTORS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)  # steps a reader still takes as round
ROUNDING = 1e-10  # R_pretty's rounding_eps, in steps


def class_of(value: float | None, inner_limits: Sequence[float]) -> int | None:
    """Number of the class a value falls into, 0 = lowest; None if there is no value.

    inner_limits: ascending; k - 1 limits make k classes; no limit = one class
    """
    if value is None:
        return None
    for index, limit in enumerate(inner_limits):
        if value <= limit + RELATIVE_GUARD * max(abs(limit), abs(value)):
            return index
    return len(inner_limits)


def count_classes(values: Sequence[float | None], inner_limits: Sequence[float]) -> list[int]:
    """How many values fall into each class; classes without values stay with 0."""
    counts = [0] * (len(inner_limits) + 1)
    for value in values:
        index = class_of(value, inner_limits)
        if index is not None:
            counts[index] += 1
    return counts


def pretty(lo: float, hi: float, n: int = 5) -> list[float]:
    """About n equal round steps that cover [lo, hi], as R's pretty() with high.u.bias 1.5.

    returns: n' + 1 limits including both ends; the value alone if lo = hi (a single class)

    Raises ValueError if lo > hi, a limit is not finite or n < 1.
    Source: R Core Team, src/appl/pretty.c.
    """
    if not (math.isfinite(lo) and math.isfinite(hi)) or lo > hi or n < 1:
        raise ValueError(f"no round steps from {lo} to {hi} in {n} classes")
    if lo == hi:
        return [lo]
    return _cover(lo, hi, _round_step((hi - lo) / n))


def _cover(lo: float, hi: float, step: float) -> list[float]:
    """Multiples of a step from the last one below `lo` to the first one above `hi`."""
    first = math.floor(lo / step + ROUNDING)
    last = math.ceil(hi / step - ROUNDING)
    # 3 · 0.1 is 0.30000000000000004; twelve digits give the number a person would write
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def _round_step(cell: float) -> float:
    base = 10.0 ** math.floor(math.log10(cell))
    step = base
    for factor, bias in ((2, PRETTY_BIAS), (5, 0.5 + 1.5 * PRETTY_BIAS), (10, PRETTY_BIAS)):
        if factor * base - cell >= bias * (cell - step):
            break
        step = factor * base
    return step


def five_class_limits(values: Sequence[float], n_classes: int = 5) -> list[float]:
    """Inner limits of the five map classes, from the pooled published values of all Datenstände.

    1. With fewer than `n_classes` distinct values there are only that many classes.
    2. The first of pretty(min, max, n), n = 5, 4, 6, 3, 7, with exactly the wanted number of steps.
    3. Else the smallest of the steps 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 · 10^i that, laid from a whole
       multiple of itself, covers minimum to maximum in exactly the wanted number of steps.
    4. Else the largest such step that needs more, and the outer class with fewer values (the
       upper one if both hold the same) is joined to its neighbour until the number is right.

    returns: ascending, equally spaced inner limits, at most n_classes - 1; none for one value

    Raises ValueError if there is no value or one is not finite.
    """
    wanted = min(n_classes, len(set(values)))
    if wanted == 0:
        raise ValueError("no values, no classes")
    lo, hi = min(values), max(values)
    if lo == hi:
        return []
    tries = (wanted, *(n for d in (1, 2) for n in (wanted - d, wanted + d) if n >= 1))
    candidates = [pretty(lo, hi, n) for n in tries] + _steps_by_width(lo, hi, wanted)
    for limits in candidates:
        if len(limits) - 1 == wanted:
            return limits[1:-1]
    finest = next(limits for limits in reversed(candidates) if len(limits) - 1 > wanted)
    return _join_outer_classes(values, finest[1:-1], wanted)


def _steps_by_width(lo: float, hi: float, wanted: int) -> list[list[float]]:
    """Coverings of [lo, hi] with rising step widths, from surely too many steps to one or two."""
    power = math.floor(math.log10((hi - lo) / wanted))
    widths = [factor * 10.0**i for i in range(power - 1, power + 2) for factor in ROUND_FACTORS]
    return [_cover(lo, hi, width) for width in widths if (hi - lo) / width <= 10 * wanted]


def _join_outer_classes(values: Sequence[float], inner: list[float], wanted: int) -> list[float]:
    while len(inner) + 1 > wanted:
        counts = count_classes(values, inner)
        inner = inner[1:] if counts[0] < counts[-1] else inner[:-1]
    return inner


def quantile_limits(values: Sequence[float], k: int) -> list[float]:
    """Upper limits of k classes with about equal numbers (linear quantiles)."""
    numbers, k = _finite(values, k)
    return [float(limit) for limit in np.quantile(numbers, np.arange(1, k + 1) / k)]


def equal_interval_limits(values: Sequence[float], k: int) -> list[float]:
    """Upper limits of k equally wide classes between minimum and maximum."""
    numbers, k = _finite(values, k)
    lo, hi = float(numbers[0]), float(numbers[-1])
    return [lo + (hi - lo) * step / k for step in range(1, k)] + [hi]


def standard_deviation_limits(values: Sequence[float]) -> list[float]:
    """Upper limits at mean −2, −1, +1, +2 sample standard deviations, then the maximum if above.

    Raises ValueError with fewer than two values.
    """
    numbers, _ = _finite(values, 1)
    if len(numbers) < 2:
        raise ValueError("a standard deviation needs at least two values")
    mean, deviation = float(numbers.mean()), float(numbers.std(ddof=1))
    limits = [mean + factor * deviation for factor in (-2, -1, 1, 2)]
    return [*limits, float(numbers[-1])] if numbers[-1] > limits[-1] else limits


def fisher_jenks_limits(values: Sequence[float], k: int) -> list[float]:
    """Upper limits of the k classes with the smallest sum of squares within the classes.

    Exact dynamic programme, O(k·n²). Source: Fisher 1958, JASA 53.
    """
    numbers, k = _finite(values, k)
    n = len(numbers)
    cost = _within_squares(numbers)
    best = cost[0].copy()
    starts = np.zeros((k, n), dtype=np.int64)
    for classes in range(1, k):
        # total[i, j]: the values 0 … i-1 in `classes` classes, i … j in one more
        total = np.full((n, n), np.inf)
        total[1:] = best[:-1, None] + cost[1:]
        starts[classes] = total.argmin(axis=0)
        best = total.min(axis=0)
    limits, end = [], n - 1
    for classes in range(k - 1, -1, -1):
        limits.append(float(numbers[end]))
        end = int(starts[classes, end]) - 1
    return limits[::-1]


def _within_squares(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of squares about the mean of numbers[i … j]; infinite for i > j. Shape (n, n)."""
    centred = numbers - numbers.mean()
    sums = np.concatenate([[0.0], centred.cumsum()])
    squares = np.concatenate([[0.0], (centred * centred).cumsum()])
    size = np.arange(1, len(numbers) + 1)[None, :] - np.arange(len(numbers))[:, None]
    inside = sums[None, 1:] - sums[:-1, None]
    within = squares[None, 1:] - squares[:-1, None] - inside * inside / np.maximum(size, 1)
    return np.where(size >= 1, np.maximum(within, 0.0), np.inf)


def _finite(values: Sequence[float], k: int) -> tuple[NDArray[np.float64], int]:
    """Sorted values, and k lowered to the number of distinct values."""
    numbers = np.sort(np.asarray(values, dtype=np.float64))
    if len(numbers) == 0 or not np.isfinite(numbers).all() or k < 1:
        raise ValueError(f"cannot make {k} classes of {len(numbers)} values")
    return numbers, min(k, len(np.unique(numbers)))
