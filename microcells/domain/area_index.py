"""Which observation area a point lies in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from microcells.domain.rows import Bools, Floats, Ints

NO_AREA = 0


@dataclass(frozen=True)
class AreaIndex:
    """The areas of one area set.

    numbers:           area numbers, > 0, each once
    outlines:          shapely polygons in the order of `numbers`, EPSG:25832
    district_to_area:  number of a statistical district -> area number; empty if the set has no districts

    Raises ValueError if numbers and outlines do not fit together.
    """

    numbers: Ints
    outlines: NDArray[np.object_]
    district_to_area: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.numbers) != len(self.outlines) or len(np.unique(self.numbers)) != len(self.numbers):
            raise ValueError(f"{len(self.numbers)} area numbers do not name {len(self.outlines)} outlines")
        if (self.numbers <= NO_AREA).any():
            raise ValueError("an area number is not positive")
        shapely.prepare(self.outlines)

    def area_of_districts(self, districts: Floats) -> Ints:
        """The area of each district number, any shape (n,); 0 = unknown or NaN."""
        known = np.array(sorted(self.district_to_area), dtype=np.float64)
        areas = np.array([self.district_to_area[int(number)] for number in known] + [NO_AREA], dtype=np.int64)
        place = np.searchsorted(known, districts)
        is_known = np.zeros(len(districts), dtype=bool)
        inside = place < len(known)
        is_known[inside] = known[place[inside]] == districts[inside]
        return areas[np.where(is_known, place, -1)]

    def locate(self, x: Floats, y: Floats, tolerance_m: float) -> Ints:
        """The area of each point, 0 = none.

        x, y:         EPSG:25832 in metres, shape (n,), NaN gives 0
        tolerance_m:  a point that lies in no area belongs to the nearest one within this distance;
                      at equal distance, to the one with the lower number
        """
        found = np.full(len(x), NO_AREA, dtype=np.int64)
        for number, outline in self._in_order():
            open_points = np.flatnonzero((found == NO_AREA) & _in_box(outline, x, y, 0.0))
            inside = shapely.contains_xy(outline, x[open_points], y[open_points])
            found[open_points[inside]] = number
        left = np.flatnonzero(found == NO_AREA)
        found[left] = self._nearest(x[left], y[left], tolerance_m)
        return found

    def are_near(self, areas: Ints, x: Floats, y: Floats, tolerance_m: float) -> Bools:
        """Whether each point lies in its own area or at most `tolerance_m` beside it, shape (n,)."""
        near = np.zeros(len(x), dtype=bool)
        for number, outline in self._in_order():
            # The area's own points first: a country has hundreds of areas, a block 30,000 points.
            own = np.flatnonzero(areas == number)
            own = own[_in_box(outline, x[own], y[own], tolerance_m)]
            inside = shapely.contains_xy(outline, x[own], y[own])
            near[own[inside]] = True
            beside = own[~inside]
            if len(beside):
                near[beside] = shapely.dwithin(outline, shapely.points(x[beside], y[beside]), tolerance_m)
        return near

    def _nearest(self, x: Floats, y: Floats, tolerance_m: float) -> Ints:
        best = np.full(len(x), np.inf)
        found = np.full(len(x), NO_AREA, dtype=np.int64)
        for number, outline in self._in_order():
            candidates = np.flatnonzero(_in_box(outline, x, y, tolerance_m))
            if not len(candidates):
                continue
            points = shapely.points(x[candidates], y[candidates])
            within = shapely.dwithin(outline, points, tolerance_m)
            candidates, points = candidates[within], points[within]
            distance = shapely.distance(outline, points)
            nearer = distance < best[candidates]
            best[candidates[nearer]] = distance[nearer]
            found[candidates[nearer]] = number
        return found

    def _in_order(self) -> list[tuple[int, shapely.Geometry]]:
        order = np.argsort(self.numbers)
        return [(int(self.numbers[at]), self.outlines[at]) for at in order]


def _in_box(outline: shapely.Geometry, x: Floats, y: Floats, margin_m: float) -> Bools:
    left, bottom, right, top = shapely.bounds(outline)
    result: Bools = (
        (x >= left - margin_m) & (x <= right + margin_m) & (y >= bottom - margin_m) & (y <= top + margin_m)
    )
    return result
