"""Figures that neighbouring areas show as one: joined before protection, given to each area after it.

Pure. A joined row stands under the smallest of its area numbers and names all of them in `joined`; the
single rows of its areas are gone, so that nothing after this step knows them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from kodala.statistics.aggregation import Status, coverage_status, worst
from kodala.statistics.intervals import byar, wilson

Interval = Literal["wilson", "byar", "bound"]
SIZES = ("persons", "households")


@dataclass(frozen=True)
class JoinedAreas:
    """Areas that show some indicators together; numbers ascending. Source: definitions.toml of this room."""

    areas: tuple[int, ...]
    indicators: frozenset[str]


@dataclass(frozen=True)
class JointFormula:
    """How the joint figure of an indicator is judged.

    interval:    "wilson" from the joint share and its base, "byar" from the joint count, "bound": the
                 areas' own half widths, weighted like their values: wide enough however the errors of
                 the areas go together
    least_base, least_cells: below them the joint figure is too small
    """

    interval: Interval
    least_base: float = 0.0
    least_cells: int = 0


def check_joined(joined: Sequence[JoinedAreas], joinable: Collection[str]) -> None:
    """Refuse a definition that means nothing.

    joinable: codes of computed counts and shares

    Raises ValueError for fewer than two areas, an indicator that cannot be joined, or an area that has two
    partners for one indicator.
    """
    taken: set[tuple[int, str]] = set()
    for own in joined:
        if len(set(own.areas)) < 2:
            raise ValueError(f"areas {own.areas} are not two")
        if not own.indicators <= set(joinable):
            raise ValueError(f"{sorted(own.indicators - set(joinable))} cannot be joined")
        places = {(area, code) for area in own.areas for code in own.indicators}
        if places & taken:
            raise ValueError(f"areas {own.areas} are joined twice for one indicator")
        taken |= places


def join_candidates(
    candidates: pd.DataFrame, joined: Sequence[JoinedAreas], formulas: Mapping[str, JointFormula]
) -> pd.DataFrame:
    """Replace the single rows of joined areas by one row that is computed from their sums.

    candidates: columns of `protect`, and coverage (0 … 1, by households), n_cells and district (0 = whole
                area): what districts have of a joined figure is left out, it would be a part of a single one
    formulas:   of every joined indicator
    returns:    the same columns and `joined`: all area numbers of a joined row, () elsewhere; sorted by
                indicator and area. A definition for areas that are not all there changes nothing.
    """
    table = candidates.assign(joined=pd.Series([()] * len(candidates), index=candidates.index, dtype=object))
    for own in joined:
        single = table["area"].isin(own.areas) & table["indicator"].isin(own.indicators)
        if not set(own.areas) <= set(table["area"]) or not single.any():
            continue
        table = table[~(single & (table["district"] != 0))]
        single = single[table.index]
        rows = [
            _join(parts.sort_values("area"), own.areas, formulas[str(code)])
            for code, parts in table[single].groupby("indicator", sort=True)
        ]
        joint = pd.DataFrame(rows, columns=table.columns)
        table = pd.concat([table[~single], joint.astype(table.dtypes)], ignore_index=True)
    return table.sort_values(["indicator", "area", "district"], ignore_index=True)


def _join(parts: pd.DataFrame, areas: Sequence[int], formula: JointFormula) -> dict[str, Any]:
    """One row for all parts; without a value if one of them has none that could be added."""
    row: dict[str, Any] = {str(name): value for name, value in parts.iloc[0].items()}
    row |= {name: parts[name].sum(skipna=False) for name in SIZES}
    row |= {"joined": tuple(areas), "area": min(areas), "n_cells": int(parts["n_cells"].sum())}
    row["coverage"] = _coverage(parts)
    is_empty = (parts["denominator"] == 0) & parts["value"].isna()
    filled = parts[~is_empty]
    if len(parts) < len(areas) or filled["value"].isna().any() or filled.empty:
        nobody = 0.0 if is_empty.all() and len(parts) == len(areas) else math.nan
        nothing = dict.fromkeys(("value", "lower", "upper", "numerator"), math.nan)
        return row | nothing | {"denominator": nobody, "status": Status.NO_DATA.value}
    row |= _value(filled, row["kind"] == "count")
    row["lower"], row["upper"] = _interval(filled, row, formula)
    return row | {"status": _status(filled, row, formula)}


def _coverage(parts: pd.DataFrame) -> float:
    households = float(parts["households"].sum())
    return float((parts["coverage"] * parts["households"]).sum()) / households if households > 0 else 0.0


def _value(parts: pd.DataFrame, is_count: bool) -> dict[str, float]:
    above, base = float(parts["numerator"].sum()), float(parts["denominator"].sum())
    if is_count:
        total = float(parts["value"].sum())
        return {"value": total, "numerator": total, "denominator": math.nan}
    return {"value": above / base, "numerator": above, "denominator": base}


def _interval(parts: pd.DataFrame, row: Mapping[str, Any], formula: JointFormula) -> tuple[float, float]:
    """The joint interval; none where a part has none, because no interval is better than a wrong one."""
    value, is_count = row["value"], row["kind"] == "count"
    if formula.interval == "wilson":
        return wilson(value, row["denominator"])
    if formula.interval == "byar":
        return byar(value)
    # The wider side: the other one may have been cut at 0 or 1.
    value_of, lower, upper = (parts[name].to_numpy(np.float64) for name in ("value", "lower", "upper"))
    bases = parts["denominator"].to_numpy(np.float64)
    weights = np.ones(len(parts)) if is_count else bases / row["denominator"]
    half = float(weights @ np.maximum(upper - value_of, value_of - lower))
    if math.isnan(half):
        return math.nan, math.nan
    most = math.inf if is_count else 1.0
    return max(0.0, value - half), min(most, value + half)


def _status(parts: pd.DataFrame, row: Mapping[str, Any], formula: JointFormula) -> str:
    """Size is judged anew for the joint figure; doubt in one area stays doubt."""
    base = row["value"] if row["kind"] == "count" else row["denominator"]
    if base < formula.least_base or row["n_cells"] < formula.least_cells:
        return Status.TOO_SMALL.value
    doubtful = Status.UNCERTAIN if (parts["status"] == Status.UNCERTAIN).any() else Status.OK
    return worst(coverage_status(row["coverage"]), doubtful).value


def areas_behind(table: pd.DataFrame) -> pd.Series:
    """All areas whose figures are in a row: those of a joined row, else its own; tuples."""
    if "joined" not in table:
        return table["area"].map(lambda area: (area,))
    own = zip(table["joined"], table["area"], strict=True)
    places = [joined if isinstance(joined, tuple) and joined else (area,) for joined, area in own]
    return pd.Series(places, index=table.index, dtype=object)


def give_to_each_area(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a joined row once under each of its areas, sorted by indicator, area and district.

    returns: a further column `joined_with`: the other areas of the figure as a list, [] for a single one
    """
    places = areas_behind(table)
    every = table.assign(area=places, places=places).explode("area", ignore_index=True)
    every = every.astype({"area": int})
    others = [
        [area for area in own if area != mine]
        for own, mine in zip(every["places"], every["area"], strict=True)
    ]
    every = every.drop(columns="places")
    every["joined_with"] = pd.Series(others, index=every.index, dtype=object)
    return every.sort_values(["indicator", "area", "district"], ignore_index=True)
