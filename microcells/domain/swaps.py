"""Boundary swaps: houses change to a neighbouring cell, or change places, where that lowers the cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import Walk
from microcells.domain.swap_choice import find_first_gains
from microcells.domain.swap_state import Cells, Choice

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def swap_houses(
    walk: Walk, cell: Ints, graph: HouseGraph, rules: BundlingRules, fixed: Bools | None = None
) -> Ints:
    """Improve cells by moving single houses over the border, or exchanging one for one.

    cell:    0 … n - 1 per house, each cell connected and large enough
    fixed:   one flag per cell: it neither gives nor takes
    returns: cells of the same numbers; all stay connected and inside the limits, none costs more in all

    All ordered pairs of cells with neighbouring houses are scanned in the order of their numbers, at most
    `rules.swap_passes` times. In a pair (A, B) the houses of A come in the order of the walk: first the
    move to B, then, if A < B, the exchange with each house of B. The first change that lowers the total
    cost by more than 1e-9 is made, and the pair is scanned again. Pairs without a common cell are changed
    in the same breath: a pair waits only for earlier ones with a gain that share a cell with it.
    """
    if len(cell) == 0 or rules.swap_passes == 0:
        return cell
    cells = Cells.begin(walk, cell, graph, rules)
    changed = np.ones(cells.n_cells, dtype=np.bool_) if fixed is None else ~fixed
    for _ in range(rules.swap_passes):
        changed = _scan(cells, graph, changed, fixed)
        if not changed.any():
            break
    return cells.cell


@dataclass
class _Pairs:
    """Ordered pairs of neighbouring cells, in order; `back` is the place of the pair the other way round."""

    one: Ints
    other: Ints
    back: Ints

    @classmethod
    def around(cls, cells: Cells, graph: HouseGraph, fixed: Bools | None) -> _Pairs:
        """All pairs in which a change is possible."""
        a, b = cells.cell[graph.first], cells.cell[graph.second]
        keep = (a != b) & ((cells.n_houses[a] > 1) | (cells.n_houses[b] > 1))
        if fixed is not None:
            keep &= ~fixed[a] & ~fixed[b]
        low, high = np.minimum(a, b)[keep], np.maximum(a, b)[keep]
        forward = np.sort(low * cells.n_cells + high)
        forward = forward[np.diff(forward, prepend=-1) != 0]
        low, high = np.divmod(forward, cells.n_cells)
        code = np.concatenate([forward, high * cells.n_cells + low])
        order = np.argsort(code)
        place = np.empty(len(code), dtype=np.int64)
        place[order] = np.arange(len(code))
        back = np.concatenate([place[len(forward) :], place[: len(forward)]])[order]
        return cls(np.concatenate([low, high])[order], np.concatenate([high, low])[order], back)

    def before_all_others(self, ready: Ints, n_cells: int) -> Ints:
        """Those of the pairs `ready` that come before every other of them with one of their cells."""
        earliest = np.full(n_cells, len(self.one))
        for cell in (self.one[ready], self.other[ready]):
            np.minimum.at(earliest, cell, ready)
        is_first = (earliest[self.one[ready]] == ready) & (earliest[self.other[ready]] == ready)
        return np.asarray(ready[is_first])

    def touching(self, changed: Ints) -> Ints:
        """The pairs with one of the cells, in order."""
        start, end = (np.searchsorted(self.one, changed, side=side) for side in ("left", "right"))
        length = end - start
        own = np.repeat(start - np.cumsum(length) + length, length) + np.arange(length.sum())
        touching = np.sort(np.concatenate([own, self.back[own]]))
        return np.asarray(touching[np.diff(touching, prepend=-1) != 0])


def _scan(cells: Cells, graph: HouseGraph, unseen: Bools, fixed: Bools | None) -> Bools:
    """Scan all pairs once; only those with an `unseen` cell can hold a gain. Marks the changed cells."""
    pairs = _Pairs.around(cells, graph, fixed)
    gains, asked = Choice.none(len(pairs.one)), pairs.touching(np.flatnonzero(unseen))
    gains.put(asked, find_first_gains(cells, pairs.one, pairs.other, asked))
    changed = np.zeros(cells.n_cells, dtype=np.bool_)
    while (ready := np.flatnonzero(gains.house >= 0)).size:
        first = pairs.before_all_others(ready, cells.n_cells)
        made_at = np.full(cells.n_cells, len(pairs.one))
        made_at[pairs.one[first]] = made_at[pairs.other[first]] = first
        touched = cells.change(pairs.one[first], pairs.other[first], gains.take(first))
        changed[touched] = True
        again = pairs.touching(touched)
        gains.put(again, Choice.none(len(again)))
        # What lies before the change waits for the next pass.
        again = again[again >= np.minimum(made_at[pairs.one[again]], made_at[pairs.other[again]])]
        gains.put(again, find_first_gains(cells, pairs.one, pairs.other, again))
    return changed
