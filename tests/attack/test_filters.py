"""Whoever asks the risk filter for everything learns of a withheld area that it is withheld, and no more."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from tests.attack.chance import without_chance
from tests.attack.crawler import CONFIG, Number, what_is_said
from tests.attack.filters import learn_classes, learn_order, read_file, read_page, split_names
from tests.attack.solver import places_of, recover

pytestmark = pytest.mark.django_db


def answers_of(asked):
    """Everything that files and pages answered."""
    pages = [read_page(query, content) for query, content in asked.pages.items()]
    return [*(read_file(query, content) for query, content in asked.files.items()), *filter(None, pages)]


@pytest.fixture(scope="module")
def answers(real):
    return answers_of(real.filters)


def said_on_maps(loot):
    """(Datenstand, feature, area) -> text, of the map pages."""
    return {(own.version, own.code, own.place): own.text for own in what_is_said(loot.crawl)}


def withheld(loot):
    """(Feature, area) of what the map says to be protected."""
    return {(code, place) for (_, code, place), text in said_on_maps(loot).items() if text == "geschützt"}


def names_of(loot):
    """Name -> number of every area, from a map page."""
    page = loot.crawl.answers["/karte/debt_rate/?stand=1&zellen=1"].decode()
    return {own["name"]: own["number"] for own in json.loads(CONFIG.search(page)[1])["areas"]}


def learned(loot, answers):
    """Withheld features of areas of which some class that exists has become impossible."""
    possible, hidden = learn_classes(answers, names_of(loot)), withheld(loot)
    existing = {code: classes for own in answers for code, classes in existing_of(own).items()}
    return {
        key: own
        for key, own in possible.items()
        if key in hidden and key[0] in existing and not set(existing[key[0]]) <= set(own)
    }


def existing_of(answer):
    """Feature -> the classes that a page offers."""
    return {code: [one for own, one in answer.counts if own == code] for code, _ in answer.counts}


def test_everything_was_asked(answers):
    classes = defaultdict(set)
    for own in answers:
        for code, one in own.counts:
            classes[own.query.version, code].add(one)
    asked = {(own.query.version, own.query.criteria) for own in answers}

    assert len(classes) > 20
    for (version, code), own in classes.items():
        every = "".join(sorted(own))
        assert {(version, ((code, one),)) for one in every} <= asked
        assert {(version, ((code, every.replace(one, "")),)) for one in every if len(every) > 1} <= asked
    codes = {code for _, code in classes}
    twos = {frozenset(code for code, _ in own) for _, own in asked if len(own) == 2}
    assert len(twos) == len(codes) * (len(codes) - 1) / 2
    assert {len(own) for _, own in asked} == {1, 2, 3, 4, 5}


def test_shown_areas_lie_in_exactly_the_class_of_the_map(real, answers):
    possible = learn_classes(answers, names_of(real))

    hidden = withheld(real)
    shown = {key: own for key, own in possible.items() if key not in hidden}
    assert len(shown) > 30
    assert {len(own) for own in shown.values()} == {1}


def test_no_answer_tells_the_class_of_a_withheld_area(real, answers):
    assert len({key for key in withheld(real) if key[1] > 0}) > 20
    assert learned(real, answers) == {}


def test_the_same_questions_tell_it_where_only_the_number_is_withheld(real):
    found = learned(real, answers_of(real.careless_filters))

    assert len(found) > 10
    assert {len(own) for own in found.values()} == {1}


def untested(answer):
    """Names of all areas that an answer calls protected."""
    return {name for line in answer.protected for name in split_names(line)}


def test_withheld_areas_are_named_whatever_is_chosen_beside(answers):
    alone = defaultdict(set)
    for own in answers:
        if len(own.query.criteria) == 1:
            alone[own.query.version, own.query.criteria[0][0]] |= untested(own)

    assert any(alone.values())
    for own in answers:
        parts = [alone[own.query.version, code] for code, _ in own.query.criteria]
        assert untested(own) == set().union(*parts), own.query


def test_every_set_lists_what_follows_from_single_classes(real, answers):
    members = defaultdict(set)
    for own in answers:
        if len(own.query.criteria) == 1:
            members[own.query.version, *own.query.criteria[0]] |= set(own.hits)
    numbers, n_hits = names_of(real), 0
    for own in answers:
        if len(own.query.criteria) > 1:
            parts = [
                set().union(*(members[own.query.version, code, one] for one in chosen))
                for code, chosen in own.query.criteria
            ]
            hits = set.intersection(*parts) - {numbers[name] for name in untested(own)}
            assert set(own.hits) == hits, own.query
            n_hits += len(hits) if len(parts) > 2 else 0

    assert n_hits > 50


def test_no_list_is_in_the_order_of_numbers(real, answers):
    assert [own.query for own in answers if learn_order(own)] == []
    assert [list(own.protected) for own in answers] == [sorted(own.protected) for own in answers]
    assert any(learn_order(own) for own in answers_of(real.careless_filters))


def foreign(loot, numbers):
    """Numbers that the map pages do not show."""
    shown = said_on_maps(loot)
    return [
        own for own in numbers if own.text.split()[0] != shown[own.version, own.code, own.place].split()[0]
    ]


def test_every_number_of_every_answer_stands_on_the_map_too(real, answers):
    numbers = {number for own in answers for number in own.numbers}
    assert len(numbers) > 200
    assert foreign(real, numbers) == []
    assert len(foreign(real, {Number("filter file", 1, "debt_rate", 3, "1,6 %")})) == 1

    assert recover(what_is_said(real.crawl) | numbers, real.truth) == ([], [])


def test_counts_beside_classes_count_what_is_listed(real, answers):
    possible, areas = learn_classes(answers, names_of(real)), names_of(real).values()
    units = {(own.code, own.place): places_of(own) for own in what_is_said(real.crawl) if own.place > 0}
    counts = {key: count for own in answers for key, count in own.counts.items()}

    assert len(counts) > 30
    assert counts == {
        (code, one): len({units[code, area] for area in areas if possible[code, area] == one})
        for code, one in counts
    }


def test_twins_answer_the_same(real, twin):
    for name in ("files", "pages"):
        one, other = getattr(real.filters, name), getattr(twin.filters, name)
        assert len(other) >= 18
        assert [own for own in other if without_chance(one[own]) != without_chance(other[own])] == []


def test_planner_and_counsellor_get_the_same_and_others_nothing(real):
    one = {query: without_chance(real.filters.files[query]) for query in real.by_role[PLANNER]}

    assert {query: without_chance(own) for query, own in real.by_role[COUNSELLOR].items()} == one
    assert all("für Ihre Rolle nicht vorgesehen" in own.decode() for own in real.by_role[ADMIN].values())


def test_saved_filters_say_what_unsaved_ones_say(real):
    for query, content in real.saved_filters.items():
        saved, own = read_page(query, content), read_page(query, real.filters.pages[query])
        assert (saved.hits, saved.protected, saved.numbers) == (own.hits, own.protected, own.numbers)
