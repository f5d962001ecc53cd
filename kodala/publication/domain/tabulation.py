"""From the inner cells of a table to all of its cells and equations, over hierarchies in every dimension."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kodala.publication.domain.table_words import TableError
from kodala.publication.domain.tables import Bools, Floats, Insider, Ints

Sum = tuple[str, tuple[str, ...]]  # a code and the codes it is the sum of


@dataclass(frozen=True)
class Dimension:
    """One way to divide: codes, and which code is the sum of which; a code may be a sum in several ways.

    sums: in an order in which every part that is a sum itself comes first (`order_sums`)
    """

    name: str
    codes: tuple[str, ...]
    sums: tuple[Sum, ...]

    @property
    def inner(self) -> tuple[str, ...]:
        """Codes that are no sums."""
        totals = {total for total, _ in self.sums}
        return tuple(code for code in self.codes if code not in totals)

    @property
    def top(self) -> str | None:
        """The code that is part of nothing and a sum of others, if there is exactly one."""
        parts = {part for _, own in self.sums for part in own}
        tops = {total for total, _ in self.sums} - parts
        return tops.pop() if len(tops) == 1 else None

    def above(self, code: str) -> set[str]:
        """A code and all codes of which it is a part."""
        found = {code}
        for total, parts in self.sums:
            if found & set(parts):
                found.add(total)
        return found


def make_dimension(name: str, codes: Iterable[str], sums: Iterable[Sum], total: str = "Total") -> Dimension:
    """A dimension with its sums in order; without any sum, `total` is the sum of all codes.

    Raises TableError if sums go round in a circle.
    """
    seen = list(dict.fromkeys(codes))
    given = list(sums) or [(total, tuple(code for code in seen if code != total))]
    ordered = order_sums(given)
    mentioned = [code for own, parts in ordered for code in (*parts, own)]
    return Dimension(name, tuple(dict.fromkeys([*seen, *mentioned])), tuple(ordered))


def order_sums(sums: Sequence[Sum]) -> list[Sum]:
    """Put sums behind the sums they are made of. Raises ValueError if they go round in a circle."""
    waiting, ordered = list(sums), list[Sum]()
    while waiting:
        open_totals = {total for total, _ in waiting}
        ready = [own for own in waiting if not open_totals & set(own[1])]
        if not ready:
            raise TableError(f"Die Summen {', '.join(sorted(open_totals))} enthalten sich gegenseitig.")
        ordered += ready
        waiting = [own for own in waiting if own not in ready]
    return ordered


@dataclass(frozen=True)
class Tabulation:
    """All cells of a table, one entry each; the cell of codes (a, b, …) is named "a | b | …".

    largest, second: the two largest single contributions, NaN if nobody delivered them
    records:         number of contributions, NaN if nobody delivered it
    is_empty:        cells that no delivered row belongs to, so that everybody knows the 0
    touches_top:     cells that hold the total of all in at least one dimension
    """

    dimensions: tuple[Dimension, ...]
    value: Floats
    records: Floats
    largest: Floats
    second: Floats
    is_empty: Bools
    touches_top: Bools

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of codes of each dimension."""
        return tuple(len(own.codes) for own in self.dimensions)

    @property
    def keys(self) -> list[str]:
        """Names of the cells in their order."""
        return [" | ".join(codes) for codes in product(*(own.codes for own in self.dimensions))]

    def place(self, codes: Sequence[str]) -> int:
        """The number of the cell of these codes. Raises ValueError if a code is unknown."""
        at = [own.codes.index(code) for own, code in zip(self.dimensions, codes, strict=True)]
        return int(np.ravel_multi_index(at, self.shape))

    def equations(self) -> Iterator[Mapping[int, float]]:
        """Every sum of every dimension for all combinations of the other dimensions' codes."""
        places = np.arange(np.prod(self.shape), dtype=np.int64).reshape(self.shape)
        for axis, own in enumerate(self.dimensions):
            lines = np.moveaxis(places, axis, 0).reshape(len(own.codes), -1)
            for total, parts in own.sums:
                rows = lines[[own.codes.index(code) for code in (total, *parts)]].T
                signs = [-1.0, *(1.0 for _ in parts)]
                yield from (dict(zip(row, signs, strict=True)) for row in rows.tolist())

    def single_contributors(self) -> Iterator[Insider]:
        """Everybody whose contribution is alone in an inner cell, with all cells it is alone in."""
        inner = np.zeros(self.shape, dtype=np.bool_)
        inner[np.ix_(*(np.isin(own.codes, own.inner) for own in self.dimensions))] = True
        names = self.keys
        for cell in np.flatnonzero(inner.ravel() & (self.records == 1)).tolist():
            shares = self._above(cell)
            yield Insider(tuple(own for own in shares if self.records[own] == 1), shares, names[cell])

    def _above(self, cell: int) -> tuple[int, ...]:
        at = np.unravel_index(cell, self.shape)
        codes = [own.above(own.codes[place]) for own, place in zip(self.dimensions, at, strict=True)]
        return tuple(sorted(self.place(one) for one in product(*codes)))


def tabulate(rows: pd.DataFrame, dimensions: Sequence[Dimension]) -> Tabulation:
    """Add inner cells up over all dimensions.

    rows: one per inner cell: a column per dimension with its code, value, and if known records, largest
          and second_largest; rows of sums and rows without a value are not used
    Raises TableError if an inner cell occurs twice.
    """
    names = [own.name for own in dimensions]
    is_inner = np.logical_and.reduce([rows[own.name].isin(own.inner) for own in dimensions])
    inner = rows[is_inner & rows["value"].notna()]
    twice = inner[inner.duplicated(names)]
    if len(twice):
        raise TableError(f"Die Zelle „{' | '.join(twice[names].iloc[0])}“ kommt doppelt vor.")
    at = tuple(
        np.array([own.codes.index(code) for code in inner[own.name]], dtype=np.int64) for own in dimensions
    )
    shape = tuple(len(own.codes) for own in dimensions)
    count = _fill(shape, at, np.ones(len(inner)))
    value, records = (_fill(shape, at, _column(inner, name)) for name in ("value", "records"))
    tops = np.stack(
        [_fill(shape, at, _column(inner, name)) for name in ("largest", "second_largest")], axis=-1
    )
    for axis, own in enumerate(dimensions):
        for total, parts in own.sums:
            target, taken = _line(axis, own, [total]), _line(axis, own, parts)
            for array in (count, value, records):
                array[target] = array[taken].sum(axis=axis, keepdims=True)
            tops[target] = _two_largest(tops[taken], axis)
    return Tabulation(
        tuple(dimensions),
        value.ravel(),
        _known(records, rows, "records"),
        _known(tops[..., 0], rows, "largest"),
        _known(tops[..., 1], rows, "second_largest"),
        (count == 0).ravel(),
        _touches_top(dimensions).ravel(),
    )


def _column(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy(np.float64) if name in rows else np.zeros(len(rows))


def _known(array: Floats, rows: pd.DataFrame, name: str) -> Floats:
    return array.ravel() if name in rows else np.full(array.size, np.nan)


def _fill(shape: tuple[int, ...], at: tuple[Ints, ...], values: Floats) -> Floats:
    array = np.zeros(shape)
    array[at] = values
    return array


def _line(axis: int, own: Dimension, codes: Iterable[str]) -> tuple[slice | list[int], ...]:
    return (*(slice(None) for _ in range(axis)), [own.codes.index(code) for code in codes])


def _two_largest(tops: Floats, axis: int) -> Floats:
    """The two largest contributions of cells that are added up along an axis; last axis: largest, second."""
    moved = np.moveaxis(tops, axis, -2)
    flat = np.sort(moved.reshape(*moved.shape[:-2], -1), axis=-1)[..., :-3:-1]
    return np.expand_dims(flat, axis)


def _touches_top(dimensions: Sequence[Dimension]) -> NDArray[np.bool_]:
    at_top = [np.array([code == own.top for code in own.codes]) for own in dimensions]
    return np.asarray(np.logical_or.reduce(np.meshgrid(*at_top, indexing="ij")), dtype=np.bool_)
