"""The same content gives the same cells in every form: one canonical checksum, whatever the file is."""

from __future__ import annotations

import dataclasses

import pytest

from microcells.domain.digest import CanonicalDigest
from microcells.domain.plan import ColumnSource
from microcells.files import inspect_file, read_file
from tests.domain.delivery_files import SCHEMAS
from tests.stages import file_forms as forms

SCHEMA = SCHEMAS["microcells"]
LONG = {short: heading for heading, short in forms.SHORT.items()}


def look(raw, folder):
    path = folder / "lieferung.upload"
    path.write_bytes(raw)
    return path, inspect_file(path, SCHEMA)


def planned(inspection, names=None, **changes):
    """The inspection's plan with its headings as columns, and what a person would have confirmed."""
    columns = tuple(
        ColumnSource(
            SCHEMA.by_header[(names or {}).get(one.heading, one.heading).lower()].name, (one.heading,)
        )
        for one in inspection.columns
    )
    return dataclasses.replace(inspection.plan, columns=columns, **changes)


def checksum(path, plan):
    digest = CanonicalDigest(SCHEMA)
    for block in read_file(path, plan, SCHEMA):
        assert block.hits == ()
        assert len(block.broken) == 0
        digest.add(block.rows)
    return digest.hexdigest()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path, found = look(forms.as_text(forms.table()).encode(), tmp_path_factory.mktemp("plain"))
    return checksum(path, planned(found))


TEXTS = {
    "comma and quotes": ({"separator": ",", "decimal": "."}, "utf-8", ()),
    "German": ({"decimal": ",", "missing": "-1", "date": "%d.%m.%Y", "newline": "\r\n"}, "cp1252", ()),
    "typographic minus": ({"decimal": ",", "missing": "\N{MINUS SIGN}1"}, "utf-8-sig", ()),
    "UTF-16": ({"separator": "\t", "decimal": ","}, "utf-16", ()),
    "UTF-16 without mark": ({"separator": "|"}, "utf-16-be", ()),
    "ISO-8859-15": ({"decimal": ","}, "iso-8859-15", ()),
    "thousands points": ({"decimal": ",", "thousands": "."}, "utf-8", ()),
    "a point for missing": ({"decimal": ",", "missing": "."}, "utf-8", ("missing",)),
    "x for missing": ({"missing": "x"}, "utf-8", ("missing",)),
    "NA for missing": ({"missing": "NA"}, "utf-8", ("missing",)),
    "American dates": ({"date": "%m/%d/%Y"}, "utf-8", ("date_form",)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_dialect_of_text(name, expected, tmp_path):
    options, encoding, doubtful = TEXTS[name]
    path, found = look(forms.as_text(forms.table(), **options).encode(encoding), tmp_path)

    assert found.doubtful == doubtful
    assert found.plan.file_kind == "csv"
    assert found.n_rows == forms.N_ROWS
    assert checksum(path, planned(found)) == expected


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xls", "ods", "parquet"])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_every_kind_of_table_alone_and_in_a_zip(kind, is_zipped, expected, tmp_path):
    make = {
        "csv": lambda columns: forms.as_text(columns).encode(),
        "ods": lambda columns: forms.as_ods(columns, tmp_path),
        **{one: getattr(forms, f"as_{one}") for one in ("xlsx", "xls", "parquet")},
    }
    raw = make[kind](forms.table())

    path, found = look(
        forms.as_zip(("Lies mich.txt", "Guten Tag"), ("t", raw)) if is_zipped else raw, tmp_path
    )

    assert (found.plan.file_kind, found.doubtful, found.plan.table) == (kind, (), "")
    assert checksum(path, planned(found)) == expected


@pytest.mark.parametrize("is_zipped", [False, True])
@pytest.mark.parametrize(("driver", "kind"), [("GPKG", "gpkg"), ("GeoJSON", "geojson")])
def test_layers_whose_places_become_x_and_y(driver, kind, is_zipped, expected, tmp_path):
    raw = forms.as_layer(forms.table(), tmp_path, driver, kind).read_bytes()

    path, found = look(forms.as_zip((f"z.{kind}", raw)) if is_zipped else raw, tmp_path)

    assert (found.plan.file_kind, found.doubtful, found.plan.crs) == (kind, (), 25832)
    assert checksum(path, planned(found)) == expected


def zipped_shape(folder):
    first = forms.as_layer(forms.table(), folder, "ESRI Shapefile", "shp", renamed=forms.SHORT)
    parts = [path for path in sorted(folder.glob("zellen.*")) if path.suffix != ".upload"]
    assert first in parts
    return forms.as_zip(*((f"daten/{path.name}", path.read_bytes()) for path in parts))


def test_a_zipped_shapefile_with_its_short_headings(expected, tmp_path):
    path, found = look(zipped_shape(tmp_path), tmp_path)

    assert (found.plan.file_kind, found.doubtful, found.plan.crs) == ("shp", (), 25832)
    assert checksum(path, planned(found, LONG)) == expected


def test_a_whole_block_of_texts_fits_into_the_memory_of_the_child(tmp_path):
    lines = forms.as_text(forms.table(), decimal=",", thousands=".", newline="\r\n").splitlines(keepends=True)
    copies = 4_000_000 // sum(map(len, lines[1:]))
    path, found = look("".join([lines[0], *lines[1:] * copies]).encode(), tmp_path)

    for _ in range(3):  # where memory lies is chance
        assert sum(len(block.rows) for block in read_file(path, planned(found), SCHEMA)) == (
            copies * forms.N_ROWS
        )
