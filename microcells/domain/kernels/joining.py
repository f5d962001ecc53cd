"""Joining parts that are too small for a cell to a neighbouring one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microcells.domain.kernels.compiling import compiled, part_of_loops
from microcells.domain.kernels.prices import OVERSIZE, Prices, price_cell

Ints = NDArray[np.int64]
Halves = NDArray[np.int32]
Floats = NDArray[np.float64]

NOBODY = -1
STEPS_PER_UNIT = 1e9  # costs are compared in such steps, so that rounding never decides


class Net(NamedTuple):
    """Houses in walking order, and the neighbours of each: other[start[h]:start[h + 1]]."""

    households: Ints
    x: Floats
    y: Floats
    street: Ints
    start: Ints
    other: Halves


class Parts(NamedTuple):
    """Parts on their way to cells; a part keeps the number of its first piece.

    of: part of each house; households: of each part
    first: one house of each part; following: the next of the same part; NOBODY = there is none
    """

    of: Ints
    households: Ints
    first: Ints
    following: Ints


@compiled
def join_small_parts(net: Net, parts: Parts, prices: Prices) -> None:
    """Join every part below the minimum to the neighbour with which it costs least.

    The numbers of the parts get gaps. Small parts are taken in their order, of equal neighbours the
    earlier one. What is still too small after that joins again at once.
    """
    _chain(net, parts)
    for small in range(len(parts.households)):
        current = small
        # A part that has joined another one has no house left.
        while 0 < parts.households[current] < prices.minimum:
            other = _cheapest_neighbour(net, parts, current, prices)
            keep, gone = (current, other) if current < other else (other, current)
            _merge(parts, keep, gone)
            current = keep


def parts_of(part: Ints) -> Parts:
    """Make room for parts; part: 0 … n - 1 for each house, by the first house; changed in place."""
    n = int(part.max(initial=-1)) + 1
    first, following = np.full(n, NOBODY, dtype=np.int64), np.full(len(part), NOBODY, dtype=np.int64)
    return Parts(part, np.zeros(n, dtype=np.int64), first, following)


@part_of_loops
def _chain(net: Net, parts: Parts) -> None:
    """Chain the houses of each part, in the order of the walk."""
    for house in range(len(parts.of) - 1, -1, -1):
        own = parts.of[house]
        parts.households[own] += net.households[house]
        parts.following[house] = parts.first[own]
        parts.first[own] = house


@part_of_loops
def _cheapest_neighbour(net: Net, parts: Parts, small: int, prices: Prices) -> int:
    """The part whose cost rises least when the small one joins it; the earlier one of equals."""
    best, least = NOBODY, np.inf
    house = parts.first[small]
    while house != NOBODY:
        for at in range(net.start[house], net.start[house + 1]):
            other = parts.of[net.other[at]]
            if other not in (small, best):
                rise = _price(net, parts, small, other, prices) - _price(net, parts, other, other, prices)
                rise = np.rint(rise * STEPS_PER_UNIT)
                if rise < least or (rise == least and other < best):
                    best, least = other, rise
        house = parts.following[house]
    if best == NOBODY:
        raise ValueError("a group of houses is too small for a cell and has no neighbour")
    return best


@part_of_loops
def _price(net: Net, parts: Parts, one: int, other: int, prices: Prices) -> float:
    """Price two parts as one cell, or a part alone; one beyond the limits costs as much as many others."""
    origin = parts.first[one]
    n, households, pull_x, pull_y, spread, strange = _add_up(net, parts, one, origin)
    if other != one:
        more = _add_up(net, parts, other, origin)
        n, households, strange = n + more[0], households + more[1], strange + more[5]
        pull_x, pull_y, spread = pull_x + more[2], pull_y + more[3], spread + more[4]
    scatter = max(spread - (pull_x * pull_x + pull_y * pull_y) / households, 0.0)
    price = price_cell(prices, households, n > 1, scatter, strange > 0)
    if n > 1 and (households > prices.max_households or n > prices.max_houses):
        price += OVERSIZE
    return price


@part_of_loops
def _add_up(net: Net, parts: Parts, part: int, origin: int) -> tuple[int, int, float, float, float, int]:
    """Houses of a part, their households, moments about a house, and how many are of another street."""
    n, households, pull_x, pull_y, spread, strange = 0, 0, 0.0, 0.0, 0.0, 0
    house = parts.first[part]
    while house != NOBODY:
        weight = net.households[house]
        dx, dy = net.x[house] - net.x[origin], net.y[house] - net.y[origin]
        n, households = n + 1, households + weight
        pull_x, pull_y, spread = (
            pull_x + weight * dx,
            pull_y + weight * dy,
            spread + weight * (dx * dx + dy * dy),
        )
        strange += net.street[house] != net.street[origin]
        house = parts.following[house]
    return n, households, pull_x, pull_y, spread, strange


@part_of_loops
def _merge(parts: Parts, keep: int, gone: int) -> None:
    """Give the houses of one part to another."""
    house = last = parts.first[gone]
    while house != NOBODY:
        parts.of[house] = keep
        last, house = house, parts.following[house]
    parts.following[last] = parts.first[keep]
    parts.first[keep], parts.first[gone] = parts.first[gone], NOBODY
    parts.households[keep] += parts.households[gone]
    parts.households[gone] = 0


@compiled
def number_by_first(cell: Ints, number: Ints) -> None:
    """Number cells 0, 1, … by their first house; number: -1 for each number of a cell at first."""
    n = 0
    for house in range(len(cell)):
        if number[cell[house]] < 0:
            number[cell[house]] = n
            n += 1
