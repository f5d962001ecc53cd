"""Which house should change its cell: the first change of each pair of cells that lowers the cost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from microcells.domain.costs import price_cells
from microcells.domain.swap_state import FREE, NOBODY, SEVERAL, Cells, Choice

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GAIN = 1e-9  # the cost has to fall by more, so that rounding never decides
CHUNK = 100_000  # changes priced at once; bounds the memory


def find_first_gains(cells: Cells, one: Ints, other: Ints, at: Ints) -> Choice:
    """Find, for the pairs `at` of the list (one, other), the first change that lowers the cost.

    returns: one entry per pair of `at`; none where there is no such change
    """
    found = Choice.none(len(at))
    for part in _chunks(cells, one[at], other[at]):
        rows = at[part]
        pair, choice = _all_changes(cells, one[rows], other[rows])
        a, b = one[rows][pair], other[rows][pair]
        gains = np.flatnonzero(_lowers_cost(cells, a, b, choice))
        pair, choice = pair[gains], choice.take(gains)
        for first, kept in _first_connected(cells, a[gains], b[gains], pair, choice):
            found.put(part.start + first, kept)
    return found


def _first_connected(
    cells: Cells, one: Ints, other: Ints, pair: Ints, choice: Choice
) -> Iterator[tuple[Ints, Choice]]:
    """Give the first change of each pair after which both cells are connected; `pair` ascends."""
    while len(pair):
        first = np.flatnonzero(np.diff(pair, prepend=-1))
        left, taken = cells.after(one[first], other[first], choice.take(first))
        stays = cells.links.are_connected(left)
        stays[stays] = cells.links.are_connected(taken[stays])
        found = first[stays]
        yield pair[found], choice.take(found)
        is_open = np.ones(len(pair), dtype=np.bool_)
        is_open[first] = False
        is_open &= ~np.isin(pair, pair[found])
        one, other, pair, choice = one[is_open], other[is_open], pair[is_open], choice.take(is_open)


def _chunks(cells: Cells, one: Ints, other: Ints) -> Iterator[slice]:
    """Cut the pairs into stretches of about CHUNK changes."""
    work = np.cumsum(cells.n_houses[one] * (1 + cells.n_houses[other]))
    ends = [0, *(np.flatnonzero(np.diff(work // CHUNK)) + 1).tolist(), len(one)]
    return (slice(start, end) for start, end in pairwise(ends) if end > start)


def _all_changes(cells: Cells, one: Ints, other: Ints) -> tuple[Ints, Choice]:
    """List all changes of each pair in their order; gives the pair of each and the change."""
    n_one = cells.n_houses[one]
    width = np.where(one < other, 1 + cells.n_houses[other], 1)
    giver, which = _unroll(n_one)
    house = cells.members[one[giver], which]
    row, place = _unroll(width[giver])
    pair = giver[row]
    # Place 0 is the move; the list of members has a free place, which stands for it.
    return pair, Choice(house[row], cells.members[other[pair], place - 1] * (place > 0) - (place == 0))


def _unroll(lengths: Ints) -> tuple[Ints, Ints]:
    """Give for lengths 2, 3 the rows 0 0 1 1 1 and the places 0 1 0 1 2."""
    row = np.repeat(np.arange(len(lengths)), lengths)
    return row, np.arange(len(row)) - (np.cumsum(lengths) - lengths)[row]


def _lowers_cost(cells: Cells, one: Ints, other: Ints, choice: Choice) -> Bools:
    """Whether each change keeps the limits and lowers the total cost; connection is not looked at."""
    limit = cells.sums.price[one] + cells.sums.price[other] - GAIN
    lowers = np.zeros(len(one), dtype=np.bool_)
    is_move = choice.partner == FREE
    for kind, floor, price in (
        (is_move, _floor_of_moves, _price_moves),
        (~is_move, _floor_of_exchanges, _price_exchanges),
    ):
        at = np.flatnonzero(kind)
        # Most changes spoil the sizes by more than any place could win back.
        at = at[floor(cells, one[at], other[at], choice.take(at)) < limit[at]]
        lowers[at] = price(cells, one[at], other[at], choice.take(at)) < limit[at]
    return lowers


def _floor_of_moves(cells: Cells, one: Ints, other: Ints, choice: Choice) -> Floats:
    """Give less than both cells can cost after a move; inf = not allowed."""
    left, rules = cells.without, cells.rules
    rest = left.households[choice.house]
    total = cells.sums.households[one] + cells.sums.households[other] - rest
    allowed = (rest >= rules.minimum) & (total <= rules.max_households)
    floor = left.price[choice.house] + (total - rules.target) ** 2 * (rules.weight_size / rules.unit)
    return np.where(allowed, floor, np.inf)


def _floor_of_exchanges(cells: Cells, one: Ints, other: Ints, choice: Choice) -> Floats:
    """Give less than both cells can cost after an exchange: their sizes, and the scatter of what stays."""
    left, rules, sums = cells.without, cells.rules, cells.sums
    grows = cells.walk.households[choice.partner] - cells.walk.households[choice.house]
    size = np.zeros(len(one))
    for cell, more in ((one, grows), (other, -grows)):
        size += (sums.households[cell] + more - rules.target) ** 2 * (sums.houses[cell] > 1)
    scatter = left.scatter[choice.house] + left.scatter[choice.partner]
    return (rules.weight_size * size + rules.weight_place / rules.scale_m2 * scatter) / rules.unit


def _price_moves(cells: Cells, _: Ints, other: Ints, choice: Choice) -> Floats:
    """Price both cells after a move; inf = not allowed."""
    house = choice.house
    left, rules = cells.without, cells.rules
    h = cells.walk.households[house].astype(np.float64)
    total, n = cells.sums.households[other] + h, cells.n_houses[other] + 1
    away = _squared(cells, house, cells.sums.x[other], cells.sums.y[other])
    scatter = cells.sums.scatter[other] + h * away * (cells.sums.households[other] / total)
    over = cells.sums.street[other] != cells.walk.street[house]
    price = left.price[house] + price_cells(total, n, scatter, over, rules)
    allowed = (left.households[house] >= rules.minimum) & (n <= rules.max_houses)
    return np.where(allowed & (total <= rules.max_households), price, np.inf)


def _price_exchanges(cells: Cells, one: Ints, other: Ints, choice: Choice) -> Floats:
    """Price both cells after an exchange; inf = not allowed."""
    first = _price_replaced(cells, one, choice.house, choice.partner)
    return first + _price_replaced(cells, other, choice.partner, choice.house)


def _price_replaced(cells: Cells, cell: Ints, gone: Ints, come: Ints) -> Floats:
    """Price cells in which one house takes the place of another."""
    left, rules = cells.without, cells.rules
    h, rest, n = cells.walk.households[come].astype(np.float64), left.households[gone], cells.n_houses[cell]
    total = rest + h
    away = _squared(cells, come, left.x[gone], left.y[gone])
    scatter = left.scatter[gone] + h * away * (rest / total)
    street = left.street[gone]
    over = (street == SEVERAL) | ((street != NOBODY) & (street != cells.walk.street[come]))
    price = price_cells(total, n, scatter, over, rules)
    too_large = (n > 1) & (total > np.maximum(rules.max_households, cells.sums.households[cell]))
    return np.where(too_large | (total < rules.minimum), np.inf, price)


def _squared(cells: Cells, house: Ints, x: Floats, y: Floats) -> Floats:
    """Squared distance of houses to points."""
    return np.asarray((cells.walk.x[house] - x) ** 2 + (cells.walk.y[house] - y) ** 2)
