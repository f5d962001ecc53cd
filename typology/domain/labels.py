"""The label of an area: the smallest set of groups, or types, that is sure enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kodala.statistics.aggregation import Status
from typology.domain.counts import TypeSums
from typology.domain.rules import LabelRules, Matrix, TypologyRules, Vector
from typology.domain.shares import share_covariance, type_shares

Winners = NDArray[np.int64]
ROUND_OFF = 1e-12  # frequencies are sums of 1/R: 0.97 must not be missed by a rounding


@dataclass(frozen=True)
class LabelSet:
    """Set-valued label. members: indices, the most frequent first; frequencies: of all candidates.

    One member means "dominant", several mean "mixed: A or B".
    """

    members: tuple[int, ...]
    frequencies: tuple[float, ...]

    @property
    def is_single(self) -> bool:
        """True if one group or type is sure enough by itself."""
        return len(self.members) == 1


@dataclass(frozen=True)
class AreaLabels:
    """Label of the groups and of the type that characterises the area; None if it cannot be said."""

    group: LabelSet | None
    type: LabelSet | None
    status: Status
    draws: int
    seed: int


def label_area(area: TypeSums, city: TypeSums, rules: TypologyRules) -> AreaLabels:
    """Labels of one area against the city's shares (taken as fixed).

    The shares are drawn from their normal distribution about the disturbed counts, as a cell
    bootstrap would scatter; the seed is part of the rules, so the same input gives the same label.
    What leads by the published shares is always a member. Source: methods §4, label rule.
    """
    limits, status = rules.label, area.status(rules.label)
    if status in (Status.NO_DATA, Status.TOO_SMALL):
        return AreaLabels(None, None, status, limits.draws, limits.seed)
    covariance = share_covariance(area, rules.common_shift)
    centre = area.disturbed / area.disturbed.sum()
    drawn = draw_shares(centre, covariance, limits.draws, limits.seed)
    published = type_shares(area)[None, :]
    return AreaLabels(
        _label(
            partial(leading_groups, group_matrix=rules.group_matrix),
            drawn,
            published,
            len(rules.groups),
            limits,
        ),
        _label(
            partial(characteristic_types, city_shares=type_shares(city), least_share=limits.least_share),
            drawn,
            published,
            len(rules.types),
            limits,
        ),
        status,
        limits.draws,
        limits.seed,
    )


def _label(
    choose: Callable[[Matrix], Winners],
    drawn: Matrix,
    published: Matrix,
    n_candidates: int,
    limits: LabelRules,
) -> LabelSet:
    found = label_set(choose(drawn), n_candidates, limits.least_frequency)
    leader = int(choose(published)[0])
    if leader in found.members:
        return found
    return LabelSet((*found.members, leader), found.frequencies)


def draw_shares(shares: Vector, covariance: Matrix, draws: int, seed: int) -> Matrix:
    """Shares drawn from their normal distribution, cut off at 0, rows sum to 1; (draws, k)."""
    values, vectors = np.linalg.eigh(covariance)
    # The symmetric root does not depend on the signs of the eigenvectors.
    root = (vectors * np.sqrt(values.clip(0.0))) @ vectors.T
    normal = np.random.Generator(np.random.PCG64(seed)).standard_normal((draws, len(shares)))
    drawn = np.maximum(shares + normal @ root, 0.0)
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True), dtype=np.float64)


def leading_groups(drawn: Matrix, group_matrix: Matrix) -> Winners:
    """Index of the largest group in each row of shares, (draws,)."""
    return np.asarray((drawn @ group_matrix.T).argmax(axis=1), dtype=np.int64)


def characteristic_types(drawn: Matrix, city_shares: Vector, least_share: float) -> Winners:
    """Index of the type with the highest location quotient among those with the least share, (draws,)."""
    quotients = drawn / np.where(city_shares > 0, city_shares, np.inf)
    quotients[drawn < least_share] = -1.0
    return np.asarray(quotients.argmax(axis=1), dtype=np.int64)


def label_set(winners: Winners, n_candidates: int, least_frequency: float) -> LabelSet:
    """Smallest set of candidates that won at least the given share of the draws; ties by index."""
    frequencies = np.bincount(winners, minlength=n_candidates) / len(winners)
    members: list[int] = []
    reached = 0.0
    for index in np.argsort(-frequencies, kind="stable"):
        members.append(int(index))
        reached += float(frequencies[index])
        if reached >= least_frequency - ROUND_OFF:
            break
    return LabelSet(tuple(members), tuple(float(frequency) for frequency in frequencies))


def settle_label(previous: int | None, found: LabelSet) -> int:
    """The one label to carry on: the previous one as long as it is still in the set (hysteresis)."""
    return previous if previous is not None and previous in found.members else found.members[0]


def describe_groups(found: LabelSet, names: Sequence[str]) -> str:
    """German wording of a group label, e.g. "dominante Gruppe: Nachhaltig"."""
    chosen = [names[index] for index in found.members]
    if found.is_single:
        return f"dominante Gruppe: {chosen[0]}"
    return f"gemischt: {', '.join(chosen[:-1])} oder {chosen[-1]}"
