"""How many households of each area stand in rows that must be left out."""

from __future__ import annotations

import numpy as np

from microcells.domain.exact_sums import ExactSums
from microcells.domain.rows import Bools, Floats, Ints, Rows
from microcells.domain.written import Written

KEPT, LOST = 0, 1
SILENT = 1


class LossCount:
    """Counts households of rows with and without error per area; rows of unknown areas count nowhere.

    A refused row that does not say how many households it stands for counts as an average row of its area.
    """

    def __init__(self, numbers: Ints) -> None:
        """numbers: the areas of the set, ascending; empty = areas are not known, one sum is kept."""
        self._numbers = numbers
        self._size = len(numbers) + 1  # the last place is for rows without a known area
        self._households = ExactSums((2, self._size))  # kept, lost
        self._n_rows = np.zeros((2, self._size), dtype=np.int64)  # kept, lost and silent

    def add(self, rows: Rows, is_ok: Bools) -> None:
        """Count the rows of a block."""
        place, size = self._places(rows), self._size
        given = np.nan_to_num(rows.numbers["households"])
        households, wrong = np.maximum(given, 0), ~is_ok
        self._households.add(
            [np.bincount(place[chosen], households[chosen], size) for chosen in (is_ok, wrong)]
        )
        self._n_rows[KEPT] += np.bincount(place[is_ok], minlength=size)
        self._n_rows[SILENT] += np.bincount(place[wrong & (given <= 0)], minlength=size)

    def merge(self, other: LossCount) -> None:
        """Count what another one has counted."""
        self._households.merge(other._households)
        self._n_rows += other._n_rows

    def write(self) -> Written:
        """All counts, for `read`."""
        return Written(arrays={"households": self._households.parts, "rows": self._n_rows})

    def read(self, written: Written) -> None:
        """Take over the counts of `write`."""
        self._households.parts, self._n_rows = written.arrays["households"], written.arrays["rows"]

    @property
    def n_households(self) -> float:
        """Households of all rows without error."""
        return float(self._kept.sum())

    @property
    def _kept(self) -> Floats:
        kept: Floats = self._households.total[KEPT]
        return kept

    def list_empty(self) -> list[int]:
        """The areas without a row that can be used."""
        return [int(number) for number in self._numbers[self._n_rows[KEPT, :-1] == 0]]

    def list_over(self, share: float) -> list[int]:
        """The areas that lose more than this share of their households."""
        (kept, lost), (n_kept, n_silent) = self._households.total, self._n_rows
        average = kept.sum() / max(n_kept.sum(), 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.where(n_kept > 0, kept / n_kept, average)
        lost = lost + n_silent * own
        is_over = lost > share * (lost + kept)
        return [int(number) for number in self._numbers[is_over[:-1]]]

    def _places(self, rows: Rows) -> Ints:
        """The place of each row's area, the last one for an unknown area."""
        size = len(self._numbers)
        named = rows.numbers.get("area_number")
        if named is None or not size:
            return np.full(len(rows), size, dtype=np.int64)
        place = np.searchsorted(self._numbers, np.nan_to_num(named))
        place[place == size] = 0
        is_known = self._numbers[place] == named
        return np.where(is_known, place, size)
