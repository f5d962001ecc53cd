"""Joint figures of neighbouring areas: sums worked out by hand, and nothing left of the single ones."""

import numpy as np
import pandas as pd
import pytest

from kodala.publication.definitions import indicators, joined_areas, joint_formulas
from kodala.publication.domain.figure_table import Content, Relation
from kodala.publication.domain.joining import (
    JoinedAreas,
    JointFormula,
    areas_behind,
    check_joined,
    give_to_each_area,
    join_candidates,
)
from kodala.statistics.intervals import byar, wilson
from tests.domain.candidate_figures import definitions, guard
from tests.domain.test_membership import build_cells
from typology.definitions import typology_rules
from typology.domain.classification import classify_area
from typology.domain.shares import share_estimates

PAIR = JoinedAreas((4, 5), frozenset({"rate", "part", "debtors"}))
FORMULAS = {
    "rate": JointFormula("wilson"),
    "part": JointFormula("bound", least_base=50, least_cells=20),
    "debtors": JointFormula("byar"),
}
CONTENT = Content({"rate": ("debtors",)}, (Relation("debtors", ("part", "other"), leaves_rest=False),))


def row(indicator, area, kind, numerator, denominator, **given):
    """One candidate with a value, an interval of ± 0.1 and harmless sizes."""
    value = numerator if kind == "count" else numerator / denominator
    own = {
        "indicator": indicator,
        "area": area,
        "district": 0,
        "kind": kind,
        "value": value,
        "lower": value - 0.1,
    }
    own |= {"upper": value + 0.1, "numerator": numerator, "denominator": denominator, "status": "ok"}
    own |= {"coverage": 1.0, "n_cells": 30, "persons": 2000.0, "households": 1000.0, "zero_is_public": False}
    return own | given


def joined(*rows, pairs=(PAIR,)):
    return join_candidates(pd.DataFrame(list(rows)), pairs, FORMULAS)


def test_a_joint_share_is_the_sum_of_numerators_over_the_sum_of_denominators():
    table = joined(
        row("rate", 4, "share", 30, 200),
        row("rate", 5, "share", 70, 300),
        row("rate", 6, "share", 9, 90),
        row("rate", 0, "share", 109, 590),
    )

    assert table["area"].tolist() == [0, 4, 6]
    own = table[table["area"] == 4].iloc[0]
    assert (own["numerator"], own["denominator"], own["value"]) == (100, 500, 0.2)
    assert (own["lower"], own["upper"]) == wilson(0.2, 500)
    assert (own["joined"], own["persons"], own["n_cells"]) == ((4, 5), 4000, 60)
    assert table[table["area"] == 0].iloc[0]["value"] == 109 / 590  # the city stays as it was


def test_a_joint_count_is_the_sum_with_the_interval_of_a_count():
    own = joined(row("debtors", 4, "count", 12.0, np.nan), row("debtors", 5, "count", 30.0, np.nan)).iloc[0]

    assert (own["value"], own["numerator"]) == (42.0, 42.0)
    assert (own["lower"], own["upper"]) == byar(42.0)


def test_without_a_formula_the_half_widths_are_weighted_like_the_values():
    first = row("part", 4, "share", 10, 100, lower=0.0, upper=0.2)
    second = row("part", 5, "share", 90, 300, lower=0.26, upper=0.34)

    own = joined(first, second).iloc[0]

    assert own["value"] == 0.25
    assert own["lower"] == pytest.approx(0.25 - (0.25 * 0.1 + 0.75 * 0.04))
    assert own["upper"] == pytest.approx(0.25 + (0.25 * 0.1 + 0.75 * 0.04))


def test_no_interval_is_made_where_an_area_has_none():
    own = joined(row("part", 4, "share", 10, 100, lower=np.nan), row("part", 5, "share", 90, 300)).iloc[0]

    assert own["value"] == 0.25
    assert own[["lower", "upper"]].isna().all()


@pytest.mark.parametrize(
    ("debtors", "cells", "status"), [(20, 10, "too_small"), (25, 9, "too_small"), (25, 10, "ok")]
)
def test_areas_that_are_too_small_alone_are_judged_together(debtors, cells, status):
    alone = {"status": "too_small", "n_cells": cells}

    own = joined(row("part", 4, "share", 9, debtors, **alone), row("part", 5, "share", 9, debtors, **alone))

    assert own.iloc[0]["status"] == status


def test_doubt_in_one_area_and_poor_coverage_of_both_stay_doubt():
    doubtful = joined(row("rate", 4, "share", 9, 90, status="uncertain"), row("rate", 5, "share", 9, 90))
    patchy = joined(row("rate", 4, "share", 9, 90, coverage=0.5), row("rate", 5, "share", 9, 90))

    assert [doubtful.iloc[0]["status"], patchy.iloc[0]["status"]] == ["uncertain", "uncertain"]
    assert patchy.iloc[0]["coverage"] == 0.75


def test_an_area_without_data_leaves_no_joint_figure_that_would_be_the_others():
    missing = row("rate", 5, "share", 1, 1) | dict.fromkeys(("value", "numerator", "denominator"), np.nan)

    own = joined(row("rate", 4, "share", 30, 200), missing).iloc[0]
    lonely = joined(row("rate", 4, "share", 30, 200), row("debtors", 5, "count", 30.0, np.nan))

    assert own[["value", "lower", "upper", "numerator"]].isna().all()
    assert own["status"] == "no_data"
    assert lonely["value"].isna().all()


def test_an_area_without_anybody_adds_nothing_and_two_of_them_have_no_share():
    nobody = dict.fromkeys(("value", "lower", "upper", "numerator"), np.nan) | {"denominator": 0.0}
    empty = row("rate", 5, "share", 1, 1) | nobody

    assert joined(row("rate", 4, "share", 30, 200), empty).iloc[0]["value"] == 0.15
    both = joined(empty | {"area": 4}, empty).iloc[0]
    assert np.isnan(both["value"])
    assert both["denominator"] == 0.0


def test_districts_of_a_joined_area_are_in_no_sum_and_in_no_row():
    parts = [row("rate", 4, "share", 10, 50), row("rate", 4, "share", 20, 150)]
    districts = [own | {"district": number} for number, own in enumerate(parts, start=1)]
    other = row("rate", 6, "share", 9, 90, district=7)

    table = joined(row("rate", 4, "share", 30, 200), row("rate", 5, "share", 70, 300), other, *districts)

    assert table[["area", "district", "value"]].to_numpy().tolist() == [[4, 0, 0.2], [6, 7, 0.1]]


def test_a_definition_for_areas_that_are_not_there_changes_nothing():
    rows = (row("rate", 4, "share", 30, 200), row("rate", 6, "share", 70, 300))

    table = joined(*rows)

    assert table["area"].tolist() == [4, 6]
    assert table["joined"].tolist() == [(), ()]


def test_every_area_gets_the_joint_row_and_knows_its_partner():
    table = joined(
        row("rate", 4, "share", 30, 200), row("rate", 5, "share", 70, 300), row("rate", 6, "share", 9, 90)
    )

    every = give_to_each_area(table)

    assert every["area"].tolist() == [4, 5, 6]
    assert every["joined_with"].tolist() == [[5], [4], []]
    assert every["value"].tolist() == [0.2, 0.2, 0.1]
    assert areas_behind(table).tolist() == [(4, 5), (6,)]


def protected(*rows):
    """State and joined areas of rows whose parts are shown together."""
    pair = JoinedAreas((4, 5), frozenset({"part", "other"}))
    formulas = dict.fromkeys(("part", "other"), JointFormula("bound"))
    table = join_candidates(pd.DataFrame(list(rows)), [pair], formulas)
    table = table.assign(date=0, is_free=False, is_whole=table["kind"] == "count")
    found = guard(*table.to_dict("records"), own=definitions(CONTENT))
    assert found.found.leaks == ()
    return {(one.indicator, one.area): one.state for one in found.figures.itertuples()}


def types(area, part, debtors):
    """Shares of two types that are all debtors of an area, with its debtors."""
    return [
        row("debtors", area, "count", float(debtors), np.nan),
        row("part", area, "share", part, debtors),
        row("other", area, "share", debtors - part, debtors),
    ]


def test_a_joint_figure_is_shown_where_each_area_alone_would_be_too_small():
    small = types(4, 4, 30) + types(5, 3, 40)

    found = protected(*small)

    assert {found[code, 4] for code in ("part", "other")} == {"value"}
    assert {found["debtors", area] for area in (4, 5)} == {"value"}


def test_a_joint_figure_is_no_way_to_a_withheld_number_of_one_of_its_areas():
    found = protected(*types(4, 60, 80), *types(5, 1, 3))

    # Both types together are the debtors of both areas: something of them must not be shown.
    assert found["debtors", 5] == "protected"
    others = [found["debtors", 4], found["part", 4], found["other", 4]]
    assert others.count("protected") == 1


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([JoinedAreas((4,), frozenset({"part"}))], "are not two"),
        ([JoinedAreas((4, 5), frozenset({"score"}))], "cannot be joined"),
        (
            [JoinedAreas((4, 5), frozenset({"part"})), JoinedAreas((5, 6), frozenset({"part"}))],
            "joined twice",
        ),
    ],
)
def test_a_definition_that_means_nothing_is_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        check_joined(pairs, {"rate", "debtors", "part"})


def test_the_shipped_definition_joins_all_type_shares_of_hammfeld_and_augustinusviertel():
    types = {code for code in indicators() if code.startswith(("type_", "group_"))}

    assert [(own.areas, own.indicators) for own in joined_areas()] == [((4, 5), types)]
    assert joint_formulas()["type_1"] == JointFormula("bound", 50, 20)
    assert joint_formulas()["debt_rate"].interval == "wilson"


@pytest.mark.parametrize("seed", range(5))
def test_the_joint_interval_of_types_is_wide_enough_and_not_twice_too_wide(seed):
    rules = typology_rules()
    areas = {4: build_cells(60, seed=seed), 5: build_cells(150, seed=100 + seed)}
    sums = {number: classify_area(cells, rules, 2021).sums for number, cells in areas.items()}
    exact = share_estimates(sums[4] + sums[5], rules)
    singles = {number: share_estimates(own, rules) for number, own in sums.items()}

    for kind, whole in enumerate(exact):
        rows = [
            row("part", number, "share", own[kind].numerator, own[kind].denominator)
            | {"lower": own[kind].lower, "upper": own[kind].upper}
            for number, own in singles.items()
        ]
        joint = joined(*rows).iloc[0]
        assert joint["value"] == pytest.approx(whole.value)
        half, true_half = joint["upper"] - joint["value"], whole.upper - whole.value
        assert true_half * 0.999 < half < 2 * true_half
