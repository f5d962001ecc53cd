"""The steps of a delivery: receive, check, store. Everything else only reads what they leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.db import transaction

from kodala.core.errors import Finding, InputError, Severity
from kodala.core.runs import Step
from microcells.checking import CheckedFile, check_file
from microcells.definitions import extract_definition
from microcells.models import Delivery, StoredFinding
from microcells.storing import store_bundled_houses, store_checked_cells
from microcells.totals import total_areas
from microcells.uploads import discard_upload, keep_upload, remove_upload, take_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = [
    "build_microcells",
    "check_delivery",
    "drop_upload",
    "receive_delivery",
    "set_state",
    "total_areas",
]

SHOWN_NAME = 200  # characters of the given file name that are kept, for people only


def receive_delivery(
    chunks: Iterable[bytes],
    file_name: str,
    kind: str,
    area_set_id: int,
    reference_date: dt.date | None,
    person: User,
) -> Delivery:
    """Take in a file; the same file again gives the delivery it already is.

    chunks: the bytes of the file, in pieces of any size
    reference_date: needed for house lists, which carry none; ignored for microcells, which do
    Raises InputError if a house list comes without a date. Raises OSError if the disk is full.
    """
    is_house_list = kind == Delivery.Kind.HOUSES
    if is_house_list and reference_date is None:
        raise InputError([_missing_date()])
    upload = take_in(chunks)
    delivery, _ = Delivery.objects.get_or_create(
        area_set_id=area_set_id,
        kind=kind,
        sha256=upload.sha256,
        stated_date=reference_date if is_house_list else None,
        defaults={
            "reference_date": reference_date if is_house_list else None,
            "file_name": _plain_name(file_name),
            "size": upload.size,
            "received_by": person,
        },
    )
    if delivery.state in (Delivery.State.REJECTED, Delivery.State.COMPUTED):
        discard_upload(upload)  # its result stands, the file is not needed again
    else:
        keep_upload(upload, delivery.pk)
    return delivery


def _missing_date() -> Finding:
    return Finding(
        0,
        "stichtag",
        "E-STICHTAG",
        Severity.CONTRACT,
        "Eine Hausliste nennt ihren Stichtag nicht selbst.",
        "Bitte den Stichtag beim Hochladen angeben.",
    )


def _plain_name(file_name: str) -> str:
    """The last part of a path, without control characters."""
    name = PurePath(file_name.replace("\\", "/")).name
    return "".join(sign for sign in name if sign.isprintable())[:SHOWN_NAME] or "ohne Namen"


def set_state(delivery_id: int, state: str) -> None:
    """Write down how far a delivery is."""
    Delivery.objects.filter(pk=delivery_id).update(state=state)


def check_delivery(step: Step) -> None:
    """Read a file completely and keep every finding; changes nothing else.

    Raises InputError if the file cannot be used; the findings are stored all the same.
    """
    delivery = Delivery.objects.select_related("area_set").get(pk=step.delivery_id)
    step.note(definition_version=extract_definition().version, input_hash=delivery.sha256)
    try:
        checked = check_file(delivery, step.tell)
    except InputError as error:
        _keep_findings(delivery, error.findings)
        raise
    _keep_findings(delivery, checked.result.findings)
    _keep_facts(delivery, checked)
    if checked.result.is_rejected:
        raise InputError([_reason(text) for text in checked.result.reasons])


def _reason(text: str) -> Finding:
    return Finding(
        0,
        "",
        "E-LIEFERUNG",
        Severity.CONTRACT,
        text,
        "Bitte beim Lieferanten eine korrigierte Datei anfordern.",
    )


def _keep_findings(delivery: Delivery, findings: Sequence[Finding]) -> None:
    """Replace the findings of an earlier attempt, in one step."""
    with transaction.atomic():
        StoredFinding.objects.filter(delivery=delivery).delete()
        StoredFinding.objects.bulk_create(
            (
                StoredFinding(
                    delivery=delivery,
                    row=finding.row,
                    column=finding.column[:80],
                    code=finding.code,
                    severity=finding.severity.value,
                    text=finding.text,
                    suggestion=finding.suggestion,
                )
                for finding in findings
            ),
            batch_size=1000,
        )


def _keep_facts(delivery: Delivery, checked: CheckedFile) -> None:
    """Write down what the file turned out to be. The date of a file of microcells is known only now."""
    result = checked.result
    Delivery.objects.filter(pk=delivery.pk).update(
        reference_date=delivery.stated_date or result.reference_date,
        counts=result.counts,
        n_rows=result.n_rows,
        canonical_digest=result.checksum,
    )


def build_microcells(step: Step) -> None:
    """Store the cells of a checked delivery, or bundle its houses into cells and store those.

    The file is deleted when the cells are in: raw rows live in one place only.
    """
    delivery = Delivery.objects.select_related("area_set").get(pk=step.delivery_id)
    store = store_bundled_houses if delivery.kind == Delivery.Kind.HOUSES else store_checked_cells
    store(delivery, step)
    remove_upload(delivery.pk)


def drop_upload(delivery_id: int) -> None:
    """Delete a file that must not stay: a refused one, and a house list in any case.

    The file of a failed delivery of microcells stays, so that it can be tried again.
    """
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.kind == Delivery.Kind.HOUSES or delivery.state == Delivery.State.REJECTED:
        remove_upload(delivery.pk)
