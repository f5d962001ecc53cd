"""Classes of display cells in a draft: protected, proved, and never a number."""

import datetime as dt

import pandas as pd
import pytest
from django.db import IntegrityError, transaction

from kodala.core.models import Run
from kodala.core.runs import get_result_run
from kodala.dashboard.access import ADMIN
from kodala.pipeline import start
from kodala.publication.display_cells import (
    ELSEWHERE,
    NO_CELLS,
    NOT_SUMMED,
    OTHER_CLASSES,
    store_display_cells,
)
from kodala.publication.models import ClassScheme, Datenstand, DisplayCellFigure, Figure
from kodala.statistics.classes import class_of
from microcells.models import AreaSet, Delivery, DisplayCell, DisplayCellSum
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 220, 2: 190, 3: 160}
EARLIER = dt.date(2022, 10, 1)


def carried(table, area_set, person):
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, person)
    start(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def draft_again(delivery):
    """Make one more draft from the same results."""
    Run.objects.filter(delivery_id=delivery.pk, stage="publication.draft_datenstand").update(state="failed")
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED)
    start(delivery.pk)
    delivery.refresh_from_db()
    return Datenstand.objects.order_by("-pk").first()


def proof(datenstand, code="debt_rate"):
    return datenstand.certificate["display_cells"]["indicators"][code]


def classes(datenstand, code="debt_rate"):
    rows = DisplayCellFigure.objects.filter(datenstand=datenstand, indicator=code)
    return dict(rows.values_list("display_cell__number", "class_code"))


@pytest.fixture
def delivery(area_set, people):
    return carried(builders.make_cells(CELLS), area_set, people[ADMIN])


def test_a_draft_shows_the_class_of_each_display_cell_and_its_proof(area_set, delivery):
    draft = Datenstand.objects.get(delivery=delivery)
    run = get_result_run("areas.compute_figures", delivery.pk)

    own = classes(draft)
    for row in DisplayCellSum.objects.filter(run=run, indicator="debt_rate").select_related("display_cell"):
        share = round(100 * row.numerator / row.denominator, 1)
        assert own[row.display_cell.number] == "abcde"[class_of(share, [7.0, 9.0, 11.0, 14.0])]
    assert len(own) == DisplayCell.objects.filter(area_set=area_set).count() > 20
    told = proof(draft)
    assert (told["cells"], told["shown"], told["protected"], told["missing"]) == (len(own), len(own), 0, 0)
    assert draft.certificate["open_leaks"] == 0


def test_small_numerators_are_withheld_and_named_in_the_proof(area_set, people):
    table = builders.make_cells(CELLS)
    table.loc[table["y"] > builders.CORNER[1] + 700, ["schuldner_hart", "schuldner_weich"]] *= 0.02

    draft = Datenstand.objects.get(delivery=carried(table, area_set, people[ADMIN]))

    n_withheld = list(classes(draft).values()).count("protected")
    assert 0 < n_withheld == proof(draft)["protected"] < proof(draft)["cells"]
    assert proof(draft)["smallest_interval"] >= 5


def test_a_protected_area_shows_no_display_cell(area_set, people):
    table = builders.make_cells(CELLS)
    table.loc[table["gebiet_nr"] == 2, ["schuldner_hart", "schuldner_weich"]] *= 0.001

    draft = Datenstand.objects.get(delivery=carried(table, area_set, people[ADMIN]))

    own = DisplayCellFigure.objects.filter(datenstand=draft, indicator="debt_rate")
    assert Figure.objects.get(datenstand=draft, indicator="debt_rate", area__number=2).state == "protected"
    assert set(own.filter(display_cell__area__number=2).values_list("class_code", flat=True)) == {"protected"}
    assert "protected" not in own.filter(display_cell__area__number=1).values_list("class_code", flat=True)


def test_sums_that_do_not_add_up_make_no_draft(delivery):
    Datenstand.objects.all().delete()
    DisplayCellSum.objects.filter(indicator="debt_rate").order_by("pk")[:1].get().delete()

    assert draft_again(delivery) is None
    assert delivery.state == Delivery.State.FAILED


def test_a_lost_indicator_makes_no_draft(delivery):
    Datenstand.objects.all().delete()
    DisplayCellSum.objects.filter(indicator="offline_share").delete()

    assert draft_again(delivery) is None


def test_what_was_withheld_for_a_date_stays_withheld_for_it(delivery):
    first = Datenstand.objects.get(delivery=delivery)
    one = DisplayCellFigure.objects.filter(datenstand=first, indicator="debt_rate").earliest("pk")
    DisplayCellFigure.objects.filter(pk=one.pk).update(state="protected", class_code="protected")

    second = draft_again(delivery)

    assert second.version == first.version + 1
    assert classes(second)[one.display_cell.number] == "protected"


def test_no_second_set_of_classes_for_the_same_date(delivery):
    first = Datenstand.objects.get(delivery=delivery)
    first.certificate["display_cells"]["indicators"]["debt_rate"]["limits"] = [5.0]
    first.save()

    second = draft_again(delivery)

    assert proof(second) == {"reason": OTHER_CLASSES}
    assert not classes(second)
    assert classes(second, "offline_share")


def test_classes_of_the_map_that_are_not_the_fixed_ones_show_no_display_cells(delivery):
    ClassScheme.objects.filter(indicator="offline_share").update(limits=[1.0, 2.0])

    second = draft_again(delivery)

    assert proof(second, "offline_share") == {"reason": OTHER_CLASSES}
    assert not classes(second, "offline_share")


def test_two_divisions_of_the_city_do_not_both_show_display_cells(area_set, people, delivery):
    AreaSet.objects.update(is_current=False)
    other = builders.make_area_set()

    second = carried(builders.make_cells(CELLS, seed=4), other, people[ADMIN])

    draft = Datenstand.objects.get(delivery=second)
    assert draft.certificate["display_cells"] == {"reason": ELSEWHERE, "indicators": {}}


def test_a_delivery_from_before_display_cells_says_so(delivery):
    run = get_result_run("areas.compute_figures", delivery.pk)
    Run.objects.filter(pk=run.pk).update(
        parameters={key: own for key, own in run.parameters.items() if key != "no_display_cells"}
    )

    assert draft_again(delivery).certificate["display_cells"]["reason"] == NOT_SUMMED


def test_every_year_keeps_its_display_cells(area_set, people, delivery):
    earlier = carried(builders.make_cells(CELLS, seed=7, reference_date=EARLIER), area_set, people[ADMIN])

    drafts = [Datenstand.objects.get(delivery=own) for own in (delivery, earlier)]
    assert set(classes(drafts[0])) == set(classes(drafts[1]))
    assert len({proof(draft)["sha256"] for draft in drafts}) == 2


def test_the_table_takes_no_class_without_its_state(delivery):
    one = DisplayCellFigure.objects.earliest("pk")

    for state, code in (("protected", "a"), ("value", "protected"), ("not_delivered", "b")):
        with pytest.raises(IntegrityError), transaction.atomic():
            DisplayCellFigure.objects.filter(pk=one.pk).update(state=state, class_code=code)


def test_a_datenstand_without_microcells_says_so(delivery):
    draft = Datenstand.objects.get(delivery=delivery)

    store_display_cells(draft, None, pd.DataFrame())

    assert draft.certificate["display_cells"] == {"reason": NO_CELLS, "indicators": {}}
