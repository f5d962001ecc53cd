"""Which display cells show their class, and an outsider who adds up everything that is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kodala.publication import display_definitions
from kodala.publication.display_definitions import display_indicators, display_rules, display_scale
from kodala.publication.domain.display_audit import audit_display_cells
from kodala.publication.domain.display_cells import (
    DisplayRules,
    Scale,
    breaks_cell_rule,
    protect_display_cells,
)
from kodala.publication.domain.wording import round_published
from kodala.statistics.classes import class_of

RULES = DisplayRules(
    households_min=11,
    count_min=5,
    base_min=30,
    small_unit_households=100,
    share_low=0.2,
    share_high=0.8,
    alike_fall=2,
)
SCALE = Scale((7.0, 9.0, 11.0, 14.0), 1)


def make(numerators, bases, area=1, **given):
    n = len(numerators)
    return pd.DataFrame(
        {
            "area": area,
            "number": np.arange(1, n + 1),
            "households": 120.0,
            "numerator": np.array(numerators, float),
            "denominator": np.array(bases, float),
            "coverage": 1.0,
            "was_shown": False,
            "was_withheld": False,
            **given,
        }
    )


def protect(cells, totals=None, scale=SCALE):
    exact = cells.groupby("area")["numerator"].sum().to_dict()
    return protect_display_cells(cells, exact if totals is None else totals, scale, RULES)


def codes(protection):
    return protection.cells["class_code"].tolist()


def test_cells_show_the_class_of_their_share_as_the_map_does():
    cells = make([10, 14.08, 14.12, 18.0, 40], [200, 200, 200, 200, 200])

    assert codes(protect(cells)) == ["a", "a", "b", "b", "e"]


@pytest.mark.parametrize("limits", [(7.0, 9.0, 11.0, 14.0), (7.25, 9.05), ()])
def test_classes_are_those_of_areas_for_every_share(limits):
    scale, shares = Scale(limits, 1), np.linspace(0, 100, 100_001)

    assert scale.place(shares).tolist() == [
        class_of(round_published(share, 1, 1), limits) for share in shares.tolist()
    ]


@pytest.mark.parametrize("limits", [(7.0, 9.0, 11.0, 14.0), (7.25, 9.05)])
def test_the_bounds_of_a_class_are_the_shares_that_fall_into_it(limits):
    scale, shares = Scale(limits, 1), np.linspace(0, 100, 100_001)
    place = scale.place(shares)

    for one in range(len(limits) + 1):
        low, high = (float(bound[0]) for bound in scale.bounds(np.array([one])))
        assert shares[place == one].min() == pytest.approx(low, abs=0.0011)
        assert shares[place == one].max() == pytest.approx(high, abs=0.0011)


@pytest.mark.parametrize(
    ("given", "is_withheld"),
    [
        ({}, False),
        ({"numerator": 4.9}, True),
        ({"numerator": 0.0}, True),
        ({"numerator": 95.1}, True),
        ({"numerator": 12.0, "denominator": 29.0}, True),
        ({"households": 10.0, "numerator": 50.0}, True),
        ({"households": 99.0, "numerator": 19.0}, True),
        ({"households": 99.0, "numerator": 21.0}, False),
        ({"households": 100.0, "numerator": 19.0}, False),
        ({"coverage": 0.5, "numerator": 2.0}, False),
        ({"coverage": 0.5, "numerator": 2.0, "denominator": 20.0}, True),
    ],
)
def test_each_rule_withholds_a_cell(given, is_withheld):
    assert breaks_cell_rule(make([12], [100]).assign(**given), RULES).tolist() == [is_withheld]


def test_a_cell_alone_withheld_beside_narrow_classes_takes_others_with_it():
    cells = make([3, 12.0, 13.0, 20.0], [60, 150, 160, 240])
    alone = cells.assign(state=["protected", "value", "value", "value"])
    narrow = Scale((8.0, 8.1, 8.3, 8.4), 1)

    found = protect(cells, scale=narrow)

    totals = {1: 48.0}
    assert audit_display_cells(alone, totals, narrow, RULES) == [1]
    assert codes(found)[:2] == ["protected", "protected"]
    assert audit_display_cells(found.cells, totals, narrow, RULES) == []


def test_wide_classes_protect_a_single_cell_without_help():
    found = protect(make([3, 12.0, 18.0, 20.0, 30.0], [60, 150, 160, 240, 300]))

    assert codes(found) == ["protected", "b", "d", "b", "c"]
    assert found.smallest_interval > 10
    assert found.areas_closed == 0


def test_an_area_that_cannot_be_protected_shows_no_cell():
    found = protect(make([2, 10.5], [80, 150]))

    assert codes(found) == ["protected", "protected"]
    assert (found.areas_closed, found.smallest_interval) == (1, None)


def test_a_protected_area_protects_all_its_cells_and_a_missing_figure_has_none():
    cells = pd.concat([make([12, 20], [150, 160]), make([12, 20], [150, 160], area=2)])

    assert codes(protect(cells, totals={1: 32.0})) == ["b", "d", "protected", "protected"]
    assert codes(protect(cells, totals={1: 32.0, 2: None})) == ["b", "d", "missing", "missing"]


def test_a_cell_with_gaps_in_its_data_says_so():
    assert codes(protect(make([12, 20, 40], [150, 160, 200], coverage=[1.0, 0.79, 0.8]))) == [
        "b",
        "missing",
        "e",
    ]


def test_a_cell_withheld_for_the_same_date_before_stays_withheld():
    assert codes(protect(make([12, 20], [150, 160], was_withheld=[True, False])))[0] == "protected"


def test_a_class_that_was_shown_before_protects_nobody_now():
    cells = make([3, 12.0, 13.0, 20.0], [60, 150, 160, 240])
    narrow = Scale((8.0, 8.1, 8.3, 8.4), 1)

    known = protect(cells.assign(was_shown=[False, True, True, True]), scale=narrow)

    assert set(codes(protect(cells, scale=narrow))) != {"protected"}
    assert set(codes(known)) == {"protected"}
    assert known.areas_closed == 1


def test_a_cell_shown_under_looser_rules_blocks_no_other():
    stricter = replace(RULES, count_min=9)
    cells = make([3, *[6] * 8, 60], [60, *[200] * 8, 700]).assign(was_shown=[False, *[True] * 9])
    totals = {1: float(cells["numerator"].sum())}

    found = protect_display_cells(cells, totals, SCALE, stricter)

    # Eight cells of 6 are withheld now; taken for 9 or more, they would leave nothing for the first.
    assert codes(found) == ["protected"] * 9 + ["b"]
    assert audit_display_cells(found.cells, totals, SCALE, stricter) == []
    assert found.areas_closed == 0


def random_areas(seed):
    """An area with small and large cells, limits that are sometimes narrow, and its exact total."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 12))
    bases = rng.uniform(40, 300, n).round(2)
    shares = np.where(rng.random(n) < 0.15, rng.uniform(0.0, 0.03, n), rng.uniform(0.06, 0.13, n))
    start, width = (60, 80) if seed % 2 else (10, 140)
    limits = tuple(np.sort(rng.choice(np.arange(start, start + width), 4, replace=False)) / 10)
    cells = make((bases * shares).round(3), bases, households=rng.choice([60.0, 120.0], n, p=[0.1, 0.9]))
    return cells, Scale(limits, 1)


def reach(cells, place, total, scale):
    """The range of one numerator by a linear programme written out for this test."""
    bounds = []
    for row in cells.to_dict("records"):
        base = row["denominator"]
        if row["state"] != "value":
            bounds.append((0.0, base))
            continue
        edges = [0.0, *(limit + 0.05 for limit in scale.limits), 100.0]
        place_of = "abcde".index(row["class_code"])
        low, high = edges[place_of] / 100 * base, edges[place_of + 1] / 100 * base
        if row["households"] < 100:
            low, high = max(low, 0.2 * base), min(high, 0.8 * base)
        bounds.append((max(low, 5.0), min(high, base - 5.0)))
    goal = np.zeros(len(bounds))
    goal[place] = 1.0
    ends = []
    for sign in (1, -1):
        solved = linprog(sign * goal, A_eq=[np.ones(len(bounds))], b_eq=[total], bounds=bounds)
        ends.append(sign * solved.fun)
    return ends


@pytest.mark.parametrize("seed", range(60))
def test_nothing_withheld_can_be_narrowed_down_by_a_linear_programme(seed):
    cells, scale = random_areas(seed)
    total = float(cells["numerator"].sum())

    found = protect(cells, scale=scale)

    own = found.cells
    hidden = np.flatnonzero(own["state"] == "protected").tolist()
    assert audit_display_cells(own, {1: total}, scale, RULES) == []
    if len(hidden) == len(own):
        return
    ranges = [reach(own, place, total, scale) for place in hidden]
    for place, (low, high) in zip(hidden, ranges, strict=True):
        assert low <= max(own["numerator"][place] - 5, 0) + 1e-6
        assert high >= min(own["numerator"][place] + 5, own["denominator"][place]) - 1e-6
    if hidden:
        assert found.smallest_interval == pytest.approx(min(high - low for low, high in ranges), abs=1e-6)


def test_the_random_areas_hold_every_kind_of_case():
    kinds = set()
    for seed in range(60):
        cells, scale = random_areas(seed)
        n_primary = int(breaks_cell_rule(cells, RULES).sum())
        n_hidden = int((protect(cells, scale=scale).cells["state"] == "protected").sum())
        kinds.add((n_primary > 0, n_hidden > n_primary, n_hidden == len(cells)))

    assert {(True, False, False), (True, True, False), (True, True, True), (False, False, False)} <= kinds


def test_the_audit_finds_what_only_the_rules_of_each_cell_withhold():
    found = 0
    for seed in range(60):
        cells, scale = random_areas(seed)
        own = protect(cells, scale=scale).cells
        primary = breaks_cell_rule(cells, RULES)
        naive = own.assign(state=np.where(primary, "protected", "value"))
        found += bool(audit_display_cells(naive, {1: float(cells["numerator"].sum())}, scale, RULES))

    assert found >= 5


def test_order_of_withholding_follows_denominators_and_not_numerators():
    scale = Scale((7.9, 8.1, 15.9, 16.1), 1)
    for third, fourth in ((24.0, 12.8), (12.0, 25.6)):
        cells = make([3, 4, third, fourth], [60, 60, 150, 160])

        found = protect(cells, scale=scale)

        assert (found.cells["state"] != "value").tolist() == [True, True, True, False]


def test_the_definition_files_name_indicators_classes_and_the_floor():
    assert display_rules().households_min == 11
    assert display_indicators() == ["debt_rate", "offline_share"]
    assert display_scale("debt_rate") == SCALE


def test_no_size_of_display_cells_may_lie_below_the_rules(monkeypatch):
    smaller = replace(display_definitions.display_cell_sizes(), minimum=10)
    monkeypatch.setattr(display_definitions, "display_cell_sizes", lambda: smaller)
    display_rules.cache_clear()

    with pytest.raises(ValueError, match="smaller than 11 households"):
        display_rules()


def test_an_indicator_without_fixed_classes_is_not_shown_for_display_cells(monkeypatch):
    rules = display_definitions.indicator_rules()
    computed = replace(rules["debt_rate"], class_limits=())
    monkeypatch.setattr(display_definitions, "indicator_rules", lambda: {**rules, "debt_rate": computed})

    with pytest.raises(ValueError, match="debt_rate needs to be a share with class_limits"):
        display_indicators()


def test_few_households_who_are_nearly_all_alike_stay_unknown_by_more_than_the_interval():
    # The first cell has 60 of 66; the others leave 54 to 66 for it, which is 91 per cent in the middle.
    cells = make([60, 36, 36], [66, 300, 300], households=[40.0, 200.0, 200.0])
    alone = cells.assign(state=["protected", "value", "value"])
    totals, narrow = {1: 132.0}, Scale((10.95, 12.95), 1)

    found = protect(cells, scale=narrow)

    assert audit_display_cells(alone, totals, narrow, RULES) == [1]
    assert audit_display_cells(found.cells, totals, narrow, RULES) == []
    assert codes(found)[:2] == ["protected", "protected"]
    assert audit_display_cells(alone, totals, narrow, replace(RULES, small_unit_households=30)) == []
