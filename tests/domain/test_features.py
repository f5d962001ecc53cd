"""From delivered columns to the eight dimensions of the typology."""

import math
from pathlib import Path

import numpy as np
import pytest

from kodala.core.definitions import read_definition
from typology.domain.features import raw_features, standardise
from typology.domain.rules import typology_rules

CONTENT = read_definition(Path(__file__).parents[2] / "typology/definitions.toml").content
RULES = typology_rules(CONTENT)
PLAIN = {
    "households": 6.0,
    "creditors_per_debtor": math.exp(1.194),
    "purchasing_power_eur": 25000 * math.exp(-0.020),
    "mean_debt_eur": 25000 * math.exp(-0.020 + 0.152),
    "debt_duration_years": math.exp(1.838),
    "mean_adult_age": 49.963,
    "reason_unemployment": 100 / 7,
    "reason_illness": 100 / 7,
    "reason_separation": 100 / 7,
    "reason_housekeeping": 100 / 7,
    "reason_self_employment": 100 / 7,
    "reason_low_income": 100 / 7,
    "reason_other": 100 / 7,
}
INTENSITY, D, E, A, V, S, K, AGE = range(8)


def dimensions(hard=0.6, soft=0.4, year=2021, **changed):
    cells = {name: np.array([value], dtype=np.float64) for name, value in {**PLAIN, **changed}.items()}
    with_debtors = np.array([hard], dtype=np.float64), np.array([soft], dtype=np.float64)
    return standardise(raw_features(cells, *with_debtors, RULES, year), RULES)


def test_a_cell_at_the_frozen_means_lies_at_zero():
    z = dimensions().z[:, 0]

    assert z[[D, K, AGE]] == pytest.approx([0, 0, 0], abs=1e-9)
    # h: (ln 1.5 − .338) / .173 = .38997, alone in the mean of three: / 3 / .765
    assert z[INTENSITY] == pytest.approx(0.16992, abs=1e-5)


def test_reasons_are_centred_log_ratios_of_four_groups():
    z = dimensions().z[:, 0]

    # groups 2 : 2 : 1 : 2, clr = .25·ln 2 (three times) and −.75·ln 2
    assert z[E] == pytest.approx((0.1732868 - 0.204) / 0.084, abs=1e-5)
    assert z[A] == pytest.approx((0.1732868 - 0.282) / 0.192, abs=1e-5)
    assert z[V] == pytest.approx((-0.5198604 + 0.595) / 0.162, abs=1e-5)
    assert z[S] == pytest.approx((0.1732868 - 0.108) / 0.097, abs=1e-5)


def test_a_reason_of_zero_is_raised_to_a_quarter_percent():
    assert dimensions(reason_housekeeping=0.0).z[V, 0] == dimensions(reason_housekeeping=0.25).z[V, 0]


def test_inflation_is_not_a_change():
    z = dimensions(year=2023, purchasing_power_eur=25000 * 1.02**2 * math.exp(-0.020)).z

    assert z[K, 0] == pytest.approx(0.0, abs=1e-9)


def test_two_parts_are_enough_for_the_intensity_one_is_not():
    two = dimensions(creditors_per_debtor=math.nan)
    one = dimensions(creditors_per_debtor=math.nan, mean_debt_eur=math.nan)

    assert two.z[INTENSITY, 0] == pytest.approx(0.38997 / 2 / 0.765, abs=1e-5)
    assert (one.present[INTENSITY, 0], one.z[INTENSITY, 0], one.noise[INTENSITY, 0]) == (0.0, 0.0, 0.0)


def test_missing_purchasing_power_is_missing_and_not_zero():
    features = dimensions(purchasing_power_eur=math.nan)

    assert features.present[:, 0].tolist() == [1, 1, 1, 1, 1, 1, 0, 1]  # h and g still make the intensity


@pytest.mark.parametrize(("hard", "soft"), [(1.0, 0.0), (0.0, 1.0)])
def test_only_hard_or_only_soft_debtors_are_clipped(hard, soft):
    limit = dimensions(hard=0.99, soft=0.01) if hard else dimensions(hard=0.01, soft=0.99)

    assert dimensions(hard=hard, soft=soft).z[INTENSITY, 0] == pytest.approx(limit.z[INTENSITY, 0])


def test_nobody_in_debt_has_no_hard_share():
    features = dimensions(hard=0.0, soft=0.0, creditors_per_debtor=math.nan)

    assert features.present[INTENSITY, 0] == 0.0


def test_extreme_values_are_clipped_and_do_not_answer_to_noise():
    features = dimensions(debt_duration_years=60.0, mean_adult_age=20.0)

    assert features.z[[D, AGE], 0].tolist() == [3.0, -3.0]
    assert features.noise[[D, AGE], 0].tolist() == [0.0, 0.0]


def test_noise_is_stated_in_standard_units():
    noise = dimensions().noise[:, 0]

    assert noise[D] == pytest.approx((0.10 / 0.204) ** 2)
    assert noise[AGE] == pytest.approx((0.5 / 1.868) ** 2)
    parts = (0.10 / 0.173) ** 2 + (0.10 / 0.113) ** 2 + (0.10 / 0.258) ** 2
    assert noise[INTENSITY] == pytest.approx(parts / 9 / 0.765**2)


def test_reasons_stay_missing_as_a_family():
    features = dimensions(reason_other=math.nan, reason_illness=math.nan)

    assert features.present[[E, A, V, S], 0].tolist() == [0, 0, 0, 0]


def test_the_definition_names_eight_types_in_three_groups():
    assert [kind.code for kind in RULES.types] == ["N1", "N2", "N3", "T1", "T2", "P1", "P2", "P3"]
    assert RULES.group_of_type == (0, 0, 0, 1, 1, 2, 2, 2)
    assert [kind.number for kind in RULES.types if kind.is_placeholder] == [7, 8]
    assert RULES.priors.tolist() == [2.269] * 3 + [1.0] * 5
    distances = [np.linalg.norm(p - q) for i, p in enumerate(RULES.prototypes) for q in RULES.prototypes[:i]]
    weighted = [
        math.sqrt(float(RULES.weights @ (p - q) ** 2))
        for i, p in enumerate(RULES.prototypes)
        for q in RULES.prototypes[:i]
    ]
    assert min(weighted) == pytest.approx(1.75, abs=0.005)
    assert min(distances) > 1.75


def test_rules_whose_prototypes_do_not_fit_are_refused():
    content = {**CONTENT, "dimension": CONTENT["dimension"][:7]}

    with pytest.raises(ValueError, match=r"prototypes have shape \(8, 8\), not 8 × 7"):
        typology_rules(content)
