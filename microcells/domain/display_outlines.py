"""Outlines of display cells: they tile their area, and tell little of where a single microcell lies."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from microcells.domain.display_partition import Seeds

Ints = NDArray[np.int64]
# Borders lie halfway between two microcells, so that all their corners together would give the places away.
# Straightening them (about the side of the triangles that fall away, in metres) drops most corners, and makes
# tiles lighter.
STRAIGHTEN_M = 25.0


def outline_cells(seeds: Seeds, area: shapely.Geometry) -> list[shapely.MultiPolygon]:
    """The outline of each display cell of an area, in the order of their numbers.

    area: outline of the area, metres
    returns: what lies nearest to a cell's places inside the area (Voronoi), with straightened borders between
             them; together exactly the area, without overlap. Empty for a cell that lies outside its area.
    """
    numbers = np.unique(seeds.number)
    faces = _faces(seeds, area)
    nearest = _nearest_number(seeds, shapely.point_on_surface(faces))
    joined = [shapely.coverage_union_all(faces[nearest == number]) for number in numbers]
    is_drawn = np.array([not shapely.is_empty(one) for one in joined])
    drawn = np.array(joined, dtype=object)[is_drawn]
    outlines = np.full(len(numbers), shapely.MultiPolygon(), dtype=object)
    outlines[is_drawn] = shapely.coverage_simplify(drawn, STRAIGHTEN_M, simplify_boundary=False)
    return [_as_multi(one) for one in outlines]


def _faces(seeds: Seeds, area: shapely.Geometry) -> NDArray[np.object_]:
    """The pieces into which the borders of display cells cut the area, noded so that they fit exactly."""
    points = shapely.multipoints(np.column_stack([seeds.x, seeds.y]).astype(np.float64))
    around = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=area, ordered=True))
    if len(around) < 2:
        return np.array([area], dtype=object)
    groups = [
        shapely.coverage_union_all(around[seeds.number == number]) for number in np.unique(seeds.number)
    ]
    lines = shapely.union_all([*shapely.boundary(groups), shapely.boundary(area)])
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    shapely.prepare(area)
    return np.asarray(pieces[shapely.contains(area, shapely.point_on_surface(pieces))])


def _nearest_number(seeds: Seeds, points: NDArray[np.object_]) -> Ints:
    """The display cell whose place is nearest to each point."""
    tree = cKDTree(np.column_stack([seeds.x, seeds.y]))
    nearest = np.asarray(tree.query(shapely.get_coordinates(points))[1], dtype=np.int64)
    return np.asarray(seeds.number[nearest])


def _as_multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    return shape if isinstance(shape, shapely.MultiPolygon) else shapely.MultiPolygon([shape])
