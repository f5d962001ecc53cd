"""Uncertainty of type counts against a straightforward bootstrap."""

from pathlib import Path

import numpy as np
import pytest

from kodala.core.definitions import read_definition
from typology.domain.classification import NEEDED_COLUMNS, classify_area
from typology.domain.counts import read_debtors
from typology.domain.features import raw_features, standardise
from typology.domain.rules import typology_rules
from typology.domain.shares import group_estimates, model_shifts, share_estimates, type_shares

RULES = typology_rules(read_definition(Path(__file__).parents[2] / "typology/definitions.toml").content)
REASONS = [name for name in NEEDED_COLUMNS if name.startswith("reason_")]
REPLICATES = 400


def build_cells(n, seed):
    """Cells of an invented, rather poor area with gaps in every family of columns."""
    rng = np.random.Generator(np.random.PCG64(seed))
    burden = rng.normal(0.3, 0.8, n)
    income = 25000 * np.exp(-0.02 - 0.09 * burden + rng.normal(0, 0.06, n))
    both = np.exp(rng.normal(0.6, 0.6, n) + 0.4 * burden)
    share = 1 / (1 + np.exp(-(0.338 + 0.1 * burden + rng.normal(0, 0.12, n))))
    weights = np.array([20, 17, 13, 14, 8, 10, 18.0])[:, None]
    reasons = weights * np.exp(rng.normal(0, 0.12, (7, n)))
    cells = {
        "households": rng.integers(4, 15, n).astype(np.float64),
        "adults": both * 12,
        "debtors_hard": both * share,
        "debtors_soft": both * (1 - share),
        "creditors_per_debtor": np.exp(1.194 + 0.113 * (0.4 * burden + rng.normal(0, 0.8, n))),
        "purchasing_power_eur": income,
        "mean_debt_eur": income * np.exp(0.152 + 0.258 * (0.3 * burden + rng.normal(0, 0.9, n))),
        "debt_duration_years": np.exp(1.838 + 0.204 * (0.4 * burden + rng.normal(0, 0.8, n))),
        "mean_adult_age": 49.963 + 1.868 * rng.normal(0, 1, n),
        **dict(zip(REASONS, 100 * reasons / reasons.sum(axis=0), strict=True)),
    }
    for family in (
        ["mean_adult_age"],
        REASONS,
        ["purchasing_power_eur"],
        ["creditors_per_debtor"],
        ["debtors_soft"],
    ):
        gaps = rng.random(n) < 0.04
        for name in family:
            cells[name][gaps] = np.nan
    return cells


def bootstrap_counts(cells, seed):
    """Slow reference: draw cells, disturb features and debtors, shift all; (replicates, types)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    debtors = read_debtors(cells)
    raw = raw_features(cells, debtors.hard, debtors.soft, RULES, 2021)
    seen = np.flatnonzero(debtors.seen)
    sd = np.delete(RULES.noise, 3)[:, None]
    return np.array(
        [_replicate(raw, debtors.both, rng.choice(seen, len(seen)), sd, rng) for _ in range(REPLICATES)]
    )


def _replicate(raw, debtors, drawn, sd, rng):
    weights = debtors[drawn] * rng.gamma(25.0, 1 / 25.0, len(drawn))
    features = standardise(raw[:, drawn] + sd * rng.standard_normal((len(raw), len(drawn))), RULES)
    present = features.present
    z = features.z + present * (0.05 * rng.standard_normal(8))[:, None]
    mean = (z * present * weights).sum(axis=1) / (present * weights).sum(axis=1)
    z = mean[:, None] + 0.7 * (z - mean[:, None]) * present
    distances = (RULES.weights[:, None] * (z - RULES.prototypes[:, :, None]) ** 2).sum(axis=1)
    shares = RULES.priors[:, None] / distances**2
    return (shares / shares.sum(axis=0)) @ weights


@pytest.mark.parametrize(("n", "seed"), [(60, 3), (300, 4)])
def test_standard_errors_agree_with_a_bootstrap(n, seed):
    cells = build_cells(n, seed)
    counts = bootstrap_counts(cells, 5)
    shares = counts / counts.sum(axis=1, keepdims=True)

    area = classify_area(cells, RULES, 2021).sums

    found = [estimate.se for estimate in share_estimates(area, RULES)]
    groups = [estimate.se for estimate in group_estimates(area, RULES)]
    by_count = np.sqrt(np.diag(area.total_covariance(RULES.common_shift)))
    assert found == pytest.approx(shares.std(axis=0, ddof=1), rel=0.15)
    assert groups == pytest.approx((shares @ RULES.group_matrix.T).std(axis=0, ddof=1), rel=0.15)
    assert by_count == pytest.approx(counts.std(axis=0, ddof=1), rel=0.15)


def test_model_uncertainty_is_the_bias_of_the_bootstrap():
    cells = build_cells(300, 4)
    counts = bootstrap_counts(cells, 5)

    area = classify_area(cells, RULES, 2021).sums

    shares = counts.sum(axis=0) / counts.sum()
    assert type_shares(area) + model_shifts(area) == pytest.approx(shares, abs=0.006)


def test_shift_of_all_cells_is_the_derivative_of_the_counts():
    # without noise the answer to a shift is the plain derivative: 0.1 years are 0.1/1.868 standard units
    quiet = typology_rules(_without_noise())
    cells = build_cells(200, 6)
    older = {**cells, "mean_adult_age": cells["mean_adult_age"] + 0.01}

    area, moved = (classify_area(c, quiet, 2021).sums for c in (cells, older))

    expected = (moved.counts - area.counts) / (0.01 / 1.868)
    assert area.jacobian[:, 7] == pytest.approx(expected, rel=0.02, abs=0.05)


def _without_noise():
    content = read_definition(Path(__file__).parents[2] / "typology/definitions.toml").content
    silent = {name: 0.0 if isinstance(value, float) else value for name, value in content["noise"].items()}
    return {**content, "noise": silent}


def test_doubled_cells_have_half_the_independent_variance_of_the_shares():
    cells = build_cells(300, 7)
    doubled = {name: np.tile(values, 2) for name, values in cells.items()}

    one, two = (classify_area(c, RULES, 2021).sums for c in (cells, doubled))

    assert np.diag(two.covariance) == pytest.approx(2 * np.diag(one.covariance), rel=0.05)
    assert two.jacobian == pytest.approx(2 * one.jacobian, rel=0.1, abs=0.5)


def test_the_common_shift_does_not_average_out_over_areas():
    areas = [classify_area(build_cells(300, seed), RULES, 2021).sums for seed in (1, 2)]
    city = areas[0] + areas[1]

    together = city.total_covariance(0.05) - city.covariance
    apart = sum(area.total_covariance(0.05) - area.covariance for area in areas)

    assert together.trace() == pytest.approx(2 * apart.trace(), rel=0.15)


def test_intervals_stay_inside_0_and_1():
    area = classify_area(build_cells(25, 9), RULES, 2021).sums

    for estimate in (*share_estimates(area, RULES), *group_estimates(area, RULES)):
        assert 0 <= estimate.lower <= estimate.value <= estimate.upper <= 1
