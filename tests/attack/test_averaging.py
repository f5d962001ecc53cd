"""Whoever asks the same thing a hundred times knows no more than after the first answer."""

from __future__ import annotations

import pytest

from tests.attack.averaging import TILES, collect_texts, recover_by_mean
from tests.attack.chance import without_chance
from tests.attack.crawler import read_numbers, what_is_said
from tests.attack.solver import list_withheld

pytestmark = pytest.mark.django_db
SMALL = ("debtors", 3)


def withheld(loot):
    return [(code, place) for code, places in list_withheld(what_is_said(loot.crawl)) for place in places]


def different(rounds):
    """Addresses that do not answer every round with the same bytes."""
    first, *others = ({at: without_chance(own) for at, own in one.answers.items()} for one in rounds)
    return sorted(at for at, own in first.items() if any(one[at] != own for one in others))


def test_new_sessions_and_other_orders_get_the_same_bytes(real):
    assert len(real.repeats.planner) == len(real.repeats.counsellor) == 2
    assert len(real.repeats.planner[0].answers) == 15

    assert different(real.repeats.planner) == []
    assert different(real.repeats.counsellor) == []


def test_protecting_anew_gives_the_same_bytes(real):
    assert different([*real.repeats.planner, *real.repeats.anew]) == []


def test_computing_anew_gives_the_same_figures(real):
    # The purchasing power that was corrected in the second delivery is part of types, of nothing else.
    first, second = (
        {
            (own.code, own.place): own.text
            for own in what_is_said(real.crawl)
            if own.version == version and not own.code.startswith(("type_", "group_"))
        }
        for version in (1, 2)
    )

    assert len(first) > 80
    assert first == second


def test_two_people_get_the_same_figures_and_files(real):
    planner, counsellor = (
        [*map(read_numbers, own)] for own in (real.repeats.planner, real.repeats.counsellor)
    )
    files = [
        {at: without_chance(own) for at, own in one[0].answers.items() if at.startswith("POST")}
        for one in (real.repeats.planner, real.repeats.counsellor)
    ]

    assert set(planner[0]) == set(counsellor[0])
    assert len(planner[0]) > 50
    assert files[0] == files[1]


def test_every_zoom_level_draws_display_cells_for_a_planner(real):
    drawn = [real.repeats.planner[0].answers[own] for own in TILES]

    assert len({len(own) for own in drawn}) > 1
    assert all(b"display_cells" in own for own in drawn[:4])


def test_patience_gives_nothing(real):
    said = collect_texts([*real.repeats.planner, *real.repeats.anew, *real.repeats.counsellor])

    assert SMALL in said
    assert {len(set(texts)) for texts in said.values()} == {1}
    assert recover_by_mean(said, withheld(real)) == {}


def test_patience_pays_where_noise_is_drawn_anew(real):
    found = recover_by_mean(collect_texts(real.noisy), withheld(real))

    assert found[SMALL] == 3
    assert len(found) > 2
    right = [key for key, own in found.items() if own == round(real.truth.numerators[key])]
    assert len(right) >= 0.8 * len(found)
