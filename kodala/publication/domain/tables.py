"""Tables as equations: numbers that are sums of one another, and what has to be protected in them.

Pure. Whatever is published together – margins, groups, linked geographies, several dates – is one vector of
cells and one list of equations that hold between them. Suppression and audit know nothing else.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]  # what HiGHS counts with

OUTSIDER_NAME = ""
NOT_EXACT = 1e-4  # a width that no rounding of a solver can feign


@dataclass(frozen=True)
class Insider:
    """Somebody who knows some cells before anything is published.

    knows:  cells that consist of this person's contribution alone
    shares: all cells the person contributes to; what is in them is not kept from this person
    """

    knows: tuple[int, ...] = ()
    shares: tuple[int, ...] = ()
    name: str = OUTSIDER_NAME


OUTSIDER = Insider()


@dataclass(frozen=True)
class Table:
    """Cells of one or several linked tables; all arrays have one entry per cell, n in all.

    keys:      what each cell is called; unique
    value:     the true value
    equations: shape (m, n); every row says that a sum of cells with these signs is 0
    unsafe:    withheld for its own sake (primary)
    need_down, need_up: how far below and above the value an attacker must still believe possible, >= 0;
               asked of unsafe cells
    need_width: how far apart the ends must be for a cell that is withheld for others (secondary), >= 0
    weight:    price of withholding the cell, > 0
    may_hide:  whether it may be withheld for others
    room_down, room_up: how far below and above the value everybody knows the cell cannot lie, >= 0; inf = no
               limit known; 0 in both = the value is known to everybody. May be less than `need_down`: then
               the cell can fall so far when it is the one asked about, but not in changes for other cells
    is_public: whether the cell is published at all; others are withheld at no price
    is_whole:  whether everybody knows that it is a whole number
    insiders:  who attacks; the outsider always does
    """

    keys: tuple[Hashable, ...]
    value: Floats
    equations: sp.csr_array
    unsafe: Bools
    need_down: Floats
    need_up: Floats
    need_width: Floats
    weight: Floats
    may_hide: Bools
    room_down: Floats
    room_up: Floats
    is_public: Bools
    is_whole: Bools
    insiders: tuple[Insider, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.value)

    @property
    def always_hidden(self) -> Bools:
        """Cells that are withheld whatever is decided: unsafe ones and those that nobody publishes."""
        return self.unsafe | ~self.is_public

    @property
    def attackers(self) -> tuple[Insider, ...]:
        """Everybody who attacks, the outsider first."""
        return (OUTSIDER, *self.insiders)

    def take(self, cells: Ints) -> Table:
        """The table of some of the cells, with the equations among them; the others count as known."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[cells] = np.arange(len(cells))
        equations = self.equations[:, cells]
        equations = equations[np.diff(equations.indptr) > 0]
        arrays = {
            name: own[cells]
            for name, own in vars(self).items()
            if isinstance(own, np.ndarray) and name != "equations"
        }
        return Table(
            keys=tuple(self.keys[cell] for cell in cells),
            equations=equations,
            insiders=tuple(_restrict(self.insiders, place)),
            **arrays,
        )


def _restrict(insiders: Iterable[Insider], place: Ints) -> Iterator[Insider]:
    for one in insiders:
        knows = tuple(int(place[cell]) for cell in one.knows if place[cell] >= 0)
        if knows:
            shares = tuple(int(place[cell]) for cell in one.shares if place[cell] >= 0)
            yield Insider(knows, shares, one.name)


def make_table(
    keys: Sequence[Hashable],
    value: Floats,
    sums: Iterable[Mapping[int, float]],
    *,
    must_add_up: bool = True,
    **given: Any,
) -> Table:
    """A table with plain defaults for whatever is not given.

    sums:  each equation as cell -> coefficient; the weighted sum is 0
    given: any field of `Table`; by default every cell is public, may be withheld at the price of its value
           (at least 1), is not below 0, and a secondary need only not be known exactly

    Raises ValueError if a key occurs twice, or an equation does not hold though the values `must_add_up`.
    """
    n = len(keys)
    if len(set(keys)) < n:
        raise ValueError("a key occurs twice")
    value = np.asarray(value, dtype=np.float64)
    table = Table(
        keys=tuple(keys),
        value=value,
        equations=_as_matrix(sums, n),
        **{
            "unsafe": np.zeros(n, dtype=np.bool_),
            "need_down": np.zeros(n),
            "need_up": np.zeros(n),
            "need_width": np.full(n, NOT_EXACT),
            "weight": np.maximum(np.abs(value), 1.0),
            "may_hide": np.ones(n, dtype=np.bool_),
            "room_down": np.maximum(value, 0.0),
            "room_up": np.full(n, np.inf),
            "is_public": np.ones(n, dtype=np.bool_),
            "is_whole": np.zeros(n, dtype=np.bool_),
            **given,
        },
    )
    if must_add_up:
        _refuse_broken_sums(table)
    return table


def _as_matrix(sums: Iterable[Mapping[int, float]], n_cells: int) -> sp.csr_array:
    rows, cells, signs = [], [], []
    n_rows = 0
    for own in sums:
        rows += [n_rows] * len(own)
        cells += list(own)
        signs += list(own.values())
        n_rows += 1
    return sp.csr_array((np.array(signs, dtype=np.float64), (rows, cells)), shape=(n_rows, n_cells))


def _refuse_broken_sums(table: Table) -> None:
    """Raise ValueError at the first equation that the values do not fulfil."""
    off = np.abs(table.equations @ table.value)
    size = abs(table.equations) @ np.abs(table.value)
    wrong = np.flatnonzero(off > 1e-6 * np.maximum(size, 1.0))
    if len(wrong):
        row = table.equations[[int(wrong[0])]]
        names = [str(table.keys[cell]) for cell in row.indices[:4]]
        raise ValueError(f"the sum of {', '.join(names)} … is off by {off[wrong[0]]:g}")


def split(table: Table) -> Iterator[Ints]:
    """Cells that hang together by equations, one group after the other; groups can be solved alone."""
    links = (abs(table.equations.T) @ abs(table.equations)).tocsr()
    _, group = sp.csgraph.connected_components(links, directed=False)
    order = np.argsort(group, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def pair_up(insiders: Sequence[Insider]) -> tuple[Insider, ...]:
    """Every two of the insiders who tell each other what they know, after the single ones."""
    pairs = [
        Insider((*one.knows, *other.knows), (*one.shares, *other.shares), f"{one.name} + {other.name}")
        for place, one in enumerate(insiders)
        for other in insiders[place + 1 :]
    ]
    return (*insiders, *pairs)
