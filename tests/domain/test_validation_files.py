"""The verdict on a whole file: contract, thresholds, counts, checksum."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.core.errors import Severity
from microcells.domain.validation import Validator
from tests.domain.delivery_files import (
    CELL,
    CITY,
    HOUSE,
    SCHEMAS,
    SHARED,
    TODAY,
    as_file,
    cells,
    read,
    validate,
)

REAL_HOUSES = SHARED / "data/neuss/neuss_hausliste_zensus2011.csv"


def many(n, change, at=()):
    """n good rows, with a change at some of them."""
    return as_file(cells(*[change if number in at else {} for number in range(n)]))


def test_a_good_file_is_accepted():
    result = validate(many(3, {}))

    assert (result.n_rows, result.n_ok, result.n_households) == (3, 3, 18.0)
    assert result.reference_date == dt.date(2025, 10, 1)
    assert result.counts == {}
    assert result.findings == []
    assert not result.is_rejected


def test_one_cell_below_the_minimum_refuses_the_whole_file():
    result = validate(many(500, {"haushalte": "3", "haeuser": "1"}, at=[77]))

    assert result.is_rejected
    assert result.reasons == [
        "Mikrozellen mit weniger als 4 Haushalten: 1. Die ganze Datei wird zurückgewiesen und gelöscht."
    ]
    assert [(finding.row, finding.severity) for finding in result.findings] == [(79, Severity.CONTRACT)]


def test_two_reference_dates_refuse_the_file():
    result = validate(many(300, {"stichtag": "2024-10-01"}, at=[5]), block_bytes=2000)

    assert result.counts == {"E-STICHTAG": 1}
    assert result.reasons == [
        "Die Datei enthält mehrere Stichtage, abweichende Zeilen: 1. "
        "Bitte je Stichtag eine eigene Datei hochladen."
    ]


def test_an_unknown_area_refuses_the_file():
    result = validate(many(300, {"gebiet_nr": "7"}, at=[5]))

    assert result.reasons == [
        "Zeilen mit unbekanntem Beobachtungsgebiet: 1. Die ganze Datei wird zurückgewiesen."
    ]


def test_demo_keys_are_refused_on_a_real_area_set_only():
    raw = many(3, {"mz_id": "DEMO-1"}, at=[0])

    assert validate(raw).counts == {"E-DEMO": 1}
    assert validate(raw).is_rejected
    assert not validate(raw, invented=True).is_rejected
    assert validate(as_file([{**HOUSE, "haus_id": "DEMO-1"}]), "houses").is_rejected


@pytest.mark.parametrize(("n_wrong", "is_rejected"), [(2, False), (3, True)])
def test_more_than_one_percent_of_the_rows_refuses_the_file(n_wrong, is_rejected):
    result = validate(many(200, {"alq": "200"}, at=range(n_wrong)))

    assert result.is_rejected is is_rejected
    assert result.n_ok == 200 - n_wrong
    if is_rejected:
        assert result.reasons == ["3 von 200 Zeilen haben Fehler; erlaubt sind höchstens 1 %."]


@pytest.mark.parametrize(("households", "is_rejected"), [("30", False), ("31", True)])
def test_an_area_must_keep_95_percent_of_its_households(households, is_rejected):
    # 95 cells of 6 households in area 1 stand against one wrong cell of 30: 30/600 = 5 %.
    wrong = {"haushalte": households, "personen": "90", "erwachsene": "80", "alq": "200"}
    elsewhere = {"gebiet_nr": "14", "bezirk_nr": "14", "x": "341500"}
    rows = cells(wrong, *[{}] * 95, *[elsewhere] * 30)

    result = validate(as_file(rows))

    assert result.is_rejected is is_rejected
    assert result.reasons == (
        ["Durch fehlerhafte Zeilen gehen mehr als 5 % der Haushalte verloren in den Beobachtungsgebieten: 1."]
        if is_rejected
        else []
    )


def test_a_file_without_a_valid_row_is_refused():
    assert validate(many(2, {"alq": "200"}, at=[0, 1])).reasons[0] == "Keine Zeile der Datei ist ohne Fehler."


def test_a_file_with_headings_alone_is_refused():
    assert validate(many(1, {}).splitlines()[0] + b"\n").reasons == ["Die Datei enthält keine Datenzeilen."]


def test_rows_with_a_wrong_number_of_fields_count_as_errors():
    lines = many(3, {}).splitlines()
    lines[2] += b";1"

    result = validate(b"\n".join(lines))

    assert (result.n_rows, result.n_ok, result.counts) == (3, 2, {"E-FELDER": 1})
    assert [(finding.row, finding.column) for finding in result.findings] == [(3, "")]


def test_every_finding_is_listed():
    result = validate(many(1200, {"alq": "200"}, at=range(1200)), block_bytes=100_000)

    assert result.counts == {"E-BEREICH": 1200}
    assert [(group.finding.row, group.n_rows) for group in result.groups] == [(2, 1200)]
    assert [finding.row for finding in result.findings] == list(range(2, 1202))


def test_beyond_the_limit_findings_are_only_counted(monkeypatch):
    schema = SCHEMAS["microcells"]
    short = replace(schema, limits=replace(schema.limits, listed_per_rule=1000))
    monkeypatch.setitem(SCHEMAS, "microcells", short)

    result = validate(many(1200, {"alq": "200"}, at=range(1200)), block_bytes=100_000)

    assert result.counts == {"E-BEREICH": 1200}
    assert [(len(group.rows), group.n_rows) for group in result.groups] == [(1000, 1200)]
    assert len(result.findings) == 1000


def test_a_row_counts_once_for_a_code():
    assert validate(many(1, {"alq": "200", "dig_zugang": "200"}, at=[0])).counts == {"E-BEREICH": 1}


def test_the_checksum_knows_neither_order_nor_way_of_writing():
    rows = cells({"alq": "5.25"}, {"alq": "-1"}, {"kaufkraft_eur_ew": "25000.5"}, {"bezirk_nr": ""})
    shuffled = [dict(reversed(row.items())) for row in (rows[2], rows[0], rows[3], rows[1])]
    german = [
        {header: value.replace(".", ",") for header, value in row.items()} | {"stichtag": "01.10.2025"}
        for row in shuffled
    ]

    first = validate(as_file(rows, separator=","))
    second = validate(as_file(german, encoding="cp1252", newline="\r\n"), block_bytes=500)

    assert first.checksum == second.checksum
    assert len(first.checksum) == 64


def test_a_column_of_missing_values_equals_no_column():
    given_row = {**CELL, "alq": "-1"}
    without = {header: value for header, value in given_row.items() if header != "alq"}

    assert validate(as_file([given_row])).checksum == validate(as_file([without])).checksum


def test_swapped_values_change_the_checksum():
    one = validate(as_file(cells({"alq": "5"}, {"alq": "6"})))
    other = validate(as_file(cells({"alq": "6"}, {"alq": "5"})))

    assert one.checksum != other.checksum


@settings(max_examples=30, deadline=None)
@given(
    changes=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "mz_id": st.sampled_from(["A", "B", "=C", ""]),
                "alq": st.sampled_from(["5", "-1", "-7", "200", "x"]),
                "haushalte": st.sampled_from(["3", "4", "10", ""]),
                "zi_1": st.sampled_from(["30", "31", "-1"]),
                "x": st.sampled_from(["340500", "341500", "500", ""]),
                "stichtag": st.sampled_from(["2025-10-01", "2024-10-01", "?"]),
            },
        ),
        min_size=1,
        max_size=12,
    ),
    block_bytes=st.integers(300, 1500),
)
def test_the_verdict_does_not_depend_on_blocks(changes, block_bytes):
    raw = as_file(cells(*changes))

    assert told(validate(raw)) == told(validate(raw, block_bytes=block_bytes))


def told(result):
    """Everything a verdict says, as plain values."""
    sums = {name: np.nan_to_num(values).round(6).tolist() for name, values in result.profile.values.items()}
    rest = (result.n_rows, result.n_ok, result.n_households, result.reasons, result.checksum)
    return result.findings, result.counts, sums, rest


@pytest.mark.skipif(
    not REAL_HOUSES.exists(), reason="die öffentlichen Daten der Stadt liegen nicht neben dem Projekt"
)
def test_the_real_house_list_is_accepted():
    result = validate(REAL_HOUSES.read_bytes(), "houses", areas=None)

    assert (result.n_rows, result.n_ok, result.n_households) == (26_381, 26_381, 69_437.0)
    assert [code for code in result.counts if code.startswith("E-")] == []
    assert not result.is_rejected
    assert result.reference_date is None


def test_an_area_without_a_usable_row_is_named_as_a_warning():
    result = validate(many(3, {}), fills_city=True)

    assert [(finding.code, finding.text) for finding in result.findings] == [
        ("W-GEBIET-LEER", "Für das Beobachtungsgebiet 14 enthält die Datei keine verwertbare Zeile.")
    ]
    assert not result.is_rejected


def test_a_second_reading_finds_the_same_good_rows_and_gives_no_verdict():
    raw = many(40, {"mz_id": "A", "alq": "200"}, at=[3, 9, 20])
    validators = [
        Validator(SCHEMAS["microcells"], CITY, invented=False, today=TODAY, rows_only=only)
        for only in (False, True)
    ]

    first, second = (
        [validator.check(block).is_ok.tolist() for block in read(raw, block_bytes=900)]
        for validator in validators
    )

    assert first == second
    assert sum(map(sum, first)) == 37
    with pytest.raises(ValueError, match="no verdict"):
        validators[1].close()
