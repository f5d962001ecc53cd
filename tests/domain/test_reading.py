"""Reading delivery files: values, line numbers, and bad input as bytes."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest

from kodala.core.errors import InputError
from microcells.domain.dialect import detect_dialect
from tests.domain.delivery_files import CELL, HOUSE, SCHEMAS, as_file, cells, read, read_stream


def rules(block):
    """Rule -> lines where it struck."""
    return {found.rule: block.rows.lines[found.at].tolist() for found in block.hits}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_reads_every_way_of_writing(separator, newline, encoding):
    (block,) = read(as_file(cells({}), separator=separator, newline=newline, encoding=encoding))

    assert block.rows.texts["street_section"].to_pylist() == ["Lange Straße"]
    assert block.rows.numbers["seniors_60_69"].tolist() == [1.5]
    assert block.rows.dates["reference_date"].tolist() == [np.datetime64("2025-10-01").item()]
    assert block.rows.lines.tolist() == [2]
    assert block.hits == ()


def test_reads_decimal_commas_and_german_dates():
    row = {header: value.replace(".", ",") for header, value in CELL.items()} | {"stichtag": "01.10.2025"}

    (block,) = read(as_file([row]))

    assert block.rows.numbers["x"].tolist() == [340500.0]
    assert block.rows.numbers["mean_adult_age"].tolist() == [49.5]
    assert block.rows.dates["reference_date"].tolist() == [np.datetime64("2025-10-01").item()]


def test_minus_one_and_empty_mean_not_delivered():
    (block,) = read(as_file(cells({"alq": "-1"}, {"alq": ""}, {"alq": "-1.0"}, {"alq": "0"})))

    assert np.isnan(block.rows.numbers["unemployment_percent"]).tolist() == [True, True, True, False]


def test_minus_one_stays_where_it_is_no_code():
    (block,) = read(as_file(cells({"personen": "-1"})))

    assert block.rows.numbers["persons"].tolist() == [-1.0]


@pytest.mark.parametrize(
    "text",
    ["nan", "NaN", "-nan", "inf", "-Infinity", "1e308", "1e999", "abc", "6 €", "1 000", "--1", "0x10", "1_0"],
)
def test_what_is_no_number_is_named_with_its_line(text):
    (block,) = read(as_file(cells({}, {"alq": text})))

    assert rules(block) == {"E-ZAHL": [3]}
    assert np.isnan(block.rows.numbers["unemployment_percent"][1])


@pytest.mark.parametrize("text", ["+6.5", " 6.5 ", "65e-1", '"6.5"', "006.50"])
def test_other_spellings_of_a_number_are_read(text):
    (block,) = read(as_file(cells({"alq": text})))

    assert block.rows.numbers["unemployment_percent"].tolist() == [6.5]
    assert block.hits == ()


def with_decimal_commas(*incomes):
    rows = cells(*({"kaufkraft_eur_ew": income} for income in incomes))
    return [
        {key: cell if key == "kaufkraft_eur_ew" else cell.replace(".", ",") for key, cell in row.items()}
        for row in rows
    ]


def test_a_lone_thousands_point_is_marked():
    (block,) = read(as_file(with_decimal_commas("24.500", "24500")))

    assert block.rows.numbers["purchasing_power_eur"].tolist() == [24500.0, 24500.0]
    assert rules(block) == {"W-TAUSENDER": [2]}


def test_beside_a_clear_thousands_point_a_lone_one_is_clear_too():
    (block,) = read(as_file(with_decimal_commas("24.500", "24.500,5", "1.024.500")))

    assert block.rows.numbers["purchasing_power_eur"].tolist() == [24500.0, 24500.5, 1024500.0]
    assert rules(block) == {}


def test_where_no_thousands_are_expected_a_clear_point_makes_no_number():
    raw = as_file(with_decimal_commas("24500", "24.500,5"))
    dialect = dataclasses.replace(detect_dialect(raw, len(raw)), thousands="")

    (block,) = read_stream(io.BytesIO(raw), dialect)

    assert rules(block) == {"E-ZAHL": [3]}


@pytest.mark.parametrize("text", ["31.02.2025", "2025-13-01", "1.10.2025", "2025", "gestern", "01.10.25"])
def test_what_is_no_date_is_named(text):
    (block,) = read(as_file(cells({"stichtag": text})))

    assert rules(block) == {"E-DATUM": [2]}


def test_blank_lines_keep_the_line_numbers_right():
    first, second, third = as_file(cells({}, {}, {})).splitlines(keepends=True)[1:]
    head = as_file(cells({})).splitlines(keepends=True)[0]
    empty = b";" * (len(CELL) - 1) + b"\n"

    (block,) = read(head + first + b"\n" + empty + second + b"   \n" + third.rstrip() + b"\n\n")

    assert block.rows.lines.tolist() == [2, 5, 7]
    assert block.rows.texts["cell_key"].to_pylist() == ["NE-1", "NE-2", "NE-3"]
    assert block.broken.tolist() == []


def test_findings_follow_their_rows_when_blank_rows_are_dropped():
    lines = as_file(cells({}, {"alq": "abc"})).splitlines(keepends=True)

    (block,) = read(lines[0] + b";" * (len(CELL) - 1) + b"\n" + b"".join(lines[1:]))

    assert rules(block) == {"E-ZAHL": [4]}


def test_rows_with_too_many_or_too_few_fields_are_left_out_and_named():
    lines = as_file(cells({}, {}, {}, {})).splitlines()
    lines[2] += b";7"
    lines[3] = b"NE-3;2025-10-01"

    (block,) = read(b"\n".join(lines))

    assert block.broken.tolist() == [3, 4]
    assert block.rows.lines.tolist() == [2, 5]


def test_a_separator_and_a_line_end_inside_quotes_belong_to_the_field():
    rows = cells({"strassenabschnitt": '"Hof; hinten"'}, {"strassenabschnitt": '"oben\nunten"'}, {})

    (block,) = read(as_file(rows))

    assert block.rows.texts["street_section"].to_pylist() == ["Hof; hinten", "oben\nunten", "Lange Straße"]
    # A spreadsheet shows a line end inside a field as one row.
    assert block.rows.lines.tolist() == [2, 3, 4]


def test_the_size_of_blocks_is_without_effect():
    raw = as_file(cells(*[{"alq": "abc" if number % 7 == 0 else "5"} for number in range(60)]))

    whole, parts = read(raw), read(raw, block_bytes=700)

    assert len(whole) == 1
    assert len(parts) > 10
    joined = [text for part in parts for text in part.rows.texts["cell_key"].to_pylist()]
    assert joined == whole[0].rows.texts["cell_key"].to_pylist()
    assert [line for part in parts for line in part.rows.lines.tolist()] == list(range(2, 62))
    assert [line for part in parts for line in rules(part).get("E-ZAHL", [])] == rules(whole[0])["E-ZAHL"]


def test_an_encoding_that_shows_late_is_still_found():
    plain = {"strassenabschnitt": "Weg"}
    raw = as_file(cells(*[plain] * 30, {}), encoding="cp1252")

    dialect = detect_dialect(raw[:2000], len(raw), later=raw[2000:])
    blocks = list(read_stream(io.BytesIO(raw), dialect, block_bytes=900))

    assert blocks[-1].rows.texts["street_section"].to_pylist()[-1] == "Lange Straße"


def test_gives_the_columns_in_the_types_of_the_table():
    (block,) = read(as_file(cells({"bezirk_nr": "", "alq": "-1"})))
    columns = SCHEMAS["microcells"].columns

    table = block.rows.to_arrow(columns)

    assert table.num_columns == 57
    assert table.schema.field("households").type == "int16"
    assert table["households"].to_pylist() == [6]
    assert table["district_number"].to_pylist() == [None]
    assert table["unemployment_percent"].to_pylist() == [None]
    assert table["type_1"].to_pylist() == [None]
    assert table["cell_key"].to_pylist() == ["NE-1"]


def test_gives_a_house_list_as_a_frame():
    (block,) = read(as_file([{**HOUSE, "zusatz": ""}]), kind="houses")

    frame = block.rows.to_frame()

    assert frame["house_key"].tolist() == ["H1"]
    assert frame["households"].tolist() == [1.0]
    assert frame["house_suffix"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (b"\0" * 5000, "E-DATEIART"),
        (b"0" * (3 << 20), "E-ZEILE"),
        (b'NE-9;"offen' + b";5" * 2000, "E-ANFUEHRUNG"),
        (b'NE-9;"offen' + b";5\n" * (1 << 20), "E-ANFUEHRUNG"),
        (b"\x81\x8d\n", "E-KODIERUNG"),
    ],
)
def test_refuses_rubbish_below_good_rows(tail, code):
    raw = as_file(cells({}), encoding="cp1252") + tail
    dialect = detect_dialect(raw[: -len(tail)], len(raw))

    with pytest.raises(InputError) as error:
        list(read_stream(io.BytesIO(raw), dialect, block_bytes=1 << 20))

    assert [finding.code for finding in error.value.findings] == [code]


def test_bytes_that_are_no_utf8_in_a_utf8_file_are_refused():
    raw = as_file(cells({})) + "NE-2;Straße\n".encode("cp1252")
    dialect = detect_dialect(as_file(cells({})), len(raw))

    with pytest.raises(InputError, match="in der Kodierung UTF-8 nicht gibt"):
        list(read_stream(io.BytesIO(raw), dialect))


def test_memory_follows_the_block_and_not_the_file():
    class Endless(io.RawIOBase):
        """Gives 200 MB of good rows and counts what it was asked for."""

        largest = 0
        left = 200 << 20

        def read(self, size=-1):
            self.largest = max(self.largest, size)
            size = min(size, self.left)
            self.left -= size
            return (as_file(cells({})) * 3)[:size] if size else b""

    stream = Endless()
    blocks = read_stream(stream, detect_dialect(as_file(cells({})), 200 << 20), block_bytes=1 << 16)

    next(blocks)

    assert stream.largest == 1 << 16
    assert stream.left > 199 << 20
