"""A planner reads every number of every channel and solves one system for the withheld ones."""

from __future__ import annotations

from collections import defaultdict

import pytest

from kodala.publication.definitions import protection_rules
from tests.attack.crawler import Number, read_numbers
from tests.attack.solver import column, places_of, quantity_of, set_up

pytestmark = pytest.mark.django_db
CHANNELS = {"table", "page data", "panel", "panel of others", "facts", "file"}
EXACT = 1.0  # persons; a range this short names the whole number
ROUND_OFF = 1e-4


def what_is_said(loot):
    """One number per place and Datenstand, as the page data have them."""
    return {number for number in read_numbers(loot.crawl) if number.channel == "page data"}


def recovered(loot):
    """(Exactly known, not far enough off) among the withheld numbers."""
    numbers, count_min = what_is_said(loot), protection_rules().count_min
    system, exact, narrow = set_up(numbers, loot.truth), [], []
    hidden = {(own.code, places_of(own)) for own in numbers if own.text == "geschützt"}
    for code, places in sorted(hidden):
        low, high = system.range_of({column(quantity_of(code), place): 1.0 for place in places})
        truth = sum(loot.truth.numerators[code, place] for place in places)
        assert low - ROUND_OFF <= truth <= high + ROUND_OFF, (code, places)
        if high - low < EXACT:
            exact.append((code, places))
        is_near = high - truth < count_min - ROUND_OFF or truth - low < min(count_min, truth) - ROUND_OFF
        if truth < count_min and is_near:
            narrow.append((code, places))
    return exact, narrow


def test_the_crawler_reaches_every_channel_of_every_figure(real):
    found = defaultdict(set)
    for number in read_numbers(real.crawl):
        found[number.channel].add((number.version, number.code))

    assert set(found) == CHANNELS
    assert real.crawl.versions == {1, 2}
    assert found["table"] == found["page data"] == found["panel"] == found["file"]
    assert len(found["table"]) == 2 * len(real.crawl.codes) > 40
    assert sum("/tiles/" in address for address in real.crawl.answers) == 4


def contradictions(numbers):
    """Places of which different channels say different things."""
    said = defaultdict(set)
    for number in numbers:
        said[number.version, number.code, number.place].add(number.text)
    return {place: texts for place, texts in said.items() if len(texts) > 1}


def test_all_channels_say_the_same(real):
    numbers = read_numbers(real.crawl)

    assert contradictions(numbers) == {}
    assert contradictions([*numbers, Number("file", 1, "debt_rate", 3, "1,6 %")]) == {
        (1, "debt_rate", 3): {"geschützt", "1,6 %"}
    }


def test_no_withheld_number_can_be_computed(real):
    assert recovered(real) == ([], [])


def test_the_same_attacker_succeeds_where_only_unsafe_figures_are_withheld(unprotected):
    exact, narrow = recovered(unprotected)

    assert ("debt_rate_soft", (-11,)) in exact
    assert len(exact) > 5
    assert len(narrow) > 10
