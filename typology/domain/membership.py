"""How far a cell belongs to each type: shrinking, distances to the prototypes, membership."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typology.domain.features import Standardised
from typology.domain.rules import Matrix, TypologyRules, Vector

# A cell on a prototype belongs to it alone: with d² = 1e-12 all other memberships vanish.
LEAST_SQUARED_DISTANCE = 1e-12


@dataclass(frozen=True, eq=False)
class AreaMean:
    """Debtor-weighted mean of an area in the eight dimensions.

    mean:    (8,) 0 where it cannot be said
    known:   (8,) True where the area has a mean
    debtors: (8,) sum of the debtors behind each mean
    """

    mean: Vector
    known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    debtors: Vector


def area_mean(features: Standardised, debtors: Vector, coverage: Vector, least_coverage: float) -> AreaMean:
    """Debtor-weighted mean of each dimension; missing below the least coverage (by households).

    debtors: (n,) >= 0   coverage: (8,) share of the households with that dimension, 0 … 1
    """
    weights = features.present @ debtors
    known = (weights > 0) & (coverage >= least_coverage)
    mean = np.where(known, features.z @ debtors / np.where(weights > 0, weights, 1.0), 0.0)
    return AreaMean(mean, known, weights)


def usable_weights(
    known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], weights: Vector, least: float
) -> Vector | None:
    """Weights of the dimensions an area knows, scaled to the full sum; None if too few are known.

    known: (8,)   weights: (8,) >= 0   least: share of Σw that must be known
    """
    present = float(weights[known].sum())
    if present < least * float(weights.sum()) * (1 - 1e-12):
        return None
    return np.where(known, weights, 0.0) * (float(weights.sum()) / present)


def shrink(features: Standardised, mean: Vector, kappa: float) -> Matrix:
    """Draw each cell towards its area: mean + κ·(z − mean), the mean where missing; (8, n)."""
    deviation = features.z - mean[:, None]
    deviation *= features.present
    deviation *= kappa
    deviation += mean[:, None]
    return deviation


def squared_distances(z: Matrix, prototypes: Matrix, weights: Vector) -> Matrix:
    """Weighted squared distance of each cell to each prototype, (types, n), never below 1e-12.

    z: (dimensions, n)   prototypes: (types, dimensions)   weights: (dimensions,) >= 0
    """
    weighted = prototypes * weights
    distances: Matrix = (-2.0 * weighted) @ z
    distances += weights @ (z * z)
    distances += (weighted * prototypes).sum(axis=1)[:, None]
    return np.maximum(distances, LEAST_SQUARED_DISTANCE, out=distances)


def memberships(distances: Matrix, priors: Vector, exponent: float) -> Matrix:
    """Membership of each cell in each type, u ∝ π·(d²)^−exponent, columns sum to 1; (types, n).

    distances: (types, n) squared, > 0   priors: (types,) > 0   exponent: 1 / (m − 1)
    """
    # Relative to the nearest type nothing can overflow, whatever the exponent.
    shares: Matrix = (distances.min(axis=0) / distances) ** exponent
    shares *= priors[:, None]
    shares /= shares.sum(axis=0)
    return shares


def area_memberships(mean: Vector, rules: TypologyRules) -> Vector:
    """Membership of a point given by its z values, e.g. an area mean; (types,)."""
    distances = squared_distances(mean[:, None], rules.prototypes, rules.weights)
    return memberships(distances, rules.priors, rules.exponent)[:, 0]
