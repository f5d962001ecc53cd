"""A planner reads every number of every channel and solves one system for the withheld ones."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.attack.crawler import Number, read_numbers, what_is_said
from tests.attack.solver import recover

pytestmark = pytest.mark.django_db
CHANNELS = {"table", "page data", "panel", "panel of others", "facts", "file"}


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
    assert recover(what_is_said(real.crawl), real.truth) == ([], [])


def test_the_same_attacker_succeeds_where_only_unsafe_figures_are_withheld(unprotected):
    exact, narrow = recover(what_is_said(unprotected.crawl), unprotected.truth)

    assert ("debt_rate_soft", (-11,)) in exact
    assert len(exact) > 5
    assert len(narrow) > 10
