"""Official figures: which count, computed shares, the city, and what they give away beside one another."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain.figure_table import Relation
from kodala.publication.domain.official import (
    COLUMNS,
    as_candidates,
    complete,
    newest_delivered,
    official_content,
)
from tests.domain.candidate_figures import definitions, guard
from tests.domain.statistics_rows import CATALOGUE

D = dt.date(2024, 12, 31)
AREAS = [1, 2, 3]


def table(code, values, **more):
    """One figure in the areas 1, 2, 3."""
    rows = {"area": AREAS[: len(values)], "indicator": code, "date": D, "value": values, "source": "Stadt"}
    return pd.DataFrame({**rows, "numerator": np.nan, "denominator": np.nan, **more})


NOTHING = table("population", []).astype({"value": float})


def city_of(areas, city=NOTHING):
    """Status and value of the whole city, None if it has no row."""
    own = complete(areas, city, AREAS, CATALOGUE)
    rows = own[(own["area"] == 0) & (own["indicator"] == areas["indicator"].iloc[0])]
    return None if rows.empty else (rows["status"].iloc[0], rows["value"].iloc[0])


def test_the_latest_delivery_counts_for_all_places_of_a_figure():
    rows = pd.concat(
        [
            table("population", [1, 2, 3], delivery=7, region=""),
            table("population", [4, 5], delivery=9, region=""),
            table("dwellings", [6, 6, 6], delivery=7, region=""),
        ]
    )

    chosen = newest_delivered(rows)

    assert chosen[chosen["indicator"] == "population"]["value"].tolist() == [4, 5]
    assert (chosen["indicator"] == "dwellings").sum() == 3


def test_the_city_is_the_sum_of_its_areas_or_the_ratio_of_sums_never_a_mean_of_shares():
    shares = table(
        "local_supply_share", [50.0, 20.0, 0.0], numerator=[50, 60, 0], denominator=[100, 300, 100]
    )

    assert city_of(table("population", [500.0, 700.0, 600.0])) == ("ok", 1800)
    assert city_of(shares) == ("ok", 22.0)
    assert city_of(table("mean_age", [40.0, 50.0, 45.0], denominator=[100, 300, 100])) == ("ok", 47.0)


def test_a_share_without_base_takes_the_city_as_delivered_or_says_nothing():
    shares = table("sgb2_rate", [10.0, 20.0, 30.0])
    delivered = table("sgb2_rate", [17.5], area=0)

    assert city_of(shares) is None
    assert city_of(shares, delivered) == ("ok", 17.5)


@pytest.mark.parametrize("values", [[500.0, np.nan, 600.0], [500.0, 700.0]])
def test_a_delivered_city_beside_a_gap_is_withheld(values):
    delivered = table("population", [1800.0], area=0)

    assert city_of(table("population", values), delivered)[0] == "too_small"


def test_a_gap_that_is_no_row_at_all_leaves_no_city():
    assert city_of(table("population", [500.0, 700.0])) is None


def test_a_share_follows_from_counts_of_the_same_day_and_a_delivered_one_stays():
    counts = pd.concat(
        [
            table("basic_security_65plus", [10.0, 30.0, np.nan]),
            table("population_65_74", [100.0, 200.0, 100.0]),
            table("population_75_79", [50.0, 50.0, 50.0]),
            table("population_80plus", [50.0, 50.0, 50.0]),
        ]
    )
    own = complete(counts, NOTHING, AREAS, CATALOGUE)
    rate = own[own["indicator"] == "basic_security_rate"].set_index("area")
    delivered = complete(
        pd.concat([counts, table("basic_security_rate", [1.0, 2.0, 3.0])]), NOTHING, AREAS, CATALOGUE
    )

    assert rate.loc[[1, 2], "value"].tolist() == [5.0, 10.0]
    assert rate.loc[[3, 0], "status"].tolist() == ["too_small", "too_small"]
    assert delivered[delivered["indicator"] == "basic_security_rate"]["value"].tolist()[:3] == [1.0, 2.0, 3.0]


def protected(*tables):
    """(indicator, area) -> state of official figures of areas with 2,000 inhabitants each."""
    own = complete(pd.concat(tables), NOTHING, AREAS, CATALOGUE)
    sizes = pd.DataFrame({"persons": dict.fromkeys(AREAS, 2000.0), "households": dict.fromkeys(AREAS, 900.0)})
    figures = as_candidates(own[COLUMNS], CATALOGUE, sizes).assign(date=own["date"], district=0)
    figures["joined"] = [()] * len(figures)
    found = guard(*figures.to_dict("records"), own=definitions(official_content(CATALOGUE)))
    assert found.found.leaks == ()
    table = found.figures
    return dict(zip(zip(table["indicator"], table["area"], strict=True), table["state"], strict=True))


def withheld(states, *codes):
    """The areas in which something of these figures is withheld, for each of them."""
    return [
        {area for (code, area), state in states.items() if (code, state) == (own, "protected")}
        for own in codes
    ]


def test_a_rest_of_fewer_than_five_is_kept_by_withholding_the_part_or_the_whole():
    claimants = table("sgb2_persons", [50.0, 60.0, 70.0])
    minors = table("sgb2_minors", [20.0, 57.0, 45.0])

    persons, young = withheld(protected(claimants, minors), "sgb2_persons", "sgb2_minors")

    assert 2 in persons | young
    assert protected(claimants, table("sgb2_minors", [20.0, 50.0, 45.0])) == dict.fromkeys(
        [(code, area) for code in ("sgb2_persons", "sgb2_minors") for area in (0, *AREAS)], "value"
    )


def test_an_age_group_that_was_not_delivered_is_kept_where_it_would_be_small():
    population = table("population", [500.0, 700.0, 600.0])
    older = table("population_80plus", [496.0, 30.0, 40.0])

    whole, old = withheld(protected(population, older), "population", "population_80plus")

    assert 1 in whole | old
    assert not {2, 3} <= whole | old


def test_age_groups_that_are_all_there_leave_no_rest():
    parts = [table(code, [50.0, 50.0, 50.0]) for code in CATALOGUE.ages.parts]
    total = table("population", [450.0, 450.0, 450.0])

    assert set(protected(*parts, total).values()) == {"value"}


def test_a_small_age_group_takes_others_along_but_neither_all_groups_nor_the_city():
    groups = {code: [50.0, 50.0, 50.0] for code in CATALOGUE.ages.parts}
    groups[CATALOGUE.ages.parts[-1]] = [3.0, 50.0, 50.0]
    total = table("population", [403.0, 450.0, 450.0])

    states = protected(*[table(code, values) for code, values in groups.items()], total)

    assert states[CATALOGUE.ages.parts[-1], 1] == "protected"
    assert list(states.values()).count("protected") == 4
    assert {state for (_, area), state in states.items() if area == 0} == {"value"}


def test_a_share_gives_its_counts_away_and_several_counts_together_are_a_number_of_their_own():
    content = official_content(CATALOGUE)

    assert content.of("basic_security_rate") == ("basic_security_65plus", "basic_security_rate:base")
    assert content.of("population") == ("population",)
    assert (
        Relation(
            "basic_security_rate:base",
            ("population_65_74", "population_75_79", "population_80plus"),
            leaves_rest=False,
        )
        in content.relations
    )
    assert Relation("sgb2_persons", ("sgb2_minors",), leaves_rest=True) in content.relations
    assert Relation(CATALOGUE.ages.total, CATALOGUE.ages.parts, leaves_rest=False) in content.relations


def test_count_and_share_of_a_small_number_fall_together():
    old = [
        table(code, [100.0, 100.0, 100.0])
        for code in ("population_65_74", "population_75_79", "population_80plus")
    ]

    states = protected(*old, table("basic_security_65plus", [3.0, 30.0, 40.0]))

    count, rate = withheld(states, "basic_security_65plus", "basic_security_rate")
    assert count == rate
    assert 1 in count
    assert len(count) == 2


SIZES = pd.DataFrame(
    {"persons": {1: 600.0, 2: 600.0, 3: 600.0}, "households": {1: 300.0, 2: 300.0, 3: 300.0}}
)


def candidates_of(*figures):
    own = complete(pd.concat(figures, ignore_index=True), NOTHING, AREAS, CATALOGUE)
    found = as_candidates(own[COLUMNS].reset_index(drop=True), CATALOGUE, SIZES)
    return found.set_index(["indicator", "area"])


def test_a_delivered_share_without_base_takes_it_from_the_counts_beside_it():
    minors = [table("population_0_5", [8.0, 200.0, 300.0]), table("population_6_17", [12.0, 200.0, 300.0])]

    poor = table("sgb2_minors", [18.0, 40.0, 120.0])
    found = candidates_of(*minors, table("child_poverty_rate", [90.0, 10.0, 20.0]), poor)

    # 90 % of 20 children, however many people live in the area.
    assert found.loc[("child_poverty_rate", 1), ["numerator", "denominator"]].tolist() == [18.0, 20.0]
    assert found.loc[("child_poverty_rate", 2), ["numerator", "denominator"]].tolist() == [40.0, 400.0]


def test_the_base_follows_from_the_numerator_alone():
    found = candidates_of(table("unemployed_share", [5.0, 0.0, 10.0]), table("unemployed", [20.0, 0.0, 30.0]))

    assert found.loc[("unemployed_share", 1), "denominator"] == 400.0
    assert found.loc[("unemployed_share", 2), "status"] == "too_small"


def test_a_share_of_which_no_base_is_known_is_withheld_and_the_persons_of_the_area_are_none():
    found = candidates_of(table("child_poverty_rate", [5.0, 20.0, 30.0]))

    assert found["status"].tolist() == ["too_small"] * 3
    assert found["denominator"].isna().all()


def test_without_households_half_the_base_says_whether_a_place_is_small():
    nobody = pd.DataFrame({"persons": [], "households": []}, dtype=float)
    own = table("basic_security_rate", [87.5, 20.0], numerator=[35.0, 100.0], denominator=[40.0, 500.0])

    found = as_candidates(complete(own, NOTHING, AREAS, CATALOGUE)[COLUMNS], CATALOGUE, nobody)

    assert found["households"].tolist() == [20.0, 250.0]
