"""Districts from cells to published tables: they add up to their area, which stays as it is without them."""

import numpy as np
import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import start
from kodala.publication import candidates, selectors
from kodala.publication.definitions import GROUP_CODES, TYPE_CODES
from kodala.publication.domain.joining import JoinedAreas
from kodala.publication.models import Datenstand, Figure
from microcells.models import AreaTotal
from seniors.models import AreaScore
from tests import builders
from typology.models import AreaLabel, AreaType

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 400, 2: 260, 3: 200}
ADDITIVE = {
    AreaTotal: ("households", "persons", "adults", "seniors"),
    AreaType: ("debtors", "debt_rate", "debt_rate_hard", *GROUP_CODES, *TYPE_CODES),
    AreaScore: ("offline_seniors", "offline_share"),
}


def parted_cells(cells=None, seed=1):
    """Area 1 lies in districts 1 and 11, the others in one of their two districts each."""
    table = builders.make_cells(cells or CELLS, seed=seed)
    in_first = table["gebiet_nr"] == 1
    table.loc[in_first & (np.arange(len(table)) % 3 == 0), "bezirk_nr"] = 11
    return table


def drafted(table, area_set, people):
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
    start(delivery.pk)
    return Datenstand.objects.get(delivery=delivery)


def test_districts_add_up_to_their_area_in_every_additive_quantity(area_set, people):
    drafted(parted_cells(), area_set, people)

    for model, codes in ADDITIVE.items():
        for code in codes:
            own = model.objects.filter(indicator=code, area__number=1)
            parts = list(own.filter(district__isnull=False).order_by("district"))
            area = own.get(district=None)
            assert [part.district for part in parts] == [1, 11], code
            for name in ("numerator", "denominator", "n_cells"):
                values = [getattr(part, name) for part in parts]
                whole = getattr(area, name)
                assert (values == [None, None]) if whole is None else sum(values) == pytest.approx(whole), (
                    code
                )


def test_totals_of_a_district_are_those_of_its_rows(area_set, people):
    table = parted_cells()

    drafted(table, area_set, people)

    rows = AreaTotal.objects.filter(indicator="households", district__isnull=False)
    found = dict(rows.values_list("district", "value"))
    assert found == table[table["gebiet_nr"] == 1].groupby("bezirk_nr")["haushalte"].sum().to_dict()
    assert not AreaLabel.objects.exclude(area__number__in=(1, 2, 3)).exists()
    assert AreaLabel.objects.count() == 3


@pytest.mark.parametrize("case", ["gap", "one"])
def test_no_district_has_rows_where_not_every_cell_names_one_of_several(area_set, people, case):
    table = parted_cells()
    if case == "gap":
        table["bezirk_nr"] = table["bezirk_nr"].astype(str)
        table.loc[0, "bezirk_nr"] = ""
    else:
        table["bezirk_nr"] = table["gebiet_nr"]

    draft = drafted(table, area_set, people)

    assert AreaTotal.objects.get(indicator="households", area__number=1).n_cells == CELLS[1]
    assert not draft.figures.filter(district__isnull=False).exists()
    assert not any(model.objects.filter(district__isnull=False).exists() for model in ADDITIVE)


def test_areas_and_city_are_the_same_with_and_without_districts(area_set, people):
    plain = parted_cells()
    plain["bezirk_nr"] = plain["gebiet_nr"]
    columns = ("indicator", "area", "value", "lower", "upper", "numerator", "denominator", "status")
    found = []

    for table in (plain, parted_cells()):
        draft = drafted(table, area_set, people)
        rows = [
            list(
                model.objects.filter(run__delivery_id=draft.delivery_id, district=None)
                .order_by("indicator", "area")
                .values_list(*columns)
            )
            for model in ADDITIVE
        ]
        shown = draft.figures.filter(district=None).order_by("indicator", "area")
        found.append((rows, list(shown.values_list("indicator", "area", "state", "value"))))

    assert found[0] == found[1]


def test_published_districts_stand_beside_their_area_or_fall_together(area_set, people):
    draft = drafted(parted_cells(), area_set, people)

    by_code: dict[str, set[str]] = {}
    for code, state in draft.figures.filter(district__isnull=False).values_list("indicator", "state"):
        by_code.setdefault(code, set()).add(state)
    assert all(len(states) == 1 for states in by_code.values())
    assert by_code["households"] == by_code["debt_rate"] == {"value"}
    assert set(draft.figures.filter(district__isnull=False).values_list("area__number", flat=True)) == {1}


def test_a_small_district_is_withheld_and_its_sibling_with_it(area_set, people):
    table = parted_cells()
    in_first = table.index[table["gebiet_nr"] == 1]
    table.loc[in_first, "bezirk_nr"] = 1
    table.loc[in_first[:4], "bezirk_nr"] = 11  # about three debtors

    draft = drafted(table, area_set, people)

    figures = draft.figures.filter(indicator="debtors", area__number=1)
    assert set(figures.filter(district__isnull=False).values_list("state", "value")) == {("protected", None)}
    assert figures.get(district=None).state == "value"
    assert draft.figures.get(indicator="debtors", area=None).state == "value"


def test_districts_have_no_part_in_joint_figures(area_set, people, monkeypatch):
    pair = JoinedAreas((1, 2), frozenset((*GROUP_CODES, *TYPE_CODES)))
    monkeypatch.setattr(candidates, "joined_areas", lambda: (pair,))

    draft = drafted(parted_cells(), area_set, people)

    codes = set(draft.figures.filter(district__isnull=False).values_list("indicator", flat=True))
    assert codes.isdisjoint(pair.indicators)
    assert "debt_rate" in codes
    areas = AreaType.objects.filter(indicator="type_1", district=None, area__number__in=(1, 2))
    above, base = (sum(areas.values_list(name, flat=True)) for name in ("numerator", "denominator"))
    joint = draft.figures.get(indicator="type_1", area__number=1)
    assert joint.value == pytest.approx(100 * above / base, abs=0.0501)


def test_classes_and_history_know_areas_only(area_set, people, monkeypatch):
    seen = []
    limits = "kodala.publication.classes.five_class_limits"
    monkeypatch.setattr(limits, lambda values: seen.append(len(values)) or [])
    first = drafted(parted_cells(), area_set, people)
    builders.release(first.pk, people[PLANNER])
    own = Figure.objects.filter(datenstand=first, district=11, indicator="debt_rate")
    own.update(value=own.get().value + 40)

    view = selectors.get_indicator_view(first, "debt_rate")
    panel = selectors.get_area_view(first, "debt_rate", 1)

    area = Figure.objects.get(datenstand=first, district=None, area__number=1, indicator="debt_rate")
    assert view.area(1).figure.value == panel.history[0].area.value == area.value
    assert sum(one.areas for one in view.classes) == 3
    assert [one.number for one in view.districts_of(1)] == [1, 11]
    assert view.districts_of(2) == ()
    assert set(seen) == {3}


def test_a_districts_figure_never_stands_in_for_its_areas(area_set, people):
    first = drafted(parted_cells(), area_set, people)
    builders.release(first.pk, people[PLANNER])
    Figure.objects.get(datenstand=first, district=None, area__number=1, indicator="debt_rate").delete()

    view = selectors.get_indicator_view(first, "debt_rate")
    panel = selectors.get_area_view(first, "debt_rate", 1)

    assert view.area(1).figure.state == panel.history[0].area.state == "not_delivered"


def test_the_tables_go_back_to_areas_alone_and_forth_again(area_set, people):
    draft = drafted(parted_cells(), area_set, people)
    kept = draft.figures.filter(district=None).count()
    back = [("publication", "0003_joint_figures"), ("typology", "0001_initial"), ("seniors", "0001_initial")]
    back.append(("microcells", "0003_deliveries_of_any_kind"))
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()

    try:
        MigrationExecutor(connection).migrate(back)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM publication_figure")
            assert cursor.fetchone()[0] == kept
    finally:
        MigrationExecutor(connection).migrate(leaves)
    assert draft.figures.count() == kept
