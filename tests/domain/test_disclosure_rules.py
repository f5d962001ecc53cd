"""Primary rules, and what they take along, on small tables worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain.rules import CITY, breaks_primary_rule
from kodala.publication.shown import FigureState
from tests.domain.candidate_figures import DAY, OPEN, RULES, cities, count, figure, guard, share, states


@pytest.mark.parametrize(
    ("value", "state"), [(0, "protected"), (4.9, "protected"), (5, "value"), (90, "value")]
)
def test_counts_below_five_are_withheld_and_zero_looks_like_four(value, state):
    assert states(count("count", 1, value)) == {("count", 1): state}


def test_a_zero_that_may_be_public_stays_a_true_zero():
    assert states(count("count", 1, 0, zero_is_public=True)) == {("count", 1): "zero"}


def test_numbers_that_say_nothing_of_people_are_never_withheld():
    assert states(count("dwellings", 1, 3, is_free=True)) == {("dwellings", 1): "value"}


@pytest.mark.parametrize(
    ("numerator", "denominator", "state"),
    [
        (10, 29, "protected"),
        (10, 30, "value"),
        (4, 100, "protected"),
        (5, 100, "value"),
        (96, 100, "protected"),
        (95, 100, "value"),
    ],
)
def test_shares_need_thirty_below_and_five_on_both_sides(numerator, denominator, state):
    assert states(share("rate", 1, numerator, denominator)) == {("rate", 1): state}


def test_small_units_show_shares_only_inside_the_band():
    assert states(share("rate", 1, 50, 100, households=99.0))["rate", 1] == "value"
    assert states(share("rate", 1, 10, 100, households=99.0))["rate", 1] == "protected"
    assert states(share("rate", 1, 10, 100, households=100.0))["rate", 1] == "value"
    assert states(share("rate", 1, 10, 100, households=np.nan))["rate", 1] == "protected"


@pytest.mark.parametrize(
    ("persons", "base", "state"), [(299, 90, "protected"), (300, 90, "value"), (300, 29, "protected")]
)
def test_scores_need_three_hundred_persons_and_thirty_below(persons, base, state):
    score = figure("score", 1, "score", 50.0, denominator=float(base), persons=float(persons))

    assert states(score) == {("score", 1): state}


def test_what_was_not_delivered_is_no_secret_and_no_zero():
    assert states(share("rate", 1, np.nan, np.nan)) == {("rate", 1): "not_delivered"}


def test_what_was_judged_too_small_is_withheld_whatever_it_says():
    assert states(count("count", 1, 90, status="too_small")) == {("count", 1): "protected"}


def test_uncertain_values_are_shown_as_unreliable():
    assert states(share("rate", 1, 100, 1000, status="uncertain"))["rate", 1] == FigureState.UNRELIABLE


def test_the_rule_alone_marks_unsafe_figures_only():
    table = pd.DataFrame([count("count", 1, 4), count("count", 2, 5), share("rate", 1, np.nan, np.nan)])

    assert breaks_primary_rule(table, RULES).tolist() == [True, False, False]


@pytest.mark.parametrize(("is_public", "state"), [(True, "not_meaningful"), (False, "protected")])
def test_a_share_of_nobody_says_so_only_where_the_zero_may_be_known(is_public, state):
    assert states(share("rate", 1, 0, 0, zero_is_public=is_public)) == {("rate", 1): state}


@pytest.mark.parametrize("debtors", [0, 3])
def test_what_is_missing_beside_a_withheld_zero_is_withheld_and_not_called_missing(debtors):
    # Three debtors have types, but too few to show; none have no types at all.
    types = share("types", 1, 1, debtors) if debtors else share("types", 1, np.nan, np.nan)

    found = states(
        share("rate", 1, debtors, 1000), types, share("rate", 2, 100, 1000), share("types", 2, 50, 100)
    )

    assert found["types", 1] == "protected"
    assert found["types", 2] == "value"


def test_what_is_missing_everywhere_or_beside_shown_figures_only_is_called_missing():
    nothing = {"numerator": np.nan, "denominator": np.nan}
    small, shown = count("count", 1, 3), count("count", 2, 300)

    everywhere = states(small, shown, share("types", 1, **nothing), share("types", 2, **nothing))
    elsewhere = states(small, shown, share("types", 1, 50, 100), share("types", 2, **nothing))

    assert (everywhere["types", 1], everywhere["types", 2]) == ("not_delivered", "not_delivered")
    assert (elsewhere["types", 1], elsewhere["types", 2]) == ("value", "not_delivered")


def test_a_joint_figure_that_is_missing_beside_a_withheld_number_of_one_area_is_withheld():
    joint = share("types", 4, np.nan, np.nan, joined=(4, 5))

    found = states(
        count("debtors", 4, 90), count("debtors", 5, 0), share("types", 6, 50, 100), joint,
        count("debtors", 6, 90),
    )  # fmt: skip

    assert found["types", 4] == "protected"


def test_a_withheld_part_takes_exactly_one_more_with_it():
    found = states(
        share("rate", 1, 100, 1000),
        share("hard", 1, 3, 1000),
        share("soft", 1, 97, 1000),
        share("types", 1, 50, 100),
        share("rate", 2, 100, 1000),
    )

    # Hard and soft add up to the rate; the rate costs as much as soft, and has no other part to hide in.
    own = [found[name, 1] for name in ("rate", "soft")]
    assert found["hard", 1] == "protected"
    assert sorted(own) == ["protected", "value"]
    assert found["types", 1] == found["rate", 2] == "value"


def test_figures_that_give_away_the_same_number_fall_together():
    found = states(
        share("rate", 1, 100, 1000),
        count("debtors", 1, 100),
        share("hard", 1, 3, 1000),
        share("soft", 1, 97, 1000),
    )

    assert found["soft", 1] == found["hard", 1] == "protected"
    assert found["rate", 1] == found["debtors", 1] == "value"


def test_the_city_stays_shown_beside_two_withheld_areas():
    found = states(*cities("count", 3, 80, 200))

    assert found["count", CITY] == "value"
    assert sorted(state for (_, area), state in found.items() if area) == ["protected", "protected", "value"]


def test_an_area_alone_beside_a_small_one_goes_before_the_city():
    # Whoever sees the city and area 2 would know area 1.
    assert states(*cities("count", 3, 80)) == {
        ("count", 1): "protected",
        ("count", 2): "protected",
        ("count", CITY): "value",
    }


def test_withheld_figures_carry_no_value_and_no_interval():
    table = guard(*cities("count", 3, 80, 200)).figures

    hidden = table["state"] == FigureState.PROTECTED
    assert hidden.sum() == 2
    assert table.loc[hidden, ["value", "lower", "upper"]].isna().all(axis=None)
    assert table.loc[~hidden, ["value", "lower", "upper"]].notna().all(axis=None)


def test_an_indicator_that_figures_elsewhere_would_give_away_is_shown_nowhere():
    missing = figure("count", 3, "count", np.nan)

    found = states(*cities("count", 90, 80), missing, *cities("other", 90, 80), closed=["count"])

    assert {found["count", area] for area in (0, 1, 2)} == {"protected"}
    assert found["count", 3] == "not_delivered"
    assert {found["other", area] for area in (0, 1, 2)} == {"value"}


def test_figures_stay_in_their_order_and_states_are_those_that_readers_know():
    given = [*cities("count", 3, 80, 200), share("rate", 1, np.nan, np.nan)]

    table = guard(*given).figures

    assert table["indicator"].tolist() == [own["indicator"] for own in given]
    assert table["area"].tolist() == [own["area"] for own in given]
    assert (table["date"] == DAY).all()
    assert set(table["state"]) <= {*OPEN, "protected", "not_delivered"}
