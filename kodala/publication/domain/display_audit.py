"""The audit of display cells: a linear programme for each withheld one, whatever way it was withheld."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from kodala.publication.domain.display_cells import (
    ROUND_OFF,
    DisplayRules,
    Scale,
    needed_falls,
    shown_bounds,
)
from kodala.publication.shown import FigureState

Floats = NDArray[np.float64]
FOUND = 0  # linprog's status of a solution


def audit_display_cells(
    cells: pd.DataFrame,
    totals: Mapping[int, float | None],
    scale: Scale,
    rules: DisplayRules,
    divided: Collection[int] = (),
) -> list[int]:
    """Numbers of withheld display cells that an outsider could narrow down too far; none = passed.

    cells, totals, scale, rules, divided: as in `protect_display_cells`, with `state` and `class_code`

    Areas that show no cell are passed over: nothing is known of their cells but the area's own figure. So
    are cells that an earlier Datenstand has shown. A programme without solution counts as too narrow, and so
    does a withheld cell beside a shown one where districts show further sums.
    """
    found: list[int] = []
    for area in np.unique(cells["area"]).tolist():
        own = cells[cells["area"] == area]
        is_shown = own["state"] == FigureState.VALUE
        total = totals.get(area)
        if is_shown.any() and not is_shown.all() and area in divided:
            found += own.loc[~is_shown, "number"].tolist()
        elif is_shown.any() and total is None:
            found += own["number"].tolist()
        elif is_shown.any() and total is not None:
            found += _narrow_cells(own, total, scale, rules)
    return found


def _narrow_cells(own: pd.DataFrame, total: float, scale: Scale, rules: DisplayRules) -> list[int]:
    """Numbers of the withheld cells of one area whose range is too short."""
    base, numerator = (own[name].to_numpy(np.float64) for name in ("denominator", "numerator"))
    is_hidden = ((own["state"] != FigureState.VALUE) & ~own["was_shown"]).to_numpy(np.bool_)
    low, high = shown_bounds(own, scale, rules)
    bounds = np.column_stack([np.where(is_hidden, 0.0, low), np.where(is_hidden, base, high)])
    found, falls = [], needed_falls(own, rules)
    for place in np.flatnonzero(is_hidden).tolist():
        least, most = (_extreme(bounds, total, place, sign) for sign in (1.0, -1.0))
        down = max(numerator[place] - falls[place], 0.0) + ROUND_OFF
        up = min(numerator[place] + rules.count_min, base[place]) - ROUND_OFF
        if not (least <= down and most >= up):
            found.append(int(own["number"].iloc[place]))
    return found


def _extreme(bounds: Floats, total: float, place: int, sign: float) -> float:
    """Smallest (sign 1) or largest (sign -1) value of one numerator; NaN if there is no solution."""
    goal = np.zeros(len(bounds))
    goal[place] = sign
    ranges = [(low, high) for low, high in bounds.tolist()]
    solved = linprog(goal, A_eq=np.ones((1, len(ranges))), b_eq=[total], bounds=ranges, method="highs")
    return sign * float(solved["fun"]) if solved["status"] == FOUND else float("nan")
