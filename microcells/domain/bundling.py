"""Bundling: from houses to microcells, and from house rows to microcell rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kodala.core.errors import Finding, InputError, Severity
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph, connect_houses
from microcells.domain.ordering import Walk, walk_through
from microcells.domain.partition import cut_walk
from microcells.domain.repair import connect_cells, number_along_walk
from microcells.domain.stability import bundle_around
from microcells.domain.swaps import swap_houses
from microcells.domain.target import fit_target

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ADDED = (
    "households",
    "persons",
    "adults",
    "seniors_60_69",
    "seniors_70_79",
    "seniors_80plus",
    "seniors_60_64",
    "seniors_65_74",
    "seniors_75plus",
    "debtors_hard",
    "debtors_soft",
)
NOT_AVERAGED = {
    *ADDED,
    "house_key",
    "street_key",
    "house_number",
    "house_suffix",
    "street_side",
    "street_section",
    "area_number",
    "district_number",
}


@dataclass(frozen=True)
class Bundling:
    """What bundling gives: the cell of each row, and the rules with the fitted target."""

    cell: Ints
    rules: BundlingRules


def bundle(houses: pd.DataFrame, rules: BundlingRules, area_names: Mapping[int, str] | None = None) -> Ints:
    """Join neighbouring houses into cells; gives the cell number of each row, see `bundle_houses`."""
    return bundle_houses(houses, rules, area_names).cell


def bundle_houses(
    houses: pd.DataFrame,
    rules: BundlingRules,
    area_names: Mapping[int, str] | None = None,
    earlier: Ints | None = None,
) -> Bundling:
    """Join neighbouring houses into cells of at least `rules.minimum` households.

    houses:     one row per house: house_key, street_key, house_number, x, y (metres), area_number,
                households (>= 1); optional house_suffix, street_side. The order of rows is without effect.
    area_names: names for messages
    earlier:    number of the earlier cell of each row, -1 = none, see `bundle_around`
    returns:    cells numbered 0 … n - 1 along the areas; no cell crosses an area border, and every cell
                is connected (`connect_houses`)

    Raises InputError if a whole area holds fewer households than a cell needs, and ValueError
    for a house without households or a house key that occurs twice.
    """
    if (houses["households"] < 1).any():
        raise ValueError("a house has no households")
    _refuse_small_areas(houses, rules, area_names or {})
    walk, order = walk_through(houses)
    graph = connect_houses(walk, rules.near_m, rules.minimum)
    rules = fit_target(walk, graph, rules)
    if earlier is None:
        walked = bundle_walk(walk, graph, rules)
    else:
        walked = bundle_around(walk, earlier[order], graph, rules)
    cell = np.empty(len(houses), dtype=np.int64)
    cell[order] = walked
    return Bundling(cell, rules)


def bundle_walk(walk: Walk, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Cut the walk at the lowest cost, join what is apart, swap at the borders; one number per house."""
    cell = connect_cells(walk, cut_walk(walk, graph, rules), graph, rules)
    return number_along_walk(swap_houses(walk, cell, graph, rules))


def _refuse_small_areas(houses: pd.DataFrame, rules: BundlingRules, area_names: Mapping[int, str]) -> None:
    """Stop where an area holds fewer households than one cell needs."""
    households = houses.groupby("area_number")["households"].sum()
    small = households[households < rules.minimum]
    findings = [
        _too_few_households(area_names.get(number, str(number)), rules.minimum)
        for number in small.index.astype(int).tolist()
    ]
    if findings:
        raise InputError(findings)


def _too_few_households(area: str, minimum: int) -> Finding:
    """Say that an area cannot hold a single cell."""
    return Finding(
        row=0,
        column="haushalte",
        code="E-HH-MIN",
        severity=Severity.CONTRACT,
        text=f"Im Gebiet {area} gibt es zu wenige Haushalte für eine Mikrozelle.",
        suggestion=f"Eine Mikrozelle braucht mindestens {minimum} Haushalte. Bitte ergänzen Sie die Liste"
        " oder legen Sie das Gebiet mit einem Nachbargebiet zusammen.",
    )


def cells_from_houses(houses: pd.DataFrame, cell: Ints) -> pd.DataFrame:
    """Make the microcell rows of a house list.

    houses:  rows as in `bundle`, with counts and any further number columns (percentages, means, indices)
    cell:    cell number of each row, 0 … n - 1
    returns: one row per cell in the order of the numbers. Counts are added (missing if one house's is
             missing); every other number is the household-weighted mean of the houses that have it; x, y
             is the household-weighted centre; district and street section are those of most households.
             cell_key is "B-<area>-<running number in the area>".
    """
    order = np.lexsort((houses["house_key"].to_numpy(), cell))
    houses, cell = houses.iloc[order], cell[order]
    n_cells = int(cell.max(initial=-1)) + 1
    weight = houses["households"].to_numpy(np.float64)
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    area = houses["area_number"].to_numpy(np.int64)[starts]
    columns: dict[str, object] = {"cell_key": _cell_keys(area), "area_number": area}
    for name in ("district_number", "street_section"):
        if name in houses:
            columns[name] = _of_most_households(houses[name], cell, weight, n_cells)
    columns["houses"] = np.bincount(cell, minlength=n_cells).astype(np.int64)
    for name in houses.columns:
        if name in ADDED:
            columns[name] = np.bincount(cell, houses[name].to_numpy(np.float64), n_cells)
        elif name not in NOT_AVERAGED and pd.api.types.is_numeric_dtype(houses[name]):
            columns[name] = _weighted_mean(houses[name].to_numpy(np.float64), weight, cell, n_cells)
    return pd.DataFrame(columns).astype({"households": np.int64})


def _cell_keys(area: Ints) -> list[str]:
    """Number the cells of each area from 1; the areas stand one after the other."""
    running = np.arange(len(area)) - np.searchsorted(area, area) + 1
    return [
        f"B-{number:02d}-{place:05d}" for number, place in zip(area.tolist(), running.tolist(), strict=True)
    ]


def _weighted_mean(values: Floats, weight: Floats, cell: Ints, n_cells: int) -> Floats:
    """Average over each cell, missing values left out above and below the line; all missing = missing."""
    present = np.isfinite(values)
    above = np.bincount(cell[present], (values * weight)[present], n_cells)
    below = np.bincount(cell[present], weight[present], n_cells)
    means = np.full(n_cells, np.nan)
    np.divide(above, below, out=means, where=below > 0)
    return means


def _of_most_households(values: pd.Series[Any], cell: Ints, weight: Floats, n_cells: int) -> pd.Series[Any]:
    """Take for each cell the value that most of its households have; the smaller value wins a tie."""
    table = pd.DataFrame({"cell": cell, "value": values.to_numpy(), "weight": weight})
    sums = table.groupby(["cell", "value"])[["weight"]].sum().reset_index()
    top = sums.sort_values(["cell", "weight", "value"], ascending=[True, False, True])
    first: pd.Series[Any] = top.drop_duplicates("cell").set_index("cell")["value"]
    return first.reindex(np.arange(n_cells)).reset_index(drop=True)
