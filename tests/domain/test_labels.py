"""Set-valued labels of areas."""

from pathlib import Path

import numpy as np
import pytest

from kodala.core.definitions import read_definition
from kodala.statistics.aggregation import Status
from typology.domain.counts import TypeSums
from typology.domain.labels import (
    LabelSet,
    characteristic_types,
    describe_groups,
    draw_shares,
    label_area,
    label_set,
    leading_groups,
    settle_label,
)
from typology.domain.rules import typology_rules

RULES = typology_rules(read_definition(Path(__file__).parents[2] / "typology/definitions.toml").content)
NAMES = [group.label for group in RULES.groups]


def area(shares, se=0.005, debtors=400.0, n_cells=100):
    counts = np.array(shares) * debtors
    covariance = np.diag(np.full(8, (se * debtors) ** 2))
    return TypeSums(n_cells, 900.0, 900.0, debtors, counts, counts, covariance, np.zeros((8, 8)))


CITY = area([0.125] * 8)


def test_one_group_that_wins_nearly_always_is_the_label():
    found = label_set(np.array([0] * 97 + [2] * 3), 3, 0.97)

    assert found == LabelSet((0,), (0.97, 0.0, 0.03))
    assert found.is_single


def test_the_smallest_sure_set_is_the_label():
    found = label_set(np.array([1] * 50 + [0] * 46 + [2] * 4), 3, 0.97)

    assert found.members == (1, 0, 2)
    assert label_set(np.array([1] * 50 + [0] * 47 + [2] * 3), 3, 0.97).members == (1, 0)


def test_equal_frequencies_keep_the_order_of_the_groups():
    assert label_set(np.array([2, 0]), 3, 0.97).members == (0, 2)


def test_a_clear_area_has_one_group_and_one_type():
    labels = label_area(area([0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]), CITY, RULES)

    assert labels.group.members == (0,)
    assert labels.type.members == (0,)
    assert (labels.draws, labels.seed) == (400, 20402040)


def test_an_unclear_area_has_several_groups():
    labels = label_area(area([0.14, 0.14, 0.14, 0.08, 0.08, 0.14, 0.14, 0.14], se=0.02), CITY, RULES)

    assert set(labels.group.members) == {0, 2}


def test_the_published_leader_is_always_in_the_set():
    sums = area([0.15, 0.15, 0.14, 0.08, 0.08, 0.14, 0.13, 0.13])
    moved = TypeSums(**{**vars(sums), "disturbed": np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.1]) * 400})

    labels = label_area(moved, CITY, RULES)

    assert labels.group.members == (2, 0)


@pytest.mark.parametrize(("debtors", "n_cells"), [(49.0, 100), (400.0, 19)])
def test_a_small_area_gets_no_label(debtors, n_cells):
    labels = label_area(area([0.125] * 8, debtors=debtors, n_cells=n_cells), CITY, RULES)

    assert (labels.group, labels.type, labels.status) == (None, None, Status.TOO_SMALL)


def test_the_same_input_gives_the_same_label():
    unclear = area([0.14, 0.14, 0.14, 0.08, 0.08, 0.14, 0.14, 0.14], se=0.02)

    assert label_area(unclear, CITY, RULES) == label_area(unclear, CITY, RULES)


def test_drawn_shares_are_shares_with_the_wanted_scatter():
    covariance = np.array([[4e-4, -4e-4], [-4e-4, 4e-4]])

    drawn = draw_shares(np.array([0.6, 0.4]), covariance, 4000, 7)

    assert drawn.min() >= 0
    assert drawn.sum(axis=1) == pytest.approx(np.ones(4000))
    assert drawn[:, 0].std() == pytest.approx(0.02, rel=0.05)


def test_a_rare_type_does_not_characterise_an_area():
    drawn = np.array([[0.09, 0.11, 0.80]])

    assert characteristic_types(drawn, np.array([0.01, 0.02, 0.97]), 0.10).tolist() == [1]


def test_groups_lead_by_the_sum_of_their_types():
    drawn = np.array([[0.2, 0.2, 0.05, 0.25, 0.1, 0.1, 0.05, 0.05]])

    assert leading_groups(drawn, RULES.group_matrix).tolist() == [0]


def test_a_label_changes_only_when_it_has_left_the_set():
    found = LabelSet((2, 0), (0.4, 0.0, 0.6))

    assert settle_label(0, found) == 0
    assert settle_label(1, found) == 2
    assert settle_label(None, found) == 2


def test_labels_in_words():
    assert describe_groups(LabelSet((0,), (1.0, 0.0, 0.0)), NAMES) == "dominante Gruppe: Nachhaltig"
    assert describe_groups(LabelSet((2, 0), (0.4, 0.0, 0.6)), NAMES) == "gemischt: Periodisch oder Nachhaltig"
