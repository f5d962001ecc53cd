"""Raw data go on their day, when they are superseded, or on an order; figures and proof stay."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from kodala.core.errors import StateError
from kodala.core.leases import hold
from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import keep_house_task, list_stages, resume, start
from kodala.publication.models import Figure
from kodala.publication.selectors import list_superseded_deliveries
from microcells import retention
from microcells.cell_changes import has_cells
from microcells.cells_table import TABLE, partition_name
from microcells.models import AreaProfile, CellSeals, Delivery, StoredFinding
from microcells.retention import add_months, delete_expired_cells, keep_until, request_deletion
from microcells.uploads import upload_path
from tests import builders
from tests.web.published import make_draft, make_released

pytestmark = pytest.mark.django_db(transaction=True)


def with_raw_data(datenstand):
    """Give the delivery of a Datenstand one cell, an area profile, a finding and a file."""
    delivery = datenstand.delivery
    area = delivery.area_set.areas.first()
    with connection.cursor() as cursor:
        name = partition_name(delivery.pk)
        cursor.execute(f"CREATE TABLE {name} PARTITION OF {TABLE} FOR VALUES IN ({delivery.pk})")
        cursor.execute(
            f"INSERT INTO {TABLE} (delivery_id, area_id, cell_key, households, persons, adults) "
            "VALUES (%s, %s, 'A', 4, 8, 8)",
            [delivery.pk, area.pk],
        )
    AreaProfile.objects.create(delivery=delivery, area=area, column="persons", value=8, n_cells=1)
    CellSeals.objects.create(delivery=delivery, area=area, seals=b"seal")
    StoredFinding.objects.create(
        delivery=delivery, row=1, code="W-X", severity="warning", text="t", suggestion="s"
    )
    upload_path(delivery.pk).write_text("raw")
    return delivery


@pytest.fixture
def delivery(area_set, people):
    return with_raw_data(make_released(area_set, people[ADMIN], people[PLANNER]))


def expires(delivery, days):
    """Let the last day lie that many days ahead of the database's today."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (statement_timestamp() AT TIME ZONE 'Europe/Berlin')::date")
        day = cursor.fetchone()[0] + dt.timedelta(days=days)
    Delivery.objects.filter(pk=delivery.pk).update(keep_cells_until=day)


def has_raw_data(delivery):
    parts = (
        has_cells(delivery),
        AreaProfile.objects.filter(delivery=delivery).exists(),
        CellSeals.objects.filter(delivery=delivery).exists(),
        upload_path(delivery.pk).exists(),
    )
    assert len(set(parts)) == 1, parts
    return parts[0]


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (dt.date(2026, 11, 23), 24, dt.date(2028, 11, 23)),
        (dt.date(2026, 12, 31), 2, dt.date(2027, 2, 28)),
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)),
        (dt.date(2026, 1, 31), 11, dt.date(2026, 12, 31)),
        (dt.date(2026, 11, 30), 1, dt.date(2026, 12, 30)),
    ],
)
def test_months_end_with_the_month(day, months, after):
    assert add_months(day, months) == after


def test_a_delivery_gets_its_last_day_when_it_is_received(area_set, people):
    raw = builders.as_supplier_file(builders.make_cells({1: 5, 2: 5, 3: 5}))

    delivery = builders.hand_in(raw, area_set, people[ADMIN])

    assert delivery.keep_cells_until == keep_until("microcells", timezone.localdate())
    assert keep_until("statistics", timezone.localdate()) is None


@pytest.mark.parametrize(("days", "stays"), [(1, True), (0, True), (-1, False)])
def test_raw_data_stay_through_their_last_day_and_go_after_it(delivery, days, stays):
    expires(delivery, days)

    assert delete_expired_cells() == (0 if stays else 1)

    assert has_raw_data(delivery) == stays


def test_figures_certificate_and_findings_stay(delivery):
    figures = Figure.objects.count()
    expires(delivery, -1)

    delete_expired_cells()

    delivery.refresh_from_db()
    assert delivery.cells_deleted_at is not None
    assert Figure.objects.count() == figures > 0
    assert delivery.findings.count() == 1
    assert delivery.datenstaende.get().certificate["open_leaks"] == 0
    assert delete_expired_cells() == 0


def test_a_delivery_from_before_the_rule_gets_its_day_from_its_receipt(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(received_at=timezone.now() - dt.timedelta(days=1000))

    assert delete_expired_cells() == 1

    assert not has_raw_data(delivery)


def test_enough_newer_datenstaende_end_the_time_of_an_old_one(delivery, area_set, people, monkeypatch):
    two = retention.Contract("Probe", ("microcells",), 24, 2)
    monkeypatch.setattr(retention, "contracts", lambda: (two,))
    make_released(area_set, people[ADMIN], people[PLANNER], 2, 2024)
    assert list_superseded_deliveries() == []
    waiting = make_draft(area_set, people[ADMIN], 3, 2025)
    assert list_superseded_deliveries() == []
    waiting.delete()
    make_released(area_set, people[ADMIN], people[PLANNER], 4, 2025)

    assert list_superseded_deliveries() == [delivery.pk]
    keep_house_task()
    assert not has_raw_data(delivery)


def test_what_a_draft_waits_for_is_not_superseded(area_set, people, monkeypatch):
    one = retention.Contract("Probe", ("microcells",), 24, 1)
    monkeypatch.setattr(retention, "contracts", lambda: (one,))
    make_released(area_set, people[ADMIN], people[PLANNER], 1, 2025)
    make_draft(area_set, people[ADMIN], 2, 2020)

    assert list_superseded_deliveries() == []


def test_an_order_is_carried_out_by_the_worker_once(delivery, people):
    with pytest.raises(StateError, match="Grund"):
        request_deletion(delivery, " ", people[ADMIN])
    order = request_deletion(delivery, "Vertragsende", people[ADMIN])
    with pytest.raises(StateError, match="schon beauftragt"):
        request_deletion(delivery, "Vertragsende", people[ADMIN])

    keep_house_task()

    order.refresh_from_db()
    delivery.refresh_from_db()
    assert not has_raw_data(delivery)
    assert order.carried_out_at is not None
    with pytest.raises(StateError, match="schon gelöscht"):
        request_deletion(delivery, "noch einmal", people[ADMIN])


def test_the_web_role_can_order_but_neither_drop_nor_say_that_it_is_done(delivery, people):
    values = connection.settings_dict
    with psycopg.connect(
        host=values["HOST"], port=values["PORT"], dbname=values["NAME"], user=settings.WEB_ROLE,
        password=values["PASSWORD"], autocommit=True,
    ) as web:  # fmt: skip
        web.execute(
            "INSERT INTO microcells_deletionrequest (delivery_id, reason, requested_by_id) "
            "VALUES (%s, %s, %s)",
            [delivery.pk, "Vertragsende", people[ADMIN].pk],
        )
        for statement in (
            f"DROP TABLE {partition_name(delivery.pk)}",
            "UPDATE microcells_deletionrequest SET carried_out_at = now()",
            "UPDATE microcells_delivery SET keep_cells_until = NULL",
            "DELETE FROM microcells_areaprofile",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(statement)


def test_a_delivery_that_is_being_worked_on_is_left_for_the_next_time(delivery):
    expires(delivery, -1)

    with hold(f"delivery:{delivery.pk}"):
        assert delete_expired_cells() == 0
    assert has_raw_data(delivery)

    assert delete_expired_cells() == 1


def hand_in_and_stop_before(module, name, area_set, person, monkeypatch):
    """A delivery of microcells that failed at one stage, and its file."""
    raw = builders.as_supplier_file(builders.make_cells({1: 30, 2: 30, 3: 30}))
    delivery = builders.hand_in(raw, area_set, person)

    def broken(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.{name}", broken)
        start(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.FAILED
    return delivery, raw


def test_a_delivery_that_still_needed_its_raw_data_comes_again_as_a_new_one(area_set, people, monkeypatch):
    stopped, raw = hand_in_and_stop_before(
        "microcells.totals", "_sum_groups", area_set, people[ADMIN], monkeypatch
    )
    request_deletion(stopped, "Versehen", people[ADMIN])
    keep_house_task()

    stopped.refresh_from_db()
    assert stopped.state == Delivery.State.REJECTED
    assert "Bitte laden Sie die Datei noch einmal hoch" in stopped.message

    again = builders.hand_in(raw, area_set, people[ADMIN])
    start(again.pk)
    again.refresh_from_db()
    assert (again.pk != stopped.pk, again.state) == (True, Delivery.State.COMPUTED)
    assert again.cells_deleted_at is None
    assert has_cells(again)


def test_a_delivery_that_lacks_only_its_draft_goes_on_without_raw_data(area_set, people, monkeypatch):
    stopped, _ = hand_in_and_stop_before(
        "kodala.publication.services", "_create", area_set, people[ADMIN], monkeypatch
    )
    request_deletion(stopped, "Vertragsende", people[ADMIN])
    keep_house_task()

    resume(stopped.pk)

    stopped.refresh_from_db()
    assert (stopped.state, stopped.datenstaende.count()) == (Delivery.State.COMPUTED, 1)


def test_a_stage_for_which_the_raw_data_are_gone_rejects_the_delivery(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.RECEIVED, cells_deleted_at=timezone.now()
    )
    upload_path(delivery.pk).write_text("raw again")

    start(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.REJECTED
    assert "Die Rohdaten dieser Lieferung sind am " in list_stages(delivery.pk)[0].message
    assert not upload_path(delivery.pk).exists()


def test_the_command_says_what_it_deleted_and_what_follows(delivery, area_set, people, capsys):
    other = with_raw_data(make_released(area_set, people[ADMIN], people[PLANNER], 2, 2024))
    expires(delivery, -1)
    Delivery.objects.filter(pk=other.pk).update(keep_cells_until=dt.date(2099, 5, 1))

    call_command("delete_expired")

    assert (
        capsys.readouterr().out
        == f"1 Lieferung gelöscht.\nAls nächste: Lieferung {other.pk}, nach dem 01.05.2099.\n"
    )
