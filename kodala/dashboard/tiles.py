"""Vector tiles: the ORM makes the query, PostGIS draws."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.models.functions import GeoFunc, Transform
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db import connection
from django.db.models import BinaryField, QuerySet

WEB_MERCATOR, WGS84, STORED = 3857, 4326, 25832
HALF_WORLD_M = 20_037_508.342789244  # half the circumference in Web Mercator
LEAST_ZOOM, MOST_ZOOM = 8, 18  # larger tiles cannot be placed in UTM, smaller ones show nothing new
WHERE_UTM_HOLDS = (0.0, 40.0, 18.0, 65.0)  # longitude and latitude in which EPSG:25832 places a tile
STEPS = 16  # points per side of a tile: its sides are curves in UTM
EXTENT = 4096


class AsMVTGeom(GeoFunc):
    """A geometry in the coordinates of a tile."""

    function = "ST_AsMVTGeom"
    geom_param_pos = (0, 1)
    output_field = BinaryField()  # hand the geometry on as PostGIS made it


def is_drawn(z: int, x: int, y: int) -> bool:
    """Whether there is a tile of this address at all."""
    return LEAST_ZOOM <= z <= MOST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def tile_envelope(z: int, x: int, y: int) -> Polygon:
    """The square of a tile in Web Mercator, as ST_TileEnvelope gives it."""
    side = 2 * HALF_WORLD_M / 2**z
    left, top = x * side - HALF_WORLD_M, HALF_WORLD_M - y * side
    square = Polygon.from_bbox((left, top - side, left + side, top))
    square.srid = WEB_MERCATOR
    return square


def render_tile(
    rows: QuerySet[Any], outline: str, columns: dict[str, Any], layer: str, zxy: tuple[int, int, int]
) -> bytes:
    """Draw rows as one vector tile; b"" if nothing lies in it.

    outline: path of the geometry field, EPSG:25832; columns: name in the tile -> expression
    """
    envelope = tile_envelope(*zxy)
    box = _box_in_utm(envelope)
    if box is None:
        return b""
    shapes = (
        rows.filter(**{f"{outline}__bboverlaps": box})
        .annotate(shape=AsMVTGeom(Transform(outline, WEB_MERCATOR), envelope), **columns)
        .values("shape", *columns)
    )
    sql, params = shapes.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ST_AsMVT(layer, %s, {EXTENT}, 'shape') FROM ({sql}) AS layer",  # noqa: S608
            [layer, *params],
        )
        return bytes(cursor.fetchone()[0])


def _box_in_utm(envelope: Polygon) -> Polygon | None:
    """The box around a tile in the coordinates of the outlines, None where these do not hold."""
    west, south, east, north = envelope.transform(WGS84, clone=True).extent
    if west < WHERE_UTM_HOLDS[0] or south < WHERE_UTM_HOLDS[1]:
        return None
    if east > WHERE_UTM_HOLDS[2] or north > WHERE_UTM_HOLDS[3]:
        return None
    box = Polygon.from_bbox(_densified(envelope).transform(STORED, clone=True).extent)
    box.srid = STORED
    return box


def _densified(square: Polygon) -> GEOSGeometry:
    """The square with points along its sides."""
    left, bottom, right, top = square.extent
    shares = [place / STEPS for place in range(STEPS)]
    width, height = right - left, top - bottom
    ring = [
        *((left + width * share, bottom) for share in shares),
        *((right, bottom + height * share) for share in shares),
        *((right - width * share, top) for share in shares),
        *((left, top - height * share) for share in shares),
        (left, bottom),
    ]
    return Polygon(ring, srid=WEB_MERCATOR)
