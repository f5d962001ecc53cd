"""Proposing what columns mean: by profile, name, spelling, series and content, and never ×100 silently."""

import pytest

from microcells.domain.mapping import Match, propose
from microcells.domain.plan import ColumnSource, ColumnSummary, Inspection, ReadingPlan
from microcells.domain.profiles import Profiles, own_profile
from tests.domain.delivery_files import CELL, SCHEMAS, SHARED
from tests.domain.inspections import CELLS, SHIPPED, column, extract, summary


def by_heading(proposal):
    return {column.heading: column for column in proposal.columns}


def sources(proposal):
    return {source.name: source for source in proposal.plan.columns}


def test_an_exact_file_asks_nobody():
    proposal = propose(extract(), CELLS, SHIPPED)

    assert proposal.is_certain
    assert {column.match for column in proposal.columns} == {Match.EXACT}
    assert [(one.name, one.headings) for one in proposal.plan.columns] == [
        (one.name, (one.header,)) for one in CELLS.columns if one.header in CELL
    ]


@pytest.mark.parametrize(
    ("heading", "header"),
    [
        ("Anzahl Haushalte", "haushalte"),
        ("HAUSHALTE (gesamt)", "haushalte"),
        ("Einwohner", "personen"),
        ("Personen ab 18 Jahren", "erwachsene"),
        ("Häuser", "haeuser"),
        ("haushlate", "haushalte"),
        ("MZ-ID", "mz_id"),
        ("Koord. X", "x"),
        ("HH_Anzahl", "haushalte"),
        ("KK_EW", "kaufkraft_eur_ew"),
        ("Einpersonen", "hh_single"),
    ],
)
def test_other_spellings_are_proposed_and_never_certain(heading, header):
    proposal = propose(extract(renamed={header: heading}), CELLS, SHIPPED)

    found = by_heading(proposal)[heading]
    assert found.match == Match.PROPOSED
    assert found.fields == (CELLS.by_header[header].name,)
    assert not proposal.is_certain


def test_numbers_in_names_are_no_misspelling():
    proposal = propose(extract(renamed={"sen_80plus": "sen_90plus"}), CELLS, SHIPPED)

    assert by_heading(proposal)["sen_90plus"].match == Match.UNKNOWN


def test_a_word_for_a_count_a_rate_and_a_reason_is_left_to_a_person():
    proposal = propose(extract(renamed={"alq": "Arbeitslose"}), CELLS, SHIPPED)

    assert by_heading(proposal)["Arbeitslose"].match == Match.UNKNOWN


def test_text_is_not_proposed_for_a_field_of_numbers():
    inspection = extract(ColumnSummary("Einwohner", "text", longest=20), without=("personen",))

    assert by_heading(propose(inspection, CELLS, SHIPPED))["Einwohner"].match == Match.UNKNOWN


def test_a_numbered_series_is_proposed_as_the_group_that_is_as_long():
    renamed = {f"zi_{number}": f"Risiko Stufe {number:02d}" for number in range(1, 10)}

    found = by_heading(propose(extract(renamed=renamed), CELLS, SHIPPED))

    assert [found[f"Risiko Stufe {number:02d}"].fields for number in range(1, 10)] == [
        (f"payment_index_{number}",) for number in range(1, 10)
    ]


def test_a_series_with_a_gap_and_two_series_of_one_length_are_left_to_the_person():
    without = tuple(f"zi_{number}" for number in range(1, 10))
    gap = [summary(f"r{number}") for number in (1, 2, 3, 4, 5, 6, 7, 8, 10)]
    two = [summary(f"{stem}{number}") for stem in "ab" for number in range(1, 10)]

    for columns in (gap, two):
        proposal = propose(extract(*columns, without=without), CELLS, SHIPPED)
        assert {by_heading(proposal)[one.heading].match for one in columns} == {Match.UNKNOWN}


def test_date_key_and_place_are_known_by_what_they_hold():
    renamed = {"mz_id": "Kennung", "stichtag": "wann", "x": "erste", "y": "zweite"}

    found = by_heading(propose(extract(renamed=renamed), CELLS, SHIPPED))

    assert {heading: found[heading].fields for heading in renamed.values()} == {
        "Kennung": ("cell_key",),
        "wann": ("reference_date",),
        "erste": ("x",),
        "zweite": ("y",),
    }


def test_shares_instead_of_per_cent_are_asked_about_as_a_whole_group():
    shares = [summary(f"zi_{number}", high=1.0) for number in range(1, 10)]

    proposal = propose(extract(*shares), CELLS, SHIPPED)

    found = by_heading(proposal)["zi_1"]
    assert (found.match, found.hint) == (Match.PROPOSED, "Anteil statt Prozent")
    assert {sources(proposal)[f"payment_index_{number}"].factor for number in range(1, 10)} == {100.0}
    assert not proposal.is_certain


def test_one_small_member_of_a_group_is_no_share():
    proposal = propose(extract(summary("zi_9", high=0.8)), CELLS, SHIPPED)

    assert proposal.is_certain
    assert sources(proposal)["payment_index_9"].factor == 1.0


def test_a_single_column_of_shares_is_asked_about():
    proposal = propose(extract(summary("alq", high=0.31)), CELLS, SHIPPED)

    assert sources(proposal)["unemployment_percent"].factor == 100.0
    assert any("Anteile" in question for question in proposal.questions)


def test_values_of_a_house_list_prove_no_scale():
    names = [one.header for one in SCHEMAS["houses"].columns if "sen_60_64" not in one.header]
    columns = tuple(ColumnSummary(name, "number") for name in names)

    found = propose(Inspection(ReadingPlan("csv"), columns=columns), SCHEMAS["houses"], SHIPPED)

    assert all(source.factor == 1.0 for source in found.plan.columns)


def test_origin_is_never_taken_over():
    inspection = extract(summary("met_p_tuerkei"), summary("mso_p_ausland"), summary("r1_met_p_islam"))

    proposal = propose(inspection, CELLS, SHIPPED)

    found = by_heading(proposal)
    for heading in ("met_p_tuerkei", "mso_p_ausland", "r1_met_p_islam"):
        assert (found[heading].match, found[heading].is_free) == (Match.UNUSED, False)
        assert found[heading].rule == "Zweckbindung: nicht vereinbart"
    assert proposal.is_certain


def test_an_own_profile_remembers_what_was_confirmed():
    inspection = extract(summary("unbekanntes"), renamed={"haushalte": "HHZ"})
    plan = propose(inspection, CELLS, SHIPPED).plan
    plan = ReadingPlan.from_json(
        plan.as_json()
        | {"columns": [*plan.as_json()["columns"], ColumnSource("households", ("HHZ",)).__dict__]}
        | {"unused": ["unbekanntes"]}
    )
    own = Profiles((own_profile("microm", "microcells", plan),), SHIPPED.shipped, SHIPPED.synonyms)

    again = propose(inspection, CELLS, own)
    with_another = propose(extract(summary("neu"), renamed={"haushalte": "HHZ"}), CELLS, own)

    assert again.is_certain
    assert again.profile == "microm"
    assert by_heading(again)["HHZ"].match == Match.REMEMBERED
    assert by_heading(again)["unbekanntes"].match == Match.UNUSED
    # One heading that the profile does not know: the whole file is a new one, the rest is only proposed.
    assert with_another.profile == ""
    assert by_heading(with_another)["HHZ"].match == Match.PROPOSED
    assert by_heading(with_another)["neu"].match == Match.UNKNOWN


def test_a_remembered_factor_is_not_applied_to_values_that_are_per_cent_already():
    plan = propose(extract(summary("alq", high=0.3)), CELLS, SHIPPED).plan
    own = Profiles((own_profile("microm", "microcells", plan),))

    same = propose(extract(summary("alq", high=0.4)), CELLS, own)
    other = propose(extract(summary("alq", high=31.0)), CELLS, own)

    assert same.is_certain
    assert sources(same)["unemployment_percent"].factor == 100.0
    assert not other.is_certain
    assert sources(other)["unemployment_percent"].factor == 1.0


def test_a_profile_settles_what_the_file_cannot_prove():
    remembered = ReadingPlan.from_json(propose(extract(), CELLS, SHIPPED).plan.as_json() | {"thousands": "."})
    own = Profiles((own_profile("microm", "microcells", remembered),))
    doubtful = extract(doubtful=("thousands",))

    asked = propose(doubtful, CELLS, SHIPPED)
    known = propose(doubtful, CELLS, own)

    assert (asked.is_certain, asked.doubtful) == (False, ("thousands",))
    assert (known.is_certain, known.plan.thousands) == (True, ".")


GRID = SHARED / "data/reference/microm_rwi_geo_grid_spalten.csv"


@pytest.mark.skipif(not GRID.exists(), reason="die öffentlichen Spaltennamen liegen nicht neben dem Projekt")
@pytest.mark.parametrize("prefix", ["r1_", ""])
def test_the_public_grid_of_microm_is_understood(prefix):
    rows = GRID.read_text(encoding="utf-8").splitlines()[1:]
    headings = [row.split(",")[0].removeprefix("r1_") for row in rows]
    headings = [name if name == "year" else prefix + name for name in headings]
    columns = tuple(column(name, "mz_id" if name.endswith("id") else "alq") for name in headings)

    proposal = propose(Inspection(ReadingPlan("csv"), columns=columns), CELLS, SHIPPED)

    found = sources(proposal)
    assert not [one.heading for one in proposal.columns if one.match == Match.UNKNOWN]
    assert found["payment_index_9"].headings == (f"{prefix}mri_p_risiko_9",)
    assert found["purchasing_power_eur"].per == "persons"
    assert found["seniors_65_74"] == ColumnSource(
        "seniors_65_74", (f"{prefix}eag_p_m65bis75", f"{prefix}eag_p_w65bis75"), 0.01, "persons"
    )
    assert len(found["adults"].headings) == 24
    taken = {heading for source in found.values() for heading in source.headings}
    assert not [heading for heading in taken if "met_" in heading or "ausland" in heading]


def test_a_purchasing_power_that_looks_like_a_mean_is_not_divided_silently():
    inspection = Inspection(
        ReadingPlan("csv"),
        columns=(summary("ewa_a_gesamt"), summary("kkr_w_summe", low=11_000.0, high=59_000.0)),
    )

    proposal = propose(inspection, CELLS, SHIPPED)

    assert sources(proposal)["purchasing_power_eur"].per == ""
    assert by_heading(proposal)["kkr_w_summe"].hint == "Summe oder Mittelwert"
