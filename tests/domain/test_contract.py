"""A whole delivery against contract, earlier deliveries and official numbers; expected values by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from kodala.core.definitions import read_definition
from microcells.domain.area_profile import AreaProfiles, ProfileSums
from microcells.domain.contract import ContractRules, Earlier, Facts, Subject
from microcells.domain.contract_checks import check_contract
from microcells.domain.findings import FindingList
from microcells.domain.losses import LossCount
from microcells.domain.personal import PersonalHeadings, find_personal_columns
from microcells.domain.rows import Rows
from tests.domain.delivery_files import ROOT, SCHEMAS, as_file, cells, validate

DEFINITION = read_definition(ROOT / "microcells/definitions.toml")
RULES = ContractRules(**DEFINITION["contract"])
SCHEMA = SCHEMAS["microcells"]
NAMES = {1: "1 Altstadt", 14: "14 Hafen"}
DATE = dt.date(2025, 10, 1)
EAST = {"gebiet_nr": "14", "bezirk_nr": "14", "x": "341500"}


def city(west=({},), east=({},), n=12):
    """The verdict on n rows in each of the two areas, made of the given changes in turn."""
    rows = [west[place % len(west)] for place in range(n)]
    rows += [{**EAST, **east[place % len(east)]} for place in range(n)]
    return validate(as_file(cells(*rows)), fills_city=True)


def judge(result, earlier=(), official=None, kind="microcells", date=DATE):
    facts = Facts(kind, date, NAMES, list(earlier), official or {})
    return check_contract(result, facts, SCHEMAS[kind], RULES)


def before(result, label="V1", date=dt.date(2024, 10, 1), *, is_shown=True):
    return Earlier(label, date, result.checksum, "microcells", is_shown, result.profile)


def line(verdict, code):
    return next(check for check in verdict.checks if check.code == code)


def test_a_good_first_delivery_has_no_warning():
    verdict = judge(city())

    assert verdict.counts == {}
    assert {check.verdict for check in verdict.checks} == {"ok", "skipped"}
    assert line(verdict, "W-MITTEL").measured == "6,00"
    assert line(verdict, "W-ABDECKUNG").measured == "überall mindestens 100,0\u00a0%"


@pytest.mark.parametrize(("households", "is_off"), [("6", False), ("7", False), ("8", True), ("4", True)])
def test_the_mean_cell_stays_near_six(households, is_off):
    # Half of the cells hold 6, the others so many: 6.5 is still allowed, 7 and 5 are not.
    result = city(east=({"haushalte": households, "haeuser": "2"},))

    assert ("W-MITTEL" in judge(result).counts) is is_off


def test_too_small_a_cell_and_an_unknown_area_block():
    result = validate(as_file(cells({"haushalte": "3"}, {"gebiet_nr": "7", "bezirk_nr": ""})))

    verdict = judge(result)

    assert line(verdict, "E-HH-MIN").verdict == "blocking"
    assert line(verdict, "E-HH-MIN").measured == "1 Zelle darunter"
    assert line(verdict, "E-GEBIET").verdict == "blocking"


def test_rows_that_are_left_out_need_a_reason():
    # One of 200 rows is wrong twice: too few to refuse the file, and one row, not two.
    result = city(west=({"personen": "-3", "alter_mittel_erw": "400"}, *({},) * 99), n=100)

    verdict = judge(result)

    assert result.n_rows - result.n_ok == 1
    assert sum(result.counts.values()) == 2
    assert verdict.counts["W-AUSGELASSEN"] == 1
    assert line(verdict, "W-AUSGELASSEN").measured == "ausgelassen: 1 von 200 Zeilen"
    (group,) = (own for own in verdict.groups if own.finding.code == "W-AUSGELASSEN")
    assert group.finding.text == "Ausgelassen wegen Fehlern: 1 von 200 Zeilen."


def test_of_a_refused_file_nobody_gives_reasons():
    verdict = judge(city(west=({"personen": "-3"},)))

    assert "W-AUSGELASSEN" not in verdict.counts
    assert line(verdict, "W-AUSGELASSEN").verdict == "blocking"


def test_a_point_beside_the_city_is_named_with_its_nearest_area():
    result = validate(as_file(cells({}, {"gebiet_nr": "", "bezirk_nr": "", "x": "342900"})))

    assert line(judge(result), "E-GEBIET").measured.endswith("ohne Gebiet liegen Punkte nahe 14 Hafen")


def test_coverage_counts_households_and_names_the_column():
    # Area 14 has no purchasing power: half of the households, limit 80 %.
    verdict = judge(city(east=({"kaufkraft_eur_ew": "-1"},)))

    assert verdict.counts == {"W-ABDECKUNG": 1}
    assert [group.finding.column for group in verdict.groups] == ["kaufkraft_eur_ew"]
    assert line(verdict, "W-ABDECKUNG").measured == "1 Merkmal darunter"


@pytest.mark.parametrize(("share", "jumps"), [("39.9", 0), ("40.1", 1)])
def test_a_share_may_move_by_twenty_points(share, jumps):
    now = city(west=({"bildung_niedrig": share},))

    verdict = judge(now, [before(city())])

    assert verdict.counts.get("W-SPRUNG", 0) == jumps
    if jumps:
        (group,) = verdict.groups
        assert group.finding.text == (
            "In 1 Altstadt springt „Erwachsene mit niedriger Bildung“ gegenüber V1 stark."
        )


@pytest.mark.parametrize(("households", "is_jump"), [("5", True), ("6", False), ("7", True)])
def test_households_may_move_by_fifteen_percent(households, is_jump):
    now = city(west=({"haushalte": households},))

    found = [group.finding.column for group in judge(now, [before(city())]).groups]

    assert ("haushalte" in found) is is_jump


def test_means_and_other_counts_may_move_by_a_quarter():
    now = city(west=({"kaufkraft_eur_ew": "30700", "personen": "15.1", "dauer_jahre": "7.6"},))

    found = [group.finding.column for group in judge(now, [before(city())]).groups]

    # 30 700 / 24 500 = 1.253, 15.1 / 12 = 1.258, 7.6 / 6.1 = 1.246
    assert sorted(found) == ["kaufkraft_eur_ew", "personen"]


def test_small_areas_are_not_compared():
    assert judge(city(n=9, west=({"alq": "90"},)), [before(city(n=9))]).counts == {}


def test_half_the_cells_are_noticed_even_if_areas_are_too_small_to_compare():
    verdict = judge(city(n=6), [before(city(n=12))])

    assert verdict.counts == {"W-UMFANG": 1}
    assert line(verdict, "W-UMFANG").measured == "12 statt 24 Zeilen"


def test_last_years_values_are_recognised_under_a_new_day_and_new_keys():
    again = city(west=({"stichtag": "2026-10-01"},), east=({"stichtag": "2026-10-01"},))

    verdict = judge(again, [before(city(), "V3", DATE)], date=dt.date(2026, 10, 1))

    assert verdict.counts == {"W-GLEICHE-WERTE": 1}
    assert line(verdict, "W-GLEICHE-WERTE").measured == "dieselben Werte wie V3"


def test_the_same_day_again_is_named():
    assert "W-STICHTAG-ALT" in judge(city(west=({"alq": "7"},)), [before(city(), date=DATE)]).counts


def test_official_households_may_differ_by_five_percent():
    # 72 households in each area: 72 / 75.7 = −4.9 %, 72 / 75.9 = −5.1 %.
    verdict = judge(city(), official={1: 75.7, 14: 75.9})

    assert verdict.counts == {"W-ABGLEICH": 1}
    check = line(verdict, "W-ABGLEICH")
    assert check.measured == "Stadt −5,0\u00a0%; darüber: 14 Hafen"


def test_several_areas_are_one_group_with_a_sentence_for_each():
    verdict = judge(city(), official={1: 60.0, 14: 60.0})

    (group,) = verdict.groups
    assert group.n_rows == len(group.rows) == verdict.counts["W-ABGLEICH"] == 2
    assert group.finding.text.startswith("In 1 Altstadt, 14 Hafen weicht")
    assert [one.text for one in group.expand()] == [
        "In 1 Altstadt weicht die Zahl der Haushalte von der amtlichen ab.",
        "In 14 Hafen weicht die Zahl der Haushalte von der amtlichen ab.",
    ]


def test_of_many_areas_a_few_are_named_and_never_one_more_is_left_out():
    facts = Facts("microcells", DATE, {}, [], {})
    result = city()
    subject = Subject(result, result.profile, facts, SCHEMA, RULES, FindingList(SCHEMA))

    assert subject.names(range(1, 8)) == "1, 2, 3, 4, 5, 6, 7"
    assert subject.names(range(1, 25)) == "1, 2, 3, 4, 5, 6 und 18 weiteren"


def test_a_part_of_the_areas_is_not_called_the_city_and_its_sum_is_not_told():
    check = line(judge(city(), official={1: 75.7}), "W-ABGLEICH")

    assert (check.verdict, check.measured) == ("ok", "1 Gebiet verglichen")


def test_households_where_officially_there_are_none_are_named():
    verdict = judge(city(), official={1: 0.0, 14: 72.0})

    assert verdict.counts == {"W-ABGLEICH": 1}
    assert line(verdict, "W-ABGLEICH").measured == "Stadt +100,0\u00a0%; darüber: 1 Altstadt"


def test_at_least_is_never_rounded_up():
    # 4 of 72 + 4 + 88 households have no value: 97.561 per cent have one.
    without = {"kaufkraft_eur_ew": "-1", "haushalte": "4"}
    missing = city(east=(without, *[{"haushalte": "8", "haeuser": "2"}] * 11))

    assert line(judge(missing), "W-ABDECKUNG").measured == "überall mindestens 97,5\u00a0%"


def test_no_warning_about_an_area_tells_its_value():
    now = city(west=({"bildung_niedrig": "61.7", "haushalte": "9"},))

    verdict = judge(now, [before(city())], official={1: 71.3})

    about_areas = [group.finding for group in verdict.groups if "Altstadt" in group.finding.text]
    assert {one.code for one in about_areas} == {"W-SPRUNG", "W-ABGLEICH"}
    told = " ".join(f"{one.text} {one.suggestion} {one.rule}" for one in about_areas)
    assert set("".join(sign if sign.isdigit() else " " for sign in told).split()) <= {
        "1",
        "15",
        "20",
        "25",
        "5",
    }


def test_profiles_are_sums_and_weighted_means():
    numbers = {
        "area_number": np.array([14.0, 1.0, 14.0, 14.0]),
        "households": np.array([4.0, 6.0, 10.0, 5.0]),
        "persons": np.array([7.0, 12.0, 18.0, 9.0]),
        "adults": np.array([6.0, 10.0, 15.0, 8.0]),
        "purchasing_power_eur": np.array([22_000.0, np.nan, 30_000.0, np.nan]),
        "debtors_hard": np.array([1.0, np.nan, 2.0, 0.5]),
        "debtors_soft": np.array([1.0, np.nan, 2.0, 0.5]),
        "debt_duration_years": np.array([5.0, 7.0, 8.0, np.nan]),
    }
    sums = ProfileSums(SCHEMA, np.array([1, 3, 14]))

    for part in (slice(0, 1), slice(1, 4)):
        sums.add(Rows(np.arange(4)[part], {name: values[part] for name, values in numbers.items()}))
    profile = sums.close()

    assert profile.n_cells.tolist() == [1, 0, 3]
    assert profile.values["households"][[0, 2]].tolist() == [6.0, 19.0]
    # (7 · 22 000 + 18 · 30 000) / 25
    assert profile.values["purchasing_power_eur"][2] == pytest.approx(27_760.0)
    # weights are debtors: (2 · 5 + 4 · 8) / 6
    assert profile.values["debt_duration_years"][2] == pytest.approx(7.0)
    assert profile.counts["purchasing_power_eur"].tolist() == [0, 0, 2]
    assert np.isnan(profile.values["households"][1])
    assert profile.coverage["purchasing_power_eur"] == pytest.approx(14 / 25)


def test_an_empty_area_set_of_values_is_alike_to_nothing():
    empty = AreaProfiles(np.array([1, 14]), np.array([0, 0]), {}, {}, {})
    result = replace(city(), profile=empty)

    assert "W-GLEICHE-WERTE" not in judge(result, [replace(before(city()), profile=empty, digest="x")]).counts


def test_refused_rows_without_households_count_as_average_rows():
    loss = LossCount(np.array([1, 14]))
    numbers = {"area_number": np.array([1.0] * 10), "households": np.array([6.0] * 9 + [np.nan])}

    loss.add(Rows(np.arange(10), numbers), np.array([True] * 9 + [False]))

    # One of ten rows is lost: 10 %.
    assert loss.list_over(0.099) == [1]
    assert loss.list_over(0.101) == []
    assert loss.list_empty() == [14]


PERSONAL = PersonalHeadings(frozenset(["vorname", "email"]), (frozenset(["strasse", "hausnummer"]),))


@pytest.mark.parametrize(
    ("headings", "kind", "found"),
    [
        (["mz_id", "Vorname"], "microcells", ["Vorname"]),
        (["mz_id", "E-Mail"], "houses", ["E-Mail"]),
        (["Straße", "Hausnummer"], "microcells", ["Straße", "Hausnummer"]),
        (["Straße", "Hausnummer"], "houses", []),
        (["Straße", "personen", "vornamen_index"], "microcells", []),
    ],
)
def test_headings_that_speak_of_persons(headings, kind, found):
    assert [one.column for one in find_personal_columns(headings, kind, PERSONAL)] == found


def test_no_column_of_the_extract_counts_as_personal():
    entries = DEFINITION["personal"]
    known = PersonalHeadings(
        frozenset(entries["headings"]), tuple(frozenset(words) for words in entries["together"])
    )

    for kind in ("microcells", "houses"):
        headers = [column.header for column in SCHEMAS[kind].columns]
        assert find_personal_columns(headers, kind, known) == []
