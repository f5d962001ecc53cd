"""Which change of the disclosure rules one person may make, and which needs two."""

import copy

import pytest

from kodala.publication.definitions import rules_definition
from kodala.publication.domain.strictness import list_looser, rulebook

RULES = rulebook(rules_definition().content)


def changed(chapter, name, value):
    new = copy.deepcopy(RULES)
    new[chapter][name] = value
    return new


def test_the_same_rules_are_not_looser():
    assert list_looser(RULES, copy.deepcopy(RULES)) == []


@pytest.mark.parametrize(
    ("chapter", "name", "stricter", "looser"),
    [
        ("rules", "display_households_min", 12, 10),
        ("rules", "area_persons_min", 301, 299),
        ("rules", "count_min", 6, 4),
        ("rules", "base_min", 31, 29),
        ("rules", "small_unit_households", 101, 99),
        ("rules", "share_band", [0.3, 0.8], [0.2, 0.9]),
        ("protection", "interval", 6, 4),
        ("protection", "insiders", 2, 0),
    ],
)
def test_every_number_has_a_strict_direction(chapter, name, stricter, looser):
    assert list_looser(RULES, changed(chapter, name, stricter)) == []
    assert list_looser(RULES, changed(chapter, name, looser)) == [name]


def test_what_figures_give_away_may_grow_but_not_shrink():
    assert list_looser(RULES, changed("reveals", "participation", ["seniors"])) == []
    assert list_looser(RULES, changed("reveals", "offline_share", ["offline_seniors"])) == ["reveals"]


@pytest.mark.parametrize("chapter", ["sum", "joined"])
def test_an_equation_or_a_joint_figure_less_is_looser(chapter):
    fewer = {**RULES, chapter: RULES[chapter][1:]}

    assert list_looser(RULES, fewer) == [chapter]
    assert list_looser(fewer, RULES) == []


def test_a_figure_more_for_districts_is_looser():
    more = changed("districts", "indicators", [*RULES["districts"]["indicators"], "type_1"])

    assert list_looser(RULES, more) == ["districts"]
    assert list_looser(more, RULES) == []


def test_prices_are_no_matter_of_strictness():
    assert list_looser(RULES, changed("protection", "prices", "figures")) == []
