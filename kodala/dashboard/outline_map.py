"""The outlines of an area set as a small server-drawn map; the same for every page that marks areas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import shapely

from microcells.models import ObservationArea

WIDTH = 260.0
EDGE = 2.0  # room for the outer line
TOLERANCE = 0.35  # in units of the drawing; less than anybody sees


@dataclass(frozen=True)
class OutlinePart:
    """One area: its path, and where a letter fits best; numbers as SVG writes them."""

    number: int
    name: str
    path: str
    x: str
    y: str


@dataclass(frozen=True)
class OutlineDrawing:
    """All areas of a set, and the frame that shows them with their lines."""

    frame: str
    parts: tuple[OutlinePart, ...]


@lru_cache(maxsize=4)  # outlines of a set never change
def draw_outlines(area_set_pk: int) -> OutlineDrawing:
    """The areas of a set, north up, as wide as the frame; empty for a set without areas."""
    areas = list(ObservationArea.objects.filter(area_set_id=area_set_pk).order_by("number"))
    if not areas:
        return OutlineDrawing("0 0 1 1", ())
    shapes = shapely.from_wkb([bytes(area.outline.wkb) for area in areas])
    left, bottom, right, top = shapely.total_bounds(shapes)
    scale = WIDTH / (right - left)
    placed = shapely.transform(shapes, lambda points: (points - [left, top]) * [scale, -scale])
    drawn = shapely.coverage_simplify(placed, TOLERANCE)
    parts = [_draw(area, shape) for area, shape in zip(areas, drawn, strict=True)]
    frame = f"{-EDGE} {-EDGE} {WIDTH + 2 * EDGE} {(top - bottom) * scale + 2 * EDGE:.1f}"
    return OutlineDrawing(frame, tuple(parts))


def _draw(area: ObservationArea, shape: shapely.Geometry) -> OutlinePart:
    polygons = [part for part in shapely.get_parts(shape) if not part.is_empty]
    largest = max(polygons, key=shapely.area)
    middle = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=0.5), 0)
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    path = "".join(_path(shapely.get_coordinates(ring).tolist()) for ring in rings)
    return OutlinePart(area.number, area.name, path, f"{middle.x:.1f}", f"{middle.y:.1f}")


def _path(points: list[list[float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points[:-1]) + "Z"
