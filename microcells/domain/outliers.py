"""Values far from the others of their file, as a hint for a person; neither blocks nor order matter."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microcells.domain.rows import Floats, Ints, Rows
from microcells.domain.schema import Column, Limits, Schema
from microcells.domain.written import Written, read_apart, write_together

NORMAL_QUARTILE = 0.6745  # median absolute deviation of a standard normal variable
NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Outliers:
    """What lies far off in one column: all of them counted, the listed lines ascending."""

    column: str
    lines: Ints
    count: int


class OutlierSearch:
    """Counts the values of the columns that ask for it, and remembers the lines of the most extreme ones.

    A row is an outlier if |x - median| · 0.6745 / MAD exceeds `outlier_z`. Values are taken to the nearest
    step of a grid between the column's bounds, fine enough for every unit of the extract, so that counting
    is all that a block costs. Values outside the bounds are errors already and are left out.
    Source: Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers.
    """

    def __init__(self, schema: Schema) -> None:
        self._limits = schema.limits
        self._columns = {
            column.name: _ColumnSearch(column, schema.limits)
            for column in schema.columns
            if column.check_outliers
        }

    def add(self, rows: Rows) -> None:
        """Count the values of a block."""
        for name, own in self._columns.items():
            if name in rows.numbers:
                own.add(rows.numbers[name], rows.lines)

    def merge(self, other: OutlierSearch, shift: int) -> None:
        """Take over what another one has seen in lines that come `shift` later than it counted them."""
        for name, own in self._columns.items():
            own.merge(other._columns[name], shift)

    def write(self) -> Written:
        """All that was counted, for `read`."""
        return write_together({name: own.write() for name, own in self._columns.items()})

    def read(self, written: Written) -> None:
        """Take over what `write` gave."""
        for name, part in read_apart(written).items():
            self._columns[name].read(part)

    def close(self) -> list[Outliers]:
        """The outliers of the file, column by column in the order of the schema."""
        found = [Outliers(name, *own.close(self._limits)) for name, own in self._columns.items()]
        return [one for one in found if one.count]


class _ColumnSearch:
    """A histogram of one column, and its `outliers_listed` lowest and highest values with their lines."""

    def __init__(self, column: Column, limits: Limits) -> None:
        if column.minimum is None or column.maximum is None:
            raise ValueError(f"column {column.name} has no bounds to look for outliers in")
        self._low = column.minimum
        self._step = _nice_step((column.maximum - column.minimum) / limits.outlier_steps)
        self._n_steps = int((column.maximum - column.minimum) / self._step) + 2
        self._counts = np.zeros(self._n_steps, dtype=np.int64)
        self._lowest = _Extremes(limits.outliers_listed)
        self._highest = _Extremes(limits.outliers_listed)

    def add(self, values: Floats, lines: Ints) -> None:
        """Count the values of a block; NaN is none."""
        places = (values - self._low) * (1.0 / self._step)
        with np.errstate(invalid="ignore"):
            is_inside = (places >= 0) & (places < self._n_steps - 1)
        if not is_inside.all():
            places, lines = places[is_inside], lines[is_inside]
        if not len(places):
            return
        steps = np.rint(places).astype(np.int64)
        first = int(steps.min())
        counts = np.bincount(steps - first)
        self._counts[first : first + len(counts)] += counts
        self._lowest.add(-steps, lines)
        self._highest.add(steps, lines)

    def merge(self, other: _ColumnSearch, shift: int) -> None:
        self._counts += other._counts
        self._lowest.add(*other._lowest.kept(shift))
        self._highest.add(*other._highest.kept(shift))

    def write(self) -> Written:
        at = np.flatnonzero(self._counts)
        arrays = {"at": at, "counts": self._counts[at]}
        arrays["low_steps"], arrays["low_lines"] = self._lowest.kept()
        arrays["high_steps"], arrays["high_lines"] = self._highest.kept()
        return Written(arrays=arrays)

    def read(self, written: Written) -> None:
        arrays = written.arrays
        self._counts[arrays["at"]] += arrays["counts"]
        self._lowest.add(arrays["low_steps"], arrays["low_lines"])
        self._highest.add(arrays["high_steps"], arrays["high_lines"])

    def close(self, limits: Limits) -> tuple[Ints, int]:
        """The lines of outliers, ascending, and how many there are."""
        n = int(self._counts.sum())
        median = _median(self._counts, n)
        spread = _median(_fold(self._counts, median), n) / 4  # back from quarters of a step
        if n < limits.outlier_rows or spread == 0:
            return np.empty(0, dtype=np.int64), 0
        reach = limits.outlier_z * spread / NORMAL_QUARTILE
        # `median` is counted in half steps: between two middle values it may lie on none of the grid.
        low, high = median / 2 - reach, median / 2 + reach
        steps = np.arange(self._n_steps)
        count = int(self._counts[(steps < low) | (steps > high)].sum())
        lines = np.concatenate([self._lowest.beyond(-low), self._highest.beyond(high)])
        return np.sort(lines), count


def _nice_step(least: float) -> float:
    """The smallest of 1, 2, 5 · 10^k that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(nice * power for nice in NICE if nice * power >= least * (1 - 1e-9))


def _median(counts: NDArray[np.int64], n: int) -> int:
    """Twice the median place of the counted values, so that it is a whole number; 0 without values."""
    if n == 0:
        return 0
    up_to = np.cumsum(counts)
    lower, upper = np.searchsorted(up_to, [(n - 1) // 2, n // 2], side="right")
    return int(lower + upper)


def _fold(counts: NDArray[np.int64], median: int) -> NDArray[np.int64]:
    """How many values lie how far from the median; `median` and places of the result are half steps."""
    distance = np.abs(2 * np.arange(len(counts)) - median)
    return np.bincount(distance, weights=counts).astype(np.int64)


class _Extremes:
    """The `most` largest numbers so far, each with its line; of equal numbers the earlier lines stay."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._steps: list[Ints] = []
        self._lines: list[Ints] = []
        self._n = 0
        self._least: int | None = None

    def add(self, steps: Ints, lines: Ints) -> None:
        if self._least is not None:
            is_far = steps >= self._least
            if not is_far.any():
                return
            steps, lines = steps[is_far], lines[is_far]
        self._steps.append(steps)
        self._lines.append(lines)
        self._n += len(steps)
        if self._n > 4 * self._most:
            self._shrink()

    def beyond(self, bound: float) -> Ints:
        """The lines of the kept numbers above a bound."""
        steps, lines = self.kept()
        return lines[steps > bound]

    def kept(self, shift: int = 0) -> tuple[Ints, Ints]:
        """The numbers and their lines, `shift` later than they were counted."""
        self._shrink()
        if not self._steps:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        return self._steps[0], self._lines[0] + shift

    def _shrink(self) -> None:
        if not self._steps:
            return
        steps, lines = np.concatenate(self._steps), np.concatenate(self._lines)
        if len(steps) > self._most:
            least = np.partition(steps, len(steps) - self._most)[len(steps) - self._most]
            is_above, is_tied = steps > least, steps == least
            n_left = self._most - int(is_above.sum())
            tied = np.sort(lines[is_tied])[:n_left]
            lines = np.concatenate([lines[is_above], tied])
            steps = np.concatenate([steps[is_above], np.full(len(tied), least)])
            self._least = int(least)
        self._steps, self._lines, self._n = [steps], [lines], len(steps)
