"""Choices of a person become a plan; a plan from outside is not trusted; what is said about both."""

import pytest

from microcells.domain.choices import Choice, choices_of, list_formulas, plan_from_choices
from microcells.domain.content import describe_content, describe_source
from microcells.domain.mapping import propose
from microcells.domain.plan import ColumnSource, ColumnSummary, Inspection, ReadingPlan
from microcells.domain.plan_check import list_problems, parse_plan, refuse_foreign_parts
from tests.domain.delivery_files import CELL
from tests.domain.inspections import CELLS, SHIPPED, TEXT, extract, summary


def test_choices_become_a_plan_and_back():
    inspection = extract(summary("offen"))
    proposal = propose(inspection, CELLS, SHIPPED)
    headings = [one.heading for one in inspection.columns]

    chosen = [
        Choice(one.heading, "-") if one.heading == "offen" else one
        for one in choices_of(proposal.plan, headings)
    ]
    plan, problems = plan_from_choices(proposal.plan, chosen, frozenset(), CELLS)

    assert problems == []
    assert (plan.columns, plan.unused) == (proposal.plan.columns, ("offen",))
    assert choices_of(plan, headings) == chosen


def test_a_computation_that_loses_a_column_is_given_up_and_said():
    headings = ["ewa_a_gesamt", "eag_p_m60bis65", "eag_p_w60bis65"]
    inspection = Inspection(ReadingPlan("csv"), columns=tuple(summary(name) for name in headings))
    plan = propose(inspection, CELLS, SHIPPED).plan
    assert [one.name for one in list_formulas(plan)] == ["seniors_60_64"]

    kept, _ = plan_from_choices(plan, choices_of(plan, headings), frozenset(), CELLS)
    chosen = [Choice("ewa_a_gesamt", "persons"), Choice(headings[1], "-"), Choice(headings[2], "=")]
    lost, problems = plan_from_choices(plan, chosen, frozenset(), CELLS)

    assert kept.columns == plan.columns
    assert [one.name for one in lost.columns] == ["persons"]
    assert [problem.heading for problem in problems] == ["eag_p_w60bis65"]


def test_two_columns_for_one_field_are_refused_or_added_up():
    plan = propose(extract(summary("weitere")), CELLS, SHIPPED).plan
    chosen = [*choices_of(plan, list(CELL)), Choice("weitere", "persons")]

    twice, _ = plan_from_choices(plan, chosen, frozenset(), CELLS)
    added, _ = plan_from_choices(plan, chosen, frozenset({"persons"}), CELLS)

    assert [problem.text for problem in list_problems(twice, CELLS)] == [
        "Das Feld „Einwohner“ ist mehrfach zugeordnet: „personen“ und „weitere“. "
        "Bitte nur eine Spalte wählen."
    ]
    assert list_problems(added, CELLS) == []
    assert next(one for one in added.columns if one.name == "persons").headings == ("personen", "weitere")


def test_what_a_conversion_needs_and_what_is_missing_is_said():
    plan = ReadingPlan("csv", columns=(ColumnSource("seniors_60_64", ("s",), 0.01, "persons"),))

    texts = " ".join(problem.text for problem in list_problems(plan, CELLS))

    assert "Für „Personen von 60 bis 64 Jahren“ wird „Einwohner“ gebraucht" in texts
    assert "„haushalte“ (Haushalte) fehlt" in texts


BAD_PLANS = {
    "no object": [],
    "text without a separator": TEXT | {"separator": ""},
    "unknown part": TEXT | {"shell": "rm"},
    "unknown factor": TEXT | {"columns": [{"name": "persons", "headings": ["a"], "factor": 7}]},
    "true is no factor": TEXT | {"columns": [{"name": "persons", "headings": ["a"], "factor": True}]},
    "unknown conversion": TEXT | {"columns": [{"name": "persons", "headings": ["a"], "per": "x"}]},
    "no headings": TEXT | {"columns": [{"name": "persons", "headings": []}]},
    "too many columns": TEXT | {"columns": [{"name": "persons", "headings": ["a"]}] * 501},
    "long heading": TEXT | {"columns": [{"name": "persons", "headings": ["a" * 201]}]},
    "control signs": TEXT | {"unused": ["a\x00"]},
    "unknown encoding": TEXT | {"encoding": "rot13"},
    "unknown separator": TEXT | {"separator": "§"},
    "header line far below": TEXT | {"header_line": 10**9},
    "header line true": TEXT | {"header_line": True},
    "system without a number": TEXT | {"crs": 0},
    "system far above": TEXT | {"crs": 1_000_000},
    "system true": TEXT | {"crs": True},
    "system as text": TEXT | {"crs": "3035"},
    "too many codes": TEXT | {"missing": ["x"] * 11},
    "table of another type": TEXT | {"table": 3},
}


@pytest.mark.parametrize("stored", BAD_PLANS.values(), ids=BAD_PLANS.keys())
def test_a_plan_from_outside_is_not_trusted(stored):
    with pytest.raises(ValueError, match=r"must|unknown|lacks"):
        parse_plan(stored)


def test_a_plan_survives_being_stored():
    plan = propose(extract(summary("alq", high=0.3)), CELLS, SHIPPED).plan

    assert parse_plan(plan.as_json()) == plan
    assert parse_plan(TEXT)


def test_a_system_that_a_file_names_may_be_any():
    assert parse_plan(TEXT | {"crs": 3035}).crs == 3035


def test_a_stored_plan_may_name_an_encoding_as_before():
    assert parse_plan(TEXT | {"encoding": "iso8859-15"}).encoding == "iso-8859-15"


def test_a_plan_that_names_what_is_not_there_is_refused():
    inspection = extract(summary("met_p_tuerkei"))
    good = propose(inspection, CELLS, SHIPPED).plan
    refuse_foreign_parts(good, inspection, CELLS, SHIPPED)

    for source, said in (
        (ColumnSource("nationality", ("alq",)), "unknown column"),
        (ColumnSource("unemployment_percent", ("fremd",)), "unknown heading"),
        (ColumnSource("unemployment_percent", ("met_p_tuerkei",)), "never taken"),
    ):
        with pytest.raises(ValueError, match=said):
            refuse_foreign_parts(ReadingPlan("csv", columns=(source,)), inspection, CELLS, SHIPPED)


def test_contents_and_computations_in_german_words():
    assert describe_content(summary("a", "whole", 4.0, 220.0)) == "ganze Zahl, 4 bis 220"
    assert describe_content(summary("a", "number", 0.0, 99.5, n_missing=2)) == "Zahl, 0 bis 99,5, mit Lücken"
    assert describe_content(ColumnSummary("a", "text", longest=12, is_unique=True)) == (
        "Text, bis 12 Zeichen, eindeutig"
    )
    source = ColumnSource("seniors_60_64", ("m60", "w60"), 0.01, "persons")
    assert describe_source(source, CELLS) == "(m60 + w60) × Einwohner × 0,01"
