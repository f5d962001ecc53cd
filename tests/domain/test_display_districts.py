"""Display cells of areas whose districts show figures: further sums that an outsider can take."""

from __future__ import annotations

from kodala.publication.domain.display_audit import audit_display_cells
from kodala.publication.domain.display_cells import protect_display_cells
from tests.domain.test_display_protection import RULES, SCALE, make

# Whoever knows that the first two cells are a district of 20 people in debt has the withheld 4.
CELLS = make([4, 16, 24, 30, 22, 26, 18, 28], [100, 100, 200, 200, 200, 200, 200, 200])
TOTALS = {1: float(CELLS["numerator"].sum())}


def protect(cells, divided):
    totals = {area: float(own.sum()) for area, own in cells.groupby("area")["numerator"]}
    return protect_display_cells(cells, totals, SCALE, RULES, divided).cells["class_code"].tolist()


def test_one_withheld_cell_takes_all_others_of_such_an_area_along():
    alone = protect(CELLS, ())

    assert "protected" in alone
    assert set(alone) != {"protected"}
    assert protect(CELLS, (2,)) == alone
    assert set(protect(CELLS, (1,))) == {"protected"}


def test_an_area_of_safe_cells_is_shown_with_its_districts():
    safe = CELLS.assign(numerator=CELLS["numerator"] + 10)

    assert protect(safe, (1,)) == protect(safe, ())
    assert "protected" not in protect(safe, (1,))


def test_the_audit_sees_a_withheld_cell_beside_a_shown_one():
    shown = protect_display_cells(CELLS, TOTALS, SCALE, RULES).cells

    found = audit_display_cells(shown, TOTALS, SCALE, RULES, (1,))

    assert found == shown.loc[shown["state"] != "value", "number"].tolist() != []
    assert audit_display_cells(shown, TOTALS, SCALE, RULES) == []
