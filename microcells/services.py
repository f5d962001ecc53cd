"""The steps of a delivery: receive, check, store. Everything else only reads what they leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import closing
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone

from kodala.core.errors import Finding, InputError, Severity
from kodala.core.pieces import CallHelp, call_nobody, help_with_pieces
from kodala.core.runs import Step
from microcells.checking import check_file, checking_of
from microcells.contract import ListEarlier, judge_delivery, no_earlier, refuse_personal_columns
from microcells.definitions import definition_of
from microcells.domain.findings import sort_groups
from microcells.keeping import Checked, keep_checked, keep_findings
from microcells.models import Delivery
from microcells.retention import keep_until
from microcells.sharing import CHECK, open_shared
from microcells.statistics import check_statistics
from microcells.storing import copying_of, store_bundled_houses, store_checked_cells
from microcells.totals import total_areas
from microcells.uploads import discard_upload, keep_upload, remove_upload, take_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = [
    "build_microcells",
    "check_delivery",
    "drop_upload",
    "help_with_file",
    "keep_findings",
    "receive_delivery",
    "set_state",
    "total_areas",
]

TOO_MUCH = ("E-SPEICHER", "E-ZEIT")
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
    reference_date: needed for house lists, which carry none; for area statistics it holds where a row
                    names none; ignored for microcells
    Raises InputError if a house list comes without a date. Raises OSError if the disk is full.
    """
    is_house_list = kind == Delivery.Kind.HOUSES
    if is_house_list and reference_date is None:
        raise InputError([_missing_date()])
    stated_date = None if kind == Delivery.Kind.MICROCELLS else reference_date
    upload = take_in(chunks)
    try:
        delivery, _ = _whose_result_stands().get_or_create(
            area_set_id=area_set_id,
            kind=kind,
            sha256=upload.sha256,
            stated_date=stated_date,
            defaults={
                "reference_date": stated_date if is_house_list else None,
                "file_name": _plain_name(file_name),
                "size": upload.size,
                "received_by": person,
                "keep_cells_until": keep_until(kind, timezone.localdate()),
            },
        )
        if delivery.state in (Delivery.State.REJECTED, Delivery.State.COMPUTED):
            discard_upload(upload)  # its result stands, the file is not needed again
        else:
            keep_upload(upload, delivery.pk)
    except BaseException:
        discard_upload(upload)  # nobody would look for it for an hour
        raise
    return delivery


def _whose_result_stands() -> QuerySet[Delivery]:
    """All deliveries but those refused for another reason than the file itself.

    A person or a profile assigned the columns, perhaps wrongly; or reading it took too much memory or time,
    which on another day or machine it may not; or its raw data were deleted.
    """
    is_assigned = Q(confirmed_plans__isnull=False) | (
        Q(proposal__has_key="profile") & ~Q(proposal__profile="")
    )
    was_too_much = Q(findings__code__in=TOO_MUCH)
    is_gone = Q(cells_deleted_at__isnull=False)
    return Delivery.objects.exclude(is_assigned | was_too_much | is_gone, state=Delivery.State.REJECTED)


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


def check_delivery(
    step: Step, list_earlier: ListEarlier = no_earlier, call_help: CallHelp = call_nobody
) -> None:
    """Read a file completely, hold it against the contract, and keep every finding; changes nothing else.

    list_earlier: gives what was released before; this room does not know releases
    call_help:    is asked for other workers that see the file, if there is enough to do
    Raises InputError if the file cannot be used; the findings are stored all the same.
    """
    delivery = Delivery.objects.select_related("area_set").get(pk=step.delivery_id)
    step.note(definition_version=definition_of(delivery.kind).version, input_hash=delivery.sha256)
    try:
        refuse_personal_columns(_headings(delivery), delivery.kind)
        checked = _check(delivery, step, list_earlier, call_help)
    except InputError as error:
        with step.writing():
            keep_findings(delivery, error.findings)
        raise
    # A rejected delivery is no success: what is kept of it stands before the run's end.
    with step.writing() if checked.is_rejected else step.closing():
        keep_checked(delivery, checked)
    if checked.is_rejected:
        raise InputError([_reason(text) for text in checked.reasons])


def _headings(delivery: Delivery) -> list[str]:
    """Every heading of the file as the plan has it, also those that nobody needs."""
    columns = delivery.plan.get("columns", ())
    return [*(heading for own in columns for heading in own["headings"]), *delivery.plan.get("unused", ())]


def _check(delivery: Delivery, step: Step, list_earlier: ListEarlier, call_help: CallHelp) -> Checked:
    """Read the file and apply every rule for its kind."""
    if delivery.kind == Delivery.Kind.STATISTICS:
        own = check_statistics(delivery, step.tell)
        return Checked(own.n_rows, own.reference_date, own.counts, own.findings, own.reasons, own.checksum)
    result = check_file(delivery, step, call_help)
    verdict = judge_delivery(delivery, result, list_earlier(delivery))
    return Checked(
        n_rows=result.n_rows,
        reference_date=result.reference_date,
        counts=dict(sorted({**result.counts, **verdict.counts}.items())),
        groups=sort_groups([*result.groups, *verdict.groups]),
        reasons=result.reasons,
        checksum=result.checksum,
        checks=verdict.checks,
        profile=result.profile,
    )


def _reason(text: str) -> Finding:
    return Finding(
        0,
        "",
        "E-LIEFERUNG",
        Severity.CONTRACT,
        text,
        "Bitte beim Lieferanten eine korrigierte Datei anfordern.",
    )


def build_microcells(step: Step, call_help: CallHelp = call_nobody) -> None:
    """Store the cells of a checked delivery, or bundle its houses into cells and store those.

    The file is deleted when the cells are in: raw rows live in one place only.
    """
    delivery = Delivery.objects.select_related("area_set").get(pk=step.delivery_id)
    if delivery.kind == Delivery.Kind.HOUSES:
        store_bundled_houses(delivery, step)
    else:
        store_checked_cells(delivery, step, call_help)
    remove_upload(delivery.pk)


def help_with_file(run_id: int) -> int:
    """Take pieces of another worker's run that checks or copies a file; gives how many."""
    found = open_shared(run_id)
    if found is None:
        return 0
    run, delivery, file = found
    with closing(file):
        is_check = run.parameters["shared"] == CHECK
        return help_with_pieces(run_id, checking_of(file) if is_check else copying_of(delivery, run, file))


def drop_upload(delivery_id: int) -> None:
    """Delete a file that must not stay: a refused one, and a house list in any case.

    The file of a failed delivery of microcells stays, so that it can be tried again.
    """
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.kind == Delivery.Kind.HOUSES or delivery.state == Delivery.State.REJECTED:
        remove_upload(delivery.pk)
