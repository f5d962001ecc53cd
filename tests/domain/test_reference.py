"""Survey probabilities of being online by age group."""

from pathlib import Path

import pytest

from kodala.core.definitions import read_definition
from seniors.domain.reference import Reference, choose_reference, online_table, solve_line
from seniors.domain.rules import senior_rules

RULES = senior_rules(read_definition(Path(__file__).parents[2] / "seniors/definitions.toml").content)
DECADES, MICROM = RULES.age_sets


@pytest.mark.parametrize(
    ("year", "expected"), [(2021, (0.9638, 0.8403, 0.5100)), (2025, (0.9859, 0.9143, 0.6200))]
)
def test_the_line_gives_the_published_values(year, expected):
    table = online_table(RULES, DECADES, year)

    assert table.probabilities == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(("year", "total"), [(2021, 0.81), (2024, 0.87)])
def test_the_city_total_comes_out(year, total):
    p = online_table(RULES, DECADES, year).probabilities

    assert 0.45 * p[0] + 0.29 * p[1] + 0.26 * p[2] == pytest.approx(total, abs=1e-12)


def test_other_age_groups_lie_on_the_same_line():
    # logits 3.2815, 1.6607, 0.0400 at 65, 75, 85; at 62, 70, 82: 3.7677, 2.4711, 0.5262
    table = online_table(RULES, MICROM, 2021)

    assert table.logits == pytest.approx((3.7677, 2.4711, 0.5262), abs=5e-4)
    assert table.age_set.labels[2] == "75+"


@pytest.mark.parametrize(("year", "survey"), [(2019, 2021), (2022, 2021), (2023, 2024), (2031, 2024)])
def test_the_survey_follows_the_year_of_the_delivery(year, survey):
    assert choose_reference(RULES, year).year == survey


def test_sampling_error_of_the_oldest():
    # √(1.5 / (3005 · 0.26 · 0.51 · 0.49))
    assert online_table(RULES, DECADES, 2021).logit_se[2] == pytest.approx(0.08765, abs=1e-5)


@pytest.mark.parametrize("set_", RULES.age_sets)
@pytest.mark.parametrize("year", [2021, 2024])
def test_probabilities_fall_with_age_and_stay_inside(set_, year):
    p = online_table(RULES, set_, year).probabilities

    assert 1 > p[0] > p[1] > p[2] > 0


def test_figures_that_no_line_can_meet_are_refused():
    impossible = Reference(2030, 2040, 1000, online_total=0.10, online_80plus=0.60, source="")

    with pytest.raises(ValueError, match=r"no line gives 0\.1"):
        solve_line(impossible, (0.45, 0.29, 0.26))
