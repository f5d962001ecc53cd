"""House lists: bundled in memory, nothing of a house kept anywhere, the file gone in any case."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from django.conf import settings
from django.db import connection

from kodala.core.errors import InputError
from kodala.core.failures import DATABASE_FULL, FOLDER_FULL
from kodala.core.models import Run
from kodala.core.runs import GENERAL_FAILURE, INTERRUPTED_TOO_OFTEN
from kodala.dashboard.access import ADMIN
from kodala.pipeline import TOO_LONG, list_stages, resume, start
from kodala.publication.models import Figure
from microcells.apps import MicrocellsConfig
from microcells.models import CellSeals, Delivery
from microcells.retention import delete_cells
from microcells.uploads import upload_path
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
DATE = dt.date(2022, 5, 15)


def make_houses(per_area, seed=3):
    rng = np.random.default_rng(seed)
    area = np.repeat(list(per_area), list(per_area.values()))
    n = len(area)
    households = rng.integers(1, 4, n)
    return pd.DataFrame(
        {
            "haus_id": [f"geheimhaus{place:05d}" for place in range(n)],
            "strasse_id": [f"s{number}-{place % 7}" for place, number in enumerate(area)],
            "hausnr": np.arange(n) % 60 + 1,
            "x": builders.CORNER[0] + (area - 1) * builders.SIDE_M + rng.integers(20, 980, n),
            "y": builders.CORNER[1] + rng.integers(20, 980, n),
            "haushalte": households,
            "personen": households * 2.0,
            "erwachsene": households * 1.6,
            "sen_60_69": households * 0.25,
            "sen_70_79": households * 0.15,
            "sen_80plus": households * 0.1,
        }
    )


def hand_in(houses, area_set, person):
    raw = builders.as_supplier_file(houses)
    delivery = builders.hand_in(raw, area_set, person, kind="houses", reference_date=DATE)
    start(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_houses_become_cells_of_at_least_four_households(area_set, people):
    houses = make_houses({1: 300, 2: 200, 3: 100})

    delivery = hand_in(houses, area_set, people[ADMIN])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(households), min(households) FROM microcells_microcell WHERE delivery_id = %s",
            [delivery.pk],
        )
        assert cursor.fetchone() == (houses["haushalte"].sum(), 4)
    assert delivery.state == Delivery.State.COMPUTED
    assert (
        delivery.certificate["households_in"]
        == delivery.certificate["households_out"]
        == houses["haushalte"].sum()
    )


def test_no_house_is_found_in_any_table_or_file_afterwards(area_set, people):
    hand_in(make_houses({1: 300, 2: 200, 3: 100}), area_set, people[ADMIN])

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS own WHERE own::text LIKE %s', ["%geheimhaus%"])
            assert cursor.fetchone() == (0,), table
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_a_second_list_keeps_the_cells_of_the_first(area_set, people):
    houses = make_houses({1: 300, 2: 200, 3: 100})
    first = hand_in(houses, area_set, people[ADMIN])
    grown = houses.drop(index=[5, 350]).reset_index(drop=True)

    second = hand_in(grown, area_set, people[ADMIN])

    assert first.certificate["jaccard_previous"] is None
    assert second.state == Delivery.State.COMPUTED
    assert 0.9 < second.certificate["jaccard_previous"] < 1
    assert (
        second.certificate["n_cells"] - 12 <= second.certificate["cells_kept"] < first.certificate["n_cells"]
    )


def test_seals_of_cells_are_deleted_with_the_cells_and_closed_to_the_web_role(area_set, people):
    first = hand_in(make_houses({1: 300, 2: 200, 3: 100}), area_set, people[ADMIN])

    assert CellSeals.objects.filter(delivery=first).count() == 3
    assert "microcells_cellseals" not in (*MicrocellsConfig.web_may_read, *MicrocellsConfig.web_may_write)
    delete_cells(first.pk)
    assert not CellSeals.objects.filter(delivery=first).exists()


def test_delivered_cells_are_held_against_the_contract_too(area_set, people):
    cells = builders.make_cells({1: 30, 2: 20, 3: 20})

    delivery = builders.hand_in(builders.as_supplier_file(cells), area_set, people[ADMIN])
    start(delivery.pk)
    delivery.refresh_from_db()

    assert delivery.certificate["n_cells"] == 70
    assert delivery.certificate["households_out"] == cells["haushalte"].sum()
    assert delivery.certificate["cells_below_minimum"] == 0


def test_debt_figures_say_not_delivered_and_never_zero(area_set, people):
    delivery = hand_in(make_houses({1: 300, 2: 200, 3: 100}), area_set, people[ADMIN])

    debts = Figure.objects.filter(
        datenstand__delivery=delivery, indicator__in=["debt_rate", "debtors", "type_1"]
    )
    assert {(figure.state, figure.value) for figure in debts} == {("not_delivered", None)}
    assert Figure.objects.get(datenstand__delivery=delivery, indicator="seniors", area=None).state == "value"


def test_the_file_is_gone_after_a_failed_run_too_and_handing_in_again_goes_on(area_set, people, monkeypatch):
    houses = make_houses({1: 300, 2: 200, 3: 100})

    def broken(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("microcells.house_lists.bundle_houses", broken)
        delivery = hand_in(houses, area_set, people[ADMIN])
    assert delivery.state == Delivery.State.FAILED
    assert not upload_path(delivery.pk).exists()
    failed = {line.name: line.message for line in list_stages(delivery.pk)}["microcells.build_microcells"]
    assert "Bitte die Hausliste noch einmal hochladen, ihre Datei ist gelöscht" in failed
    assert "Erneut versuchen" not in failed

    resume(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.FAILED
    messages = {line.name: line.message for line in list_stages(delivery.pk)}
    assert "noch einmal hochladen" in messages["microcells.build_microcells"]

    again = hand_in(houses, area_set, people[ADMIN])
    assert (again.pk, again.state) == (delivery.pk, Delivery.State.COMPUTED)


@pytest.mark.parametrize(
    "message", [DATABASE_FULL, FOLDER_FULL, INTERRUPTED_TOO_OFTEN, GENERAL_FAILURE, TOO_LONG]
)
def test_no_message_promises_a_file_that_is_gone(area_set, people, message):
    raw = builders.as_supplier_file(make_houses({1: 10}))
    delivery = builders.hand_in(raw, area_set, people[ADMIN], kind="houses", reference_date=DATE)
    for stage in ("microcells.build_microcells", "microcells.total_areas"):
        Run.objects.create(stage=stage, delivery_id=delivery.pk, state=Run.State.FAILED, message=message)

    said = {line.name: line.message for line in list_stages(delivery.pk)}

    assert "Hausliste noch einmal hochladen" in said["microcells.build_microcells"]
    assert "Erneut versuchen" not in said["microcells.build_microcells"]
    assert "liegt noch hier" not in said["microcells.build_microcells"]
    assert "Erneut versuchen" in said["microcells.total_areas"]  # its cells are stored, it needs no file


def test_an_area_with_too_few_households_is_named(area_set, people):
    delivery = hand_in(
        make_houses({1: 300, 2: 200, 3: 1}).assign(haushalte=3, personen=9.0, erwachsene=6.0),
        area_set,
        people[ADMIN],
    )

    assert delivery.state == Delivery.State.REJECTED
    assert builders.count_cells(delivery.pk) == 0


def test_a_house_list_without_date_is_not_taken(area_set, people):
    raw = builders.as_supplier_file(make_houses({1: 10}))

    with pytest.raises(InputError, match="nennt ihren Stichtag nicht selbst"):
        builders.hand_in(raw, area_set, people[ADMIN], kind="houses")


def test_the_real_city_is_bundled_stored_and_computed(shared_data, people, tmp_path):
    from django.core.management import call_command

    outline = shared_data / "neuss" / "neuss_beobachtungsgebiete_naeherung.geojson"
    call_command("load_areas", str(outline), number="bg_nr", name="beobachtungsgebiet", districts="bezirke")
    from microcells.selectors import get_current_area_set

    raw = (shared_data / "neuss" / "neuss_hausliste_zensus2011.csv").read_bytes()
    delivery = builders.hand_in(
        raw, get_current_area_set(), people[ADMIN], kind="houses", reference_date=dt.date(2011, 5, 9)
    )
    start(delivery.pk)
    delivery.refresh_from_db()

    households = Figure.objects.get(datenstand__delivery=delivery, indicator="households", area=None)
    assert delivery.n_rows == 26_381
    assert households.value == 69_437
    assert _rank_correlation_with_published(delivery, shared_data) > 0.9


def _rank_correlation_with_published(delivery, shared_data):
    """Spearman of persons per area with published inhabitants, where all districts have a figure."""
    facts = pd.read_csv(shared_data / "neuss" / "neuss_bezirke_eckdaten.csv")
    published = facts.groupby("beobachtungsgebiet_vermutet")["einwohner"].apply(
        lambda own: own.sum(skipna=False)
    )
    figures = Figure.objects.filter(datenstand__delivery=delivery, indicator="persons", area__isnull=False)
    persons = pd.Series({figure.area.name: figure.value for figure in figures.select_related("area")})
    return pd.concat([persons, published], axis=1).dropna().corr("spearman").iloc[0, 1]
