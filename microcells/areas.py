"""Loading an area set: read, check, store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction

from microcells.area_files import AreaFile, read_area_file
from microcells.domain.area_check import check_areas
from microcells.models import ETRS89_UTM32N, AreaSet, ObservationArea


@dataclass(frozen=True)
class AreaSource:
    """Where an area file comes from and how its columns are called."""

    path: Path
    number: str
    name: str
    districts: str | None
    layer: str | None
    label: str
    source: str
    valid_from: dt.date
    is_invented: bool = False
    is_approximate: bool = False


def load_area_set(given: AreaSource) -> tuple[AreaSet, bool]:
    """Store a new division of the city and make it the current one.

    Gives the area set and whether it is new: the same outlines again only become current again.
    Raises InputError with a sentence for each fault; then nothing is stored.
    """
    areas = read_area_file(given.path, given.number, given.name, given.districts, given.layer)
    check_areas(areas.numbers, areas.names, areas.outlines)
    with transaction.atomic():
        known = AreaSet.objects.filter(checksum=areas.checksum).first()
        area_set = known or _store(given, areas)
        AreaSet.objects.filter(is_current=True).exclude(pk=area_set.pk).update(is_current=False)
        AreaSet.objects.filter(pk=area_set.pk).update(is_current=True)
    return area_set, known is None


def _store(given: AreaSource, areas: AreaFile) -> AreaSet:
    area_set = AreaSet.objects.create(
        label=given.label,
        source=given.source,
        valid_from=given.valid_from,
        is_invented=given.is_invented,
        is_approximate=given.is_approximate,
        checksum=areas.checksum,
    )
    rows = zip(areas.numbers, areas.names, areas.districts, areas.outlines, strict=True)
    ObservationArea.objects.bulk_create(
        ObservationArea(
            area_set=area_set,
            number=number,
            name=name,
            districts=districts,
            outline=as_multi_polygon(outline),
        )
        for number, name, districts, outline in rows
    )
    return area_set


def as_multi_polygon(outline: shapely.Geometry) -> MultiPolygon:
    """A polygon or several, as the database keeps outlines."""
    geometry = GEOSGeometry(memoryview(shapely.to_wkb(outline)), srid=ETRS89_UTM32N)
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon(geometry, srid=ETRS89_UTM32N)
