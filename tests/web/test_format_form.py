"""The form of the step „Format“: what was detected is offered and chosen, whatever kind of file it is."""

from __future__ import annotations

import pytest

from kodala.dashboard.access import ADMIN
from kodala.dashboard.format_form import ENCODING_WORDS, FormatForm
from microcells.domain.crs import CRS_NAMES
from microcells.domain.dialect import ENCODING_NAMES
from microcells.domain.missing import MISSING_CODES
from microcells.domain.plan import ReadingPlan
from microcells.domain.plan_check import ENCODINGS
from tests.domain.inspections import TEXT
from tests.web.waiting import make_waiting, summaries


@pytest.fixture
def waiting(area_set, people):
    """Makes a delivery that waits, with the way of writing as the first look found it."""
    return lambda **written: make_waiting(
        area_set, people[ADMIN], summaries(), plan=ReadingPlan(**TEXT | written)
    )


def confirmed(delivery, **changes):
    """The plan after the form was sent as it is shown, with some fields changed."""
    shown = FormatForm(delivery)
    given = {f"format-{name}": shown[name].value() for name in shown.fields}
    form = FormatForm(delivery, given | {f"format-{name}": value for name, value in changes.items()})
    assert form.is_valid(), form.errors
    return form.changed_plan()


@pytest.mark.parametrize("codes", [("k. A.",), ("k. A.", "x"), (".", "x"), ("nicht da",), MISSING_CODES[-9:]])
def test_detected_codes_for_missing_are_confirmed_as_they_are(codes, waiting):
    assert confirmed(waiting(missing=codes)).missing == codes


def test_a_system_that_the_file_names_is_offered_and_chosen(waiting):
    delivery = waiting(file_kind="gpkg", encoding="", separator="", crs=3035)

    crs = FormatForm(delivery).fields["crs"]

    assert confirmed(delivery).crs == 3035
    assert confirmed(delivery, crs="31466").crs == 31466
    assert ("3035", "EPSG:3035") in crs.choices
    assert len(crs.choices) == len(CRS_NAMES) + 1


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods", "xls", "gpkg", "shp", "geojson", "parquet"])
def test_signs_of_numbers_can_be_changed_whatever_the_kind_of_file(kind, waiting):
    written = {} if kind == "csv" else {"encoding": "", "separator": ""}
    delivery = waiting(file_kind=kind, decimal=",", thousands=".", **written)

    as_shown, changed = confirmed(delivery), confirmed(delivery, decimal=".", thousands="none")

    assert (as_shown.decimal, as_shown.thousands) == (",", ".")
    assert (changed.decimal, changed.thousands) == (".", "")
    assert (as_shown.encoding, as_shown.separator) == (delivery.plan["encoding"], delivery.plan["separator"])


def test_doubtful_signs_of_a_workbook_are_asked_about_where_they_can_be_chosen(area_set, people):
    written = ReadingPlan("xlsx", decimal=",", thousands=".")
    doubtful = ("decimal", "thousands")
    delivery = make_waiting(area_set, people[ADMIN], summaries(), plan=written, doubtful=doubtful)

    assert {row.field.name for row in FormatForm(delivery).rows() if row.is_open} == {*doubtful}


def test_encodings_have_one_name_everywhere():
    assert ENCODING_WORDS.keys() == set(ENCODINGS) == ENCODING_NAMES.keys()


@pytest.mark.parametrize("encoding", ENCODING_NAMES)
def test_a_detected_encoding_is_chosen(encoding, waiting):
    assert confirmed(waiting(encoding=encoding)).encoding == encoding
