"""Who is online: the survey's probabilities adjusted to an area, with their uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kodala.statistics.aggregation import Status, coverage_status, estimate, worst
from seniors.domain.reference import OnlineTable
from seniors.domain.rules import Adjustment, SeniorRules
from seniors.domain.sums import SeniorSums

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
BISECTIONS = 100
WIDEST = 40.0  # logits beyond this are 0 or 1 in float64


@dataclass(frozen=True, eq=False)
class AreaModel:
    """One area before adding up.

    counts: (3,) seniors by age group   logits: (3,) of being online
    education, income: deviation from the reference, 0 where the covariate is missing
    status:            ok, uncertain (gaps, a missing covariate) or no data
    """

    counts: Vector
    logits: Vector
    education: float
    income: float
    status: Status

    @property
    def probabilities(self) -> Vector:
        """Probability of being online by age group, (3,)."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.logits)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Offline:
    """Expected offline seniors and the parts of their standard error; can be added over areas.

    shared: (5,) from the survey's three age groups and the two slopes: the same error in all areas
    own:    variance that belongs to the area alone
    """

    count: float
    shared: Vector
    own: float

    def __add__(self, other: Offline) -> Offline:
        return Offline(self.count + other.count, self.shared + other.shared, self.own + other.own)

    @property
    def se(self) -> float:
        """Standard error of the count."""
        return math.sqrt(float(self.shared @ self.shared) + self.own)


def income_reference(city: SeniorSums) -> float | None:
    """Purchasing power that counts as ordinary: the mean of the same delivery."""
    return estimate(city.income).value


def model_area(
    sums: SeniorSums, table: OnlineTable, reference_income: float | None, rules: SeniorRules
) -> AreaModel:
    """Adjust the survey to an area: logit p_g + β_b·(b − b̄) + β_k·ln(kk / kk_ref).

    A missing covariate leaves its term out and makes the result uncertain. Source: methods §5.2.
    """
    adjustment = rules.adjustment
    education, income = estimate(sums.education), estimate(sums.income)
    low = 0.0 if education.value is None else education.value / 100.0 - adjustment.education_centre
    richer = 0.0
    if income.value is not None and reference_income is not None:
        richer = math.log(income.value / reference_income)
    shift = adjustment.education_slope * low + adjustment.income_slope * richer
    counts = np.array([group.numerator for group in sums.groups])
    status = coverage_status(sums.seniors.coverage)
    if counts.sum() <= 0:
        status = Status.NO_DATA
    elif worst(education.status, income.status) is not Status.OK:
        status = worst(status, Status.UNCERTAIN)
    return AreaModel(counts, np.array(table.logits) + shift, low, richer, status)


def model_part(area: AreaModel, sums: SeniorSums) -> AreaModel:
    """A part of an area: its own seniors, online as likely as those of the same age in the whole area.

    So the offline seniors of parts that share out an area add up to the area's.
    """
    counts = np.array([group.numerator for group in sums.groups])
    if area.status is Status.NO_DATA or counts.sum() <= 0:
        return replace(area, counts=counts, status=Status.NO_DATA)
    return replace(area, counts=counts, status=worst(coverage_status(sums.seniors.coverage), area.status))


def offline(area: AreaModel, table: OnlineTable, adjustment: Adjustment, chosen: Sequence[bool]) -> Offline:
    """Offline seniors of the chosen age groups, O = Σ N_g·(1 − p_g), with the delta method.

    chosen: three flags, one per age group. Source: methods §5.3.
    """
    counts = np.where(chosen, area.counts, 0.0)
    p = area.probabilities
    slopes = counts * p * (1 - p)
    slope = float(slopes.sum())
    by_education = slope * area.education * adjustment.education_slope_se
    by_income = slope * area.income * adjustment.income_slope_se
    shared = np.array([*(slopes * np.array(table.logit_se)), by_education, by_income])
    return Offline(float(counts @ (1.0 - p)), shared, (slope * adjustment.area_sd) ** 2)


def benchmark(areas: Sequence[AreaModel], city_online: float) -> list[AreaModel]:
    """Add one number to all logits so that the city's online share is exactly the given one.

    city_online: share inside (0, 1). Raises ValueError outside, or if there are no seniors.
    """
    counts = np.array([area.counts for area in areas])
    if not 0.0 < city_online < 1.0 or counts.sum() <= 0:
        raise ValueError(f"cannot bring {counts.sum()} seniors to an online share of {city_online}")
    logits = np.array([area.logits for area in areas])
    shift = float(_solve_shift(logits[None], counts, city_online)[0])
    return [AreaModel(a.counts, a.logits + shift, a.education, a.income, a.status) for a in areas]


def benchmarked_errors(
    areas: Sequence[AreaModel],
    table: OnlineTable,
    rules: SeniorRules,
    city_online: float,
    chosen: Sequence[bool],
) -> tuple[Vector, float]:
    """Standard errors of the offline counts after benchmarking, (areas,), and of their sum.

    By parametric bootstrap that keeps the city value in every draw; the seed is part of the rules.
    """
    rng = np.random.Generator(np.random.PCG64(rules.benchmark_seed))
    draws, adjustment = rules.benchmark_draws, rules.adjustment
    counts = np.array([area.counts for area in areas])
    survey = rng.standard_normal((draws, 1, 3)) * np.array(table.logit_se)
    slopes = rng.standard_normal((draws, 2)) * [adjustment.education_slope_se, adjustment.income_slope_se]
    covariates = np.array([[area.education, area.income] for area in areas])
    own = rng.standard_normal((draws, len(areas))) * adjustment.area_sd
    logits = np.array([area.logits for area in areas]) + survey + (slopes @ covariates.T + own)[:, :, None]
    logits += _solve_shift(logits, counts, city_online)[:, None, None]
    missing = (counts * np.asarray(chosen) / (1.0 + np.exp(logits))).sum(axis=2)
    return np.asarray(missing.std(axis=0, ddof=1)), float(missing.sum(axis=1).std(ddof=1))


def _solve_shift(logits: Matrix, counts: Matrix, city_online: float) -> Vector:
    """Shift per draw so that Σ N·p = share·Σ N. logits: (draws, areas, 3); counts: (areas, 3)."""
    low, high = np.full(len(logits), -WIDEST), np.full(len(logits), WIDEST)
    target = city_online * counts.sum()
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        online = (counts / (1.0 + np.exp(-(logits + middle[:, None, None])))).sum(axis=(1, 2))
        low, high = np.where(online < target, middle, low), np.where(online < target, high, middle)
    return np.asarray((low + high) / 2, dtype=np.float64)
