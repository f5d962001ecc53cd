"""The walk through a city: in which order houses stand before they are bundled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]

HILBERT_ORDER = 12
MILLIMETRES = 1000


def hilbert_index(column: Ints, row: Ints, order: int = HILBERT_ORDER) -> Ints:
    """Give the position of grid squares along the Hilbert curve.

    column, row: squares of a grid with 2**order squares a side, same shape, 0 … 2**order - 1
    returns:     same shape, 0 … 4**order - 1; neighbours on the curve are neighbours on the grid
    Source: Hilbert 1891; the bitwise form after Warren 2012, Hacker's Delight, ch. 16.
    """
    x, y = column.astype(np.int64), row.astype(np.int64)
    index = np.zeros(x.shape, dtype=np.int64)
    for bit in range(order - 1, -1, -1):
        side = np.int64(1 << bit)
        right, upper = (x & side) > 0, (y & side) > 0
        index += side * side * ((3 * right) ^ upper)
        x, y = x & (side - 1), y & (side - 1)
        flipped = right & ~upper
        x, y = np.where(flipped, side - 1 - x, x), np.where(flipped, side - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
    return index


def walking_order(houses: pd.DataFrame) -> tuple[Ints, Ints]:
    """Put the houses of a city into the order of a walk through its areas and streets.

    houses:  one row per house with area_number, street_key, house_number, house_key, x, y (metres);
             optional street_side ("l" = odd side, "r" = even side) and house_suffix
    returns: row numbers in walking order, and for each row its street number (one per area and
             street, rising along the walk). Areas ascend; streets follow the Hilbert index of their
             centre; in a street the odd side comes first, then the even side downwards.

    Raises ValueError if a house key occurs twice.
    """
    key = _rank(houses["house_key"])
    if key.max(initial=-1) + 1 < len(houses):
        raise ValueError("a house key occurs twice")
    street = _street_numbers(houses)
    number = houses["house_number"].to_numpy(np.int64)
    is_even_side = _even_side(houses, number)
    steps = np.where(is_even_side, -number, number)
    order = np.lexsort((key, _suffix_rank(houses), steps, is_even_side, street))
    return order.astype(np.int64), street


def _street_numbers(houses: pd.DataFrame) -> Ints:
    """Number the streets of every area along the Hilbert curve through their centres."""
    area = houses["area_number"].to_numpy(np.int64)
    key = _rank(houses["street_key"])
    pairs, street = np.unique(area * (key.max(initial=0) + 1) + key, return_inverse=True)
    _, first = np.unique(street, return_index=True)
    column = _grid_line(houses["x"].to_numpy(np.float64), street, len(pairs))
    row = _grid_line(houses["y"].to_numpy(np.float64), street, len(pairs))
    walk = np.lexsort((key[first], hilbert_index(column, row), area[first]))
    place = np.empty(len(pairs), dtype=np.int64)
    place[walk] = np.arange(len(pairs))
    return place[street]


def _grid_line(coordinate: NDArray[np.float64], street: Ints, n_streets: int) -> Ints:
    """Find the grid line (0 … 2**12 - 1) of each street's centre along one axis.

    Whole millimetres are added up, so that neither the order of the rows nor the place of the
    origin can move a centre into another square.
    """
    millimetres = np.rint((coordinate - coordinate.min(initial=np.inf)) * MILLIMETRES).astype(np.int64)
    total = np.zeros(n_streets, dtype=np.int64)
    np.add.at(total, street, millimetres)
    count = np.bincount(street, minlength=n_streets).astype(np.int64)
    width = int(millimetres.max(initial=0)) + 1
    return (total // count) * (1 << HILBERT_ORDER) // width


def _even_side(houses: pd.DataFrame, number: Ints) -> NDArray[np.bool_]:
    """Mark houses on the even side; where no side was delivered the number decides."""
    by_number: NDArray[np.bool_] = number % 2 == 0
    if "street_side" not in houses:
        return by_number
    side = _words(houses["street_side"]).to_numpy()
    is_right, is_left = np.asarray(side == "r", dtype=np.bool_), np.asarray(side == "l", dtype=np.bool_)
    is_even: NDArray[np.bool_] = is_right | (by_number & ~is_left)
    return is_even


def _suffix_rank(houses: pd.DataFrame) -> Ints:
    """Rank the letters behind the house number; no letter comes first."""
    if "house_suffix" not in houses:
        return np.zeros(len(houses), dtype=np.int64)
    return _rank(_words(houses["house_suffix"]))


def _words(column: pd.Series[Any]) -> pd.Series[str]:
    """Write each value as a lower-case word; missing ones are empty, also where all are missing."""
    return column.astype(object).where(column.notna(), "").astype(str).str.strip().str.lower()


def _rank(column: pd.Series[Any]) -> Ints:
    """Replace each value by its place among the sorted distinct values."""
    codes, _ = pd.factorize(column, sort=True)
    return codes.astype(np.int64)
