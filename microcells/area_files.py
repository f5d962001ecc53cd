"""Reading area files of any common form and CRS with GDAL."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from kodala.core.errors import Finding, InputError, Severity
from microcells.models import ETRS89_UTM32N


@dataclass(frozen=True)
class AreaFile:
    """Areas as they stand in a file, outlines in EPSG:25832, districts as lists of numbers."""

    numbers: list[int]
    names: list[str]
    districts: list[list[int]]
    outlines: NDArray[np.object_]
    checksum: str


def read_area_file(path: Path, number: str, name: str, districts: str | None, layer: str | None) -> AreaFile:
    """Read numbers, names and outlines from a GeoJSON, GeoPackage or Shapefile.

    number, name, districts: headings of the columns that hold them; districts as "1+3" or "1,3"
    Raises InputError with a German sentence if the file, a column or the CRS is missing.
    """
    meta, fields, table = _open(path, layer)
    for heading in filter(None, (number, name, districts)):
        if heading not in fields:
            raise _refusal(
                "E-SPALTE",
                f"Die Spalte „{heading}“ fehlt. Vorhanden sind: {', '.join(fields)}.",
                "Bitte die Spalte mit --number, --name oder --districts angeben.",
            )
    if not meta["crs"]:
        raise _refusal(
            "E-CRS", "Die Datei nennt kein Koordinatensystem.", "Bitte eine .prj-Datei mitliefern."
        )
    outlines = _to_metres(shapely.from_wkb(table["wkb"]), meta["crs"])
    numbers = [_whole_number(value, number) for value in fields[number]]
    return AreaFile(
        numbers,
        [str(value) for value in fields[name]],
        [_district_list(value) for value in fields[districts]] if districts else [[own] for own in numbers],
        outlines,
        _checksum(numbers, outlines),
    )


def _refusal(code: str, text: str, suggestion: str) -> InputError:
    return InputError([Finding(0, "", code, Severity.CONTRACT, text, suggestion)])


def _open(path: Path, layer: str | None) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    try:
        meta, _, wkb, values = pyogrio.raw.read(path, layer=layer, force_2d=True)
    except (DataSourceError, DataLayerError, OSError) as error:
        raise _refusal(
            "E-DATEI",
            f"{path.name} lässt sich nicht als Gebietsdatei lesen.",
            "Erwartet wird GeoJSON, GeoPackage oder Shapefile; bei mehreren Ebenen bitte --layer angeben.",
        ) from error
    return meta, dict(zip(meta["fields"], values, strict=True)), {"wkb": wkb}


def _to_metres(outlines: NDArray[np.object_], crs: str) -> NDArray[np.object_]:
    from django.contrib.gis.gdal import CoordTransform, GDALException, OGRGeometry, SpatialReference

    try:
        transform = CoordTransform(
            _traditional(SpatialReference, crs), _traditional(SpatialReference, ETRS89_UTM32N)
        )
    except GDALException as error:
        raise _refusal(
            "E-CRS", "Das Koordinatensystem ist unbekannt.", "Bitte in EPSG:25832 liefern."
        ) from error
    moved = []
    for outline in outlines:
        if outline is None or outline.is_empty:
            moved.append(outline)
            continue
        geometry = OGRGeometry(memoryview(shapely.to_wkb(outline)))
        geometry.transform(transform)
        moved.append(shapely.from_wkb(bytes(geometry.wkb)))
    return np.array(moved, dtype=object)


def _traditional(reference: Any, crs: str | int) -> Any:
    """Longitude before latitude, as files hold them."""
    from django.contrib.gis.gdal.srs import AxisOrder

    return reference(crs, axis_order=AxisOrder.TRADITIONAL)


def _whole_number(value: Any, heading: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise _refusal(
            "E-NUMMER",
            f"In der Spalte „{heading}“ steht nicht in jeder Zeile eine ganze Zahl.",
            "Bitte ergänzen.",
        ) from error


def _district_list(value: Any) -> list[int]:
    """District numbers of an area, written as "1+3", "1,3", "01+03", [1, 3] or "[ 1, 3 ]"."""
    parts = str(value).translate(str.maketrans("+;[]", ",,  ")).split(",")
    return [int(part) for part in parts if part.strip()]


def _checksum(numbers: list[int], outlines: NDArray[np.object_]) -> str:
    digest = hashlib.sha256()
    for own, outline in sorted(zip(numbers, outlines, strict=True), key=lambda pair: pair[0]):
        digest.update(f"{own}:".encode())
        digest.update(b"" if outline is None else shapely.to_wkb(shapely.normalize(outline), byte_order=1))
    return digest.hexdigest()
