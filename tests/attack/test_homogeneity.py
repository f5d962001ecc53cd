"""Of nobody who lives in a shown place it is known with more than four in five that he has an attribute."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from kodala.publication.definitions import rules_definition
from tests.attack.averaging import TILES
from tests.attack.crawler import CONFIG, Crawl, Number, what_is_said
from tests.attack.homogeneity import (
    OF_DEBTORS,
    ShownCell,
    expect,
    find_shares,
    list_certain,
    list_labelled,
    list_outside_band,
    narrow_cells,
    read_classes,
    read_tile,
)
from tests.attack.solver import column, set_up

pytestmark = pytest.mark.django_db
RULES = rules_definition()["rules"]
BAND, LEAST = RULES["share_band"], RULES["small_unit_households"]
MOST = BAND[1]
ALIKE = ("debt_rate", (-11,))
ROUND_OFF = 1e-4


def shares_of(loot):
    return find_shares(set_up(what_is_said(loot.crawl), loot.truth), loot.truth)


@pytest.fixture(scope="module")
def shares(real):
    return shares_of(real)


def true_share(loot, code, places):
    return loot.truth.value(code, places) / 100


def test_nearly_everybody_of_one_district_is_in_debt(real):
    assert true_share(real, *ALIKE) > 0.85
    assert real.truth.numerators["households", ALIKE[1][0]] < LEAST


def test_the_true_share_is_among_the_possible_ones(real, shares):
    assert len(shares) > 100
    for unit, (low, high) in shares.items():
        assert low - ROUND_OFF <= true_share(real, *unit) <= high + ROUND_OFF, unit


def test_no_attribute_of_any_unit_is_more_likely_than_the_band_allows(shares):
    assert {unit: own for unit, own in shares.items() if expect(own) > MOST} == {}


def test_the_same_attacker_is_sure_of_the_district_where_only_unsafe_figures_are_withheld(unprotected):
    sure = {unit: own for unit, own in shares_of(unprotected).items() if expect(own) > MOST}

    low, high = sure[ALIKE]
    assert low > MOST
    assert low - ROUND_OFF <= true_share(unprotected, *ALIKE) <= high + ROUND_OFF


def test_no_share_of_few_households_is_shown_outside_the_band(real):
    numbers = what_is_said(real.crawl)
    given_away = Number("page data", 1, *("debt_rate", -11, "90,0 %"))

    assert list_outside_band(numbers, BAND, LEAST) == set()
    assert list_outside_band({*numbers, given_away}, BAND, LEAST) == {ALIKE}


def test_no_figure_speaks_of_everybody_or_nobody(real):
    numbers = what_is_said(real.crawl)
    said = {
        Number("page data", 1, "debtors", 3, "0 Personen"),
        Number("page data", 1, "type_2", 3, "100,0 %"),
    }
    said |= {Number("page data", 1, "offline_share", 1, "nicht sinnvoll")}

    assert list_certain(numbers) == set()
    assert len(list_certain({*numbers, *said})) == 3


def complete(loot):
    """Areas of which every type is shown by itself, if the city shows every type too."""
    shown = defaultdict(set)
    for own in what_is_said(loot.crawl):
        if own.code in OF_DEBTORS and own.text != "geschützt" and not own.joined:
            shown[own.place].add(own.code)
    whole = {place for place, codes in shown.items() if codes >= {*OF_DEBTORS[3:]}}
    return whole if 0 in whole else set()


def test_words_about_types_say_no_more_than_shown_types(real):
    said = b'<p class="tiny muted mix__sentence">Nicht eindeutig</p>'

    assert list_labelled(real.crawl) <= complete(real)
    assert list_labelled(Crawl({"/karte/debt_rate/blickpunkt/3/?stand=1": said})) == {3}


def cells_of(loot, folder, code="debt_rate"):
    """Area -> its display cells with the bounds of their classes, from all tiles of a planner."""
    page = loot.crawl.answers[f"/karte/{code}/?stand=1&zellen=1"].decode()
    bounds = read_classes(json.loads(CONFIG.search(page)[1])["cells"]["words"])
    shown = {}
    for address in TILES:
        zxy = tuple(int(own) for own in address.removesuffix(".mvt").split("/")[-3:])
        tile = loot.repeats.planner[0].answers[address]
        shown |= read_tile(tile, zxy, folder) if tile else {}
    areas = defaultdict(list)
    for number, own in shown.items():
        cell, (low, high) = loot.truth.cells[code, number], bounds[own]
        areas[cell.area].append(ShownCell(number, low * cell.base, high * cell.base, cell.base))
    return areas


def test_no_display_cell_is_more_likely_in_debt_than_the_band_allows(real, tmp_path):
    areas, sure = cells_of(real, tmp_path), {}
    system = set_up(what_is_said(real.crawl), real.truth)
    assert sum(map(len, areas.values())) == len([own for own in real.truth.cells if own[0] == "debt_rate"])

    for area, cells in areas.items():
        for number, own in narrow_cells(cells, system.range_of({column("debtors", area): 1.0})):
            cell = real.truth.cells["debt_rate", number]
            assert own[0] - ROUND_OFF <= cell.numerator / cell.base <= own[1] + ROUND_OFF
            if expect(own) > MOST:
                sure[number] = own

    assert sure == {}


def test_a_display_cell_alone_withheld_beside_low_classes_would_be_found():
    cells = [
        ShownCell(1, 10.0, 14.0, 200.0),
        ShownCell(2, 10.0, 14.0, 200.0),
        ShownCell(3, 0.0, 100.0, 100.0),
    ]

    found = dict(narrow_cells(cells, (110.0, 110.0)))

    assert found[3] == (0.82, 0.90)
    assert expect(found[3]) > MOST
