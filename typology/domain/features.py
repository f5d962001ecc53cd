"""From delivered columns to the eight standardised dimensions of the typology.

Layout: dimensions in rows, cells in columns, so that one dimension lies together in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kodala.statistics.aggregation import Cells, column
from typology.domain.rules import N_PARTS, Matrix, TypologyRules, Vector

REASON_GROUPS: tuple[tuple[str, str], ...] = (
    ("reason_illness", "reason_separation"),  # E: events
    ("reason_unemployment", "reason_low_income"),  # A: work and income
    ("reason_housekeeping", ""),  # V: housekeeping alone
    ("reason_self_employment", "reason_other"),  # S: self-employment and others
)
REASON_COLUMNS = tuple(name for pair in REASON_GROUPS for name in pair if name)
FEATURE_COLUMNS = (
    "creditors_per_debtor",
    "mean_debt_eur",
    "debt_duration_years",
    "purchasing_power_eur",
    "mean_adult_age",
    *REASON_COLUMNS,
)
INTENSITY = 0  # row of the intensity among the eight dimensions
CHUNK = 4096  # cells at a time: a few (8, n) arrays then fit into the second-level cache
N_RAW = 10  # h, g, v, D, E, A, V, S, K, Alt


@dataclass(frozen=True, eq=False)
class Standardised:
    """The eight dimensions of an area's cells.

    z:         (8, n) standard units, clipped to ±3; 0 where missing
    present:   (8, n) 1.0 where there is a value, 0.0 where missing
    noise:     (8, n) variance of the stated noise in standard units; 0 where missing or clipped
    """

    z: Matrix
    present: Matrix
    noise: Matrix

    def part(self, cells: slice | NDArray[np.intp]) -> Standardised:
        """Some of the cells; a slice gives views."""
        return Standardised(self.z[:, cells], self.present[:, cells], self.noise[:, cells])


def parts_of(n_cells: int) -> list[slice]:
    """Slices of the cells that are worked on at a time."""
    return [slice(start, min(start + CHUNK, n_cells)) for start in range(0, n_cells, CHUNK)]


def raw_features(cells: Cells, hard: Vector, soft: Vector, rules: TypologyRules, year: int) -> Matrix:
    """Raw features h, g, v, D, E, A, V, S, K, Alt of each cell, shape (10, n); NaN or ±inf = missing.

    hard, soft: expected debtors, shape (n,), no missing values
    year:       year of the reference date, sets the reference income
    Source: methods §4b, step 1.
    """
    raw = np.empty((N_RAW, len(hard)))
    with np.errstate(divide="ignore", invalid="ignore"):
        income = np.log(column(cells, "purchasing_power_eur"))
        share = np.clip(hard / (hard + soft), *rules.hard_share_limits)
        np.log(share / (1.0 - share), out=raw[0])
        np.log(column(cells, "creditors_per_debtor"), out=raw[1])
        np.log(column(cells, "mean_debt_eur"), out=raw[2])
        raw[2] -= income
        np.log(column(cells, "debt_duration_years"), out=raw[3])
        _write_reasons(cells, rules.reason_floor, raw[4:8])
        np.subtract(income, np.log(rules.reference_income(year)), out=raw[8])
    raw[9] = column(cells, "mean_adult_age")
    return raw


def _write_reasons(cells: Cells, floor: float, out: Matrix) -> None:
    """Centred log ratios of the four reason groups into `out`, shape (4, n)."""
    for row, (first, second) in zip(out, REASON_GROUPS, strict=True):
        np.maximum(column(cells, first), floor, out=row)
        if second:
            row += np.maximum(column(cells, second), floor)
    np.log(out, out=out)
    out -= out.mean(axis=0)


def standardise(raw: Matrix, rules: TypologyRules) -> Standardised:
    """Standardise with the frozen constants, form the intensity, clip; `raw` is used up.

    raw: (10, n) as `raw_features` gives it. Source: methods §4b, step 2.
    """
    means, sds = _constants(rules)
    with np.errstate(invalid="ignore"):
        raw -= means[:, None]
        raw /= sds[:, None]
        part_noise = (rules.noise[:N_PARTS] / sds[:N_PARTS]) ** 2
        intensity, intensity_noise = _intensity(raw[:N_PARTS], part_noise, rules)
        z = raw[N_PARTS - 1 :]  # h and g have done their duty; the row of v becomes the intensity
        z[INTENSITY] = intensity
        valid = np.isfinite(z)
        free = np.abs(z) < rules.z_limit  # a clipped or missing cell does not answer to small noise
    np.clip(z, -rules.z_limit, rules.z_limit, out=z)
    z[~valid] = 0.0
    noise = free * ((rules.noise[N_PARTS:] / sds[N_PARTS - 1 :]) ** 2)[:, None]
    noise[INTENSITY] = np.where(free[INTENSITY], intensity_noise, 0.0)
    return Standardised(z, valid.astype(np.float64), noise)


def _constants(rules: TypologyRules) -> tuple[Vector, Vector]:
    """Means and standard deviations of the ten raw features."""
    own = np.array([[dimension.mean, dimension.sd] for dimension in rules.dimensions[1:]])
    both = np.concatenate([rules.part_constants, own])
    return both[:, 0], both[:, 1]


def _intensity(parts: Matrix, part_noise: Vector, rules: TypologyRules) -> tuple[Vector, Vector]:
    """Mean of the parts that are there, over its scale, and the variance of its noise; NaN if too few.

    parts: (3, n) standardised h, g, v.
    """
    intensity = parts.sum(axis=0) / N_PARTS
    noise = np.full(parts.shape[1], part_noise.sum() / N_PARTS**2)
    gaps = np.flatnonzero(~np.isfinite(intensity))
    if len(gaps):
        there = np.isfinite(parts[:, gaps])
        count = there.sum(axis=0).astype(np.float64)
        count[count < rules.intensity_least_parts] = np.nan
        intensity[gaps] = np.where(there, parts[:, gaps], 0.0).sum(axis=0) / count
        noise[gaps] = part_noise @ there / count**2
    return intensity / rules.intensity_scale, noise / rules.intensity_scale**2
