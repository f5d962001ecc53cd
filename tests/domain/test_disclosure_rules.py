"""Primary rules, linked figures and totals on small tables worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain.rules import CITY, LinkedSet, Rules, list_open_leaks, protect
from kodala.publication.shown import FigureState

RULES = Rules(
    area_persons_min=300,
    count_min=5,
    base_min=30,
    small_unit_households=100,
    share_low=0.2,
    share_high=0.8,
    linked=(LinkedSet(("rate", "hard", "soft"), ("types",)),),
)


def candidates(*rows, **common):
    """Rows (indicator, area, kind, value, numerator, denominator) with harmless sizes around them."""
    columns = ["indicator", "area", "kind", "value", "numerator", "denominator"]
    table = pd.DataFrame(rows, columns=columns)
    sizes = {"persons": 2000.0, "households": 1000.0, "status": "ok", "zero_is_public": False, **common}
    return table.assign(lower=table["value"], upper=table["value"], **sizes)


def states(table):
    return {(row.indicator, row.area): row.state for row in protect(table, RULES).itertuples()}


@pytest.mark.parametrize(
    ("count", "state"), [(0, "protected"), (4.9, "protected"), (5, "value"), (90, "value")]
)
def test_counts_below_five_are_withheld_and_zero_looks_like_four(count, state):
    table = candidates(("count", 1, "count", count, count, np.nan))

    assert states(table) == {("count", 1): state}


def test_a_zero_that_may_be_public_stays_a_true_zero():
    table = candidates(("count", 1, "count", 0.0, 0.0, np.nan), zero_is_public=True)

    assert states(table) == {("count", 1): "zero"}


@pytest.mark.parametrize(
    ("numerator", "denominator", "state"),
    [
        (10, 29, "protected"),
        (10, 30, "value"),
        (4, 100, "protected"),
        (5, 100, "value"),
        (96, 100, "protected"),
    ],
)
def test_shares_need_thirty_below_and_five_on_both_sides(numerator, denominator, state):
    table = candidates(("rate", 1, "share", numerator / denominator, numerator, denominator))

    assert states(table) == {("rate", 1): state}


def test_small_units_show_shares_only_inside_the_band():
    inside = candidates(("rate", 1, "share", 0.5, 50, 100), households=99.0)
    outside = candidates(("rate", 1, "share", 0.1, 10, 100), households=99.0)

    assert states(inside)["rate", 1] == "value"
    assert states(outside)["rate", 1] == "protected"


def test_scores_need_three_hundred_persons():
    assert (
        states(candidates(("score", 1, "score", 50.0, 50.0, 90.0), persons=299.0))["score", 1] == "protected"
    )
    assert states(candidates(("score", 1, "score", 50.0, 50.0, 90.0), persons=300.0))["score", 1] == "value"


def test_what_was_not_delivered_is_no_secret_and_no_zero():
    table = candidates(("rate", 1, "share", np.nan, np.nan, np.nan))

    assert states(table) == {("rate", 1): "not_delivered"}


@pytest.mark.parametrize(("is_public", "state"), [(True, "not_meaningful"), (False, "protected")])
def test_a_share_of_nobody_says_so_only_where_the_zero_may_be_known(is_public, state):
    table = candidates(("rate", 1, "share", np.nan, 0.0, 0.0), zero_is_public=is_public)

    assert states(table) == {("rate", 1): state}


def test_a_withheld_part_takes_the_whole_and_what_depends_on_it_along():
    table = candidates(
        ("rate", 1, "share", 0.1, 100, 1000),
        ("hard", 1, "share", 0.003, 3, 1000),
        ("soft", 1, "share", 0.097, 97, 1000),
        ("types", 1, "share", 0.5, 50, 100),
        ("rate", 2, "share", 0.1, 100, 1000),
    )

    found = states(table)

    assert [found[name, 1] for name in ("rate", "hard", "soft", "types")] == ["protected"] * 4
    assert found["rate", 2] == "value"


def test_what_is_missing_beside_a_withheld_zero_is_withheld_and_not_called_missing():
    table = candidates(
        ("rate", 1, "share", 0.0, 0, 1000),
        ("types", 1, "share", np.nan, np.nan, np.nan),
        ("rate", 2, "share", 0.1, 100, 1000),
        ("types", 2, "share", 0.5, 50, 100),
    )

    assert states(table)["types", 1] == "protected"


def test_the_city_is_withheld_beside_a_withheld_area():
    table = candidates(
        ("count", 1, "count", 3, 3, np.nan),
        ("count", 2, "count", 80, 80, np.nan),
        ("count", CITY, "count", 83, 83, np.nan),
    )

    assert states(table) == {("count", 1): "protected", ("count", 2): "value", ("count", CITY): "protected"}


def test_withheld_figures_carry_no_value_and_no_interval():
    protected = protect(candidates(("count", 1, "count", 3, 3, np.nan)), RULES)

    assert protected[["value", "lower", "upper"]].isna().all(axis=None)


def test_protected_tables_have_no_open_leak_but_a_careless_table_has():
    table = candidates(
        ("count", 1, "count", 3, 3, np.nan),
        ("count", CITY, "count", 83, 83, np.nan),
        ("rate", 1, "share", 0.1, 100, 1000),
        ("hard", 1, "share", 0.003, 3, 1000),
    )
    careless = table.assign(state=["protected", "value", "value", "protected"])

    assert list_open_leaks(protect(table, RULES), RULES) == []
    assert list_open_leaks(careless, RULES) == [
        "count: Die Gesamtsumme steht neben einem geschützten Gebiet.",
        "Gebiet 1: rate, hard, soft sind nur zum Teil geschützt.",
    ]


def test_uncertain_values_are_shown_as_unreliable():
    table = candidates(("rate", 1, "share", 0.1, 100, 1000), status="uncertain")

    assert states(table)["rate", 1] == FigureState.UNRELIABLE
