"""Rounding protects nobody who knows that people are whole; the withheld counts stay unknown all the same."""

from __future__ import annotations

import pytest

from kodala.publication.definitions import protection_rules
from tests.attack.crawler import what_is_said
from tests.attack.integers import list_numerators, list_targets, read_spans, set_up_whole, whole_columns
from tests.attack.solver import ROUND_OFF, column, is_too_near

pytestmark = pytest.mark.django_db
SMALL, ALIKE = 3, -11


@pytest.fixture(scope="module")
def ranges(real):
    return find_ranges(real)


def find_ranges(loot):
    """(Quantity, places) -> least and largest whole number that everything shown leaves, and the true one."""
    numbers = what_is_said(loot.crawl)
    system = set_up_whole(numbers, read_spans(loot.crawl), loot.truth)
    found = {}
    for quantity, places in list_targets(numbers):
        low, high = system.range_of({column(quantity, place): 1.0 for place in places}, whole_columns())
        found[quantity, places] = low, high, sum(loot.truth.numerators[quantity, place] for place in places)
    return found


def pinned(ranges):
    return {key: low for key, (low, high, _) in ranges.items() if high - low < 1.0 - ROUND_OFF}


def test_value_and_interval_leave_few_numerators():
    # 0.114 of 300 adults is 34.2; 34 and 35 are 11.3 and 11.7 per cent.
    assert list_numerators("debt_rate", 11.3, "8,2 bis 15,4\xa0%", 300.0) == [34]
    assert list_numerators("debt_rate", 11.4, "8,2 bis 15,4\xa0%", 300.0) == []


def test_no_withheld_count_is_pinned_to_a_whole_number(ranges):
    assert len(ranges) > 10
    assert pinned(ranges) == {}


def test_every_withheld_count_stays_as_uncertain_as_the_rules_ask_for(ranges):
    narrow = {key for key, (low, high, _) in ranges.items() if high - low < protection_rules().count_min}
    near = {key for key, (low, high, truth) in ranges.items() if is_too_near(low, high, truth)}

    assert narrow | near == set()


def test_the_same_attacker_counts_people_where_only_unsafe_figures_are_withheld(unprotected):
    ranges = find_ranges(unprotected)
    found = pinned(ranges)

    assert {"debt_rate_hard", "debtors"} <= {quantity for quantity, places in found if places == (ALIKE,)}
    assert len(found) > 3
    assert all(low == pytest.approx(ranges[key][2], abs=0.01) for key, low in found.items())
