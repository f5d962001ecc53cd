"""Joining again what fell apart: every cell connected and large enough, whatever the walk was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import Walk

Ints = NDArray[np.int64]


def connect_cells(walk: Walk, cell: Ints, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Split cells into their connected parts, and join parts below the minimum to a neighbouring one.

    cell:    any number per house; a cell may be apart, too small, or both
    graph:   neighbours in which every connected group of houses holds `minimum` households
    returns: new numbers along the walk; every cell is connected and holds `minimum` households

    A small part joins the neighbour with which it costs least, of equal ones the earlier one. Parts
    are taken in the order of the walk, so that the result never depends on the order of the rows.
    """
    from microcells.domain.kernels.joining import Net, join_small_parts, parts_of
    from microcells.domain.kernels.prices import prices_of

    net = Net(walk.households, walk.x, walk.y, walk.street, graph.start, graph.other)
    parts = parts_of(graph.parts(cell))
    join_small_parts(net, parts, prices_of(rules))
    return number_along_walk(parts.of)


def number_along_walk(cell: Ints) -> Ints:
    """Number cells 0, 1, … by their first house; cell: any numbers >= 0."""
    from microcells.domain.kernels.joining import number_by_first

    number = np.full(int(cell.max(initial=-1)) + 1, -1, dtype=np.int64)
    number_by_first(cell, number)
    return number[cell]
