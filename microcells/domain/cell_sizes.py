"""How large cells are: the part of the certificate that can be told from delivered cells alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DeliveredCertificate:
    """Sizes of delivered cells, in households; cv = standard deviation / mean."""

    n_cells: int
    households_out: int
    households_min: int
    households_mean: float
    households_max: int
    households_cv: float
    cells_below_minimum: int


class CellSizes:
    """Counts cells by their size, block by block; memory does not depend on how many there are."""

    def __init__(self) -> None:
        self._counts = np.zeros(0, dtype=np.int64)

    def add(self, households: NDArray[np.float64]) -> None:
        """Take a block of cells; whole numbers >= 0."""
        self.merge(np.bincount(households.astype(np.int64)).tolist())

    @property
    def counts(self) -> list[int]:
        """How many cells there are of each size, from 0 households on."""
        counts: list[int] = self._counts.tolist()
        return counts

    def merge(self, counts: list[int]) -> None:
        """Take the cells that another one has counted."""
        both = np.zeros(max(len(counts), len(self._counts)), dtype=np.int64)
        both[: len(self._counts)] += self._counts
        both[: len(counts)] += np.array(counts, dtype=np.int64)
        self._counts = both

    def certify(self, minimum: int) -> DeliveredCertificate:
        """Sum up; without any cell all is 0."""
        sizes, n = np.flatnonzero(self._counts), self._counts[self._counts > 0]
        if len(sizes) == 0:
            return DeliveredCertificate(0, 0, 0, 0.0, 0, 0.0, 0)
        mean = float(np.average(sizes, weights=n))
        spread = float(np.sqrt(np.average((sizes - mean) ** 2, weights=n)))
        return DeliveredCertificate(
            n_cells=int(n.sum()),
            households_out=int((sizes * n).sum()),
            households_min=int(sizes[0]),
            households_mean=mean,
            households_max=int(sizes[-1]),
            households_cv=spread / mean if mean else 0.0,
            cells_below_minimum=int(n[sizes < minimum].sum()),
        )
