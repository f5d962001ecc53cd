"""Why an area has its type, and what would have to change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from typology.domain.membership import squared_distances, usable_weights
from typology.domain.rules import TypologyRules, Vector

N_STRONGEST = 3
LARGEST_TIPPING = 3.0  # standard units; a farther change is not worth telling
REASONS = ("E", "A", "V", "S")


@dataclass(frozen=True)
class Explanation:
    """Best and second type of an area mean, and what decides between them.

    first, second:  indices of the types   contributions: b_j per dimension, Σ b = d²_second − d²_first
    tipping:        change of one dimension alone that makes both distances equal, None if it cannot
    strongest:      the three dimensions that speak most for the first type
    nearest:        the dimension with the smallest tipping change up to 3, None if there is none
    """

    first: int
    second: int
    contributions: tuple[float, ...]
    tipping: tuple[float | None, ...]
    strongest: tuple[int, ...]
    nearest: int | None


@dataclass(frozen=True)
class Change:
    """A dimension before and after its tipping change, in the unit of its definition."""

    dimension: int
    before: float
    after: float
    unit: str


def explain(mean_z: Sequence[float | None], rules: TypologyRules) -> Explanation | None:
    """Explain the type of an area mean; None if too few dimensions are known.

    mean_z: (8,) debtor-weighted area mean in standard units. Source: methods §4, explanation.
    """
    known = np.array([value is not None for value in mean_z])
    weights = usable_weights(known, rules.weights, rules.least_dimension_weight)
    if weights is None:
        return None
    z = np.array([0.0 if value is None else value for value in mean_z])
    order = np.argsort(squared_distances(z[:, None], rules.prototypes, weights)[:, 0], kind="stable")
    first, second = int(order[0]), int(order[1])
    near, far = rules.prototypes[first], rules.prototypes[second]
    contributions = weights * ((z - far) ** 2 - (z - near) ** 2)
    tipping = _tipping(contributions, weights * (near - far))
    return Explanation(
        first,
        second,
        tuple(float(value) for value in contributions),
        tipping,
        tuple(int(j) for j in np.argsort(-contributions, kind="stable")[:N_STRONGEST]),
        _nearest(tipping),
    )


def _tipping(contributions: Vector, slopes: Vector) -> tuple[float | None, ...]:
    gap = float(contributions.sum())
    return tuple(-gap / (2.0 * float(slope)) if slope != 0 else None for slope in slopes)


def _nearest(tipping: Sequence[float | None]) -> int | None:
    reachable = [(abs(change), j) for j, change in enumerate(tipping) if change is not None]
    reachable = [entry for entry in reachable if entry[0] <= LARGEST_TIPPING]
    return min(reachable)[1] if reachable else None


def in_units(
    explanation: Explanation, j: int, mean_z: Sequence[float | None], rules: TypologyRules, year: int
) -> Change | None:
    """The tipping change of dimension j in years, euro or percent of the reasons; None without one.

    A group of reasons changes alone and all four groups are then brought back to 100 %.
    """
    step, start = explanation.tipping[j], mean_z[j]
    if step is None or start is None:
        return None
    before, after = (_in_unit(j, z, mean_z, rules, year) for z in (start, start + step))
    if before is None or after is None:
        return None
    return Change(j, before, after, rules.dimensions[j].unit)


def _in_unit(
    j: int, z: float, mean_z: Sequence[float | None], rules: TypologyRules, year: int
) -> float | None:
    dimension = rules.dimensions[j]
    raw = dimension.mean + dimension.sd * z
    if dimension.code == "D":
        return math.exp(raw)
    if dimension.code == "K":
        return rules.reference_income(year) * math.exp(raw)
    if dimension.code not in REASONS:
        return raw
    parts = []
    for index, other in enumerate(rules.dimensions):
        value = z if index == j else mean_z[index]
        if other.code in REASONS:
            if value is None:
                return None
            parts.append(math.exp(other.mean + other.sd * value))
    return 100.0 * math.exp(raw) / sum(parts)
