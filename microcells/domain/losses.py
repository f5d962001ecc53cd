"""How many households of each area stand in rows that must be left out."""

from __future__ import annotations

import numpy as np

from microcells.domain.rows import Bools, Ints, Rows


class LossCount:
    """Counts households of rows with and without error per area; rows of unknown areas count nowhere.

    A refused row that does not say how many households it stands for counts as an average row of its area.
    """

    def __init__(self, numbers: Ints) -> None:
        """numbers: the areas of the set, ascending; empty = areas are not known, one sum is kept."""
        self._numbers = numbers
        size = len(numbers) + 1  # the last place is for rows without a known area
        self._kept, self._lost = np.zeros(size), np.zeros(size)
        self._n_kept = np.zeros(size, dtype=np.int64)
        self._n_silent = np.zeros(size, dtype=np.int64)

    def add(self, rows: Rows, is_ok: Bools) -> None:
        """Count the rows of a block."""
        place, size = self._places(rows), len(self._kept)
        given = np.nan_to_num(rows.numbers["households"])
        households = np.maximum(given, 0)
        if is_ok.all():
            self._kept += np.bincount(place, households, size)
            self._n_kept += np.bincount(place, minlength=size)
            return
        wrong = ~is_ok
        self._kept += np.bincount(place[is_ok], households[is_ok], size)
        self._n_kept += np.bincount(place[is_ok], minlength=size)
        self._lost += np.bincount(place[wrong], households[wrong], size)
        self._n_silent += np.bincount(place[wrong & (given <= 0)], minlength=size)

    @property
    def n_households(self) -> float:
        """Households of all rows without error."""
        return float(self._kept.sum())

    def list_empty(self) -> list[int]:
        """The areas without a row that can be used."""
        return [int(number) for number in self._numbers[self._n_kept[:-1] == 0]]

    def list_over(self, share: float) -> list[int]:
        """The areas that lose more than this share of their households."""
        average = self._kept.sum() / max(self._n_kept.sum(), 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.where(self._n_kept > 0, self._kept / self._n_kept, average)
        lost = self._lost + self._n_silent * own
        is_over = lost > share * (lost + self._kept)
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
