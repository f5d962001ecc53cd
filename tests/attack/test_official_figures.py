"""An attacker who adds up official figures: age groups, totals, parts of parts, and the city."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kodala.publication.candidates import gather_candidates, newest_of, official_history
from kodala.publication.definitions import protection_rules
from kodala.publication.domain import protection
from kodala.publication.domain.official import complete
from kodala.publication.services import guard
from kodala.publication.shown import FigureState
from microcells.definitions import official_catalogue
from tests.careless import hide_unsafe_only

CITY, SMALL = 0, 2
DATE = dt.date(2024, 12, 31)
AGES = official_catalogue().ages
NOBODY = pd.DataFrame()
GROUPS = [40, 90, 150, 200, 180, 60, 110, 70, 50]


def delivered(small=3.0, only=AGES.parts):
    """Figures of three areas; in the area SMALL three people are 80 and older."""
    rows = []
    for area in (1, SMALL, 3):
        groups = {code: float(count * area) for code, count in zip(AGES.parts, GROUPS, strict=True)}
        if area == SMALL:
            groups[AGES.parts[-1]] = small
        rows += [(area, AGES.total, sum(groups.values()))]
        rows += [(area, code, count) for code, count in groups.items() if code in only]
    table = pd.DataFrame(rows, columns=["area", "indicator", "value"])
    table = table.assign(date=DATE, source="Stadt", numerator=np.nan, denominator=np.nan)
    return complete(table, table.iloc[:0], [1, SMALL, 3], official_catalogue())


def protect(official, before=None):
    """The figures as a draft protects them."""
    return guard(gather_candidates(NOBODY, official, DATE), before=before)


def shown_of(official):
    """What every reader sees: (indicator, area) -> value."""
    figures = newest_of(protect(official).figures)
    is_open = figures["state"].isin([FigureState.VALUE, FigureState.ZERO])
    own = figures[is_open]
    return {
        (code, area): value
        for code, area, value in zip(own["indicator"], own["area"], own["value"], strict=True)
    }


def range_of(target, shown):
    """Least and largest value of a figure that sums over groups and over areas allow."""
    codes, areas = (AGES.total, *AGES.parts), (CITY, 1, SMALL, 3)
    place = {(code, area): at for at, (code, area) in enumerate((c, a) for c in codes for a in areas)}
    equations, right = [], []

    def add(terms, value):
        row = np.zeros(len(place))
        for key, factor in terms.items():
            row[place[key]] += factor
        equations.append(row)
        right.append(value)

    for area in areas:
        add({(AGES.total, area): -1.0, **{(code, area): 1.0 for code in AGES.parts}}, 0.0)
    for code in codes:
        add({(code, CITY): -1.0, **{(code, area): 1.0 for area in areas[1:]}}, 0.0)
    for key, value in shown.items():
        if key in place:
            add({key: 1.0}, value)
    aim = np.zeros(len(place))
    aim[place[target]] = 1.0
    ends = [
        linprog(sign * aim, A_eq=np.array(equations), b_eq=np.array(right), method="highs")
        for sign in (1, -1)
    ]
    unbounded = 3  # status of linprog
    return ends[0].fun, np.inf if ends[1].status == unbounded else -ends[1].fun


@pytest.mark.parametrize(
    "only", [AGES.parts, AGES.parts[:-1]], ids=["all groups", "the small one not delivered"]
)
def test_the_smallest_age_group_cannot_be_computed(only):
    low, high = range_of((AGES.parts[-1], SMALL), shown_of(delivered(only=only)))

    assert high - low >= 2 * protection_rules().count_min


def test_the_attacker_succeeds_where_only_the_small_figure_itself_is_withheld(monkeypatch):
    monkeypatch.setattr(protection, "suppress", hide_unsafe_only)
    shown = shown_of(delivered())
    assert (AGES.parts[-1], SMALL) not in shown

    low, high = range_of((AGES.parts[-1], SMALL), shown)

    assert (low, high) == pytest.approx((3, 3))
    assert (AGES.parts[-1], SMALL, 0, DATE) in {leak.key for leak in protect(delivered()).found.leaks}


def test_protection_leaves_the_city_and_nearly_all_groups():
    official = delivered()

    shown = shown_of(official)

    assert len(official) - len(shown) == 4
    assert {code for code, area in shown if area == CITY} == {AGES.total, *AGES.parts}


@pytest.mark.parametrize("small", [0.0, 1.0, 4.0])
def test_two_cities_that_differ_in_withheld_numbers_alone_show_the_same(small):
    three, other = delivered(), delivered()
    figures = protect(three).figures
    hidden = figures[figures["state"] == FigureState.PROTECTED]
    # Four numbers at the corners of groups and areas: what one lacks its neighbours have.
    change = small - 3.0
    for code, area in zip(hidden["indicator"], hidden["area"], strict=True):
        sign = 1 if (code == AGES.parts[-1]) == (area == SMALL) else -1
        other.loc[(other["indicator"] == code) & (other["area"] == area), "value"] += sign * change
    assert (three["value"] != other["value"]).sum() == 4

    seen = ["indicator", "area", "date", "state", "value", "source"]
    pd.testing.assert_frame_equal(figures[seen], protect(other).figures[seen])


def test_what_one_date_withholds_stays_withheld_in_every_table():
    later = dt.date(2025, 12, 31)
    first, second = delivered(), delivered(small=8.0).assign(date=later)
    second = second[second["indicator"] != AGES.parts[-1]]

    figures = protect(pd.concat([first, second], ignore_index=True)).figures

    # The smallest group was last counted in the first year: there it stands on the map, and in the series.
    main, dated = newest_of(figures), official_history(figures)
    states = [
        table[(table["indicator"] == AGES.parts[-1]) & (table["area"] == SMALL)]["state"].tolist()
        for table in (main, dated)
    ]
    assert states == [[FigureState.PROTECTED], [FigureState.PROTECTED]]
    assert set(main["date"]) == {DATE, later}
    assert set(dated["date"]) == {DATE, later}


def known_of(official, codes):
    """What an older Datenstand showed of these figures: (indicator, area) -> value."""
    own = official[official["indicator"].isin(codes)]
    return dict(zip(zip(own["indicator"], own["area"], strict=True), own["value"], strict=True))


def shown_after(official, codes, before):
    """What a reader knows who kept an older Datenstand beside the one with these figures."""
    rows = [(code, area, value) for (code, area), value in before.items()]
    older = pd.DataFrame(rows, columns=["indicator", "area", "value"])
    older = older.assign(district=0, date=DATE, kind="count", joined=[()] * len(rows))
    table = protect(official[official["indicator"].isin(codes)], older).figures
    own = table[table["value"].notna()]
    return before | dict(zip(zip(own["indicator"], own["area"], strict=True), own["value"], strict=True))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (AGES.parts[:-1], (AGES.total,)),
        ((AGES.total,), AGES.parts[:-1]),
        (AGES.parts[:-1], (AGES.total, AGES.parts[-1])),
    ],
    ids=["the total comes later", "the groups come later", "total and small group come later"],
)
def test_two_datenstaende_of_one_date_cannot_be_subtracted(first, second):
    official = delivered()
    before, target = known_of(official, first), (AGES.parts[-1], SMALL)
    # Both Datenstände together, with the first one's figures unprotected as they are the second's.
    careless = before | known_of(official, [AGES.total]) | known_of(official, AGES.parts[:-1])
    assert range_of(target, careless) == pytest.approx((3, 3))

    low, high = range_of(target, shown_after(official, second, before))

    assert high - low >= 2 * protection_rules().count_min


def test_an_area_cannot_be_subtracted_from_a_city_that_was_shown_before():
    official, code = delivered(), AGES.parts[-1]
    before = {(code, CITY): float(official.set_index(["indicator", "area"])["value"][code, CITY])}

    careless = before | {key: value for key, value in known_of(official, [code]).items() if key[1] != SMALL}
    assert range_of((code, SMALL), careless) == pytest.approx((3, 3))

    low, high = range_of((code, SMALL), shown_after(official, [code], before))

    assert high - low >= 2 * protection_rules().count_min
