"""The first look at a file: what is found, what is doubtful, and what a person's word changes."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from kodala.core.errors import InputError
from microcells.domain.plan import Inspection
from microcells.files import inspect_file, read_file
from tests.domain.delivery_files import CELL, HOUSE, SCHEMAS, as_file, cells
from tests.stages import file_forms as forms
from tests.stages.test_file_forms import checksum, expected, look, planned  # noqa: F401  # a fixture among them

SCHEMA = SCHEMAS["microcells"]
GERMAN = {header: value.replace(".", ",") for header, value in CELL.items()}


def german_cells(*changes):
    return [{**GERMAN, "mz_id": f"NE-{number}", **change} for number, change in enumerate(changes, start=1)]


def test_an_inspection_survives_being_stored(tmp_path):
    _, found = look(forms.as_xlsx(forms.table(), sheets=("A", "B")), tmp_path)

    assert Inspection.from_json(found.as_json()) == found


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_headings_below_titles_are_found(form, expected, tmp_path):  # noqa: F811
    columns = forms.table()
    titles = "Lieferung Oktober\n\nStand: 1.10.2025\n"
    raw = (
        (titles + forms.as_text(columns)).encode() if form == "csv" else forms.as_xlsx(columns, title_rows=3)
    )

    path, found = look(raw, tmp_path)

    assert (found.plan.header_line, found.doubtful, found.n_rows) == (4, (), forms.N_ROWS)
    assert checksum(path, planned(found)) == expected


def test_unknown_headings_below_titles_are_doubtful(tmp_path):
    raw = b"Export microm 2025\nkgs22;m60;w60\n051620240001;3,5;4\n051620240002;1;0,25\n"

    _, found = look(raw, tmp_path)

    assert (found.plan.header_line, found.doubtful) == (2, ("header_line",))
    assert [one.heading for one in found.columns] == ["kgs22", "m60", "w60"]


def test_the_sheet_that_fits_is_proposed_among_several(expected, tmp_path):  # noqa: F811
    names = ("Zellen", *(f"Blatt {number}" for number in range(9)))

    path, found = look(forms.as_xlsx(forms.table(), sheets=names), tmp_path)

    assert found.tables == names
    assert (found.plan.table, found.doubtful) == ("Zellen", ("table",))
    assert checksum(path, planned(found)) == expected


def test_another_sheet_can_be_chosen(tmp_path):
    path, found = look(forms.as_xlsx(forms.table(), sheets=("Zellen", "Merkmale")), tmp_path)

    again = inspect_file(path, SCHEMA, dataclasses.replace(found.plan, table="Merkmale"))

    assert [one.heading for one in again.columns] == ["Merkmal", "Bedeutung", "Quelle"]
    assert again.doubtful == ()


def test_several_tables_in_a_zip_are_listed(expected, tmp_path):  # noqa: F811
    text = forms.as_text(forms.table()).encode()
    book = forms.as_xlsx(forms.table(), sheets=("Zellen", "Merkmale"))
    other = ("a/x.csv", b"p;q;r\n1;2;3\n")

    path, found = look(forms.as_zip(other, ("a/zellen.csv", text), ("m.xlsx", book)), tmp_path)

    assert (found.plan.table, found.doubtful) == ("a/zellen.csv", ("table",))
    assert sorted(found.tables) == ["a/x.csv", "a/zellen.csv", "m.xlsx"]
    assert checksum(path, planned(found)) == expected
    chosen = dataclasses.replace(found.plan, table="m.xlsx → Merkmale")
    inside = inspect_file(path, SCHEMA, chosen)
    assert (inside.plan.table, inside.columns[0].heading) == ("m.xlsx → Merkmale", "Merkmal")
    assert {"m.xlsx → Zellen", "m.xlsx → Merkmale"} <= {*inside.tables}


@pytest.mark.parametrize(
    ("text", "encoding", "doubtful"),
    [
        ("Große Straße", "cp1252", ()),  # the same in both
        ("Straße „Am Markt“", "cp1252", ()),  # quotation marks are control signs in ISO-8859-15
        ("Preis 5 €", "iso-8859-15", ()),  # else it would be the general currency sign
        ("Šafařík".replace("ř", "r"), "cp1252", ("encoding",)),  # might be written in either
    ],
)
def test_two_encodings_are_told_apart_as_far_as_possible(text, encoding, doubtful, tmp_path):
    written = "iso-8859-15" if "€" in text or "Š" in text else "cp1252"

    path, found = look(as_file(cells({"strassenabschnitt": text}), encoding=written), tmp_path)

    assert (found.plan.encoding, found.doubtful) == (encoding, doubtful)
    right = dataclasses.replace(planned(found), encoding=written)
    (block,) = read_file(path, right, SCHEMA)
    assert block.rows.texts["street_section"].to_pylist() == [text]


def test_an_encoding_that_shows_late_is_found(tmp_path):
    plain = as_file(cells({"strassenabschnitt": "Weg"}))
    row = plain.splitlines(keepends=True)[1]
    last = as_file(cells({}), encoding="cp1252").splitlines(keepends=True)[1]
    raw = plain + row * (5_000_000 // len(row)) + last

    _, found = look(raw, tmp_path)

    assert (found.plan.encoding, found.doubtful) == ("cp1252", ())


@pytest.mark.parametrize(
    ("text", "thousands", "doubtful"),
    [("24.500", ".", ("thousands",)), ("25.065,5", ".", ()), ("24500,5", "", ())],
)
def test_thousands_points_are_asked_about_unless_they_are_clear(text, thousands, doubtful, tmp_path):
    _, found = look(as_file(german_cells({"kaufkraft_eur_ew": text}, {})), tmp_path)

    assert (found.plan.decimal, found.plan.thousands, found.doubtful) == (",", thousands, doubtful)


def test_a_lone_point_without_any_comma_leaves_both_signs_open(tmp_path):
    _, found = look(b"mz_id;kaufkraft_eur_ew\nNE-1;24.500\nNE-2;18.250\n", tmp_path)

    assert found.doubtful == ("decimal", "thousands")


def test_the_person_decides_what_the_point_means(tmp_path):
    path, found = look(b"mz_id;kaufkraft_eur_ew\nNE-1;24.500\nNE-2;18.250\n", tmp_path)

    (thousands,) = read_file(path, planned(found), SCHEMA)
    (decimals,) = read_file(path, planned(found, decimal=".", thousands=""), SCHEMA)

    assert thousands.rows.numbers["purchasing_power_eur"].tolist() == [24500.0, 18250.0]
    assert thousands.hits == ()
    assert decimals.rows.numbers["purchasing_power_eur"].tolist() == [24.5, 18.25]


def test_days_of_a_spreadsheet_are_offered(tmp_path):
    path, found = look(as_file(cells({"stichtag": "45931"}, {"stichtag": "45931"})), tmp_path)

    (block,) = read_file(path, planned(found), SCHEMA)

    assert (found.plan.date_form, found.doubtful) == ("serial", ("date_form",))
    assert block.rows.dates["reference_date"].tolist() == [np.datetime64("2025-10-01").item()] * 2


@pytest.mark.parametrize(
    ("driver", "kind", "crs"),
    [
        ("GeoJSON", "geojson", 4326),
        ("GeoJSON", "geojson", 3857),
        ("GPKG", "gpkg", 31467),
        ("GPKG", "gpkg", 25833),
    ],
)
def test_points_of_other_systems_are_moved(driver, kind, crs, expected, tmp_path):  # noqa: F811
    layer = forms.as_layer(forms.moved(forms.table(), crs), tmp_path, driver, kind, crs=f"EPSG:{crs}")

    path, found = look(layer.read_bytes(), tmp_path)

    assert (found.plan.crs, found.doubtful) == (crs, ())
    assert checksum(path, planned(found)) == expected


@pytest.mark.parametrize("crs", [4326, 3857, 31466, 4647])
def test_points_in_a_text_that_can_only_be_of_another_system_are_doubtful(crs, expected, tmp_path):  # noqa: F811
    path, found = look(forms.as_text(forms.moved(forms.table(), crs)).encode(), tmp_path)

    assert (found.plan.crs, found.doubtful) == (crs, ("crs",))
    assert checksum(path, planned(found)) == expected


def test_metres_in_a_geojson_file_that_names_no_system_are_doubtful(expected, tmp_path):  # noqa: F811
    layer = forms.as_layer(forms.table(), tmp_path, "GeoJSON", "geojson").read_text()
    nameless = re.sub(r'"crs": \{.*?\} \},', "", layer)
    assert len(nameless) < len(layer)

    path, found = look(nameless.encode(), tmp_path)

    assert (found.plan.crs, found.doubtful) == (25832, ("crs",))
    assert checksum(path, planned(found)) == expected


def test_an_unknown_system_is_refused(tmp_path):
    path, found = look(as_file(cells({})), tmp_path)

    with pytest.raises(InputError, match="Koordinatensystem aus den Angaben ist unbekannt"):
        list(read_file(path, planned(found, crs=999_999), SCHEMA))


def test_areas_give_a_point_inside_them(tmp_path):
    path = forms.as_layer(forms.table(), tmp_path, "GPKG", "gpkg", grown=10.0)

    found = inspect_file(path, SCHEMA)
    (block,) = read_file(path, planned(found), SCHEMA)

    assert found.notes == ("Die Datei enthält Flächen; als Lage gilt ein Punkt in jeder Fläche.",)
    assert np.abs(block.rows.numbers["x"] - forms.table()["x"]).max() < 10


def test_says_what_the_columns_hold(tmp_path):
    rows = cells({"alq": "-1", "bezirk_nr": ""}, {"alq": "6.5"}, {"alq": "8"})
    _, found = look(as_file(rows), tmp_path)
    columns = {one.heading: one for one in found.columns}

    key, rate, district = columns["mz_id"], columns["alq"], columns["bezirk_nr"]
    assert (key.content, key.longest, key.is_unique, key.low) == ("text", 4, True, None)
    assert (rate.content, rate.low, rate.high, rate.n_missing) == ("number", 6.5, 8.0, 1)
    assert (district.content, district.low, district.n_missing) == ("whole", 3.0, 1)
    assert columns["stichtag"].content == "date"
    assert found.n_looked_at == 3


def test_of_a_house_list_no_value_is_told(tmp_path):
    path = tmp_path / "haeuser.upload"
    path.write_bytes(as_file([{**HOUSE, "haus_id": "H-GEHEIM", "personen": "7321"}] * 2))

    found = inspect_file(path, SCHEMAS["houses"])

    assert {(one.low, one.high) for one in found.columns} == {(None, None)}
    assert "GEHEIM" not in str(found.as_json())
    assert "7321" not in str(found.as_json())


def test_a_file_without_headings_is_refused_without_repeating_its_values(tmp_path):
    path = tmp_path / "haeuser.upload"
    path.write_bytes(as_file([HOUSE]).splitlines(keepends=True)[1] * 3)

    with pytest.raises(InputError, match=r"^Die erste Zeile enthält keine Spaltenüberschriften\.$"):
        inspect_file(path, SCHEMAS["houses"])
