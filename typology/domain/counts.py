"""Type counts of an area with their uncertainty: what can be added over areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kodala.statistics.aggregation import Cells, Status, column, coverage_status
from typology.domain.rules import LabelRules, Matrix, Vector

Method = Literal["replica", "delivered"]


@dataclass(frozen=True, eq=False)
class TypeSums:
    """Type counts with their uncertainty; can be added over areas. k types, j dimensions.

    n_cells:     cells whose debtors are known
    covered:     households behind the counts, cells with gaps counted in part
    debtors:     expected debtors of the cells behind the counts
    counts:      (k,) expected debtors per type
    disturbed:   (k,) the same with the stated noise: what a bootstrap would scatter about
    covariance:  (k, k) of the counts, independent between areas
    jacobian:    (k, j) answer of the counts to a shift of all cells of the city
    """

    n_cells: int
    households: float
    covered: float
    debtors: float
    counts: Vector
    disturbed: Vector
    covariance: Matrix
    jacobian: Matrix

    def __add__(self, other: TypeSums) -> TypeSums:
        return TypeSums(
            self.n_cells + other.n_cells,
            self.households + other.households,
            self.covered + other.covered,
            self.debtors + other.debtors,
            self.counts + other.counts,
            self.disturbed + other.disturbed,
            self.covariance + other.covariance,
            self.jacobian + other.jacobian,
        )

    @property
    def coverage(self) -> float:
        """Share of the households, 0 … 1."""
        return self.covered / self.households if self.households > 0 else 0.0

    def total_covariance(self, common_shift: float) -> Matrix:
        """Covariance of the counts including the shift that all cells of the city share."""
        shared: Matrix = self.jacobian @ self.jacobian.T
        return self.covariance + common_shift * common_shift * shared

    def status(self, limits: LabelRules) -> Status:
        """No data, too small (few debtors or cells), uncertain or ok."""
        by_coverage = coverage_status(self.coverage)
        if by_coverage is Status.NO_DATA or self.counts.sum() <= 0:
            return Status.NO_DATA
        if self.debtors < limits.least_debtors or self.n_cells < limits.least_cells:
            return Status.TOO_SMALL
        return by_coverage


@dataclass(frozen=True, eq=False)
class AreaTypes:
    """The typology of one area. mean_z: area mean in the eight dimensions, None where unknown.

    parts: the sums of the parts that were asked for, in their order
    """

    sums: TypeSums
    mean_z: tuple[float | None, ...]
    method: Method
    status: Status
    parts: tuple[TypeSums, ...] = ()


@dataclass(frozen=True, eq=False)
class Debtors:
    """Debtors of an area's cells. A cell without hard or soft has 0 debtors and is not seen.

    hard, soft, both: (n,) expected counts   seen: (n,) bool
    households:       (n,) of the cells that are seen, else 0   all_households: of all cells
    """

    hard: Vector
    soft: Vector
    both: Vector
    seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    households: Vector
    all_households: float

    @property
    def n_cells(self) -> int:
        """Number of cells whose debtors are known."""
        return int(np.count_nonzero(self.seen))


def read_debtors(cells: Cells) -> Debtors:
    """Debtors of the cells; pairwise: hard and soft must both be there."""
    hard, soft = column(cells, "debtors_hard"), column(cells, "debtors_soft")
    both = hard + soft
    seen = np.isfinite(both)
    if not seen.all():
        hard, soft, both = (np.where(seen, values, 0.0) for values in (hard, soft, both))
    households = cells["households"]
    return Debtors(hard, soft, both, seen, households * seen, float(households.sum()))


def drawn_covariance(squares: Matrix, total: Vector, cv: float, n_cells: int) -> Matrix:
    """Covariance of sums over n cells drawn with replacement whose debtors vary with the given CV.

    squares: (k, k) Σ ψψ' of the cells' influences   total: (k,) Σ ψ
    """
    return np.asarray((1.0 + cv * cv) * squares - np.outer(total, total) / max(n_cells, 1))
