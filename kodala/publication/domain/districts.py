"""Which figures of statistical districts may stand beside their area: a cautious rule for the time being.

Pure. A district's figure is shown only if it, those of all other districts of its area and the area's own
pass, and with them whatever is linked. The city is not touched, because areas do not change.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kodala.publication.domain.rules import Rules, protect
from kodala.publication.shown import FigureState

OPEN = (FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE)
Pair = tuple[str, int]  # indicator, area


def protect_districts(districts: pd.DataFrame, areas: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Decide the state of every district's figure.

    districts: candidates as `protect` wants them, with a column `district`, number of the district
    areas:     what `protect` gave for the areas; it is not changed
    returns:   the districts with `state`; value, lower and upper are NaN wherever the state has no value
    """
    if districts.empty:
        return districts.assign(state=pd.Series(dtype=object))
    # Each district by itself, under a number that no other place has.
    alone = districts.groupby(["area", "district"]).ngroup() + 1
    table = protect(districts.assign(area=alone), rules).assign(area=districts["area"].to_numpy())
    pairs = list(zip(table["indicator"], table["area"], strict=True))
    closed = _closed_pairs(table, areas, rules)
    falls = np.array([pair in closed for pair in pairs], dtype=bool)
    # Beside what was not delivered for another district a value would tell it; a gap itself tells nothing.
    falls &= table["state"].isin(OPEN).to_numpy()
    table.loc[falls, "state"] = FigureState.PROTECTED.value
    table.loc[~table["state"].isin(OPEN), ["value", "lower", "upper"]] = np.nan
    return table


def _closed_pairs(districts: pd.DataFrame, areas: pd.DataFrame, rules: Rules) -> set[Pair]:
    """Indicators and areas of which no district may be shown."""
    closed = _not_open(districts) | _not_open(areas)
    shown = set(zip(areas["indicator"], areas["area"], strict=True))
    closed |= set(zip(districts["indicator"], districts["area"], strict=True)) - shown
    for linked in rules.linked:
        hit = {area for code, area in closed if code in linked.members}
        closed |= {(code, area) for code in (*linked.members, *linked.also) for area in hit}
    return closed


def _not_open(table: pd.DataFrame) -> set[Pair]:
    rows = table[~table["state"].isin(OPEN)]
    return set(zip(rows["indicator"], rows["area"], strict=True))
