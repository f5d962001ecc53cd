"""Where a row belongs: its observation area, and whether district and point agree with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from microcells.domain.area_index import NO_AREA, AreaIndex
from microcells.domain.rows import Bools, Floats, Hit, Ints, Rows, hit

AREA = ("area_number",)
POINT = ("x", "y")


def assign_areas(rows: Rows, areas: AreaIndex, tolerance_m: float) -> tuple[Rows, list[Hit]]:
    """Complete the area of every row and check what speaks against it.

    The area is the one the file names, else that of the district, else that of the point.
    returns: rows with `area_number` (NaN = unknown), and E-PFLICHT, E-GEBIET, E-ZUORDNUNG, E-BEREICH
    """
    n = len(rows)
    named = rows.numbers.get("area_number", np.full(n, np.nan))
    district = rows.numbers.get("district_number", np.full(n, np.nan))
    x, y = rows.numbers.get("x", np.full(n, np.nan)), rows.numbers.get("y", np.full(n, np.nan))
    has_point = ~np.isnan(x) & ~np.isnan(y)
    by_district = areas.area_of_districts(district)
    area = np.where(np.isnan(named), by_district, np.nan_to_num(named)).astype(np.int64)
    open_points = np.flatnonzero(np.isnan(named) & (by_district == NO_AREA) & np.isnan(district) & has_point)
    area[open_points] = areas.locate(x[open_points], y[open_points], tolerance_m)
    is_known = np.isin(area, areas.numbers)
    hits = [
        *_unknown(named, district, has_point, is_known),
        *_contradicting_districts(named, district, by_district, is_known, areas),
        *hit(
            "E-BEREICH.lage",
            POINT,
            np.isnan(x) != np.isnan(y) if {"x", "y"} <= rows.names else np.zeros(n, bool),
        ),
        *_points(area, x, y, has_point, is_known, areas, tolerance_m),
    ]
    numbers = {**rows.numbers, "area_number": np.where(is_known, area, np.nan)}
    return replace(rows, numbers=numbers), hits


def without_areas(rows: Rows) -> Rows:
    """The rows with no area known for any of them: `area_number` is NaN throughout."""
    return replace(rows, numbers={**rows.numbers, "area_number": np.full(len(rows), np.nan)})


def are_degrees(rows: Rows) -> bool:
    """Whether the points are longitudes and latitudes: no city in UTM lies that near the origin.

    A point of 0 and 0 says nothing: it is how some programs write a missing one.
    """
    x, y = rows.numbers.get("x"), rows.numbers.get("y")
    if x is None or y is None:
        return False
    speaks = (x != 0) | (y != 0)
    x, y = x[speaks], y[speaks]
    if np.isnan(x).all() or np.isnan(y).all():
        return False
    return bool(np.nanmax(np.abs(x)) <= 180 and np.nanmax(np.abs(y)) <= 180)


def _unknown(named: Floats, district: Floats, has_point: Bools, is_known: Bools) -> list[Hit]:
    """Rows without an area: named wrongly, in an unknown district, or with nothing to go by."""
    by_name = ~np.isnan(named)
    by_district = ~by_name & ~np.isnan(district)
    has_nothing = ~by_name & ~by_district & ~has_point
    return [
        *hit("E-GEBIET", AREA, by_name & ~is_known),
        *hit("E-GEBIET", ("district_number",), by_district & ~is_known),
        *hit("E-PFLICHT", AREA, has_nothing),
    ]


def _contradicting_districts(
    named: Floats, district: Floats, by_district: Ints, is_known: Bools, areas: AreaIndex
) -> list[Hit]:
    """A district that lies in another area than the one the row names."""
    if not areas.district_to_area:
        return []
    speaks = ~np.isnan(named) & is_known & ~np.isnan(district)
    return hit("E-ZUORDNUNG", ("district_number", "area_number"), speaks & (by_district != named))


def _points(
    area: Ints, x: Floats, y: Floats, has_point: Bools, is_known: Bools, areas: AreaIndex, tolerance_m: float
) -> list[Hit]:
    """Points outside the city, and points outside the area of their row."""
    is_near = areas.are_near(area, x, y, tolerance_m)
    far = np.flatnonzero(has_point & ~is_near & (is_known | (area == NO_AREA)))
    if not len(far):
        return []
    is_elsewhere = areas.locate(x[far], y[far], tolerance_m) != NO_AREA
    outside, wrong = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    outside[far[~is_elsewhere]] = True
    wrong[far[is_elsewhere & is_known[far]]] = True
    return [*hit("E-BEREICH.stadt", POINT, outside), *hit("E-BEREICH.gebiet", POINT, wrong)]
