"""Digital participation of areas and of the city."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.core.definitions import read_definition
from kodala.statistics.aggregation import Status
from seniors.domain.online import income_reference, model_area
from seniors.domain.participation import score_areas
from seniors.domain.reference import online_table
from seniors.domain.rules import senior_rules
from seniors.domain.sums import sum_area

CONTENT = read_definition(Path(__file__).parents[2] / "seniors/definitions.toml").content
RULES = senior_rules(CONTENT)


def area(seniors=(820.0, 510.0, 430.0), **columns):
    """One area of one large cell; every column may be given."""
    values = {
        "households": 3000.0,
        "persons": 6000.0,
        "adults": 5000.0,
        "seniors_60_69": seniors[0],
        "seniors_70_79": seniors[1],
        "seniors_80plus": seniors[2],
        **columns,
    }
    return {name: np.atleast_1d(np.array(value, dtype=np.float64)) for name, value in values.items()}


def score(*areas, year=2021, rules=RULES, city_online=None):
    return score_areas([sum_area(cells, rules) for cells in areas], rules, year, city_online)


def test_the_example_of_the_methods():
    (only,), city = score(area())

    assert only.offline.value == pytest.approx(321.8, abs=0.05)
    assert only.offline_share.value == pytest.approx(0.183, abs=5e-4)
    assert only.offline_oldest.value == pytest.approx(210.7)
    assert only.seniors.value == 1760.0
    assert city.offline.value == pytest.approx(only.offline.value)


def test_a_missing_covariate_leaves_its_term_out_and_makes_the_figure_uncertain():
    (only,), _ = score(area())

    assert only.offline.status is Status.UNCERTAIN
    assert only.seniors.status is Status.OK


def test_average_covariates_change_nothing():
    (only,), _ = score(area(education_low_percent=31.0, purchasing_power_eur=24000.0))

    assert only.offline.value == pytest.approx(321.8, abs=0.05)
    assert only.offline.status is Status.OK


def test_low_education_moves_the_logit_by_its_slope():
    sums = sum_area(area(education_low_percent=51.0, purchasing_power_eur=24000.0), RULES)
    table = online_table(RULES, sums.age_set, 2021)

    model = model_area(sums, table, income_reference(sums), RULES)

    assert model.logits - np.array(table.logits) == pytest.approx([-0.3, -0.3, -0.3])  # −1.5 · 0.20


def test_purchasing_power_is_compared_with_the_city_of_the_same_delivery():
    poor = area(education_low_percent=31.0, purchasing_power_eur=20000.0)
    rich = area(education_low_percent=31.0, purchasing_power_eur=30000.0)

    (low, high), _ = score(poor, rich)
    (scaled_low, _), _ = score(
        area(education_low_percent=31.0, purchasing_power_eur=2000.0),
        area(education_low_percent=31.0, purchasing_power_eur=3000.0),
    )

    assert low.online_share.value < high.online_share.value
    assert scaled_low.online_share.value == pytest.approx(low.online_share.value)


def test_no_seniors_have_no_share():
    (empty, _), city = score(area(seniors=(0.0, 0.0, 0.0)), area())

    assert empty.online_share.value is None
    assert empty.online_share.status is Status.NO_DATA
    assert empty.seniors.value == 0.0
    assert city.offline.value == pytest.approx(321.8, abs=0.05)


def test_an_area_without_senior_columns_has_no_data():
    cells = {name: values for name, values in area().items() if not name.startswith("seniors")}

    (only,), _ = score(cells)

    assert only.offline.value is None
    assert only.seniors.status is Status.NO_DATA


def test_alternative_age_groups_are_recognised():
    cells = area()
    for old, new in zip(RULES.age_sets[0].columns, RULES.age_sets[1].columns, strict=True):
        cells[new] = cells.pop(old)

    (only,), _ = score(cells)

    assert only.oldest_label == "75+"
    assert only.seniors.value == 1760.0


def test_different_age_groups_are_not_added():
    first = sum_area(area(), RULES)
    second = sum_area(area(), RULES, RULES.age_sets[1])

    with pytest.raises(ValueError, match="cannot add age groups microm to decades"):
        _ = first + second


PILLARS = {"digital_access": 54.2, "digital_use": 40.3, "digital_skills": 50.3, "digital_openness": 53.9}


def test_score_of_the_published_pillars():
    (only,), _ = score(area(**PILLARS))

    assert only.participation.value == pytest.approx(51.19, abs=0.005)
    assert not only.access_is_modelled
    assert only.participation.status is Status.OK


def test_a_missing_pillar_is_rescaled_as_long_as_seventy_percent_are_there():
    (only,), _ = score(area(**{**PILLARS, "digital_openness": math.nan}))

    # (.3 · 54.2 + .1 · 40.3 + .4 · 50.3) / .8
    assert only.participation.value == pytest.approx(50.5125)
    assert only.participation.status is Status.UNCERTAIN


def test_without_skills_there_is_no_score():
    (only,), _ = score(area(**{**PILLARS, "digital_skills": math.nan}))

    assert only.participation.value is None
    assert only.participation.status is Status.NO_DATA


def test_access_that_was_not_delivered_is_modelled_and_marked():
    (only,), _ = score(area(**{**PILLARS, "digital_access": math.nan}))

    access = 100 * only.online_share.value
    assert only.access_is_modelled
    assert only.participation.value == pytest.approx(0.3 * access + 0.1 * 40.3 + 0.4 * 50.3 + 0.2 * 53.9)


def test_modelled_access_alone_is_no_score():
    (only,), _ = score(area())

    assert only.access_is_modelled
    assert only.participation.value is None


def test_error_of_the_score_is_the_scatter_of_the_cells():
    # two cells with equal seniors, every pillar 40 and 60: s²_w = 100, n_eff = 2
    columns = {name: [40.0, 60.0] for name in PILLARS}
    cells = area(
        seniors=([10.0, 10.0], [5.0, 5.0], [5.0, 5.0]),
        households=[20, 20],
        persons=[40, 40],
        adults=[35, 35],
        **columns,
    )

    (only,), _ = score(cells)

    assert only.participation.value == pytest.approx(50.0)
    assert only.participation.se == pytest.approx(math.sqrt(50.0))


MIXED = (
    area((820, 510, 430), education_low_percent=38.0, purchasing_power_eur=21000.0),
    area((300, 260, 390), education_low_percent=26.0, purchasing_power_eur=29000.0),
    area((900, 300, 150), education_low_percent=45.0, purchasing_power_eur=19000.0),
)


def bootstrap_offline(year, draws=4000):
    """Slow reference: draw survey, slopes and area effects, (draws, areas)."""
    rng = np.random.Generator(np.random.PCG64(11))
    sums = [sum_area(cells, RULES) for cells in MIXED]
    city = sums[0] + sums[1] + sums[2]
    table = online_table(RULES, city.age_set, year)
    models = [model_area(s, table, income_reference(city), RULES) for s in sums]
    counts = np.array([m.counts for m in models])
    result = np.empty((draws, len(models)))
    for draw in range(draws):
        survey = rng.normal(0, table.logit_se)
        education, income = rng.normal(0, 0.4), rng.normal(0, 0.3)
        for i, model in enumerate(models):
            shift = education * model.education + income * model.income + rng.normal(0, 0.25)
            result[draw, i] = (counts[i] / (1 + np.exp(model.logits + survey + shift))).sum()
    return result


def test_delta_method_agrees_with_a_parametric_bootstrap():
    drawn = bootstrap_offline(2021)

    areas, city = score(*MIXED)

    for i, result in enumerate(areas):
        assert result.offline.se == pytest.approx(drawn[:, i].std(), rel=0.06)
    assert city.offline.se == pytest.approx(drawn.sum(axis=1).std(), rel=0.06)


def test_a_known_city_value_is_met_exactly_and_keeps_the_order():
    free, _ = score(*MIXED)
    bound, city = score(*MIXED, city_online=0.75)

    assert city.online_share.value == pytest.approx(0.75, abs=1e-9)
    assert city.offline.value == pytest.approx(sum(a.offline.value for a in bound), abs=1e-9)
    assert np.argsort([a.online_share.value for a in bound]).tolist() == (
        np.argsort([a.online_share.value for a in free]).tolist()
    )
    assert city.offline.se == pytest.approx(0.0, abs=1e-6)
    assert all(a.offline.se > 1 for a in bound)


def test_an_impossible_city_value_is_refused():
    with pytest.raises(ValueError, match=r"online share of 1\.2"):
        score(*MIXED, city_online=1.2)


def test_rules_refuse_negative_weights():
    content = {**CONTENT, "pillar": [{**CONTENT["pillar"][0], "weight": -1.0}, *CONTENT["pillar"][1:]]}

    with pytest.raises(ValueError, match="pillar weights"):
        senior_rules(content)


def test_without_adjustment_one_age_group_has_the_survey_value():
    flat = dataclasses.replace(RULES.adjustment, education_slope=0.0, income_slope=0.0)
    rules = dataclasses.replace(RULES, adjustment=flat)

    (only,), _ = score(area((0, 0, 200), education_low_percent=70.0), rules=rules)

    assert only.online_share.value == pytest.approx(0.51)


people = st.tuples(st.floats(0, 900), st.floats(0, 900), st.floats(1, 900))


@settings(max_examples=25)
@given(areas=st.lists(st.tuples(people, st.floats(0, 99), st.floats(9000, 60000)), min_size=1, max_size=6))
def test_areas_add_up_to_the_city_and_education_never_helps_when_it_is_low(areas):
    cells = [area(n, education_low_percent=b, purchasing_power_eur=k) for n, b, k in areas]
    worse = [area(n, education_low_percent=b + 1, purchasing_power_eur=k) for n, b, k in areas]

    results, city = score(*cells)
    less, _ = score(*worse)

    assert city.offline.value == pytest.approx(sum(r.offline.value for r in results))
    for before, after in zip(results, less, strict=True):
        assert 0 <= before.offline.value <= before.seniors.value
        assert 0 < before.online_share.value < 1
        assert after.online_share.value <= before.online_share.value
        assert before.offline.lower <= before.offline.value <= before.offline.upper


@settings(max_examples=40)
@given(values=st.lists(st.floats(0, 100), min_size=4, max_size=4))
def test_the_score_lies_between_its_pillars(values):
    (only,), _ = score(area(**dict(zip(PILLARS, values, strict=True))))

    assert min(values) - 1e-9 <= only.participation.value <= max(values) + 1e-9
