"""The whole flow on one screen: the stages, their order, and the Celery tasks that carry them.

A task gets a delivery's number and nothing else. It carries out its stage and sends the next one; a stage
that is rejected or fails sends nothing, so everything after it waits. Starting again resumes there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from kombu.exceptions import OperationalError

from kodala.celery import app
from kodala.core.models import Run
from kodala.core.runs import Step, carry_out, has_succeeded, is_free, only_one
from kodala.publication.services import draft_datenstand
from microcells.models import Delivery
from microcells.one_pass import go_through_areas
from microcells.services import build_microcells, check_delivery, drop_upload, set_state, total_areas
from microcells.uploads import sweep_uploads
from seniors.services import SeniorScoring
from typology.services import TypeAssignment

logger = logging.getLogger("kodala.pipeline")


@dataclass(frozen=True)
class Stage:
    """One step of the flow: its stable task name, what people read, and the service that does it."""

    name: str
    label: str
    work: Callable[[Step], None]


def compute_figures(step: Step) -> None:
    """Typology and seniors, which do not know each other, in one reading of the cells."""
    delivery = Delivery.objects.get(pk=step.delivery_id)
    works = (TypeAssignment(step), SeniorScoring(step))
    versions = [step.run.parameters[room] for room in ("typology", "seniors")]
    step.note(definition_version=", ".join(versions), input_hash=delivery.canonical_digest)
    go_through_areas(step, works)


STAGES = (
    Stage("microcells.check_delivery", "Gelesen und geprüft", check_delivery),
    Stage("microcells.build_microcells", "Mikrozellen gespeichert", build_microcells),
    Stage("microcells.total_areas", "Gebiete summiert", total_areas),
    Stage("areas.compute_figures", "Quoten, Typen und Teilhabe berechnet", compute_figures),
    Stage("publication.draft_datenstand", "Geheimhaltung angewandt, Entwurf erstellt", draft_datenstand),
)
LAST_STATE = {
    Run.State.REJECTED: Delivery.State.REJECTED,
    Run.State.FAILED: Delivery.State.FAILED,
}


@dataclass(frozen=True)
class StageLine:
    """What the progress page shows of one stage; seconds is None until it has ended."""

    name: str
    label: str
    state: str
    state_text: str
    progress: float
    progress_text: str
    seconds: float | None
    message: str


def start(delivery_id: int) -> bool:
    """Send a delivery on its way, or on from where it stopped.

    False if the queue cannot be reached: nothing is lost, the worker takes it up when it starts next.
    A rejected delivery stays rejected: its file is gone, and its findings say what to mend.
    """
    if Delivery.objects.filter(pk=delivery_id, state=Delivery.State.REJECTED).exists():
        return True
    stage = next((stage for stage in STAGES if not has_succeeded(stage.name, delivery_id)), None)
    if stage is None:
        return True
    try:
        _TASKS[stage.name].apply_async((delivery_id,), retry=False)
    except OperationalError:
        logger.warning("queue not reachable, delivery %s waits", delivery_id)
        return False
    return True


def resume(delivery_id: int) -> bool:
    """Try the failed stage again; the stages before it keep their results."""
    return start(delivery_id)


def take_up(delivery_id: int) -> bool:
    """Start a delivery from the console, whose role may say at once that it is under way again."""
    Delivery.objects.filter(pk=delivery_id, state=Delivery.State.FAILED).update(state=Delivery.State.RECEIVED)
    return start(delivery_id)


def resume_all() -> int:
    """Take up every delivery that a stop left unfinished, and sweep up after it; gives their number."""
    sweep_uploads()
    open_ones = Delivery.objects.filter(state__in=[Delivery.State.RECEIVED, Delivery.State.RUNNING])
    numbers = list(open_ones.order_by("pk").values_list("pk", flat=True))
    for number in numbers:
        if is_free(number):
            start(number)
    return len(numbers)


def run_stage(stage: Stage, delivery_id: int) -> Run.State | None:
    """Carry out one stage and send the next; None if another worker has the delivery."""
    with only_one(delivery_id) as is_alone:
        if not is_alone:
            return None
        end = _carry_out(stage, delivery_id)
    # Sent after the lock is free, so that no other worker finds the delivery still taken.
    if end == Run.State.SUCCEEDED and stage is not STAGES[-1]:
        start(delivery_id)
    return end


def _carry_out(stage: Stage, delivery_id: int) -> Run.State:
    """Carry out a stage unless it is done, and keep the delivery's state in step with it."""
    end = Run.State.SUCCEEDED
    if not has_succeeded(stage.name, delivery_id):
        set_state(delivery_id, Delivery.State.RUNNING)
        end = carry_out(stage.name, delivery_id, stage.work)
    if end in LAST_STATE:
        set_state(delivery_id, LAST_STATE[end])
        drop_upload(delivery_id)
    elif stage is STAGES[-1]:
        set_state(delivery_id, Delivery.State.COMPUTED)
    return end


def _as_task(stage: Stage) -> Callable[[int], None]:
    def task(delivery_id: int) -> None:
        run_stage(stage, delivery_id)

    task.__name__ = stage.name.replace(".", "_")
    return task


@app.task(name="pipeline.resume_all")
def resume_all_task() -> None:
    """The scheduler's regular look for deliveries that a lost queue left behind."""
    resume_all()


_TASKS = {stage.name: app.task(name=stage.name)(_as_task(stage)) for stage in STAGES}


def _ready_file() -> Path:
    return Path(settings.VAR_DIR) / "services" / "worker.ready"


@worker_ready.connect
def take_up_work(**_: Any) -> None:
    """Leave a file that `./run` waits for, and take up what an earlier stop left open."""
    _ready_file().parent.mkdir(parents=True, exist_ok=True)
    _ready_file().write_text(str(os.getpid()))
    resume_all()


@worker_shutdown.connect
def lay_down_work(**_: Any) -> None:
    """Take the file away again."""
    _ready_file().unlink(missing_ok=True)


def list_stages(delivery_id: int) -> list[StageLine]:
    """How far a delivery is: one line per stage, from its latest run."""
    latest: dict[str, Run] = {}
    for run in Run.objects.filter(delivery_id=delivery_id).order_by("pk"):
        latest[run.stage] = run
    has_stopped = any(run.state in LAST_STATE for run in latest.values())
    return [
        _line(stage, latest.get(stage.name), "angehalten" if has_stopped else "wartet") for stage in STAGES
    ]


def _line(stage: Stage, run: Run | None, idle: str) -> StageLine:
    if run is None:
        return StageLine(stage.name, stage.label, "waiting", idle, 0.0, "", None, "")
    return StageLine(
        stage.name,
        stage.label,
        run.state,
        run.get_state_display(),
        run.progress,
        run.progress_text,
        run.seconds,
        run.message,
    )
