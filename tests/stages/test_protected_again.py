"""Stricter rules take figures away and give none: old pages and new ones together tell nothing more."""

from __future__ import annotations

import pytest

from kodala.pipeline import follow_the_rules
from kodala.publication import selectors
from kodala.publication.former import ROW_KEYS
from kodala.publication.models import Datenstand, DisplayCellFigure, Figure, OfficialFigure
from kodala.publication.official import find_basis, load_shown_before
from tests.attack import site

pytestmark = pytest.mark.django_db(transaction=True)
STRICTER = 9  # persons instead of 5


@pytest.fixture
def two_of_a_date(tmp_path):
    table = site.make_delivery()
    with site.standing(tmp_path, table, site.correct(table)) as own:
        yield own


def rows(model, state):
    """Keys of the rows of every Datenstand in a state."""
    names = ("datenstand_id", *ROW_KEYS[model])
    return set(model._default_manager.filter(state=state).values_list(*names))


def test_what_was_withheld_stays_withheld_and_every_datenstand_comes_back(two_of_a_date, file_says):
    models = (Figure, OfficialFigure, DisplayCellFigure)
    before = {model: (rows(model, "protected"), rows(model, "value")) for model in models}
    file_says("rules", "count_min", STRICTER)

    follow_the_rules()

    assert [line.version for line in selectors.list_datenstaende()] == [2, 1]
    for model, (withheld, shown) in before.items():
        assert withheld <= rows(model, "protected")
        marked = model._default_manager.filter(was_shown=True).values_list("datenstand_id", *ROW_KEYS[model])
        assert set(marked) == shown & rows(model, "protected")
    assert len(rows(Figure, "protected")) > len(before[Figure][0])
    assert len(rows(DisplayCellFigure, "protected")) > len(before[DisplayCellFigure][0])


def test_a_later_draft_knows_what_was_shown_before_the_rules_were_tightened(two_of_a_date, file_says):
    file_says("rules", "count_min", STRICTER)
    follow_the_rules()
    taken = Figure.objects.filter(was_shown=True, district=None, area__isnull=False).first()

    known = load_shown_before(find_basis(Datenstand.objects.get(version=2).delivery))

    same = (known["indicator"] == taken.indicator) & (known["area"] == taken.area.number)
    assert known[same & (known["district"] == 0)]["value"].isna().all()
    assert same.any()
