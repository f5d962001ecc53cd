"""What all values of the invented cells rest on: places, people, and slow surfaces of need and age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from microcells.demo.facts import bundling_rules, city, districts, stream
from microcells.demo.population import ageing
from microcells.demo.solving import centre_by_group, smooth_field, standardise
from microcells.domain.bundling import bundle, cells_from_houses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Background:
    """What all values of the cells rest on and what never changes.

    cells:       microcells with counts and place
    district:    0 … 27 per cell
    deprivation, age, building: surfaces inside the districts, variance about 1
    """

    cells: pd.DataFrame
    district: Ints
    deprivation: Floats
    age: Floats
    building: Floats

    @property
    def places(self) -> Floats:
        """Give the centres of the cells, shape (n, 2), metres."""
        return self.cells[["x", "y"]].to_numpy(np.float64)

    @property
    def adults(self) -> Floats:
        """Give the adults of each cell."""
        return self.cells["adults"].to_numpy(np.float64)


def make_background(houses: pd.DataFrame) -> Background:
    """Bundle the invented houses and lay the surfaces under the cells."""
    cells = cells_from_houses(houses, bundle(houses, bundling_rules()))
    cells["cell_key"] = [f"DEMO-{number:06d}" for number in range(1, len(cells) + 1)]
    district = np.searchsorted(districts()["number"], cells["district_number"]).astype(np.int64)
    places, adults = cells[["x", "y"]].to_numpy(np.float64), cells["adults"].to_numpy(np.float64)
    size = np.log(cells["households"].to_numpy(np.float64) / cells["houses"].to_numpy(np.float64))
    building = standardise(centre_by_group(size, district, adults), adults)
    rng = stream("deprivation")
    surface = sum(smooth_field(places, length, rng) for length in (300.0, 450.0, 700.0))
    deprivation = surface / np.sqrt(3) + 0.35 * building + 0.30 * rng.standard_normal(len(cells))
    deprivation = standardise(centre_by_group(deprivation, district, adults), adults)
    return Background(cells, district, deprivation, ageing(places), building)


def draw_course(ground: Background, name: str) -> list[Floats]:
    """Draw noise for each cell and date, half of it shared with the neighbours, changing slowly."""
    rng, keep = stream(f"course {name}"), city()["course"]["persistence"]
    field = smooth_field(ground.places, 900.0, rng)
    now = rng.standard_normal(len(ground.cells))
    steps = []
    for _ in city()["datenstand"]:
        steps.append(np.column_stack([field, now]))
        now = keep * now + np.sqrt(1 - keep**2) * rng.standard_normal(len(now))
    return steps
