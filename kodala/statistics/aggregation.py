"""From cells to areas to the city: totals, ratios and weighted means with coverage.

One area is summed into `Sums`; sums of areas can be added, and the city is estimated from the
added sums, never as a mean of area rates. A missing value is NaN in cells and None in estimates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kodala.statistics.intervals import Z_95, byar, half_width_se, wilson

Vector = NDArray[np.float64]
Cells = Mapping[str, Vector]  # column name -> values of the cells of ONE area, NaN = missing

# Shares of the households that must be covered; 80 % after RWI-GEO-GRID, 50 % is a project decision.
CERTAIN_COVERAGE = 0.80
LEAST_COVERAGE = 0.50
ROUND_OFF = 1e-12  # coverage is a quotient of sums: 0.8 must not become 0.7999…


class Status(StrEnum):
    """How far an estimate can be used; from good to bad."""

    OK = "ok"
    UNCERTAIN = "uncertain"
    TOO_SMALL = "too_small"
    NO_DATA = "no_data"


class Kind(StrEnum):
    """How the cells of an indicator become one figure."""

    TOTAL = "total"
    RATIO = "ratio"
    MEAN = "mean"


@dataclass(frozen=True)
class Estimate:
    """One figure of an area or the city at full precision; None where nothing can be said.

    lower, upper: 95 % interval          se:      standard error
    coverage:     0 … 1, by households   n_cells: cells with all values that are needed
    base:         what a share or mean rests on (its denominator); the value itself for a total
    """

    value: float | None
    numerator: float | None
    denominator: float | None
    weight_sum: float | None
    lower: float | None
    upper: float | None
    se: float | None
    coverage: float
    n_cells: int
    base: float
    status: Status


@dataclass(frozen=True)
class Sums:
    """Everything of an area that is needed for an estimate, and can be added over areas.

    numerator:       Σ x (total), Σ Z (ratio), Σ w·x (mean)
    denominator:     0 (total), Σ N (ratio), Σ w (mean)
    squares:         Σ w·x² (mean), else 0
    weight_squares:  Σ w² (mean), else 0
    covered:         households of the cells with all values that are needed
    households:      households of all cells
    """

    kind: Kind
    numerator: float
    denominator: float
    squares: float
    weight_squares: float
    covered: float
    households: float
    n_cells: int

    def __add__(self, other: Sums) -> Sums:
        """Sums of both areas together. Raises ValueError if the kinds differ."""
        if self.kind is not other.kind:
            raise ValueError(f"cannot add sums of a {other.kind} to sums of a {self.kind}")
        return Sums(
            self.kind,
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.squares + other.squares,
            self.weight_squares + other.weight_squares,
            self.covered + other.covered,
            self.households + other.households,
            self.n_cells + other.n_cells,
        )

    @property
    def coverage(self) -> float:
        """Share of the households whose cells have all values, 0 if there are no households."""
        return self.covered / self.households if self.households > 0 else 0.0

    @property
    def scatter_se(self) -> float | None:
        """Standard error of a mean from the scatter of its cells, √(s²_w / n_eff); None without cells."""
        if self.kind is not Kind.MEAN or self.denominator <= 0:
            return None
        mean = self.numerator / self.denominator
        variance = max(0.0, self.squares / self.denominator - mean * mean)
        return math.sqrt(variance * self.weight_squares) / self.denominator


def column(cells: Cells, name: str) -> Vector:
    """Values of a column; all NaN if the delivery does not have it."""
    if name in cells:
        return cells[name]
    return np.full(len(cells["households"]), np.nan)


def take_cells(cells: Cells, chosen: NDArray[np.intp]) -> Cells:
    """Some of the cells, by their places."""
    return {name: values[chosen] for name, values in cells.items()}


def sum_total(values: Vector, households: Vector) -> Sums:
    """Sum what is there; missing cells lower the coverage and are never filled in."""
    seen = np.isfinite(values)
    return _sums(Kind.TOTAL, seen, households, numerator=float(values.sum(where=seen)))


def sum_ratio(numerators: Vector, denominators: Vector, households: Vector) -> Sums:
    """Sum numerator and denominator over the cells that have both.

    All arrays have shape (n_cells,); NaN = missing; households has no missing values.
    """
    seen = np.isfinite(numerators) & np.isfinite(denominators)
    return _sums(
        Kind.RATIO,
        seen,
        households,
        numerator=float(numerators.sum(where=seen)),
        denominator=float(denominators.sum(where=seen)),
    )


def sum_mean(values: Vector, weights: Vector, households: Vector) -> Sums:
    """Sum for a weighted mean over the cells that have value and weight.

    All arrays have shape (n_cells,); NaN = missing; weights >= 0.
    """
    seen = np.isfinite(values) & np.isfinite(weights)
    x = np.where(seen, values, 0.0)
    w = np.where(seen, weights, 0.0)
    wx = w * x
    return _sums(
        Kind.MEAN,
        seen,
        households,
        numerator=float(wx.sum()),
        denominator=float(w.sum()),
        squares=float(wx @ x),
        weight_squares=float(w @ w),
    )


def _sums(
    kind: Kind,
    seen: NDArray[np.bool_],
    households: Vector,
    numerator: float,
    denominator: float = 0.0,
    squares: float = 0.0,
    weight_squares: float = 0.0,
) -> Sums:
    return Sums(
        kind,
        numerator,
        denominator,
        squares,
        weight_squares,
        covered=float(households.sum(where=seen)),
        households=float(households.sum()),
        n_cells=int(np.count_nonzero(seen)),
    )


def coverage_status(coverage: float) -> Status:
    """Status that follows from the coverage alone: below 50 % no data, below 80 % uncertain."""
    if coverage < LEAST_COVERAGE - ROUND_OFF:
        return Status.NO_DATA
    return Status.UNCERTAIN if coverage < CERTAIN_COVERAGE - ROUND_OFF else Status.OK


def worst(*statuses: Status) -> Status:
    """The worst of several statuses."""
    order = list(Status)
    return max(statuses, key=order.index)


def estimate(sums: Sums) -> Estimate:
    """Turn sums of an area or the city into a figure with its interval.

    total: Byar interval; ratio: Wilson interval with n = denominator, value in [0, 1];
    mean:  interval of the missing part, √((1 − coverage)·s²_w/n_eff): 0 with full coverage,
           because the cells are not a sample.
    Source: methods §2 and §3.2.
    """
    status = coverage_status(sums.coverage)
    has_base = sums.kind is Kind.TOTAL or sums.denominator > 0
    if status is Status.NO_DATA or not has_base:
        return without_value(sums, Status.NO_DATA)
    value, lower, upper, se = _ESTIMATORS[sums.kind](sums)
    is_total = sums.kind is Kind.TOTAL
    return Estimate(
        value,
        sums.numerator,
        None if is_total else sums.denominator,
        sums.denominator if sums.kind is Kind.MEAN else None,
        lower,
        upper,
        se,
        sums.coverage,
        sums.n_cells,
        sums.numerator if is_total else sums.denominator,
        status,
    )


def without_value(sums: Sums, status: Status) -> Estimate:
    """An estimate that says only why there is no figure.

    A denominator that was delivered and is 0 is kept: x/0 is not meaningful, which is not missing.
    """
    is_empty = sums.kind is not Kind.TOTAL and sums.denominator == 0 and sums.coverage >= LEAST_COVERAGE
    return Estimate(
        None,
        None,
        0.0 if is_empty else None,
        None,
        None,
        None,
        None,
        sums.coverage,
        sums.n_cells,
        0.0,
        status,
    )


def _estimate_total(sums: Sums) -> tuple[float, float, float, float]:
    lower, upper = byar(sums.numerator)
    return sums.numerator, lower, upper, half_width_se(lower, upper)


def _estimate_ratio(sums: Sums) -> tuple[float, float, float, float]:
    share = sums.numerator / sums.denominator
    lower, upper = wilson(share, sums.denominator)
    return share, lower, upper, half_width_se(lower, upper)


def _estimate_mean(sums: Sums) -> tuple[float, float, float, float]:
    mean = sums.numerator / sums.denominator
    scatter = sums.scatter_se or 0.0
    se = math.sqrt(max(0.0, 1.0 - sums.coverage)) * scatter
    return mean, mean - Z_95 * se, mean + Z_95 * se, se


_ESTIMATORS = {Kind.TOTAL: _estimate_total, Kind.RATIO: _estimate_ratio, Kind.MEAN: _estimate_mean}
