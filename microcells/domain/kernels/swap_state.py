"""Cells while houses change over: members, sums, and what would be left without each house."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from microcells.domain.kernels.compiling import part_of_loops
from microcells.domain.kernels.prices import Prices, price_cell

NOBODY = -1  # in place of a house: there is none
SEVERAL = -1  # in place of a street: houses of several streets
UNSEEN = -2  # likewise: not reached yet
NO_STREET = -2  # likewise: no house is left

# following: the next house of the same cell in the order of the walk; x, y: metres;
# rest_…: of the house's cell if the house left it; next_reached: while a cell is walked
# through; links_…: where the neighbours stand in a list.
# Records, because every array in a tuple would cost the time of a price at every look.
HOUSE = np.dtype(
    [
        ("x", np.float64),
        ("y", np.float64),
        ("rest_x", np.float64),
        ("rest_y", np.float64),
        ("rest_scatter", np.float64),
        ("rest_price", np.float64),
        ("households", np.int32),
        ("street", np.int32),
        ("rest_street", np.int32),
        ("cell", np.int32),
        ("following", np.int32),
        ("next_reached", np.int32),
        ("links_begin", np.int32),
        ("links_end", np.int32),
    ],
    align=True,
)
# first: first house; n: houses; x, y: weighted centre; begin, end: its pairs. While an area is scanned,
# earliest: first pair with a gain; made_at: pair that has just changed the cell; listed_in: wave of changes;
# asking, touched: two lists of cells.
CELL = np.dtype(
    [
        ("x", np.float64),
        ("y", np.float64),
        ("scatter", np.float64),
        ("price", np.float64),
        ("households", np.int32),
        ("street", np.int32),
        ("first", np.int32),
        ("n", np.int32),
        ("begin", np.int32),
        ("end", np.int32),
        ("earliest", np.int32),
        ("made_at", np.int32),
        ("listed_in", np.int32),
        ("asking", np.int32),
        ("touched", np.int32),
        ("is_fixed", np.bool_),
        ("has_changed", np.bool_),
    ],
    align=True,
)


class Town(NamedTuple):
    """Houses and cells as records, and the neighbours of all houses in one list, see HOUSE."""

    houses: Any
    cells: Any
    links: NDArray[np.int32]


@part_of_loops
def gather(houses: Any, cells: Any) -> None:
    """Chain the houses of each cell."""
    for number in range(len(houses) - 1, -1, -1):
        cell = cells[houses[number].cell]
        houses[number].next_reached = UNSEEN
        houses[number].following = cell.first if cell.n > 0 else NOBODY
        cell.first = number
        cell.n += 1


@part_of_loops
def move(houses: Any, cells: Any, number: int, to: int) -> None:
    """Let a house go over to another cell; the sums are left as they are."""
    house = houses[number]
    left, taken = cells[house.cell], cells[to]
    before = _before(houses, left.first, number)
    if before == NOBODY:
        left.first = house.following
    else:
        houses[before].following = house.following
    before = _before(houses, taken.first, number)
    if before == NOBODY:
        house.following, taken.first = taken.first, number
    else:
        house.following, houses[before].following = houses[before].following, number
    left.n -= 1
    taken.n += 1
    house.cell = to


@part_of_loops
def _before(houses: Any, first: int, number: int) -> int:
    """The last house of a chain that comes before another house in the walk."""
    before, at = NOBODY, first
    while at != NOBODY and at < number:
        before, at = at, houses[at].following
    return before


@part_of_loops
def add_up(houses: Any, cells: Any, prices: Prices, number: int) -> None:
    """Compute the sums of a cell and of its houses' rests anew."""
    cell = cells[number]
    households, x, y, street, at = 0, 0.0, 0.0, houses[cell.first].street, cell.first
    while at != NOBODY:
        house = houses[at]
        households += house.households
        x += house.households * house.x
        y += house.households * house.y
        street = street if house.street == street else SEVERAL
        at = house.following
    cell.x, cell.y, cell.households, cell.street = x / households, y / households, households, street
    cell.scatter = _scatter(houses, cell)
    cell.price = price_cell(prices, households, cell.n > 1, cell.scatter, street == SEVERAL)
    at = cell.first
    while at != NOBODY:
        house = houses[at]
        _leave_out(cell, house)
        house.rest_street = _street_without(houses, cell, at)
        rest, over_streets = households - house.households, house.rest_street == SEVERAL
        house.rest_price = price_cell(prices, rest, cell.n > 2, house.rest_scatter, over_streets)
        at = house.following


@part_of_loops
def _scatter(houses: Any, cell: Any) -> float:
    """Households × squared distance to the centre, added up."""
    scatter, at = 0.0, cell.first
    while at != NOBODY:
        house = houses[at]
        scatter += house.households * ((house.x - cell.x) ** 2 + (house.y - cell.y) ** 2)
        at = house.following
    return scatter


@part_of_loops
def _leave_out(cell: Any, house: Any) -> None:
    """Compute where the rest of a cell without one of its houses lies, and how scattered it is."""
    rest = cell.households - house.households
    # Moments about the centre: leaving out one house shifts it by a known share of the distance.
    shift = house.households / rest if rest > 0 else 0.0
    dx, dy = house.x - cell.x, house.y - cell.y
    house.rest_x, house.rest_y = cell.x - shift * dx, cell.y - shift * dy
    scatter = cell.scatter - house.households * (dx * dx + dy * dy) * (1 + shift)
    house.rest_scatter = max(scatter, 0.0) if cell.n > 2 else 0.0


@part_of_loops
def _street_without(houses: Any, cell: Any, gone: int) -> int:
    """The street of a cell's houses without one of them."""
    if cell.n == 1:
        return NO_STREET
    if cell.street != SEVERAL:
        return cell.street
    at = cell.first if cell.first != gone else houses[gone].following
    street = houses[at].street
    while at != NOBODY:
        if at != gone and houses[at].street != street:
            return SEVERAL
        at = houses[at].following
    return street
