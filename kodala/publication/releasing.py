"""What people decide about a draft: release, reject, take back. One statement moves the pointer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from kodala.core.errors import StateError
from kodala.publication.models import Datenstand, Decision
from kodala.publication.rules_in_force import STALE, is_stale
from kodala.publication.selectors import get_current_version, list_deliveries_behind, list_open_warnings
from microcells.acceptance import accept_warnings, list_unaccepted

if TYPE_CHECKING:
    from django.contrib.auth.models import User

COMPARED_WITH_ANOTHER = (
    "Inzwischen gilt ein anderer Datenstand. Bitte prüfen Sie den Vergleich noch einmal, bevor Sie freigeben."
)
NOT_PROTECTED = "Die Prüfung der Geheimhaltung ist nicht bestanden. Ohne sie gibt es keine Freigabe."
NOT_IN_THE_FUTURE = (
    "Der Zeitpunkt liegt nicht in der Zukunft. Bitte wählen Sie einen späteren oder geben Sie sofort frei."
)
ANYTHING = -1  # version to compare with that fits whatever is shown now
_State, _Kind = Datenstand.State, Decision.Kind
# Taken back ones may be released again; a rejected one never was released and never will be.
_RELEASABLE = Q(state=_State.AUDITED) | Q(state=_State.WITHDRAWN, released_at__isnull=False)


def release_datenstand(
    datenstand_pk: int,
    person: User,
    *,
    note: str = "",
    visible_from: dt.datetime | None = None,
    compared_with: int | None = ANYTHING,
) -> None:
    """Make a checked draft visible, at once or from a moment on; only the first of two people wins.

    visible_from:  a moment to come, by the clock of the database; None = at once
    compared_with: version that the person saw beside the draft (None = none was shown); if another one is
                   shown by now, the comparison no longer holds and nothing happens
    Raises StateError in German if any rule of the release does not hold.
    """
    with transaction.atomic():
        datenstand = _lock(datenstand_pk)
        _refuse_unfit(datenstand, person, visible_from)
        if compared_with not in (ANYTHING, get_current_version(datenstand.area_set_id)):
            raise StateError(COMPARED_WITH_ANOTHER)
        changed = Datenstand.objects.filter(_RELEASABLE, pk=datenstand_pk, certificate__open_leaks=0).update(
            state=_State.RELEASED,
            released_by=person,
            released_at=Now(),
            visible_from=visible_from or Now(),
            release_note=note,
            withdrawn_by=None,
            withdrawn_at=None,
            withdrawal_note="",
        )
        if not changed:
            raise StateError(_why_not(datenstand))
        datenstand.refresh_from_db(fields=["visible_from"])
        _keep(datenstand, _Kind.RELEASED, person, note, visible_from=datenstand.visible_from)


def accept_open_warnings(datenstand: Datenstand, reason: str, person: User) -> None:
    """Accept every open warning of the deliveries behind a draft with one reason, for console and demo.

    Raises InputError if the reason says nothing.
    """
    for delivery in list_deliveries_behind(datenstand):
        for code in list_unaccepted(delivery):
            accept_warnings(delivery, code, reason, person)


def reject_datenstand(datenstand_pk: int, person: User, reason: str) -> None:
    """Refuse a draft for good: it never becomes visible. Raises StateError without a reason or a draft."""
    if not reason.strip():
        raise StateError("Bitte begründen Sie die Zurückweisung. Die Begründung erscheint im Protokoll.")
    with transaction.atomic():
        datenstand = _lock(datenstand_pk)
        changed = Datenstand.objects.filter(pk=datenstand_pk, state=_State.AUDITED).update(
            state=_State.WITHDRAWN, withdrawn_by=person, withdrawn_at=Now(), withdrawal_note=reason
        )
        if not changed:
            raise StateError(_why_not(datenstand))
        _keep(datenstand, _Kind.REJECTED, person, reason)


def withdraw_datenstand(datenstand_pk: int, person: User, note: str = "") -> None:
    """Take a released Datenstand back; the one before it is current again.

    One that nobody could see yet waits for a second person again. Raises StateError if it is not released.
    """
    with transaction.atomic():
        datenstand = _lock(datenstand_pk)
        is_planned = Datenstand.objects.planned().filter(pk=datenstand_pk).exists()
        own = Datenstand.objects.filter(pk=datenstand_pk, state=_State.RELEASED)
        if is_planned:
            changed = own.update(
                state=_State.AUDITED, released_by=None, released_at=None, visible_from=None, release_note=""
            )
        else:
            changed = own.update(
                state=_State.WITHDRAWN, withdrawn_by=person, withdrawn_at=Now(), withdrawal_note=note
            )
        if not changed:
            raise StateError(_not_released(datenstand))
        _keep(datenstand, _Kind.CANCELLED if is_planned else _Kind.WITHDRAWN, person, note)


def _lock(datenstand_pk: int) -> Datenstand:
    """The Datenstand, with all of its area set locked, so that decisions come one after the other."""
    area_set_id = Datenstand.objects.values_list("area_set_id", flat=True).get(pk=datenstand_pk)
    # Always in the same order, or two people could wait for each other.
    rows = Datenstand.objects.select_for_update().filter(area_set_id=area_set_id).order_by("pk")
    return next(row for row in rows if row.pk == datenstand_pk)


def _refuse_unfit(datenstand: Datenstand, person: User, visible_from: dt.datetime | None) -> None:
    """Raise StateError for the first rule that stands against a release."""
    if datenstand.requested_by_id == person.pk:
        raise StateError("Wer die Lieferung hochgeladen hat, kann sie nicht selbst freigeben.")
    if not Datenstand.objects.filter(_RELEASABLE, pk=datenstand.pk).exists():
        raise StateError(_why_not(datenstand))
    if datenstand.certificate.get("open_leaks") != 0:
        raise StateError(NOT_PROTECTED)
    if is_stale(datenstand.certificate):
        raise StateError(STALE)
    if open_warnings := list_open_warnings(datenstand):
        raise StateError(
            f"Noch nicht begründet angenommene Warnungen: {', '.join(open_warnings)}. "
            "Bitte nehmen Sie sie im Prüfbericht der Lieferung mit einer Begründung an."
        )
    if visible_from and visible_from <= _database_now():
        raise StateError(NOT_IN_THE_FUTURE)


def _database_now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def _keep(
    datenstand: Datenstand, kind: Decision.Kind, person: User, note: str, **more: dt.datetime | None
) -> None:
    Decision.objects.create(datenstand=datenstand, kind=kind, person=person, note=note, **more)


def _why_not(datenstand: Datenstand) -> str:
    """Who was first, and when."""
    name = f"Der Datenstand V{datenstand.version}"
    if datenstand.state == _State.RELEASED:
        return f"{name} ist bereits freigegeben: {datenstand.released_by}, {_moment(datenstand.released_at)}."
    if datenstand.state == _State.WITHDRAWN:
        word = "zurückgenommen" if datenstand.released_at else "zurückgewiesen"
        return f"{name} ist bereits {word}: {datenstand.withdrawn_by}, {_moment(datenstand.withdrawn_at)}."
    return f"{name} wartet nicht auf eine Freigabe: Er ist im Zustand „{datenstand.get_state_display()}“."


def _not_released(datenstand: Datenstand) -> str:
    if datenstand.state == _State.WITHDRAWN:
        return _why_not(datenstand)
    return "Nur ein freigegebener Datenstand kann zurückgenommen werden."


def _moment(moment: dt.datetime | None) -> str:
    return f"{timezone.localtime(moment):%d.%m.%Y, %H:%M} Uhr" if moment else "Zeitpunkt unbekannt"
