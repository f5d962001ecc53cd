"""From type counts to shares of types and groups, location quotients and mixture."""

from __future__ import annotations

import math

import numpy as np

from kodala.statistics.aggregation import Estimate, Status, coverage_status
from kodala.statistics.intervals import Z_95
from typology.domain.counts import TypeSums
from typology.domain.rules import Matrix, TypologyRules, Vector


def type_shares(sums: TypeSums) -> Vector:
    """Shares s_ak = n_ak / Σ n_ak, (k,). Raises ValueError if there are no debtors."""
    total = float(sums.counts.sum())
    if total <= 0:
        raise ValueError("an area without debtors has no type shares")
    return sums.counts / total


def share_covariance(sums: TypeSums, common_shift: float) -> Matrix:
    """Covariance of the shares, (k, k), with the common shift; rows sum to 0."""
    shares = type_shares(sums)
    change = (np.eye(len(shares)) - shares[:, None]) / sums.counts.sum()
    return np.asarray(change @ sums.total_covariance(common_shift) @ change.T, dtype=np.float64)


def model_shifts(sums: TypeSums) -> Vector:
    """How far the stated noise moves the shares ("Modellunsicherheit"), (k,), in shares."""
    return sums.disturbed / float(sums.disturbed.sum()) - type_shares(sums)


def count_estimates(sums: TypeSums, rules: TypologyRules) -> tuple[Estimate, ...]:
    """Expected debtors of each type, for an area or, from added sums, for the city."""
    errors = np.sqrt(np.diag(sums.total_covariance(rules.common_shift)).clip(0.0))
    return _estimates(sums, sums.counts, errors, None, rules)


def share_estimates(sums: TypeSums, rules: TypologyRules) -> tuple[Estimate, ...]:
    """Share of each type among the debtors, 0 … 1, for an area or for the city."""
    return _share_estimates(sums, np.eye(len(rules.types)), rules)


def group_estimates(sums: TypeSums, rules: TypologyRules) -> tuple[Estimate, ...]:
    """Share of each of the three groups among the debtors, 0 … 1."""
    return _share_estimates(sums, rules.group_matrix, rules)


def _share_estimates(sums: TypeSums, joining: Matrix, rules: TypologyRules) -> tuple[Estimate, ...]:
    """joining: (figures, k) of 0 and 1, adds types up."""
    if sums.counts.sum() <= 0:
        nothing = np.zeros(len(joining))
        return _estimates(sums, nothing, nothing, 1.0, rules)
    covariance = joining @ share_covariance(sums, rules.common_shift) @ joining.T
    shares = joining @ type_shares(sums)
    return _estimates(sums, shares, np.sqrt(np.diag(covariance).clip(0.0)), 1.0, rules)


def _estimates(
    sums: TypeSums, values: Vector, errors: Vector, most: float | None, rules: TypologyRules
) -> tuple[Estimate, ...]:
    """Values with normal intervals, kept within 0 and `most`; None values where there is no data."""
    status = sums.status(rules.label)
    total = float(sums.counts.sum())
    if status is Status.NO_DATA:
        # A base that was delivered and is 0 is kept: nobody has a type there, which is not missing.
        is_empty = most is not None and coverage_status(sums.coverage) is not Status.NO_DATA
        base = 0.0 if is_empty else None
        empty = Estimate(None, None, base, None, None, None, None, sums.coverage, sums.n_cells, 0.0, status)
        return (empty,) * len(values)
    ceiling = math.inf if most is None else most
    return tuple(
        Estimate(
            value=float(value),
            numerator=float(value) if most is None else float(value) * total,
            denominator=None if most is None else total,
            weight_sum=None,
            lower=max(0.0, float(value - Z_95 * error)),
            upper=min(ceiling, float(value + Z_95 * error)),
            se=float(error),
            coverage=sums.coverage,
            n_cells=sums.n_cells,
            base=total,
            status=status,
        )
        for value, error in zip(values, errors, strict=True)
    )


def location_quotients(area: TypeSums, city: TypeSums) -> tuple[float | None, ...]:
    """Share in the area over share in the city; None for a type that the city does not have."""
    own, whole = type_shares(area), type_shares(city)
    return tuple(float(s / c) if c > 0 else None for s, c in zip(own, whole, strict=True))


def mixture(shares: Vector) -> float:
    """Evenness of the types, −Σ s·ln s / ln k: 0 = one type only, 1 = all types alike."""
    present = shares[shares > 0]
    evenness = -float((present * np.log(present)).sum()) / math.log(len(shares))
    return min(1.0, max(0.0, evenness))
