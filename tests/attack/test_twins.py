"""Two databases that differ in withheld numbers alone answer every address with the same bytes."""

from __future__ import annotations

import pytest

from tests.attack.chance import without_chance

pytestmark = pytest.mark.django_db


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
