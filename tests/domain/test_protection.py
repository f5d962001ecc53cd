"""Protection of all figures as one table: what falls, what stays, and what the choice must not tell."""

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain import protection
from kodala.publication.domain.audit import audit
from kodala.publication.domain.figure_table import Content, Relation
from kodala.publication.domain.suppression import UnprotectableError
from tests.careless import hide_unsafe_only
from tests.domain.candidate_figures import DAY, cities, count, definitions, guard, share, states

PARTS = Content({"rate": ("debtors",)}, (Relation("debtors", ("hard", "soft"), leaves_rest=False),))
REST = Content({}, (Relation("persons", ("seniors",), leaves_rest=True),))


def withheld(*figures, **given):
    """(indicator, area, district) of every withheld figure; nothing may leak."""
    found = guard(*figures, **given)
    assert found.found.leaks == ()
    assert audit(found.table, found.pattern.hidden).leaks == ()
    hidden = found.figures[found.figures["state"] == "protected"]
    return set(hidden[["indicator", "area", "district"]].itertuples(index=False, name=None))


def leaks_if_careless(monkeypatch, *figures, **given):
    """The numbers an attacker finds if only unsafe figures are withheld."""
    monkeypatch.setattr(protection, "suppress", hide_unsafe_only)
    found = {leak.key for leak in guard(*figures, **given).found.leaks}
    monkeypatch.undo()
    return found


def test_districts_add_up_to_their_area_so_a_small_one_takes_one_more_along(monkeypatch):
    districts = [count("n", 1, 76, district=7), count("n", 1, 60, district=8), count("n", 1, 4, district=9)]
    figures = [*cities("n", 140, 90), *districts]

    assert leaks_if_careless(monkeypatch, *figures) == {("n", 1, 9, DAY)}
    found = withheld(*figures)
    assert ("n", 1, 9) in found
    assert len(found) == 2
    assert found <= {("n", 1, 7), ("n", 1, 8), ("n", 1, 9)}


def test_districts_of_another_area_are_not_touched():
    own = [count("n", 1, 136, district=7), count("n", 1, 4, district=9)]
    other = [count("n", 2, 50, district=10), count("n", 2, 40, district=11)]

    assert {area for _, area, _ in withheld(*cities("n", 140, 90), *own, *other)} == {1}


@pytest.mark.parametrize(("seniors", "n_withheld"), [(497, 1), (300, 0)])
def test_a_rest_of_fewer_than_five_that_nobody_publishes_withholds_what_leaves_it(
    monkeypatch, seniors, n_withheld
):
    figures = [count("persons", 1, 500), count("seniors", 1, seniors)]

    leaks = leaks_if_careless(monkeypatch, *figures, own=definitions(REST))

    assert len(leaks) == n_withheld
    assert len(withheld(*figures, own=definitions(REST))) == n_withheld


def test_figures_that_areas_show_together_are_no_way_to_a_single_one(monkeypatch):
    # Hard and soft of both areas make 93; without 90 of the fifth, the fourth has 3.
    figures = [
        count("debtors", 4, 3),
        count("debtors", 5, 90),
        count("hard", 4, 50, joined=(4, 5)),
        count("soft", 4, 43, joined=(4, 5)),
    ]

    assert leaks_if_careless(monkeypatch, *figures) == {("debtors", 4, 0, DAY)}
    found = withheld(*figures)
    assert ("debtors", 4, 0) in found
    assert len(found) == 2


def two_way(small):
    """Hard and soft debtors of three areas; the first has few hard ones, every margin stays as it is.

    The total is told twice and the third area is large, so that the cheapest rectangle is the one of hard and
    soft in the first two areas.
    """
    hard, soft = [small, 43.0 - small, 60.0], [100.0 - small, 17.0 + small, 90.0]
    total = [own + other for own, other in zip(hard, soft, strict=True)]
    rates = [share("rate", area, number, 1000) for area, number in enumerate(total, start=1)]
    counts = [*cities("hard", *hard), *cities("soft", *soft), *cities("debtors", *total)]
    return [own | ({"persons": 6000.0} if own["area"] == 3 else {}) for own in [*counts, *rates]]


@pytest.mark.parametrize("small", [0, 1, 2, 4])
def test_cities_that_differ_in_withheld_numbers_alone_show_the_same(small):
    given, other = pd.DataFrame(two_way(3)), pd.DataFrame(two_way(small))
    differ = given["value"] != other["value"]

    first, second = guard(*two_way(3)), guard(*two_way(small))

    assert differ.sum() == 4
    assert set(first.figures.loc[differ, "state"]) == {"protected"}
    seen = ["indicator", "area", "date", "state", "value", "lower", "upper"]
    pd.testing.assert_frame_equal(first.figures[seen], second.figures[seen])
    assert first.pattern.hidden.tobytes() == second.pattern.hidden.tobytes()
    assert (first.pattern.cost, first.pattern.is_proved) == (second.pattern.cost, second.pattern.is_proved)


@pytest.mark.parametrize("seed", range(5))
def test_small_numbers_do_not_steer_the_choice_whatever_they_are(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(20, 300, (6, 2)).astype(float)
    places = [(0, 0), (1, 1), (2, 0)]
    patterns = []
    for _ in range(4):
        small = values.copy()
        for row, column in places:
            # What the small number lacks is with its neighbour, whose order of size stays.
            small[row, column] = rng.integers(0, 5)
            small[row, 1 - column] = 250.0 - small[row, column]
        hard, soft = small.T.tolist()
        figures = [*cities("hard", *hard), *cities("soft", *soft)]
        totals = [own + other for own, other in zip(hard, soft, strict=True)]
        found = guard(*figures, *cities("debtors", *totals))
        assert found.found.leaks == ()
        patterns.append(tuple(found.figures["state"]))

    assert len(set(patterns)) == 1


def test_prices_by_people_spare_the_many_and_prices_by_figures_withhold_few():
    figures = [
        count("n", 1, 3, persons=1000.0),
        count("n", 2, 300, persons=30_000.0),
        count("n", 3, 7, persons=500.0),
        count("n", 4, 7, persons=500.0),
        count("n", 0, 317, persons=32_000.0),
    ]

    by_people = withheld(*figures)
    by_figures = withheld(*figures, own=definitions(by_people=False))

    assert by_people == {("n", 1, 0), ("n", 3, 0), ("n", 4, 0)}
    assert by_figures == {("n", 1, 0), ("n", 2, 0)}


def test_the_city_is_withheld_for_others_only_where_that_is_signed():
    figures = cities("n", 3, 80, 90)

    cheap = withheld(*figures, own=definitions(city_weight=0.05))
    signed = withheld(*figures, own=definitions(city_weight=0.05, hides_city=False))

    assert cheap == {("n", 1, 0), ("n", 0, 0)}
    assert ("n", 0, 0) not in signed
    assert len(signed) == 2


def test_what_cannot_be_protected_is_refused_by_name():
    # The city has 5: whoever sees it knows that neither area has more.
    figures = cities("n", 3, 2)

    with pytest.raises(UnprotectableError) as refused:
        guard(*figures, own=definitions(hides_city=False))

    assert ("n", 1, 0, DAY) in refused.value.keys
    assert withheld(*figures) == {("n", 0, 0), ("n", 1, 0), ("n", 2, 0)}


def test_the_audit_sees_true_numbers_and_its_objection_leads_to_another_choice(monkeypatch):
    asked, suppress = [], protection.suppress

    def careless_at_first(table, effort):
        asked.append(table)
        return hide_unsafe_only(table) if len(asked) == 1 else suppress(table, effort)

    monkeypatch.setattr(protection, "suppress", careless_at_first)
    found = guard(*cities("n", 3, 80, 90))

    assert len(asked) == 2
    assert found.found.leaks == ()
    assert found.figures["state"].tolist().count("protected") == 2
    # First by orders of size, then by the numbers themselves.
    place = found.table.keys.index(("n", 1, 0, DAY))
    assert (asked[0].room_down[place], asked[1].room_down[place]) == (0, 3)


def test_what_the_audit_objects_to_to_the_end_is_told():
    careful = guard(*cities("n", 3, 80, 90))

    assert [leak.key for leak in audit(careful.table, careful.table.unsafe).leaks] == [("n", 1, 0, DAY)]
    assert careful.found.attackers == 1
    assert careful.found.programmes == 4  # both ends of two withheld numbers


def test_one_who_knows_of_himself_still_does_not_know_the_others():
    found = guard(*cities("n", 3, 80, 90))

    place = found.table.keys.index(("n", 1, 0, DAY))
    # 3 may be 0 and must be able to be 9: 5 and the one who counts himself out.
    assert found.found.high[place] - 3 >= 6
    alone = guard(*cities("n", 3, 80, 90), own=definitions(insiders=0)).table
    assert (found.table.need_up[place], alone.need_up[place]) == (6, 5)


def test_shares_of_official_kind_give_their_counts_away_at_every_date():
    later = {"date": DAY.replace(year=2025)}
    figures = [
        *cities("debtors", 3, 80, 90),
        share("rate", 1, 3, 1000),
        share("rate", 2, 80, 1000),
        share("rate", 3, 90, 1000),
        *[own | later for own in cities("debtors", 60, 80, 90)],
    ]

    table = guard(*figures, own=definitions(PARTS)).figures

    hidden = table[table["state"] == "protected"]
    assert set(hidden["date"]) == {DAY}
    # Count and rate of two areas, whichever the second is.
    assert sorted(hidden["indicator"]) == ["debtors", "debtors", "rate", "rate"]
    assert len(set(hidden["area"])) == 2


def test_without_any_small_number_everything_is_shown():
    assert set(states(*cities("n", 50, 80), share("rate", 1, 50, 200)).values()) == {"value"}


def a_few_alike(hard=58, soft=9):
    """Four areas; in the first nearly all of 75 adults in 45 households are in debt."""
    areas = {1: (hard, soft, 75, 45), 2: (12, 9, 400, 300), 3: (14, 6, 300, 220), 4: (20, 15, 700, 500)}
    areas[0] = tuple(sum(own) for own in zip(*areas.values(), strict=True))
    for area, (one, other, adults, households) in areas.items():
        size = {"households": float(households), "persons": 1.2 * adults}
        people = {"hard": one, "soft": other, "rate": one + other}
        yield from (share(code, area, number, adults, **size) for code, number in people.items())


def middle_of(found, quantity, area, base):
    """The share an outsider expects who knows the range and that nobody is counted twice."""
    at = [key[:2] for key in found.table.keys].index((quantity, area))
    return (found.found.low[at] + min(found.found.high[at], base)) / 2 / base


def test_nobody_is_sure_of_few_households_that_nearly_all_are_in_debt(monkeypatch):
    found = guard(*a_few_alike())
    assert found.found.leaks == ()
    assert middle_of(found, "debtors", 1, 75) <= 0.8

    monkeypatch.setattr(protection, "fall_of_alike", lambda figures, _: 0.0 * figures["households"])
    assert middle_of(guard(*a_few_alike()), "debtors", 1, 75) > 0.8


def test_how_many_of_the_few_it_are_does_not_steer_the_choice():
    assert withheld(*a_few_alike(58, 9)) == withheld(*a_few_alike(60, 10))
