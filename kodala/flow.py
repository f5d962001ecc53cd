"""What is due of a delivery, and how far it is: read from its runs alone, so that nothing else can be wrong.

Knows no queue: a task that was lost, doubled or late changes nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from kodala.core.failures import RETRY
from kodala.core.german import remaining_words
from kodala.core.leases import HeldLease
from kodala.core.models import Retry, Run
from kodala.core.runs import Step, has_succeeded, interrupt_left, is_asked_again
from microcells.models import ConfirmedPlan, Delivery
from microcells.services import drop_upload, set_state
from microcells.uploads import remove_upload, upload_age_s

# How long the file of a house list may lie here in a state in which nothing reads it; it can be sent again.
HOUSE_LIST_LIES_S: dict[str, float] = {Delivery.State.AWAITING: 7 * 86_400.0, Delivery.State.FAILED: 600.0}

SEND_AGAIN = "die Hausliste noch einmal hochladen, ihre Datei ist gelöscht"


@dataclass(frozen=True)
class Stage:
    """One step of the flow: its stable task name, what people read, and the service that does it."""

    name: str
    label: str
    work: Callable[[Step], None]
    reads_file: bool = False  # the received file must stay until this stage has succeeded


def find_due(delivery: Delivery, stages: Sequence[Stage]) -> tuple[str, Stage | None]:
    """The state in which its runs put a delivery, and the stage that is to be carried out, if any."""
    if delivery.state in (Delivery.State.REJECTED, Delivery.State.COMPUTED):
        return delivery.state, None
    stage = next((one for one in stages if not has_succeeded(one.name, delivery.pk)), None)
    if stage is None:
        return Delivery.State.COMPUTED, None
    last = Run.objects.filter(delivery_id=delivery.pk, stage=stage.name).order_by("pk").last()
    if last and last.state == Run.State.REJECTED:
        return Delivery.State.REJECTED, None
    if last and last.state == Run.State.FAILED and not is_asked_again(last):
        return Delivery.State.FAILED, None
    if last and last.state == Run.State.WAITING and not _is_answered(last):
        return Delivery.State.AWAITING, None
    return Delivery.State.RUNNING, stage


def _is_answered(run: Run) -> bool:
    """Whether a person has confirmed a plan that this run had not yet seen; by number, not by a clock."""
    return newest_plan(run.delivery_id) > int(run.parameters.get("confirmed_plan", 0))


def newest_plan(delivery_id: int) -> int:
    """The number of the newest plan that a person confirmed for a delivery, 0 if there is none."""
    newest = ConfirmedPlan.objects.filter(delivery_id=delivery_id).order_by("pk").last()
    return newest.pk if newest else 0


def settle(delivery_id: int, stages: Sequence[Stage], lease: HeldLease) -> Stage | None:
    """Bring a delivery's state in line with its runs, whatever died in between; gives the stage due."""
    with transaction.atomic():
        interrupt_left(delivery_id)
        state, stage = find_due(Delivery.objects.get(pk=delivery_id), stages)
        set_state(delivery_id, state)
        lease.confirm()
    if state in (Delivery.State.REJECTED, Delivery.State.FAILED):
        drop_upload(delivery_id)
    return stage


def list_unfinished() -> list[Delivery]:
    """Deliveries under way, failed ones that somebody wants tried again, waiting ones that got an answer."""
    asked_again = Retry.objects.values("delivery_id")
    answered = ConfirmedPlan.objects.values("delivery_id")
    unfinished = (
        Delivery.objects.filter(state__in=[Delivery.State.RECEIVED, Delivery.State.RUNNING])
        | Delivery.objects.filter(state=Delivery.State.FAILED, pk__in=asked_again)
        | Delivery.objects.filter(state=Delivery.State.AWAITING, pk__in=answered)
    )
    return list(unfinished.order_by("pk"))


def drop_needless_upload(delivery: Delivery, stages: Sequence[Stage]) -> None:
    """Delete the file of a delivery that needs it no more, which a killed process could not delete."""
    is_done = delivery.state in (Delivery.State.REJECTED, Delivery.State.COMPUTED)
    longest_s = HOUSE_LIST_LIES_S.get(delivery.state) if delivery.kind == Delivery.Kind.HOUSES else None
    is_forgotten = longest_s is not None and upload_age_s(delivery.pk) > longest_s
    if (
        is_done
        or is_forgotten
        or all(has_succeeded(stage.name, delivery.pk) for stage in stages if stage.reads_file)
    ):
        remove_upload(delivery.pk)


@dataclass(frozen=True)
class StageLine:
    """What the progress page shows of one stage; seconds is None until it has ended."""

    name: str
    label: str
    state: str
    state_text: str
    progress: float
    progress_text: str
    remaining_text: str
    seconds: float | None
    message: str


def list_lines(delivery: Delivery, stages: Sequence[Stage]) -> list[StageLine]:
    """How far a delivery is: one line per stage, from its latest run."""
    latest = {run.stage: run for run in Run.objects.filter(delivery_id=delivery.pk).order_by("pk")}
    has_stopped = any(run.state in (Run.State.REJECTED, Run.State.FAILED) for run in latest.values())
    idle = "angehalten" if has_stopped else "wartet"
    if delivery.state == Delivery.State.COMPUTED:
        stages = [stage for stage in stages if stage.name in latest]  # one of an earlier version had fewer
    return [_line(stage, latest.get(stage.name), idle, _advice(delivery, stage)) for stage in stages]


def _advice(delivery: Delivery, stage: Stage) -> str:
    """What to do after a failure of the stage; the file of a house list is gone then."""
    return SEND_AGAIN if delivery.kind == Delivery.Kind.HOUSES and stage.reads_file else RETRY


def _line(stage: Stage, run: Run | None, idle: str, advice: str) -> StageLine:
    if run is None:
        return StageLine(stage.name, stage.label, "waiting", idle, 0.0, "", "", None, "")
    is_running = run.state == Run.State.RUNNING
    return StageLine(
        stage.name,
        stage.label,
        run.state,
        run.get_state_display(),
        run.progress,
        run.progress_text,
        remaining_words(run.remaining_s) if is_running and run.remaining_s is not None else "",
        run.seconds,
        run.message.replace(RETRY, advice),
    )
