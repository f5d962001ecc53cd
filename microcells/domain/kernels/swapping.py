"""Swaps at the borders: which pairs of cells are asked, in which order, and who waits for whom."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from microcells.domain.kernels.compiling import compiled, part_of_loops, whole
from microcells.domain.kernels.prices import Prices
from microcells.domain.kernels.swap_gains import has_gain
from microcells.domain.kernels.swap_state import NOBODY, Town, add_up, gather, move

Ints = NDArray[np.int64]
Halves = NDArray[np.int32]

NOT_ASKED, NO_GAIN, GAIN = 0, 1, 2
NO_PAIR = 2**31 - 1

# Ordered pairs of neighbouring cells, in order. back: place of the pair the other way round;
# house, partner: the change that lowers the cost, with partner NOBODY for a move.
PAIR = np.dtype(
    [
        ("one", np.int32),
        ("other", np.int32),
        ("back", np.int32),
        ("house", np.int32),
        ("partner", np.int32),
        ("state", np.int32),
    ]
)


@compiled
def swap_in_areas(town: Town, prices: Prices, edges: Ints, passes: int, pairs: Any) -> None:
    """Scan the cells of each area up to `passes` times; see `swaps.swap_houses`.

    edges: first cell of each area, and behind the last one their number
    pairs: room for as many pairs as there are pairs of neighbouring houses in an area, counted both ways
    """
    houses, cells, links = town
    gather(houses, cells)
    for area in range(len(edges) - 1):
        span = edges[area], edges[area + 1]
        for number in range(edges[area], edges[area + 1]):
            cells[number].has_changed = True
            add_up(houses, cells, prices, number)
        for _ in range(passes):
            _pair_up(houses, cells, links, pairs, span)
            _scan(town, prices, pairs, cells[edges[area] : edges[area + 1]], edges[area])


@part_of_loops
def _pair_up(houses: Any, cells: Any, links: Halves, pairs: Any, span: tuple[int, int]) -> None:
    """List all pairs of the cells of one area in which a change is possible."""
    begin, end = span
    for number in range(begin, end):
        cells[number].listed_in = NOBODY
    n = 0
    for number in range(begin, end):
        cells[number].begin = n
        if not cells[number].is_fixed:
            n = _list_neighbours(houses, cells, links, pairs, number)
            _sort(pairs, cells[number].begin, n)
        cells[number].end = cells[number].begin
    for place in range(n):
        # Cells ascend, so each names itself to its neighbours in the order of their pairs.
        beside = cells[pairs[place].other]
        pairs[beside.end].back = place
        beside.end += 1


@part_of_loops
def _list_neighbours(houses: Any, cells: Any, links: Halves, pairs: Any, number: int) -> int:
    """Write the pairs of a cell down, unsorted; gives the end. Two single houses cannot change."""
    cell = cells[number]
    cell.listed_in = number
    n, at = whole(cell.begin), cell.first
    while at != NOBODY:
        house = houses[at]
        for link in range(house.links_begin, house.links_end):
            other = houses[links[link]].cell
            beside = cells[other]
            if beside.listed_in != number:
                beside.listed_in = number
                if not beside.is_fixed and (cell.n > 1 or beside.n > 1):
                    is_new = cell.has_changed or beside.has_changed
                    pairs[n].one, pairs[n].other = number, other
                    pairs[n].state = NOT_ASKED if is_new else NO_GAIN
                    n += 1
        at = house.following
    return n


@part_of_loops
def _sort(pairs: Any, begin: int, end: int) -> None:
    """Sort the few pairs of one cell by the other one."""
    for place in range(begin + 1, end):
        other, state, at = pairs[place].other, pairs[place].state, place
        while at > begin and pairs[at - 1].other > other:
            pairs[at].other, pairs[at].state = pairs[at - 1].other, pairs[at - 1].state
            at -= 1
        pairs[at].other, pairs[at].state = other, state


@part_of_loops
def _scan(town: Town, prices: Prices, pairs: Any, cells: Any, begin: int) -> None:
    """Scan all pairs of an area once, in waves of changes that share no cell. Marks the cells it changes."""
    houses, all_cells, links = town
    for place in range(len(cells)):
        cell = cells[place]
        cell.has_changed, cell.made_at, cell.listed_in, cell.asking = False, NO_PAIR, 0, begin + place
    n_asking, wave = len(cells), 0
    while n_asking > 0:
        wave += 1
        for place in range(n_asking):
            number = cells[place].asking
            all_cells[number].earliest = _earliest_gain(houses, all_cells, links, pairs, (prices, number))
        n_touched = whole(0)
        for place in range(n_asking):
            if _is_first(all_cells, pairs, cells[place].asking):
                pair = pairs[all_cells[cells[place].asking].earliest]
                cells[n_touched].touched, cells[n_touched + 1].touched = pair.one, pair.other
                n_touched += 2
                _change(houses, all_cells, prices, pair)
        n_asking = _ask_anew(all_cells, pairs, cells, n_touched, wave)


@part_of_loops
def _earliest_gain(houses: Any, cells: Any, links: Halves, pairs: Any, asked: tuple[Prices, int]) -> int:
    """The first pair with a gain among those of a cell, asking no more of them than needed."""
    prices, number = asked
    begin, end = cells[number].begin, cells[number].end
    n = end - begin
    n_lower = 0
    while n_lower < n and pairs[begin + n_lower].other < number:
        n_lower += 1
    # In order: the lower cells with this one, this one with all others, the higher cells with this one.
    for step in range(2 * n):
        if step < n_lower:
            place = whole(pairs[begin + step].back)
        elif step < n_lower + n:
            place = begin + step - n_lower
        else:
            place = whole(pairs[begin + step - n].back)
        pair = pairs[place]
        if pair.state == NOT_ASKED:
            pair.state = GAIN if has_gain(houses, cells, links, prices, pair) else NO_GAIN
        if pair.state == GAIN:
            return place
    return NO_PAIR


@part_of_loops
def _is_first(cells: Any, pairs: Any, number: int) -> bool:
    """Whether the earliest pair of a cell comes before all others with its cells, and is still open."""
    place = cells[number].earliest
    if place == NO_PAIR:
        return False
    pair = pairs[place]
    return pair.state == GAIN and cells[pair.one].earliest == cells[pair.other].earliest


@part_of_loops
def _change(houses: Any, cells: Any, prices: Prices, pair: Any) -> None:
    """Make the change of a pair."""
    move(houses, cells, pair.house, pair.other)
    if pair.partner != NOBODY:
        move(houses, cells, pair.partner, pair.one)
    for number in (whole(pair.one), whole(pair.other)):
        add_up(houses, cells, prices, number)
        cells[number].has_changed = True
        cells[number].made_at = cells[number].earliest
    pair.state = NO_GAIN


@part_of_loops
def _ask_anew(cells: Any, pairs: Any, lists: Any, n_touched: int, wave: int) -> int:
    """Ask the pairs of touched cells again; what lies before the change waits for the next scan.

    lists: of the touched cells, and room for those with such pairs; gives the number of these
    """
    n = whole(0)
    for place in range(n_touched):
        number = lists[place].touched
        cell = cells[number]
        n = _list_once(cell, number, lists, n, wave)
        for own in range(cell.begin, cell.end):
            pair = pairs[own]
            beside = cells[pair.other]
            n = _list_once(beside, pair.other, lists, n, wave)
            made_at = min(cell.made_at, beside.made_at)
            pair.state = NOT_ASKED if own >= made_at else NO_GAIN
            pairs[pair.back].state = NOT_ASKED if pair.back >= made_at else NO_GAIN
    for place in range(n_touched):
        cells[lists[place].touched].made_at = NO_PAIR
    return n


@part_of_loops
def _list_once(cell: Any, number: int, lists: Any, n: int, wave: int) -> int:
    """Append a cell unless this wave has listed it."""
    if cell.listed_in == wave:
        return n
    cell.listed_in = wave
    lists[n].asking = number
    return n + 1
