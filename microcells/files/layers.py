"""Files with places in the child: GeoPackage, Shapefile and GeoJSON."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from kodala.core.errors import InputError
from microcells.domain.composing import Layout
from microcells.domain.crs import ETRS89_UTM32N
from microcells.domain.dialect import AS_CSV, refuse
from microcells.domain.headings import unique_headings
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.wanted import Wanted
from microcells.files import limits, sandbox
from microcells.files.archives import PIECE, copy_pieces
from microcells.files.batches import Batch, compose, sample_of, with_number_signs
from microcells.files.content import Content
from microcells.files.gdal import keep_needed_drivers, pyogrio
from microcells.files.looking import Look

NAMES = {"gpkg": "Das GeoPackage", "shp": "Das Shapefile", "geojson": "Die GeoJSON-Datei"}
BROKEN = (DataSourceError, DataLayerError, RuntimeError, ValueError, OSError, sqlite3.DatabaseError)
POINT_AXES = ("x", "y")


@dataclass(frozen=True)
class LayerTable:
    """A file with places, of which one layer is read.

    kind:      "gpkg", "shp" or "geojson"
    gdal_path: what GDAL opens, if it is not the content itself
    """

    content: Content
    kind: str
    gdal_path: str = ""

    def look(self, wanted: Wanted, given: ReadingPlan | None) -> Look:
        """The chosen layer's columns and first rows; points become x and y."""
        with self._open() as path:
            names = self._layers(path)
            layer = given.table if given and given.table in names else self._best(path, names, wanted)
            info = pyogrio.read_info(path, layer=layer, force_feature_count=False)
            header, has_points = _header(info)
            sample = sample_of(header, self._batches(path, layer, header, range(len(header)), has_points))
            table = layer if len(names) > 1 else ""
            plan = replace(given or ReadingPlan(self.kind), file_kind=self.kind, table=table, header_line=1)
            plan = replace(plan, encoding="", separator="")
            plan, doubtful = with_number_signs(plan, sample, given)
            if not given:
                code, is_certain = _crs(info, has_points)
                plan = replace(plan, crs=code)
                doubtful += (("crs",) if not is_certain else ()) + (("table",) if table else ())
            n_rows = int(info["features"])
            return Look(plan, doubtful, sample, n_rows if n_rows >= 0 else None, tuple(names), _notes(info))

    def read(self, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
        """The blocks of the layer."""
        with self._open() as path:
            names = self._layers(path)
            if plan.table not in names and (plan.table or len(names) != 1):
                raise refuse(
                    "E-EBENE", "Die Ebene aus den Angaben steht nicht in der Datei.", "Bitte neu wählen."
                )
            layer = plan.table or names[0]
            header, has_points = _header(pyogrio.read_info(path, layer=layer))
            layout = Layout(header, plan, wanted)
            yield from compose(self._batches(path, layer, header, layout.types, has_points), layout)

    @contextmanager
    def _open(self) -> Iterator[str]:
        """What GDAL opens; whatever it stumbles over becomes one sentence."""
        keep_needed_drivers()
        sandbox.limit_memory()
        try:
            if self.gdal_path:
                yield self.gdal_path
            elif self.content.path:
                yield str(self.content.path)
            else:
                with _unpacked(self.content) as path:
                    yield str(path)
        except BROKEN:
            text = f"{NAMES[self.kind]} ist beschädigt und lässt sich nicht lesen."
            raise refuse(
                "E-GEODATEI", text, "Bitte die Datei neu ausgeben oder als CSV-Datei liefern."
            ) from None

    def _layers(self, path: str) -> list[str]:
        if self.kind == "gpkg":
            _refuse_programs(Path(path))
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        if not names:
            raise refuse("E-LEER", f"{NAMES[self.kind]} enthält keine Tabelle.", AS_CSV)
        return names

    def _best(self, path: str, names: Sequence[str], wanted: Wanted) -> str:
        def n_known(name: str) -> int:
            fields = pyogrio.read_info(path, layer=name)["fields"]
            return sum(str(field).lower() in wanted.by_header for field in fields)

        return max(names, key=n_known) if len(names) > 1 else names[0]

    def _batches(
        self, path: str, layer: str, header: tuple[str, ...], wanted: Iterable[int], has_points: bool
    ) -> Iterator[Batch]:
        positions = list(wanted)
        n_fields = len(header) - (len(POINT_AXES) if has_points else 0)
        with pyogrio.open_arrow(
            path,
            layer=layer,
            batch_size=limits.BATCH_ROWS,
            use_pyarrow=True,
            read_geometry=has_points,
        ) as (meta, reader):
            total = (
                max(int(pyogrio.read_info(path, layer=layer)["features"]), 1) if self.kind != "geojson" else 0
            )
            line = 2
            for raw in reader:
                cells = _cells(raw, meta, n_fields, has_points)
                taken = {position: cells[position] for position in positions}
                done = line - 2 + raw.num_rows
                yield Batch(line, taken, min(done / total, 1.0) if total else 0.5)
                line += raw.num_rows


def _header(info: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
    """Headings of all columns, and whether x and y are made of the places."""
    fields = [str(field) for field in info["fields"]]
    is_placed = bool(info.get("geometry_type"))
    has_points = is_placed and not {*POINT_AXES} & {field.lower() for field in fields}
    return unique_headings([*fields, *(POINT_AXES if has_points else ())]), has_points


def _cells(raw: pa.RecordBatch, meta: dict[str, Any], n_fields: int, has_points: bool) -> list[pa.Array]:
    geometry = meta["geometry_name"] or "wkb_geometry"
    fields = [raw.column(name) for name in raw.schema.names if name not in (geometry, "wkb_geometry")]
    fields = fields[len(fields) - n_fields :]
    if not has_points:
        return fields
    at = next(name for name in raw.schema.names if name in (geometry, "wkb_geometry"))
    return [*fields, *_points(raw.column(at))]


def _points(places: pa.Array) -> list[pa.Array]:
    """East and north of points; of other shapes those of a point inside them."""
    shapes = shapely.from_wkb(places.to_numpy(zero_copy_only=False))
    is_other = ~shapely.is_missing(shapes) & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    if is_other.any():
        shapes[is_other] = shapely.point_on_surface(shapes[is_other])
    return [pa.array(axis, mask=np.isnan(axis)) for axis in (shapely.get_x(shapes), shapely.get_y(shapes))]


def _crs(info: dict[str, Any], has_points: bool) -> tuple[int, bool]:
    """EPSG code of the points, and whether the file says so; columns x and y may be in another one."""
    found = re.fullmatch(r"EPSG:(\d+)", str(info["crs"] or ""))
    if not has_points:
        return ETRS89_UTM32N, True
    return (int(found[1]), True) if found else (ETRS89_UTM32N, False)


def _notes(info: dict[str, Any]) -> tuple[str, ...]:
    if "Polygon" in str(info.get("geometry_type")):
        return ("Die Datei enthält Flächen; als Lage gilt ein Punkt in jeder Fläche.",)
    return ()


@contextmanager
def _unpacked(content: Content) -> Iterator[Path]:
    """A member of a ZIP as a file with a name, gone when the block is left.

    What a crash leaves is swept away like an upload that was not finished.
    """
    if content.size > limits.UNPACKED_FILE:
        raise refuse("E-ZIP", "Die Datei in der ZIP-Datei ist zu groß.", "Bitte ungepackt liefern.")
    sandbox.allow_files()
    with tempfile.NamedTemporaryFile(dir=content.folder, suffix=".part") as file:
        with content.open() as stream:
            copy_pieces(iter(lambda: stream.read(PIECE), b""), file)
        yield Path(file.name)


def _refuse_programs(path: Path) -> None:
    """Refuse a database in which reading a table would run anything: views and virtual tables.

    Triggers never run, because nothing is written. Raises InputError.
    """
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        entries = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchmany(
            10_000
        )
    finally:
        connection.close()
    names = {str(name).lower() for kind, name, _ in entries if kind == "table"}
    if "gpkg_contents" not in names:
        raise refuse("E-DATEIART", "Die Datei ist eine Datenbank, aber kein GeoPackage.", AS_CSV)
    if any(_runs_something(str(kind), str(name), str(sql)) for kind, name, sql in entries):
        raise _programs()


def _runs_something(kind: str, name: str, sql: str) -> bool:
    if kind == "view":
        return True
    computes = re.search(r"\bGENERATED\s+ALWAYS\b|\bAS\s*\(", sql, re.IGNORECASE)
    is_index = re.match(r"(rtree|idx)_", name, re.IGNORECASE)
    is_virtual = re.match(r"\s*CREATE\s+VIRTUAL", sql, re.IGNORECASE)
    return kind == "table" and bool(computes or (is_virtual and not is_index))


def _programs() -> InputError:
    text = (
        "Das GeoPackage enthält Ansichten oder berechnete Spalten; gelesen werden nur gespeicherte Tabellen."
    )
    return refuse(
        "E-GEODATEI", text, "Bitte die Tabelle in ein neues GeoPackage oder als CSV-Datei ausgeben."
    )
