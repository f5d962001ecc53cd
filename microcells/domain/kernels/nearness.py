"""Who is near whom: a grid laid over each area, and what hangs together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microcells.domain.kernels.compiling import compiled, part_of_loops, whole

Ints = NDArray[np.int64]
Halves = NDArray[np.int32]
Floats = NDArray[np.float64]

SQUARES_PER_HOUSE = 8  # bounds the memory of a grid; larger squares only cost time
FEWEST_SQUARES = 1000


class Grid(NamedTuple):
    """Houses of one area sorted into squares, with an empty square around all of them.

    low_x, low_y: corner; side: of a square; width: squares in a row; all lengths in millimetres
    start:        where each square begins among the sorted houses
    house, x, y:  the sorted houses
    """

    low_x: float
    low_y: float
    side: float
    width: int
    start: Ints
    house: Halves
    x: Floats
    y: Floats


@compiled
def find_near(x: Floats, y: Floats, edges: Ints, reach: float) -> tuple[Ints, Halves]:
    """Find for each house the others of its area at most `reach` away.

    x, y:    whole millimetres >= 0; edges: first house of each area, and behind the last one their number
    returns: start, other: the neighbours of house h are other[start[h]:start[h + 1]], in no order;
             `other` has free room at its end
    """
    start = np.zeros(len(x) + 1, dtype=np.int64)
    other = np.empty(16 * len(x), dtype=np.int32)
    for area in range(len(edges) - 1):
        begin, end = edges[area], edges[area + 1]
        grid = _lay_grid(x, y, begin, end, reach)
        for house in range(begin, end):
            n = start[house]
            if n + end - begin > len(other):
                other = _enlarge(other, n + end - begin)
            start[house + 1] = n + _collect(grid, house, (x[house], y[house]), reach, other[n:])
    return start, other


@part_of_loops
def _enlarge(values: Halves, room: int) -> Halves:
    """The same values with more room behind them."""
    larger = np.empty(max(2 * len(values), room), dtype=np.int32)
    for place in range(len(values)):
        larger[place] = values[place]
    return larger


@part_of_loops
def _lay_grid(x: Floats, y: Floats, begin: int, end: int, reach: float) -> Grid:
    """Sort the houses of an area into squares at least as wide as the reach."""
    n = end - begin
    low_x, low_y, high_x, high_y = x[begin], y[begin], x[begin], y[begin]
    for house in range(begin, end):
        low_x, high_x = min(low_x, x[house]), max(high_x, x[house])
        low_y, high_y = min(low_y, y[house]), max(high_y, y[house])
    wide, high = high_x - low_x, high_y - low_y
    most = SQUARES_PER_HOUSE * n + FEWEST_SQUARES
    # A whole number, so that no rounding puts two near houses two squares apart.
    side = np.ceil(max(reach, np.sqrt(wide * high / most), max(wide, high) / most))
    width, height = int(wide // side) + 3, int(high // side) + 3
    grid = Grid(
        low_x - side,
        low_y - side,
        side,
        width,
        np.zeros(width * height + 1, dtype=np.int64),
        np.empty(n, dtype=np.int32),
        np.empty(n),
        np.empty(n),
    )
    for house in range(begin, end):
        grid.start[_square(grid, x[house], y[house])] += 1
    for square in range(width * height):
        grid.start[square + 1] += grid.start[square]
    for house in range(end - 1, begin - 1, -1):
        square = _square(grid, x[house], y[house])
        grid.start[square] -= 1
        at = grid.start[square]
        grid.house[at], grid.x[at], grid.y[at] = house, x[house], y[house]
    return grid


@part_of_loops
def _square(grid: Grid, x: float, y: float) -> int:
    """In which square a place lies."""
    return int((y - grid.low_y) / grid.side) * grid.width + int((x - grid.low_x) / grid.side)


@part_of_loops
def _collect(grid: Grid, house: int, place: tuple[float, float], reach: float, found: Halves) -> int:
    """Write the neighbours of a house, which stands at a place; gives their number."""
    n = 0
    x, y = place
    here = _square(grid, x, y)
    for middle in (here - grid.width, here, here + grid.width):
        for at in range(grid.start[middle - 1], grid.start[middle + 2]):
            dx, dy = grid.x[at] - x, grid.y[at] - y
            found[n] = grid.house[at]
            n += (dx * dx + dy * dy <= reach * reach) & (grid.house[at] != house)
    return n


@compiled
def connected_parts(start: Ints, other: Halves, cell: Ints, part: Ints) -> None:
    """Number the connected parts of cells by their first house.

    cell: any number per house; part: each house its own number at first
    """
    for house in range(len(cell)):
        for at in range(start[house], start[house + 1]):
            if other[at] < house and cell[other[at]] == cell[house]:
                one, two = _root(part, house), _root(part, whole(other[at]))
                if one < two:
                    part[two] = one
                else:
                    part[one] = two
    n = 0
    # What a house points to stands before it and has its final number already.
    for house in range(len(cell)):
        if part[house] == house:
            part[house] = n
            n += 1
        else:
            part[house] = part[part[house]]


@part_of_loops
def _root(above: Ints, house: int) -> int:
    """The first house of a group; shortens the way to it."""
    while above[house] != house:
        above[house] = above[above[house]]
        house = above[house]
    return house


@compiled
def small_groups(start: Ints, other: Halves, households: Ints, group: Ints, reached: Ints) -> None:
    """Name the connected groups with too few households by their first house.

    group:   -1 for each house at first, and for those of larger groups in the end
    reached: room for as many houses as a cell needs households; every house has one, so a group has fewer
    """
    for house in range(len(households)):
        if group[house] < 0 and households[house] < len(reached):
            n = _flood(start, other, households, house, reached)
            for place in range(n):
                group[reached[place]] = house


@part_of_loops
def _flood(start: Ints, other: Halves, households: Ints, house: int, reached: Ints) -> int:
    """Reach the group of a house; gives its size, or 0 as soon as it holds enough households for a cell."""
    reached[0], n, done = house, whole(1), 0
    lacking = len(reached) - households[house]
    while done < n:
        for at in range(start[reached[done]], start[reached[done] + 1]):
            if not _holds(reached, n, other[at]):
                reached[n] = other[at]
                n += 1
                lacking -= households[other[at]]
                if lacking <= 0:
                    return 0
        done += 1
    return n


@part_of_loops
def _holds(reached: Ints, n: int, house: int) -> bool:
    """Whether a house is among the first n."""
    place = 0
    while place < n and reached[place] != house:
        place += 1
    return place < n
