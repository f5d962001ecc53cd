"""Coordinate systems that points of German cities come in."""

from __future__ import annotations

import numpy as np

from microcells.domain.rows import Floats

ETRS89_UTM32N = 25832
# EPSG code -> name as people know it. Others can be given too; these are offered.
CRS_NAMES = {
    25832: "ETRS89 / UTM 32N",
    25833: "ETRS89 / UTM 33N",
    4647: "ETRS89 / UTM 32N mit Zonenkennung",
    4326: "WGS 84, Länge und Breite in Grad",
    4258: "ETRS89, Länge und Breite in Grad",
    3857: "Web-Mercator",
    31466: "DHDN / Gauß-Krüger Zone 2",
    31467: "DHDN / Gauß-Krüger Zone 3",
    31468: "DHDN / Gauß-Krüger Zone 4",
}
# Box of Germany in each system (west, south, east, north), widened a little.
GERMANY = {
    25832: (270_000, 5_200_000, 930_000, 6_120_000),
    4647: (32_270_000, 5_200_000, 32_930_000, 6_120_000),
    4326: (5.5, 47.0, 15.5, 55.5),
    3857: (620_000, 5_940_000, 1_730_000, 7_400_000),
    31466: (2_460_000, 5_200_000, 2_650_000, 6_150_000),
    31467: (3_240_000, 5_200_000, 3_940_000, 6_150_000),
    31468: (4_240_000, 5_200_000, 4_700_000, 6_150_000),
}


def guess_crs(x: Floats, y: Floats, stated: int) -> int:
    """Another system than the stated one, if only there all points lie in Germany; 0 = keep the stated one.

    x, y:    NaN = no point
    stated:  EPSG code that the file names, or the house's own
    """
    has_point = ~np.isnan(x) & ~np.isnan(y)
    if stated not in GERMANY or not has_point.any() or _are_inside(x[has_point], y[has_point], stated):
        return 0
    fitting = (code for code in GERMANY if _are_inside(x[has_point], y[has_point], code))
    return next(fitting, 0)


def _are_inside(x: Floats, y: Floats, code: int) -> bool:
    west, south, east, north = GERMANY[code]
    return bool((x >= west).all() and (x <= east).all() and (y >= south).all() and (y <= north).all())
