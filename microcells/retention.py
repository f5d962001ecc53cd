"""How long raw cells stay: until the date of the contract, until they are superseded, or until an order.

Figures, certificate, findings and their counts stay for good.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from kodala.core.definitions import Definition, read_definition
from kodala.core.errors import Finding, InputError, Severity, StateError
from kodala.core.leases import hold
from kodala.core.runs import has_succeeded
from microcells.cells_table import drop_partition
from microcells.models import AreaProfile, CellSeals, DeletionRequest, Delivery
from microcells.uploads import remove_upload

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MONTHS = 12
LAST_READER = "areas.compute_figures"  # the stage after which nothing reads the cells of a delivery any more
GONE = (
    "Die Rohdaten dieser Lieferung sind am {day} gelöscht worden, bevor sie berechnet war. Bitte laden Sie "
    "die Datei noch einmal hoch, wenn Sie sie wieder brauchen; sie wird dann eine neue Lieferung."
)


@dataclass(frozen=True)
class Contract:
    """What a supplier's contract says about its raw data; newer_datenstaende 0 = says nothing about them."""

    name: str
    kinds: tuple[str, ...]
    keep_months: int
    newer_datenstaende: int


def retention_definition() -> Definition:
    """The signed file with the periods."""
    return read_definition(Path(__file__).parent / "retention.toml")


@lru_cache(maxsize=1)
def contracts() -> tuple[Contract, ...]:
    """All contracts."""
    return tuple(
        Contract(own["name"], tuple(own["kinds"]), own["keep_months"], own["newer_datenstaende"])
        for own in retention_definition()["contract"]
    )


def contract_of(kind: str) -> Contract | None:
    """The contract for a kind of delivery, None for official figures, which stay."""
    return next((own for own in contracts() if kind in own.kinds), None)


def keep_until(kind: str, received: dt.date) -> dt.date | None:
    """The last day on which the raw data of a delivery may be here; None = no contract asks for an end."""
    contract = contract_of(kind)
    return add_months(received, contract.keep_months) if contract else None


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    first = dt.date(day.year + years, month + 1, 1)
    after = dt.date(first.year + first.month // MONTHS, first.month % MONTHS + 1, 1)
    return min(first + dt.timedelta(days=day.day - 1), after - dt.timedelta(days=1))


def request_deletion(delivery: Delivery, reason: str, person: User) -> DeletionRequest:
    """Order that raw data go before their time; the worker acts on it, the web process cannot.

    Raises StateError in German without a reason, without a contract, or if they are gone already.
    """
    if not reason.strip():
        raise StateError("Bitte nennen Sie den Grund, zum Beispiel das Ende des Vertrags.")
    if contract_of(delivery.kind) is None:
        raise StateError("Zu dieser Lieferung sind keine Rohdaten gespeichert.")
    if delivery.cells_deleted_at:
        raise StateError(f"Die Rohdaten sind schon gelöscht, am {_day(delivery.cells_deleted_at)}.")
    if delivery.deletion_requests.filter(carried_out_at=None).exists():
        raise StateError("Die Löschung ist schon beauftragt und wird in Kürze ausgeführt.")
    return DeletionRequest.objects.create(delivery=delivery, reason=reason.strip(), requested_by=person)


def delete_expired_cells(superseded: Collection[int] = ()) -> int:
    """Delete the raw data of every delivery whose time is over; gives the number of deliveries.

    superseded: numbers of deliveries that enough newer Datenstände have replaced
    A delivery on which a stage works at this moment is left for the next time. Days are the database's.
    """
    _fill_in_dates()
    ordered = DeletionRequest.objects.filter(delivery=OuterRef("pk"), carried_out_at=None)
    over = Q(keep_cells_until__lt=TruncDate(Now())) | Q(pk__in=superseded) | Q(Exists(ordered))
    kinds = [kind for contract in contracts() for kind in contract.kinds]
    expired = Delivery.objects.filter(over, kind__in=kinds, cells_deleted_at=None).order_by("pk")
    return sum(delete_cells(number) for number in list(expired.values_list("pk", flat=True)))


def _fill_in_dates() -> None:
    """Give deliveries from before this rule their date."""
    for delivery in Delivery.objects.filter(keep_cells_until=None):
        day = keep_until(delivery.kind, timezone.localdate(delivery.received_at))
        if day:
            Delivery.objects.filter(pk=delivery.pk).update(keep_cells_until=day)


def delete_cells(delivery_id: int) -> bool:
    """Delete cells, area profiles and file of a delivery; False if a stage works on it at this moment.

    A delivery that would still have needed them is rejected, so that its file may come again as a new one.
    """
    with hold(f"delivery:{delivery_id}") as lease:
        if lease is None:
            return False
        # The file first: whoever is killed in between finds the delivery still to be deleted.
        remove_upload(delivery_id)
        with transaction.atomic(), connection.cursor() as cursor:
            # The table of all cells is locked for the drop; whoever reads cells now goes first.
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            AreaProfile.objects.filter(delivery_id=delivery_id).delete()
            CellSeals.objects.filter(delivery_id=delivery_id).delete()
            drop_partition(delivery_id)
            Delivery.objects.filter(pk=delivery_id).update(cells_deleted_at=Now())
            open_orders = DeletionRequest.objects.filter(delivery_id=delivery_id, carried_out_at=None)
            open_orders.update(carried_out_at=Now())
            _reject_unfinished(delivery_id)
            lease.confirm()
    return True


def _reject_unfinished(delivery_id: int) -> None:
    """Reject a delivery whose figures were not computed before its raw data were deleted."""
    if has_succeeded(LAST_READER, delivery_id):
        return
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.cells_deleted_at and delivery.state not in (Delivery.State.COMPUTED, Delivery.State.REJECTED):
        delivery.state = Delivery.State.REJECTED
        delivery.message = GONE.format(day=_day(delivery.cells_deleted_at))
        delivery.save(update_fields=["state", "message"])


def require_raw_data(delivery_id: int) -> None:
    """Refuse to compute a delivery whose raw data are deleted. Raises InputError in German."""
    deleted = Delivery.objects.get(pk=delivery_id).cells_deleted_at
    if deleted:
        text = GONE.format(day=_day(deleted))
        raise InputError([Finding(0, "", "E-ROHDATEN", Severity.CONTRACT, text, "")])


def _day(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%d.%m.%Y}"
