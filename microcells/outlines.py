"""Outlines of areas for the map."""

from __future__ import annotations

import json

import shapely
from django.contrib.gis.db.models.functions import AsGeoJSON, Transform

from microcells.models import AreaSet

WGS84 = 4326
DECIMALS = 6  # a tenth of a metre


def areas_as_geojson(area_set: AreaSet) -> str:
    """All areas of a set as one GeoJSON collection in longitude and latitude.

    Each feature has the area's number as id, and as properties its name and a point inside it
    (label_lat, label_lon) that lies as far from the outline as possible.
    """
    areas = area_set.areas.annotate(
        shape=AsGeoJSON(Transform("outline", WGS84), precision=DECIMALS)
    ).order_by("number")
    features = []
    for area in areas:
        shape = json.loads(area.shape)
        label = _label_point(shape)
        properties = {"name": area.name, "label_lon": label.x, "label_lat": label.y}
        features.append({"type": "Feature", "id": area.number, "properties": properties, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _label_point(shape: dict[str, object]) -> shapely.Point:
    """The middle of the largest circle inside the largest part."""
    parts = shapely.get_parts(shapely.from_geojson(json.dumps(shape)))
    largest = max(parts, key=shapely.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=0.0001)
    return shapely.get_point(circle, 0)
