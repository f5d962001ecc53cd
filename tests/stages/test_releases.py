"""Releases: a second person, at a moment, once; taken back and released again; nothing unproved is shown."""

from __future__ import annotations

import datetime as dt
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from kodala.core.errors import StateError
from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication import selectors
from kodala.publication.models import Datenstand, Decision
from kodala.publication.releasing import reject_datenstand, release_datenstand, withdraw_datenstand
from microcells.acceptance import accept_warnings
from microcells.models import Delivery
from tests.web.published import make_draft, make_released

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(area_set, people):
    return make_draft(area_set, people[ADMIN])


@pytest.fixture
def second_planner(people):
    person = User.objects.create_user("planung2", password="geheim-genug-12")
    person.groups.set([Group.objects.get(name=PLANNER)])
    return person


@contextmanager
def as_web_role():
    """The same database as the web process reaches it."""
    own = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = settings.WEB_ROLE
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = own


def both_at_once(*steps):
    """Carry out steps in threads of their own, each with its own connection; gives what each ended with."""
    ends, barrier = [None] * len(steps), threading.Barrier(len(steps))

    def carry_out(place, step):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
            barrier.wait(10)
            step()
            ends[place] = "done"
        except StateError as error:
            ends[place] = str(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=carry_out, args=own) for own in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return ends


def kinds(datenstand):
    return [own.kind for own in Decision.objects.filter(datenstand=datenstand)]


def shown():
    """The versions that pages can show, the current one first."""
    return [line.version for line in selectors.list_datenstaende()]


def test_the_web_role_can_decide_everything_and_nothing_else(draft, people):
    with as_web_role():
        release_datenstand(draft.pk, people[PLANNER], note="geprüft")
        withdraw_datenstand(draft.pk, people[PLANNER], "Irrtum")
        with pytest.raises(Exception, match="permission denied"):
            Decision.objects.update(note="anders")

    assert kinds(draft) == ["released", "withdrawn"]


def test_of_two_people_at_once_one_releases_and_the_other_reads_who_was_first(draft, people, second_planner):
    for _ in range(5):
        Datenstand.objects.update(state=Datenstand.State.AUDITED, released_at=None, released_by=None)
        Decision.objects.all().delete()

        ends = both_at_once(
            *(
                lambda own=person: release_datenstand(draft.pk, own)
                for person in (people[PLANNER], second_planner)
            )
        )

        winner = Datenstand.objects.get(pk=draft.pk).released_by
        told = next(end for end in ends if end != "done")
        assert ends.count("done") == 1
        assert told.startswith(f"Der Datenstand V1 ist bereits freigegeben: {winner.username}, ")
        assert f"{timezone.localdate():%d.%m.%Y}" in told
        assert kinds(draft) == ["released"]


def test_of_two_drafts_at_once_the_later_one_must_be_compared_anew(area_set, people, second_planner):
    make_released(area_set, people[ADMIN], people[PLANNER], 1, 2022)
    first, second = (make_draft(area_set, people[ADMIN], number, 2020 + number) for number in (3, 4))

    ends = both_at_once(
        lambda: release_datenstand(first.pk, people[PLANNER], compared_with=1),
        lambda: release_datenstand(second.pk, second_planner, compared_with=1),
    )

    assert sorted(end[:12] for end in ends) == ["Inzwischen g", "done"]
    assert Datenstand.objects.visible().count() == 2


def test_a_planned_release_is_seen_by_nobody_before_its_moment_and_then_by_itself(area_set, people):
    make_released(area_set, people[ADMIN], people[PLANNER], 1, 2022)
    draft = make_draft(area_set, people[ADMIN], 2, 2023)
    moment = timezone.now() + dt.timedelta(seconds=1.5)

    release_datenstand(draft.pk, people[PLANNER], visible_from=moment)

    assert shown() == [1]
    assert "freigegeben ab" in Datenstand.objects.get(version=2).state_text
    assert selectors.get_datenstand().version == 1
    assert [own.version for own in selectors.list_planned()] == [2]
    with pytest.raises(Datenstand.DoesNotExist):
        selectors.get_datenstand(2)
    time.sleep(1.7)
    assert shown() == [2, 1]
    assert selectors.list_planned() == []
    assert Datenstand.objects.get(version=2).state_text == "freigegeben"


def test_a_moment_that_has_passed_is_refused_by_the_clock_of_the_database(draft, people):
    with pytest.raises(StateError, match="nicht in der Zukunft"):
        release_datenstand(draft.pk, people[PLANNER], visible_from=timezone.now() - dt.timedelta(seconds=1))
    assert kinds(draft) == []


def test_a_cancelled_plan_waits_for_a_second_person_again(draft, people):
    release_datenstand(draft.pk, people[PLANNER], visible_from=timezone.now() + dt.timedelta(days=1))

    withdraw_datenstand(draft.pk, people[PLANNER], "zu früh")

    assert [own.pk for own in selectors.list_drafts()] == [draft.pk]
    assert kinds(draft) == ["released", "cancelled"]
    assert selectors.get_withdrawal(1) is None


@pytest.mark.parametrize("certificate", [{"open_leaks": 2}, {}])
def test_without_a_passed_audit_neither_service_nor_database_lets_it_out(draft, people, certificate):
    Datenstand.objects.filter(pk=draft.pk).update(certificate=certificate)

    with pytest.raises(StateError, match="Geheimhaltung ist nicht bestanden"):
        release_datenstand(draft.pk, people[PLANNER])
    with pytest.raises(IntegrityError, match="passed_audit"), transaction.atomic():
        Datenstand.objects.filter(pk=draft.pk).update(
            state=Datenstand.State.RELEASED, released_by=people[PLANNER], released_at=timezone.now()
        )


def test_whoever_asked_cannot_release_either_way(draft, people):
    with pytest.raises(StateError, match="nicht selbst freigeben"):
        release_datenstand(draft.pk, people[ADMIN])
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Datenstand.objects.filter(pk=draft.pk).update(
            state=Datenstand.State.RELEASED, released_by=people[ADMIN], released_at=timezone.now()
        )


def test_every_warning_of_every_delivery_behind_it_must_be_accepted_first(area_set, draft, people):
    official = Delivery.objects.create(
        kind=Delivery.Kind.STATISTICS,
        area_set=area_set,
        file_name="amtlich.csv",
        size=1,
        sha256="amtlich",
        received_by=people[ADMIN],
        counts={"W-SPRUNG": 1},
    )
    Delivery.objects.filter(pk=draft.delivery_id).update(counts={"W-AUSREISSER": 3, "E-ZAHL": 1})
    Datenstand.objects.filter(pk=draft.pk).update(statistics_deliveries=[official.pk])

    with pytest.raises(StateError, match=r"Warnungen: W-AUSREISSER, W-SPRUNG\."):
        release_datenstand(draft.pk, people[PLANNER])
    draft.delivery.refresh_from_db()
    accept_warnings(draft.delivery, "W-AUSREISSER", "Mit dem Lieferanten geklärt.", people[ADMIN])
    with pytest.raises(StateError, match=r"Warnungen: W-SPRUNG\."):
        release_datenstand(draft.pk, people[PLANNER])
    accept_warnings(official, "W-SPRUNG", "Neue Wohnsiedlung, der Sprung stimmt.", people[ADMIN])
    release_datenstand(draft.pk, people[PLANNER])

    assert shown() == [1]


def test_a_rejected_draft_is_never_shown_and_never_released(draft, people):
    with pytest.raises(StateError, match="begründen"):
        reject_datenstand(draft.pk, people[PLANNER], "  ")
    reject_datenstand(draft.pk, people[PLANNER], "Falsche Gebiete.")

    with pytest.raises(StateError, match="ist bereits zurückgewiesen: planung, "):
        release_datenstand(draft.pk, people[PLANNER])
    with pytest.raises(StateError, match="zurückgewiesen"):
        withdraw_datenstand(draft.pk, people[PLANNER])
    assert shown() == []
    assert (selectors.list_drafts(), selectors.list_withdrawn()) == ([], [])
    assert selectors.get_withdrawal(1) is None


def test_taken_back_and_released_again_every_step_stays_on_record(area_set, people, second_planner):
    make_released(area_set, people[ADMIN], people[PLANNER], 1, 2022)
    draft = make_draft(area_set, people[ADMIN], 2, 2023)
    release_datenstand(draft.pk, people[PLANNER], note="Jahreslieferung")

    withdraw_datenstand(draft.pk, second_planner, "Falscher Stichtag")
    assert shown() == [1]
    with pytest.raises(StateError, match="nicht selbst freigeben"):
        release_datenstand(draft.pk, people[ADMIN])
    release_datenstand(draft.pk, second_planner, note="Doch richtig", compared_with=1)

    assert shown() == [2, 1]
    assert [(own.kind, own.person.username, own.note) for own in draft.decisions.all()] == [
        ("released", "planung", "Jahreslieferung"),
        ("withdrawn", "planung2", "Falscher Stichtag"),
        ("released", "planung2", "Doch richtig"),
    ]


def test_the_older_one_keeps_its_address_while_a_newer_one_is_shown_and_after(area_set, people):
    old = make_released(area_set, people[ADMIN], people[PLANNER], 1, 2022)
    new = make_released(area_set, people[ADMIN], people[PLANNER], 2, 2023)
    assert selectors.get_datenstand(1).pk == old.pk

    withdraw_datenstand(new.pk, people[PLANNER])

    assert selectors.get_datenstand(1).pk == selectors.get_datenstand().pk == old.pk
    assert selectors.get_withdrawal(2) is not None


def test_two_withdrawals_at_once_are_one(area_set, people, second_planner):
    new = make_released(area_set, people[ADMIN], people[PLANNER])

    ends = both_at_once(
        *(lambda own=person: withdraw_datenstand(new.pk, own) for person in (people[PLANNER], second_planner))
    )

    assert ends.count("done") == 1
    assert kinds(new) == ["withdrawn"]
