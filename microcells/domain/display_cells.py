"""Display cells: neighbouring microcells of one area joined until they are large enough to be drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from microcells.domain.bundling import bundle_walk
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import connect_houses
from microcells.domain.ordering import MILLIMETRES, Walk, hilbert_place

Ints = NDArray[np.int64]


def group_cells(cells: pd.DataFrame, rules: BundlingRules) -> Ints:
    """Join microcells to display cells, by the same programme that joins houses to microcells.

    cells:   one row per microcell: cell_key, area_number, x, y (metres), households; any order of rows
    rules:   those of the display cells; `near_m` is the longest step between centres, `max_houses` the
             most microcells of a display cell
    returns: display cell of each row, 0 … n - 1 along the areas; each lies in one area, is connected by
             steps between centres, and holds `rules.minimum` households

    The walk through an area follows the Hilbert curve through the centres. Raises ValueError if an area
    holds fewer households than a display cell needs.
    """
    place = hilbert_place(cells["x"].to_numpy(np.float64), cells["y"].to_numpy(np.float64))
    area = cells["area_number"].to_numpy(np.int64)
    order = np.lexsort((cells["cell_key"].to_numpy(), place, area))
    x, y = (cells[axis].to_numpy(np.float64)[order] for axis in ("x", "y"))
    x, y = (np.rint((axis - axis.min(initial=np.inf)) * MILLIMETRES) / MILLIMETRES for axis in (x, y))
    households = cells["households"].to_numpy(np.int64)[order]
    walk = Walk(households, x, y, street=area[order], area=area[order])
    grouped = np.empty(len(cells), dtype=np.int64)
    grouped[order] = bundle_walk(walk, connect_houses(walk, rules.near_m, rules.minimum), rules)
    return grouped
