"""Method 4b: the open replica, from features to type counts of one area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kodala.statistics.aggregation import LEAST_COVERAGE, ROUND_OFF, Cells, take_cells
from typology.domain.counts import Debtors, TypeSums, read_debtors
from typology.domain.features import Standardised, parts_of, raw_features, standardise
from typology.domain.membership import (
    area_mean,
    memberships,
    shrink,
    squared_distances,
    usable_weights,
)
from typology.domain.rules import Matrix, TypologyRules, Vector
from typology.domain.uncertainty import CellClasses, count_uncertainty


def count_replica(
    cells: Cells, rules: TypologyRules, year: int, parts: Sequence[NDArray[np.intp]] = ()
) -> tuple[TypeSums, tuple[float | None, ...], tuple[TypeSums, ...]]:
    """Type counts of one area, its mean in the eight dimensions (None where unknown), and counts of parts.

    Too few dimensions or debtors give counts of 0 with coverage 0, which is "no data".
    """
    debtors = read_debtors(cells)
    features = standardise(raw_features(cells, debtors.hard, debtors.soft, rules, year), rules)
    coverage = dimension_coverage(features, debtors)
    mean = area_mean(features, debtors.both, coverage, LEAST_COVERAGE - ROUND_OFF)
    weights = usable_weights(mean.known, rules.weights, rules.least_dimension_weight)
    mean_z = tuple(float(z) if known else None for z, known in zip(mean.mean, mean.known, strict=True))
    of_parts = [read_debtors(take_cells(cells, part)) for part in parts]
    if weights is None:
        return _nothing(debtors, rules), mean_z, tuple(_nothing(own, rules) for own in of_parts)
    area = CellClasses(features, mean, shrink(features, mean.mean, rules.kappa), debtors.both, weights)
    found = []
    for part, own in zip(parts, of_parts, strict=True):
        one = area.only(part)
        found.append(_sum_types(one, own, dimension_coverage(one.features, own), rules))
    return _sum_types(area, debtors, coverage, rules), mean_z, tuple(found)


def _sum_types(area: CellClasses, debtors: Debtors, coverage: Vector, rules: TypologyRules) -> TypeSums:
    """Counts and uncertainty of classified cells."""
    uncertainty = count_uncertainty(area, debtors.n_cells, rules)
    return TypeSums(
        n_cells=debtors.n_cells,
        households=debtors.all_households,
        covered=float(coverage @ rules.weights / rules.weights.sum()) * debtors.all_households,
        debtors=float(debtors.both.sum()),
        counts=count_types(area, rules),
        disturbed=uncertainty.disturbed,
        covariance=uncertainty.covariance,
        jacobian=uncertainty.jacobian,
    )


def dimension_coverage(features: Standardised, debtors: Debtors) -> Vector:
    """Share of all households whose cells have the dimension, (8,); cells without debtors need none."""
    if debtors.all_households <= 0:
        return np.zeros(len(features.z))
    empty = debtors.households * (debtors.both == 0.0)
    covered = features.present @ (debtors.households - empty) + empty.sum()
    return np.asarray(covered / debtors.all_households, dtype=np.float64)


def count_types(area: CellClasses, rules: TypologyRules) -> Vector:
    """Expected debtors per type, n_ak = Σ D_c·u_ck, (types,)."""
    counts = np.zeros(len(rules.types))
    for cells in parts_of(len(area.debtors)):
        counts += cell_memberships(area.part(cells), rules) @ area.debtors[cells]
    return counts


def cell_memberships(area: CellClasses, rules: TypologyRules) -> Matrix:
    """Membership of each cell in each type, (types, n); columns sum to 1."""
    distances = squared_distances(area.z, rules.prototypes, area.weights)
    return memberships(distances, rules.priors, rules.exponent)


def _nothing(debtors: Debtors, rules: TypologyRules) -> TypeSums:
    k, j = rules.prototypes.shape
    return TypeSums(
        n_cells=debtors.n_cells,
        households=debtors.all_households,
        covered=0.0,
        debtors=0.0,
        counts=np.zeros(k),
        disturbed=np.zeros(k),
        covariance=np.zeros((k, k)),
        jacobian=np.zeros((k, j)),
    )
