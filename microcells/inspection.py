"""The first look at a file: how it is written, what its columns mean, and whether a person must be asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kodala.core.errors import DecisionNeeded, InputError, StateError
from kodala.core.runs import Step
from microcells.contract import refuse_personal_columns
from microcells.definitions import schema_of
from microcells.delivery_file import MISSING_FILE
from microcells.domain.header import list_doubled, list_missing, refuse_wrong_file
from microcells.domain.mapping import Match, Proposal, propose
from microcells.domain.plan import ColumnSummary, Inspection, ReadingPlan
from microcells.domain.plan_check import list_problems, parse_plan, refuse_foreign_parts
from microcells.domain.profiles import Profiles
from microcells.domain.schema import Schema
from microcells.domain.spelling import heading_key
from microcells.files import inspect_file
from microcells.models import ConfirmedPlan, Delivery
from microcells.profiles import load_profiles, profiles_definition
from microcells.services import keep_findings
from microcells.uploads import upload_path

WAITS = "Bitte Format und Spalten bestätigen."
DOES_NOT_FIT = "Die bestätigten Angaben passen nicht zur Datei."
NOT_SO = "Mit dem angegebenen Format lässt sich die Datei nicht lesen: {reason}"
REFUSED_BEFORE = (
    "Dieselbe Datei ist schon einmal zurückgewiesen worden. Bitte prüfen, ob Format und Zuordnung stimmen."
)
KEPT_DIGITS = 2  # of a range; the exact smallest and largest value belong to one cell each


def inspect_delivery(step: Step) -> None:
    """Look at a file and settle how it is read: stores inspection, proposal and plan of the delivery.

    Raises DecisionNeeded if a person must confirm something first, InputError if the file cannot be meant
    for this kind of delivery, StateError if it is gone.
    """
    delivery = Delivery.objects.get(pk=step.delivery_id)
    step.note(definition_version=profiles_definition().version, input_hash=delivery.sha256)
    path = upload_path(delivery.pk)
    if not path.exists():
        raise StateError(MISSING_FILE)
    try:
        inspection, proposal = _settle(path, delivery)
    except InputError as error:
        with step.writing():
            keep_findings(delivery, error.findings)
        raise
    # A file that waits is no success: what is known of it stands before the run's end.
    with step.closing() if proposal.is_certain else step.writing():
        _keep(delivery, inspection, proposal)
    if not proposal.is_certain:
        raise DecisionNeeded(" ".join((*proposal.questions, WAITS)))


def _settle(path: Path, delivery: Delivery) -> tuple[Inspection, Proposal]:
    """What the file looks like, and how it is to be read as far as that is certain or confirmed."""
    schema, profiles = schema_of(delivery.kind), load_profiles(delivery.kind)
    objection = ""
    try:
        confirmed = _newest_confirmed(delivery)
        if confirmed:
            return _settle_confirmed(path, confirmed, schema, profiles)
    except ValueError:
        objection = DOES_NOT_FIT
    except InputError as error:
        objection = NOT_SO.format(reason=error.findings[0].text)
    inspection = _look(path, schema, profiles)
    proposal = propose(inspection, schema, profiles)
    if not objection and _was_refused_before(delivery):
        objection = REFUSED_BEFORE
    if objection:
        return inspection, replace(proposal, questions=(objection, *proposal.questions))
    _refuse_incomplete(proposal, schema)
    return inspection, proposal


def _settle_confirmed(
    path: Path, confirmed: ReadingPlan, schema: Schema, profiles: Profiles
) -> tuple[Inspection, Proposal]:
    """The file read as a person said; raises InputError or ValueError if that does not fit the file."""
    inspection = _look(path, schema, profiles, confirmed)
    if inspection.plan.file_kind != confirmed.file_kind:
        raise ValueError("the plan is for another kind of file")
    written = replace(confirmed, columns=(), unused=())
    inspection = replace(inspection, plan=written, doubtful=())
    proposal = propose(inspection, schema, profiles)
    if not confirmed.columns:
        return inspection, proposal
    return inspection, _with_confirmed(proposal, confirmed, inspection, schema, profiles)


def _was_refused_before(delivery: Delivery) -> bool:
    """Whether the same file came before and was refused; not for want of raw data that were deleted."""
    same = Delivery.objects.filter(
        sha256=delivery.sha256,
        kind=delivery.kind,
        area_set_id=delivery.area_set_id,
        cells_deleted_at=None,
    )
    return same.filter(state=Delivery.State.REJECTED).exclude(pk=delivery.pk).exists()


def _newest_confirmed(delivery: Delivery) -> ReadingPlan | None:
    """What a person said, or None. Raises ValueError if it cannot be understood."""
    newest = ConfirmedPlan.objects.filter(delivery=delivery).order_by("-pk").first()
    return parse_plan(newest.plan) if newest else None


def _look(path: Path, schema: Schema, profiles: Profiles, confirmed: ReadingPlan | None = None) -> Inspection:
    """The first look, with the way of writing that a person confirmed if there is one; ranges are coarse."""
    inspection = inspect_file(path, schema, confirmed)
    _refuse_hopeless(inspection, schema, profiles)
    return replace(inspection, columns=tuple(_coarse(column) for column in inspection.columns))


def _refuse_hopeless(inspection: Inspection, schema: Schema, profiles: Profiles) -> None:
    """Refuse the other kind of delivery, no headings, doubled headings, and columns about single persons."""
    keys = [heading_key(column.heading) for column in inspection.columns]
    refuse_wrong_file(keys, schema, profiles.known_keys() | schema.by_header.keys())
    if doubled := list_doubled(keys, schema):
        raise InputError(doubled)
    refuse_personal_columns([column.heading for column in inspection.columns], schema.kind)


def _with_confirmed(
    proposal: Proposal, confirmed: ReadingPlan, inspection: Inspection, schema: Schema, profiles: Profiles
) -> Proposal:
    """The proposal with the columns that a person confirmed, and what is still open in them.

    Raises ValueError if they do not fit the file.
    """
    plan = replace(proposal.plan, columns=confirmed.columns, unused=confirmed.unused)
    refuse_foreign_parts(plan, inspection, schema, profiles)
    named = {heading for source in plan.columns for heading in source.headings} | {*plan.unused}
    if any(column.heading not in named for column in proposal.columns):
        raise ValueError("the plan leaves headings open")
    questions = tuple(problem.text for problem in list_problems(plan, schema))
    return replace(proposal, plan=plan, questions=questions)


def _refuse_incomplete(proposal: Proposal, schema: Schema) -> None:
    """Refuse a file that lacks columns although every one of its columns is known."""
    missing = list_missing({source.name for source in proposal.plan.columns}, schema)
    is_open = any(column.match == Match.UNKNOWN for column in proposal.columns) or proposal.questions
    if missing and not is_open:
        raise InputError(missing)


def _keep(delivery: Delivery, inspection: Inspection, proposal: Proposal) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        inspection=inspection.as_json(),
        proposal=proposal.as_json(),
        plan=proposal.plan.as_json(),
    )


def _coarse(column: ColumnSummary) -> ColumnSummary:
    """The summary with a range that is widened to two digits: no value of a single cell is kept."""
    if column.low is None or column.high is None:
        return column
    return replace(column, low=_widened(column.low, math.floor), high=_widened(column.high, math.ceil))


def _widened(value: float, rounded: Callable[[float], int]) -> float:
    if value == 0 or not math.isfinite(value):
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - KEPT_DIGITS)
    return float(f"{rounded(round(value / step, 9)) * step:.6g}")
