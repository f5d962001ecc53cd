"""Warnings that a person lets stand, with the reason; a delivery with an open one is not released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from kodala.core.errors import Finding, InputError, Severity, StateError
from microcells.definitions import schema_of
from microcells.findings import count_by_code
from microcells.models import Delivery, StoredFinding, WarningAcceptance

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WARNING = "W-"
SHORTEST_REASON = 10  # characters; "ok" explains nothing to whoever reads it in two years
LONGEST_REASON = 2000


@dataclass(frozen=True)
class WarningLine:
    """The warnings of one rule of a delivery: code, a sentence, how many findings; None = still open."""

    code: str
    text: str
    count: int
    acceptance: WarningAcceptance | None


def accept_warnings(delivery: Delivery, code: str, reason: str, person: User) -> WarningAcceptance:
    """Keep why the warnings of one rule may stand; needs no right but to insert.

    Raises InputError if the reason says nothing, StateError if the delivery has no such warning or a
    person was faster.
    """
    given = reason.strip()
    if not SHORTEST_REASON <= len(given) <= LONGEST_REASON:
        raise InputError([_no_reason()])
    if delivery.state == Delivery.State.REJECTED:
        raise StateError("Die Lieferung ist zurückgewiesen; ihre Warnungen brauchen keine Begründung mehr.")
    if code not in _warnings(delivery):
        raise StateError(f"Die Lieferung hat keine Warnung „{code}“.")
    try:
        with transaction.atomic():
            return WarningAcceptance.objects.create(
                delivery=delivery, code=code, reason=given, accepted_by=person
            )
    except IntegrityError as error:
        raise StateError(f"Die Warnungen „{code}“ sind schon angenommen.") from error


def list_unaccepted(delivery: Delivery) -> list[str]:
    """The codes of warnings that nobody has accepted yet, sorted."""
    accepted = set(delivery.acceptances.values_list("code", flat=True))
    return [code for code in _warnings(delivery) if code not in accepted]


def list_warnings(delivery: Delivery) -> list[WarningLine]:
    """Every kind of warning of the delivery, open or accepted, sorted by code."""
    accepted = {one.code: one for one in delivery.acceptances.select_related("accepted_by")}
    known = schema_of(delivery.kind).texts
    first = StoredFinding.objects.filter(delivery=delivery).order_by("code", "pk").distinct("code")
    told = dict(first.values_list("code", "text"))
    texts = {code: known[code].summary if code in known else "" for code in told}
    listed = count_by_code(delivery)  # as the findings count them: a row may have several of one rule
    return [
        WarningLine(
            code,
            texts.get(code) or told.get(code, ""),
            listed.get(code, int(delivery.counts[code])),
            accepted.get(code),
        )
        for code in _warnings(delivery)
    ]


def _warnings(delivery: Delivery) -> list[str]:
    return sorted(code for code in delivery.counts if code.startswith(WARNING))


def _no_reason() -> Finding:
    return Finding(
        0,
        "",
        "E-BEGRÜNDUNG",
        Severity.ERROR,
        f"Die Begründung braucht {SHORTEST_REASON} bis {LONGEST_REASON} Zeichen.".replace("2000", "2.000"),
        "Bitte schreiben Sie kurz, warum die Werte so stimmen können.",
    )
