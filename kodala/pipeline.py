"""The whole flow on one screen: the stages, their order, and the Celery tasks that carry them.

A task gets a delivery's number and nothing else. Whoever holds the delivery's lease carries out the stage
that is due and sends the next one; a stage that is rejected, fails or waits for a person sends nothing.
The rows in the database say what is due, so a lost, doubled or late task does no harm.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import Error, connections
from kombu.exceptions import OperationalError

from kodala.celery import app
from kodala.core.errors import StateError
from kodala.core.failures import RETRY, place_of
from kodala.core.leases import LeaseLost, hold, is_held
from kodala.core.models import Run
from kodala.core.pieces import drop_left_pieces
from kodala.core.runs import Step, ask_again, carry_out
from kodala.flow import (
    Stage,
    StageLine,
    drop_needless_upload,
    find_due,
    list_lines,
    list_unfinished,
    newest_plan,
    settle,
)
from kodala.helping import call_help, call_help_with_file, list_works
from kodala.publication.counting import recount_changes
from kodala.publication.earlier import list_earlier_releases
from kodala.publication.protecting_again import protect_again
from kodala.publication.selectors import list_superseded_deliveries
from kodala.publication.services import draft_datenstand
from microcells.cells_table import drop_left_tables
from microcells.display_cells import prepare_display_cells
from microcells.inspection import inspect_delivery
from microcells.models import Delivery
from microcells.one_pass import go_through_areas
from microcells.retention import LAST_READER, delete_expired_cells, require_raw_data
from microcells.services import build_microcells, check_delivery, total_areas
from microcells.statistics import store_statistics
from microcells.uploads import list_uploads, sweep_uploads

logger = logging.getLogger("kodala.pipeline")

TOO_LONG = (
    "Die Verarbeitung hat die Zeitgrenze von {hours} Stunden erreicht und wurde angehalten. Es ist nichts "
    f"verloren, der freigegebene Datenstand gilt weiter. Bitte {RETRY}; die Stufe beginnt von vorn."
)


def compute_figures(step: Step) -> None:
    """Typology and seniors, which do not know each other, in one reading of the cells."""
    delivery = Delivery.objects.get(pk=step.delivery_id)
    step.note(no_display_cells=prepare_display_cells(delivery))
    works = list_works(delivery)
    step.note(**{key: value for work in works for key, value in work.facts.items()})
    versions = [step.run.parameters[room] for room in ("typology", "seniors")]
    step.note(definition_version=", ".join(versions), input_hash=delivery.canonical_digest)
    go_through_areas(step, works, call_help)


def check_against_releases(step: Step) -> None:
    """The check of a delivery; what was released before is known two storeys above its room."""
    check_delivery(step, list_earlier_releases, call_help_with_file)


def store_cells(step: Step) -> None:
    """Store the cells of a delivery, those of a large file with whoever helps."""
    build_microcells(step, call_help_with_file)


INSPECT = Stage("microcells.inspect_delivery", "Format und Spalten", inspect_delivery, reads_file=True)
CHECK = Stage("microcells.check_delivery", "Gelesen und geprüft", check_against_releases, reads_file=True)
DRAFT = Stage("publication.draft_datenstand", "Geheimhaltung angewandt, Entwurf erstellt", draft_datenstand)
STAGES = (
    INSPECT,
    CHECK,
    Stage("microcells.build_microcells", "Mikrozellen gespeichert", store_cells, reads_file=True),
    Stage("microcells.total_areas", "Gebiete summiert", total_areas),
    Stage(LAST_READER, "Quoten, Typen und Teilhabe berechnet", compute_figures),
    DRAFT,
)
STATISTICS_STAGES = (
    INSPECT,
    CHECK,
    Stage("microcells.store_statistics", "Amtliche Zahlen gespeichert", store_statistics, reads_file=True),
    DRAFT,
)


def stages_of(kind: str) -> tuple[Stage, ...]:
    """The stages of a kind of delivery, in their order."""
    return STATISTICS_STAGES if kind == Delivery.Kind.STATISTICS else STAGES


def start(delivery_id: int) -> bool:
    """Send a delivery on its way, or on from where it stopped; a failed one gets three new attempts.

    False if the queue cannot be reached: nothing is lost, the scheduler sends it on when it can be.
    A rejected delivery stays rejected: its file is gone, and its findings say what to mend.
    """
    if Delivery.objects.filter(pk=delivery_id, state=Delivery.State.FAILED).exists():
        ask_again(delivery_id)
    return _send(delivery_id)


def resume(delivery_id: int) -> bool:
    """Try the failed stage again; the stages before it keep their results."""
    return start(delivery_id)


def take_up(delivery_id: int) -> bool:
    """Start a delivery from the console, whose role may say at once that it is under way again."""
    is_sent = start(delivery_id)
    Delivery.objects.filter(pk=delivery_id, state=Delivery.State.FAILED).update(state=Delivery.State.RECEIVED)
    return is_sent


def _send(delivery_id: int) -> bool:
    """Send the task of the stage that is due, if there is one. False if the queue cannot be reached."""
    delivery = Delivery.objects.get(pk=delivery_id)
    state, stage = find_due(delivery, stages_of(delivery.kind))
    if stage is None and state == delivery.state:
        return True
    # A delivery whose worker died between the last stage and the delivery's own state needs only that.
    task = _TASKS[(stage or stages_of(delivery.kind)[-1]).name]
    try:
        task.apply_async((delivery_id,), retry=False)
    except OperationalError:
        logger.warning("queue not reachable, delivery %s waits", delivery_id)
        return False
    return True


def run_stage(stage: Stage, delivery_id: int) -> Run.State | None:
    """Carry out the stage if it is due and send the next; None if it is not, or another worker has it."""
    with hold(f"delivery:{delivery_id}") as lease:
        if lease is None:
            return None
        end = None
        stages = stages_of(Delivery.objects.get(pk=delivery_id).kind)
        due = settle(delivery_id, stages, lease)
        if due == stage:
            end = carry_out(stage.name, delivery_id, _guarded(stage), lease)
            due = None if lease.is_lost else settle(delivery_id, stages, lease)
    # Sent after the lease is given back, so that no other worker finds the delivery still taken. What was
    # interrupted is left to the scheduler: a little later is better than three times at once.
    if due and end != Run.State.INTERRUPTED:
        _send(delivery_id)
    return end


def _guarded(stage: Stage) -> Callable[[Step], None]:
    """The work of a stage, which notes the plan it saw and says in German when its time is up."""

    def work(step: Step) -> None:
        step.note(confirmed_plan=newest_plan(step.delivery_id))
        if stage is not DRAFT:
            require_raw_data(step.delivery_id)
        try:
            stage.work(step)
        except SoftTimeLimitExceeded as error:
            hours = settings.CELERY_TASK_SOFT_TIME_LIMIT // 3600
            raise StateError(TOO_LONG.format(hours=hours)) from error

    return work


def resume_all() -> int:
    """Take up every delivery that a stop left unfinished, and sweep up after it; gives their number."""
    sweep_uploads()
    drop_left_tables()
    drop_left_pieces()
    for delivery in Delivery.objects.filter(pk__in=list_uploads()):
        drop_needless_upload(delivery, stages_of(delivery.kind))
    unfinished = list_unfinished()
    for delivery in unfinished:
        if not is_held(f"delivery:{delivery.pk}"):
            _send(delivery.pk)
    return len(unfinished)


def _as_task(stage: Stage) -> Callable[[int], None]:
    def task(delivery_id: int) -> None:
        try:
            run_stage(stage, delivery_id)
        except (Error, LeaseLost) as error:
            logger.warning("delivery %s waits for the scheduler: %s", delivery_id, place_of(error))

    task.__name__ = stage.name.replace(".", "_")
    return task


def follow_the_rules() -> None:
    """Protect again what the signed rules no longer allow to be shown; one worker at a time."""
    with hold("protect-again") as lease:
        if lease is None:
            return
        try:
            protect_again()
        except StateError as error:
            logger.error("%s", error)


@app.task(name="pipeline.resume_all")
def resume_all_task() -> None:
    """The scheduler's regular look for deliveries that a dead worker or a lost queue left behind."""
    try:
        follow_the_rules()
        resume_all()
    except Error as error:
        logger.warning("the scheduler waits for the database: %s", type(error).__name__)


@app.task(name="microcells.delete_expired_cells")
def keep_house_task() -> None:
    """Raw data whose time is over go; comparisons beside which another Datenstand is shown are made anew."""
    try:
        delete_expired_cells(list_superseded_deliveries())
        recount_changes()
    except Error as error:
        logger.warning("raw data wait for the database: %s", type(error).__name__)


_TASKS = {
    stage.name: app.task(name=stage.name)(_as_task(stage))
    for stage in dict.fromkeys(STAGES + STATISTICS_STAGES)
}


def _ready_file() -> Path:
    return Path(settings.VAR_DIR) / "services" / "worker.ready"


@worker_ready.connect
def take_up_work(**_: Any) -> None:
    """Leave a file that `./run` waits for, and take up what an earlier stop left open."""
    _ready_file().parent.mkdir(parents=True, exist_ok=True)
    _ready_file().write_text(str(os.getpid()))
    resume_all_task()
    connections.close_all()  # children made later must not inherit an open connection


@worker_shutdown.connect
def lay_down_work(**_: Any) -> None:
    """Take the file away again."""
    _ready_file().unlink(missing_ok=True)


def is_under_way(delivery: Delivery) -> bool:
    """Whether somebody works on a delivery, or soon will because a person has answered."""
    if delivery.is_running:
        return True
    was_begun = Run.objects.filter(delivery_id=delivery.pk).exists()
    return was_begun and find_due(delivery, stages_of(delivery.kind))[0] == Delivery.State.RUNNING


def list_stages(delivery_id: int) -> list[StageLine]:
    """How far a delivery is: one line per stage, from its latest run."""
    delivery = Delivery.objects.get(pk=delivery_id)
    return list_lines(delivery, stages_of(delivery.kind))
