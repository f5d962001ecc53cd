"""How uncertain the type counts of an area are, without a bootstrap.

A bootstrap would draw cells with replacement, disturb features and debtors of every drawn cell, and
shift all cells of the city together. Its covariance is that of a sum of independent cells,

    (1 + cv²)·Σ ψψ' − n·ψ̄ψ̄'   +   σ²·J J'

with ψ_c the influence of one disturbed cell on the counts (its own debtors, and by the delta method
its pull on the area mean) and J the answer of the counts to a shift of all cells. The second part
is common to all areas and therefore kept as J.

The stated noise is as large as the scale of the features, so that memberships do not answer to it
in a straight line: the delta method for the noise itself would give standard errors up to 50 % too
large. Each cell is therefore disturbed once, by ± one standard deviation in every dimension; the
signs run through a balanced design along a fixed order of the cells, so that no random number is
needed and the order of the rows does not matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from typology.domain.counts import drawn_covariance
from typology.domain.features import Standardised, parts_of
from typology.domain.membership import AreaMean, memberships, squared_distances
from typology.domain.rules import Matrix, TypologyRules, Vector


@dataclass(frozen=True, eq=False)
class CellClasses:
    """The cells of one area ready for classification; j dimensions, n cells.

    z: (j, n) shrunk towards the area mean   debtors: (n,)   weights: (j,)
    """

    features: Standardised
    mean: AreaMean
    z: Matrix
    debtors: Vector
    weights: Vector

    def part(self, cells: slice) -> CellClasses:
        """Some of the cells, as views."""
        features = self.features.part(cells)
        return CellClasses(features, self.mean, self.z[:, cells], self.debtors[cells], self.weights)

    def only(self, cells: NDArray[np.intp]) -> CellClasses:
        """A part of the area, classified with the whole of it.

        Its errors are those of cells that pull on a mean of their own: a little larger than the true
        ones, because the mean of the whole area moves less.
        """
        features, debtors = self.features.part(cells), self.debtors[cells]
        mean = replace(self.mean, debtors=features.present @ debtors)
        return CellClasses(features, mean, self.z[:, cells], debtors, self.weights)


@dataclass(frozen=True, eq=False)
class CountUncertainty:
    """disturbed: (k,) counts with the stated noise; covariance: (k, k); jacobian: (k, j) per unit shift."""

    disturbed: Vector
    covariance: Matrix
    jacobian: Matrix


def count_uncertainty(area: CellClasses, n_cells: int, rules: TypologyRules) -> CountUncertainty:
    """Covariance of an area's type counts, and their answer to a shift of all cells.

    n_cells: cells with known debtors, from which a bootstrap would draw
    """
    turns = _TURNS[: max(1, min(len(_TURNS), math.ceil(LEAST_DISTURBED / max(n_cells, 1))))]
    order = design_order(area.features.z, area.debtors)
    k, j = rules.prototypes.shape
    products, total, gaps = np.zeros((k + j, k + j)), np.zeros((k, j)), np.zeros((k, j))
    counts = np.zeros(k)
    for part in parts_of(len(order)):
        for turn in turns:
            _add_disturbed(area.part(part), order[part] + turn, rules, (products, total, gaps, counts))
    for sums in (products, total, gaps, counts):
        sums /= len(turns)
    squares = _influence_squares(products, total, gaps, area.mean.debtors, rules.kappa)
    return CountUncertainty(counts, drawn_covariance(squares, counts, rules.debtors_cv, n_cells), total)


def _influence_squares(
    products: Matrix, total: Matrix, gaps: Matrix, debtors: Vector, kappa: float
) -> Matrix:
    """Σ ψψ' of ψ_c = D_c·(u_c + B·(z_c − z̄)), with B the pull on the area mean; (k, k)."""
    k = len(total)
    # κ of a cell's deviation moves the cell, the rest moves the area mean; gaps sit on the mean.
    by_mean = (1.0 - kappa) * total + kappa * gaps
    by_mean /= np.where(debtors > 0, debtors, 1.0)
    both = np.hstack([np.eye(k), by_mean])
    return np.asarray(both @ products @ both.T, dtype=np.float64)


def _add_disturbed(
    cells: CellClasses,
    place: NDArray[np.int64],
    rules: TypologyRules,
    sums: tuple[Matrix, Matrix, Matrix, Vector],
) -> None:
    """Disturb cells once and add up their products, derivatives and counts."""
    products, total, gaps, counts = sums
    k = len(counts)
    step = np.sqrt(cells.features.noise)
    step *= _SIGNS[: len(step), place % _SIGNS.shape[1]]
    z = cells.z + rules.kappa * step
    distances = squared_distances(z, rules.prototypes, cells.weights)
    shares = memberships(distances, rules.priors, rules.exponent)
    slopes = _gradients(z, shares, distances, cells, rules)
    total += slopes[0]
    gaps += slopes[1]
    own_and_pull = np.empty((k + len(step), len(place)))
    np.multiply(shares, cells.debtors, out=own_and_pull[:k])
    step += cells.features.z
    step -= cells.mean.mean[:, None]
    step *= cells.features.present
    np.multiply(step, cells.debtors, out=own_and_pull[k:])
    products += own_and_pull @ own_and_pull.T
    counts += own_and_pull[:k].sum(axis=1)


def design_order(z: Matrix, debtors: Vector) -> NDArray[np.int64]:
    """Rank of each cell in an order that follows from its own values only, (n,)."""
    key = _ORDER[: len(z)] @ z + debtors
    rank = np.empty(len(key), dtype=np.int64)
    rank[np.argsort(key)] = np.arange(len(key))
    return rank


def _gradients(
    z: Matrix, shares: Matrix, distances: Matrix, area: CellClasses, rules: TypologyRules
) -> tuple[Matrix, Matrix]:
    """Sum of the counts' derivatives over all cells, and over those without the dimension; (k, j)."""
    factor = -2.0 * rules.exponent * area.weights
    total = _sum_slopes(z, shares, distances, area.debtors, np.ones((len(z), 1)), rules.prototypes)
    rows = np.flatnonzero(area.features.present.min(axis=0, initial=1.0) == 0.0)
    missing = 1.0 - area.features.present[:, rows]
    parts = (z[:, rows], shares[:, rows], distances[:, rows], area.debtors[rows])
    return total * factor, _sum_slopes(*parts, missing, rules.prototypes) * factor


def _sum_slopes(
    z: Matrix, shares: Matrix, distances: Matrix, debtors: Vector, chosen: Matrix, prototypes: Matrix
) -> Matrix:
    """Σ_c D·[t_k·(z_j − p_kj) − u_k·(z_j·Σt − (t·P)_j)] with t = u / d², over the chosen cells.

    Times −2·w_j/(m − 1) this is Σ_c ∂n_k/∂z_j. chosen: (j, n) or (j, 1) of 0 and 1.
    """
    pulls = shares / distances
    common = z * pulls.sum(axis=0)
    common -= prototypes.T @ pulls
    common *= debtors
    common *= chosen
    pulls *= debtors
    if chosen.shape[1] == 1:
        return np.asarray(pulls @ z.T - pulls.sum(axis=1)[:, None] * prototypes - shares @ common.T)
    return np.asarray(pulls @ (z * chosen).T - (pulls @ chosen.T) * prototypes - shares @ common.T)


def _hadamard(order: int) -> Matrix:
    matrix = np.ones((1, 1))
    while len(matrix) < order:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


LEAST_DISTURBED = 4096  # small areas are disturbed in up to all sixteen points per cell

_SIGNS = np.hstack([_hadamard(8), -_hadamard(8)])  # (8, 16), columns are the points of the design
_TURNS = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)  # opposite points of the design first
_ORDER = np.sqrt(np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0]))  # no two cells alike by accident
