"""Which change of the disclosure rules one person may make, and which needs two."""

import copy

import pytest

from kodala.publication.definitions import rules_definition
from kodala.publication.domain.strictness import (
    checksum,
    is_signed_by_two,
    list_impossible,
    list_looser,
    rulebook,
)

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


def signed(**names):
    return RULES | {"written_by": "Anna", "checked_by": "Berta", "checked_sha256": checksum(RULES)} | names


def test_the_file_names_the_checksum_of_what_it_says():
    own = rules_definition().content

    assert own["checked_sha256"] == checksum(own)
    assert is_signed_by_two(own)


def test_the_checksum_follows_what_decides_and_nothing_else():
    backwards = dict(reversed(RULES.items())) | {"next_review": "2030-01-01", "written_by": "Anna"}

    assert checksum(backwards) == checksum(RULES)
    assert checksum(changed("rules", "count_min", 4)) != checksum(RULES)


def test_two_people_have_signed_only_what_the_second_has_checked():
    assert is_signed_by_two(signed())
    assert not is_signed_by_two(signed() | changed("rules", "count_min", 4))
    assert not is_signed_by_two(signed(checked_sha256=""))


@pytest.mark.parametrize("second", ["Anna", "Anna ", " anna", "", "  ", None, 7])
def test_the_same_name_written_otherwise_is_no_second_person(second):
    assert not is_signed_by_two(signed(checked_by=second))


@pytest.mark.parametrize(
    ("chapter", "name"),
    [("rules", "display_households_min"), ("rules", "area_persons_min"), ("rules", "count_min"),
     ("rules", "base_min"), ("rules", "small_unit_households"), ("rules", "alike_fall"),
     ("protection", "interval")],
)  # fmt: skip
@pytest.mark.parametrize("value", [0, -1, "5", True, None, float("nan"), float("inf")])
def test_numbers_that_protect_nobody_are_impossible(chapter, name, value):
    assert list_impossible(RULES) == []
    assert list_impossible(changed(chapter, name, value)) == [name]


def test_no_insiders_are_possible_but_not_fewer():
    assert list_impossible(changed("protection", "insiders", 0)) == []
    assert list_impossible(changed("protection", "insiders", -1)) == ["insiders"]


@pytest.mark.parametrize(
    "band", [None, [0.2], [0.8, 0.2], [0.5, 0.5], [-0.1, 0.8], [0.2, 1.1], ["0", "1"], 0.2]
)
def test_a_band_that_is_none_is_impossible(band):
    assert list_impossible(changed("rules", "share_band", band)) == ["share_band"]


def test_a_missing_chapter_lacks_all_its_numbers():
    assert list_impossible({"rules": RULES["rules"]}) == ["interval", "insiders"]
