"""Two databases that differ in withheld numbers alone answer every address with the same bytes."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.django_db
# What differs from one answer to the next whatever the data say: tokens, moments, how long a stage took.
BY_CHANCE = (
    rb'name="csrfmiddlewaretoken" value="\w+"',
    rb'X-CSRFToken": "\w+"',
    rb"Kennung;[\w-]+",
    rb"\d\d\.\d\d\.\d{4}, \d\d:\d\d Uhr",
    rb"bestanden, [^<]*",
    rb"\d+,\d\xc2\xa0s\b",
    rb"fertig nach </span>[^<]*",
)


def without_chance(answer):
    """The answer with a mark in place of each part that is not made of data."""
    for pattern in BY_CHANCE:
        answer = re.sub(pattern, b"*", answer)
    return answer


def differing(one, other):
    """Addresses whose answers differ, or that only one of the sites has."""
    either = set(one.crawl.answers) | set(other.crawl.answers)
    return sorted(
        address
        for address in either
        if without_chance(one.crawl.answers.get(address, b""))
        != without_chance(other.crawl.answers.get(address, b""))
    )


def test_the_twins_are_different_behind_the_wall(real, twin):
    moved = {
        (code, place)
        for (code, place), value in real.truth.numerators.items()
        if abs(value - twin.truth.numerators[code, place]) > 0.5
    }

    assert {("debtors", -3), ("debtors", -13)} <= moved
    assert {place for _, place in moved} == {-3, -13}


def test_every_address_answers_the_same(real, twin):
    assert len(real.crawl.answers) > 300
    assert differing(real, twin) == []


def test_the_comparison_notices_a_withheld_number(real, unprotected):
    assert any("/blickpunkt/3/" in address for address in differing(real, unprotected))
