"""The certificate of a bundling: proof that no household was lost and no cell is too small."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.costs import CellSums, sum_cells
from microcells.domain.neighbours import HouseGraph, connect_houses
from microcells.domain.ordering import Walk, walk_through

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HASHED = (
    "house_key",
    "street_key",
    "house_number",
    "house_suffix",
    "street_side",
    "x",
    "y",
    "area_number",
    "households",
)


@dataclass(frozen=True)
class BundlingCertificate:
    """What a bundling did, in numbers that can be shown and checked.

    households_*:       smallest, mean, largest cell; cv = standard deviation / mean
    mean_of_several:    mean households of the cells of several houses; 0 if there are none
    target:             wished households of a cell of several houses, as fitted
    share_below_minimum, cells_across_areas, cells_apart: must be 0; a cell is apart if it is not connected
    cells_with_long_step, longest_step_m: cells connected only by a bridge from houses that stand too far
                        out (`connect_houses`), and the longest bridge in a cell
    cells_above_limits: cells of several houses beyond the upper limits, where no other cut exists
    rms_radius_m:       household-weighted root mean square distance to the centre, cells of several houses
    cost:               total cost under the rules
    cells_kept, jaccard_previous: cells that are unchanged since the earlier bundling, and the households
                        in them / in all different cells of both; None = no earlier one to compare with
    sha256_*:           of houses and rules, and of each house's cell; the order of rows is without effect
    seconds:            duration, measured by whoever has a clock
    """

    n_houses: int
    n_cells: int
    households_in: int
    households_out: int
    households_min: int
    households_mean: float
    households_max: int
    households_cv: float
    mean_of_several: float
    target: float
    share_below_minimum: float
    cells_across_areas: int
    cells_apart: int
    cells_with_long_step: int
    longest_step_m: float
    cells_over_streets: int
    cells_above_limits: int
    rms_radius_m: float
    cost: float
    sha256_input: str
    sha256_output: str
    cells_kept: int | None = None
    jaccard_previous: float | None = None
    seconds: float | None = None

    @property
    def holds(self) -> bool:
        """Say whether the bundling may be used."""
        is_complete = self.households_in == self.households_out
        return is_complete and not (self.share_below_minimum or self.cells_across_areas or self.cells_apart)


def certify(
    houses: pd.DataFrame, cell: Ints, cells: pd.DataFrame, rules: BundlingRules
) -> BundlingCertificate:
    """Check a bundling against its houses.

    houses: as in `bundle`; cell: cell number of each row; cells: the rows of `cells_from_houses`;
    rules:  those with which it was made, with the fitted target
    """
    walk, order = walk_through(houses)
    sums = sum_cells(walk, cell[order], len(cells))
    size, several = cells["households"].to_numpy(np.float64), sums.houses > 1
    too_large = (size > rules.max_households) | (sums.houses > rules.max_houses)
    return BundlingCertificate(
        n_houses=len(houses),
        n_cells=len(cells),
        households_in=int(houses["households"].sum()),
        households_out=int(size.sum()),
        households_min=int(size.min()),
        households_mean=float(size.mean()),
        households_max=int(size.max()),
        households_cv=float(size.std() / size.mean()),
        mean_of_several=float(size[several].mean()) if several.any() else 0.0,
        target=float(rules.target),
        share_below_minimum=float((size < rules.minimum).mean()),
        cells_across_areas=_cells_across(walk.area, cell[order]),
        **_connection(walk, cell[order], rules),
        cells_over_streets=int((sums.low != sums.high).sum()),
        cells_above_limits=int((too_large & several).sum()),
        rms_radius_m=_rms_radius(sums),
        cost=float(sums.price(rules).sum() * rules.unit),
        sha256_input=_hash_rows(houses, [name for name in HASHED if name in houses], repr(rules)),
        sha256_output=_hash_rows(houses.assign(cell=cell), ["house_key", "cell"], ""),
    )


def total_cost(houses: pd.DataFrame, cell: Ints, rules: BundlingRules) -> float:
    """Add up the cost of any bundling; the limits carry no cost here."""
    walk, order = walk_through(houses)
    sums = sum_cells(walk, np.unique(cell[order], return_inverse=True)[1], len(np.unique(cell)))
    return float(sums.price(rules).sum() * rules.unit)


def share_kept(households: Ints, is_kept: Bools, households_before: int) -> float:
    """Give the household-weighted Jaccard index of two bundlings, each a set of cells.

    households:        of the new cells; is_kept: which of them are unchanged earlier ones
    households_before: of all earlier cells
    returns:           households in the cells that both have / in all different cells, 0 … 1
    """
    common = int(households[is_kept].sum())
    return common / (int(households.sum()) + households_before - common)


def _cells_across(area: Ints, cell: Ints) -> int:
    """Count the cells with houses of several areas."""
    pairs = np.unique(np.column_stack([cell, area]), axis=0)
    return int((np.bincount(pairs[:, 0]) > 1).sum())


def _connection(walk: Walk, cell: Ints, rules: BundlingRules) -> dict[str, Any]:
    """Find out anew how the cells hang together."""
    graph = connect_houses(walk, rules.near_m, rules.minimum)
    is_apart = _is_apart(graph, cell)
    needs_bridge = _is_apart(graph.short_steps(), cell) & ~is_apart
    first, second = graph.bridges.T
    inside = (cell[first] == cell[second]) & needs_bridge[cell[first]]
    first, second = first[inside], second[inside]
    steps = np.hypot(walk.x[first] - walk.x[second], walk.y[first] - walk.y[second])
    return {
        "cells_apart": int(is_apart.sum()),
        "cells_with_long_step": int(needs_bridge.sum()),
        "longest_step_m": float(steps.max(initial=0.0)),
    }


def _is_apart(graph: HouseGraph, cell: Ints) -> Bools:
    """For each cell, whether it falls into several parts."""
    part = graph.parts(cell)
    _, first = np.unique(part, return_index=True)
    return np.asarray(np.bincount(cell[first], minlength=int(cell.max()) + 1) > 1)


def _rms_radius(sums: CellSums) -> float:
    """Give the weighted root mean square distance of houses to the centre of their cell."""
    several = sums.houses > 1
    if not several.any():
        return 0.0
    return float(np.sqrt(sums.scatter[several].sum() / sums.households[several].sum()))


def _hash_rows(houses: pd.DataFrame, names: list[str], rules: str) -> str:
    """Hash columns of the houses in the order of their keys."""
    digest = hashlib.sha256(rules.encode())
    ordered = houses[names].sort_values("house_key")
    for name in names:
        values = ordered[name]
        if pd.api.types.is_numeric_dtype(values):
            kind = "<i8" if pd.api.types.is_integer_dtype(values) else "<f8"
            digest.update(values.to_numpy().astype(kind).tobytes())
        else:
            digest.update("\x1f".join(values.astype(object).where(values.notna(), "").astype(str)).encode())
    return digest.hexdigest()
