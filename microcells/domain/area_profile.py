"""Sums and means of every column per area, gathered while the file goes by; raw, for comparing deliveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microcells.domain.exact_sums import ExactSums
from microcells.domain.rows import Floats, Ints, Rows
from microcells.domain.schema import Column, Schema
from microcells.domain.written import Written

SENIORS = (
    "seniors_60_69",
    "seniors_70_79",
    "seniors_80plus",
    "seniors_60_64",
    "seniors_65_74",
    "seniors_75plus",
)
DEBTORS = ("debtors_hard", "debtors_soft")


@dataclass(frozen=True)
class AreaProfiles:
    """What the accepted rows of a delivery add up to.

    numbers:   area numbers, ascending, shape (a,)
    n_cells:   accepted rows per area, shape (a,)
    values:    English name -> sum of a count or weighted mean of anything else, shape (a,), NaN = no value
    counts:    English name -> rows with a value, shape (a,)
    coverage:  English name -> share of the households whose row has a value, 0 ... 1
    """

    numbers: Ints
    n_cells: Ints
    values: dict[str, Floats]
    counts: dict[str, Ints]
    coverage: dict[str, float]

    @property
    def households(self) -> Floats:
        """Households per area, 0 where it has no row."""
        return np.nan_to_num(self.values.get("households", np.zeros(len(self.numbers))))


class ProfileSums:
    """Adds up the accepted rows block by block."""

    def __init__(self, schema: Schema, numbers: Ints) -> None:
        """numbers: the areas of the set, ascending."""
        self._columns = [column for column in schema.columns if column.added or column.weight]
        self._numbers = numbers
        self._n_cells = np.zeros(len(numbers), dtype=np.int64)
        self._given: dict[str, None] = {}  # columns that the file has
        shape = len(self._columns), len(numbers)
        self._sums = ExactSums((2, *shape))  # weighted values, their weights
        self._counts = np.zeros(shape, dtype=np.int64)  # rows with a value
        self._households = ExactSums((len(self._columns) + 1,))  # of those rows; the last one of all rows

    def add(self, rows: Rows) -> None:
        """Add accepted rows; every one of them has an area of the set."""
        if not len(rows) or not len(self._numbers):
            return
        place = np.searchsorted(self._numbers, rows.numbers["area_number"])
        block = _Block(rows, place, len(self._numbers))
        sums, households = np.zeros((2, *self._counts.shape)), np.zeros(len(self._columns) + 1)
        for at, column in enumerate(self._columns):
            if column.name in rows.numbers:
                self._given[column.name] = None
                sums[0, at], sums[1, at], counts, households[at] = block.sum_column(column)
                self._counts[at] += counts
        households[-1] = rows.numbers["households"].sum()
        self._n_cells += block.n_cells
        self._sums.add(sums)
        self._households.add(households)

    def merge(self, other: ProfileSums) -> None:
        """Add what another one has added up."""
        self._given |= other._given
        self._n_cells += other._n_cells
        self._counts += other._counts
        self._sums.merge(other._sums)
        self._households.merge(other._households)

    def write(self) -> Written:
        """All sums, for `read`."""
        arrays = {"cells": self._n_cells, "counts": self._counts}
        arrays |= {"sums": self._sums.parts, "households": self._households.parts}
        return Written(list(self._given), arrays)

    def read(self, written: Written) -> None:
        """Take over the sums of `write`."""
        self._given = dict.fromkeys(written.words)
        self._n_cells, self._counts = written.arrays["cells"], written.arrays["counts"]
        self._sums.parts, self._households.parts = written.arrays["sums"], written.arrays["households"]

    def close(self) -> AreaProfiles:
        """The profile of the whole file."""
        values: dict[str, Floats] = {}
        counts: dict[str, Ints] = {}
        coverage: dict[str, float] = {}
        (numerators, denominators), (*households, all_households) = self._sums.total, self._households.total
        for at, column in enumerate(self._columns):
            if column.name in self._given and all_households:
                coverage[column.name] = float(households[at] / all_households)
            if not self._counts[at].any():
                continue
            with np.errstate(invalid="ignore", divide="ignore"):
                mean = numerators[at] / denominators[at]
            value = numerators[at] if column.added else mean
            values[column.name] = np.where(self._counts[at] > 0, value, np.nan)
            counts[column.name] = self._counts[at]
        return AreaProfiles(self._numbers, self._n_cells, values, counts, coverage)


class _Block:
    """A block of accepted rows with the place of its areas; weights are made once for all columns."""

    def __init__(self, rows: Rows, place: NDArray[np.intp], n_areas: int) -> None:
        self._numbers = rows.numbers
        self._place = place
        self._n_areas = n_areas
        self._weights: dict[str, Floats] = {}
        self._weight_sums: dict[str, Floats] = {}
        self.n_cells: Ints = np.bincount(place, minlength=n_areas)

    def sum_column(self, column: Column) -> tuple[Floats, Floats, Ints, float]:
        """Weighted values, weights and rows per area, and the households of rows with a value."""
        values, households = self._numbers[column.name], self._numbers["households"]
        weights = self._weight(column.weight)
        weighted = values if weights is None else values * weights
        is_missing = np.isnan(weighted)
        if not is_missing.any():
            return self._sum(weighted), self._weight_sum(column.weight), self.n_cells, float(households.sum())
        has_value = ~is_missing
        at = self._place[has_value]
        counts: Ints = np.bincount(at, minlength=self._n_areas)
        return (
            self._sum(weighted[has_value], at),
            counts.astype(float) if weights is None else self._sum(weights[has_value], at),
            counts,
            float(households[has_value].sum()),
        )

    def _sum(self, values: Floats, at: NDArray[np.intp] | None = None) -> Floats:
        """The sum of values per area; `at` is the place of each, None = one for each row."""
        return np.bincount(self._place if at is None else at, values, self._n_areas).astype(float, copy=False)

    def _weight_sum(self, name: str) -> Floats:
        if name not in self._weight_sums:
            weights = self._weight(name)
            self._weight_sums[name] = self.n_cells.astype(float) if weights is None else self._sum(weights)
        return self._weight_sums[name]

    def _weight(self, name: str) -> Floats | None:
        """The weight of each row, None for a plain sum."""
        if not name:
            return None
        if name not in self._weights:
            parts = {"debtors": DEBTORS, "seniors": SENIORS}.get(name, (name,))
            given = [self._numbers[part] for part in parts if part in self._numbers]
            zero = np.zeros(len(self._place))
            self._weights[name] = np.add.reduce(given) if given else zero
        return self._weights[name]
