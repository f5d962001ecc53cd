"""The certificate of a bundling: proof that no household was lost and no cell is too small."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from microcells.domain.ordering import walking_order
from microcells.domain.partition import BundlingRules, Lanes, block_costs

Ints = NDArray[np.int64]

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
WEIGHED = ("households", "x", "y")


@dataclass(frozen=True)
class BundlingCertificate:
    """What a bundling did, in numbers that can be shown and checked.

    households_*:       smallest, mean, largest cell; cv = standard deviation / mean
    share_below_minimum, cells_across_areas: must be 0
    rms_radius_m:       household-weighted root mean square distance to the centre, cells of several houses
    cells_above_limits: cells of several houses beyond the upper limits, where no other cut exists
    cost:               total cost under the rules; nan if a cell is not a run of the walk
    sha256_*:           of houses and rules, and of each house's cell; the order of rows is without effect
    """

    n_houses: int
    n_cells: int
    households_in: int
    households_out: int
    households_min: int
    households_mean: float
    households_max: int
    households_cv: float
    share_below_minimum: float
    cells_across_areas: int
    cells_over_streets: int
    cells_above_limits: int
    rms_radius_m: float
    cost: float
    sha256_input: str
    sha256_output: str

    @property
    def holds(self) -> bool:
        """Say whether the bundling may be used."""
        is_complete = self.households_in == self.households_out
        return is_complete and self.share_below_minimum == 0 and self.cells_across_areas == 0


def certify(
    houses: pd.DataFrame, cell: Ints, cells: pd.DataFrame, rules: BundlingRules
) -> BundlingCertificate:
    """Check a bundling against its houses.

    houses: as in `bundle`; cell: cell number of each row; cells: the rows of `cells_from_houses`
    """
    size = cells["households"].to_numpy(np.float64)
    n_houses = np.bincount(cell, minlength=len(cells))
    too_large = (size > rules.max_households) | (n_houses > rules.max_houses)
    return BundlingCertificate(
        n_houses=len(houses),
        n_cells=len(cells),
        households_in=int(houses["households"].sum()),
        households_out=int(size.sum()),
        households_min=int(size.min()),
        households_mean=float(size.mean()),
        households_max=int(size.max()),
        households_cv=float(size.std() / size.mean()),
        share_below_minimum=float((size < rules.minimum).mean()),
        cells_across_areas=_cells_with_several(houses["area_number"], cell),
        cells_over_streets=_cells_with_several(houses["street_key"], cell),
        cells_above_limits=int((too_large & (n_houses > 1)).sum()),
        rms_radius_m=_rms_radius(houses, cell, n_houses),
        cost=total_cost(houses, cell, rules),
        sha256_input=_hash_rows(houses, [name for name in HASHED if name in houses], repr(rules)),
        sha256_output=_hash_rows(houses.assign(cell=cell), ["house_key", "cell"], ""),
    )


def total_cost(houses: pd.DataFrame, cell: Ints, rules: BundlingRules) -> float:
    """Add up the cost of a bundling whose cells are runs of the walk; nan if one is not.

    The upper limits carry no cost here; a cell below the minimum costs inf.
    """
    order, street = walking_order(houses)
    walked = cell[order]
    first = np.flatnonzero(np.diff(walked, prepend=-1))
    if len(first) != len(np.unique(cell)):
        return float("nan")
    loose = BundlingRules(**{**vars(rules), "max_households": 2**31, "max_houses": 2**31})
    length = np.diff(np.append(first, len(walked)))
    rows = first + np.arange(length.max())[:, None]
    inside = rows < first + length
    taken = order[np.where(inside, rows, 0)]
    households, x, y = (np.where(inside, houses[name].to_numpy(np.float64)[taken], 0.0) for name in WEIGHED)
    lanes = Lanes(households, x, y, np.where(inside, street[taken], 0), length)
    cost = block_costs(lanes, loose, int(length.max()), keep_limits=False)
    unit = max(rules.weight_size, rules.weight_place, rules.weight_street)
    return float(cost[length - 1, length.max() - length, np.arange(len(length))].sum() * unit)


def _cells_with_several(values: pd.Series[Any], cell: Ints) -> int:
    """Count the cells whose houses do not all share one value."""
    return int((values.groupby(cell).nunique() > 1).sum())


def _rms_radius(houses: pd.DataFrame, cell: Ints, n_houses: Ints) -> float:
    """Give the weighted root mean square distance of houses to the centre of their cell."""
    weight = houses["households"].to_numpy(np.float64)
    total = np.bincount(cell, weight)
    squares = np.zeros(len(houses))
    for axis in ("x", "y"):
        place = houses[axis].to_numpy(np.float64)
        place = place - place.mean()
        squares += (place - (np.bincount(cell, weight * place) / total)[cell]) ** 2
    several = n_houses[cell] > 1
    if not several.any():
        return 0.0
    return float(np.sqrt((weight * squares)[several].sum() / weight[several].sum()))


def _hash_rows(houses: pd.DataFrame, names: list[str], rules: str) -> str:
    """Hash columns of the houses in the order of their keys."""
    digest = hashlib.sha256(rules.encode())
    for name in names:
        values = houses.sort_values("house_key")[name]
        if pd.api.types.is_numeric_dtype(values):
            kind = "<i8" if pd.api.types.is_integer_dtype(values) else "<f8"
            digest.update(values.to_numpy().astype(kind).tobytes())
        else:
            digest.update("\x1f".join(values.astype(object).where(values.notna(), "").astype(str)).encode())
    return digest.hexdigest()
