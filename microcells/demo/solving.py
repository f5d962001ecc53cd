"""Small solvers that make invented values meet the set totals exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 60  # halvings; leaves 40 / 2**60 of the bracket


def solve_level(
    totals: Callable[[Floats], Floats], target: Floats, low: float = -20.0, high: float = 20.0
) -> Floats:
    """Find for each group the level at which its rising total meets the target, by bisection.

    totals: levels (groups) -> totals (groups), each rising in its own level
    target: shape (groups)
    """
    lower, upper = np.full(target.shape, low), np.full(target.shape, high)
    for _ in range(ROUNDS):
        middle = (lower + upper) / 2
        too_low = totals(middle) < target
        lower, upper = np.where(too_low, middle, lower), np.where(too_low, upper, middle)
    return np.asarray((lower + upper) / 2, dtype=np.float64)


def logistic(value: Floats) -> Floats:
    """Turn a logit into a share between 0 and 1."""
    return np.asarray(1 / (1 + np.exp(-value)), dtype=np.float64)


def sum_by_group(group: Ints, values: Floats, n_groups: int) -> Floats:
    """Add up values by group number; shape (n_groups)."""
    return np.asarray(np.bincount(group, values, n_groups), dtype=np.float64)


def largest_remainder(wish: Floats, total: int) -> Ints:
    """Round wishes to whole numbers that add up to `total`; ties go to the earlier one."""
    scaled = wish * (total / wish.sum())
    whole: Ints = np.floor(scaled).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - scaled, kind="stable")[:missing]] += 1
    return whole


def smooth_field(places: Floats, length: float, rng: np.random.Generator, n_features: int = 200) -> Floats:
    """Draw a smooth random surface with mean 0 and variance 1 and read it at the given places.

    places: shape (n, 2), metres; length: metres over which values stay alike
    Source: Rahimi and Recht 2007, Random features for large-scale kernel machines.
    """
    frequency = rng.standard_normal((2, n_features)) / length
    phase = rng.uniform(0, 2 * np.pi, n_features)
    centred = places - np.array([340_000.0, 5_672_000.0])
    return np.asarray(np.sqrt(2 / n_features) * np.cos(centred @ frequency + phase).sum(axis=1))


def standardise(values: Floats, weight: Floats) -> Floats:
    """Shift and scale values to weighted mean 0 and weighted standard deviation 1."""
    centred = values - np.average(values, weights=weight)
    return np.asarray(centred / np.sqrt(np.average(centred**2, weights=weight)))


def centre_by_group(values: Floats, group: Ints, weight: Floats) -> Floats:
    """Take the weighted group mean off each value."""
    total = np.bincount(group, weight)
    return np.asarray(values - (np.bincount(group, weight * values) / np.where(total > 0, total, 1))[group])
