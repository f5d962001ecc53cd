"""Carrying out a stage: a run row before, progress during, its end after; each written only by its holder."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Max
from django.utils import timezone

from kodala import __version__
from kodala.core.errors import DecisionNeeded, InputError, LeaseLost, StateError
from kodala.core.failures import RETRY, full_disk_message, is_passing, place_of
from kodala.core.leases import HeldLease
from kodala.core.models import Retry, Run

logger = logging.getLogger("kodala.runs")

ATTEMPTS = 3  # of a stage that were interrupted, before a person is asked
INTERRUPTIBLE = (Run.State.RUNNING, Run.State.INTERRUPTED)  # not WAITING: such a run did its work
ESTIMATE_AFTER_S = 2.0
GENERAL_FAILURE = (
    "Die Verarbeitung ist unerwartet abgebrochen. Es ist nichts verloren, der freigegebene Datenstand gilt "
    f"weiter. Bitte {RETRY}; bleibt der Fehler, hilft diese Kennung weiter: Lauf {{run}}."
)
INTERRUPTED = "Der Lauf wurde unterbrochen und wird von selbst noch einmal begonnen."
INTERRUPTED_TOO_OFTEN = (
    "Der Lauf wurde {attempts}-mal unterbrochen und wird nicht von selbst noch einmal begonnen. Der "
    "freigegebene Datenstand gilt weiter. Meist reicht der Arbeitsspeicher nicht, oder Datenbank und "
    f"Arbeitsprozess sind ausgefallen. Bitte das prüfen lassen und dann {RETRY}; es "
    "beginnen wieder {attempts} Versuche. Kennung: Lauf {run}."
)


@dataclass
class Step:
    """What a stage gets to work with: its delivery, its run, and a way to tell how far it is."""

    delivery_id: int
    run: Run
    lease: HeldLease | None = None
    is_closed: bool = False
    _first: tuple[float, float] | None = None  # share and clock when progress was first told

    def tell(self, share: float, text: str) -> None:
        """Report progress: share 0 … 1 and a short German text, visible at once.

        Raises LeaseLost if another process has taken the work over meanwhile.
        """
        if self.lease and self.lease.is_lost:
            raise LeaseLost(self.lease.key)
        share = min(max(share, 0.0), 1.0)
        Run.objects.filter(pk=self.run.pk, state=Run.State.RUNNING).update(
            progress=share, progress_text=text[:200], remaining_s=self._remaining_s(share)
        )

    def _remaining_s(self, share: float) -> int | None:
        """Seconds to the end at the pace so far, None before a pace can be told."""
        now = time.monotonic()
        if self._first is None:
            self._first = (share, now)
        done, seconds = share - self._first[0], now - self._first[1]
        if seconds < ESTIMATE_AFTER_S or done <= 0:
            return None
        return round((1.0 - share) * seconds / done)

    def note(self, *, definition_version: str = "", input_hash: str = "", **parameters: Any) -> None:
        """Write down with which definition, input and parameters the stage computes."""
        self.run.parameters = {**self.run.parameters, **parameters}
        self.run.definition_version = definition_version or self.run.definition_version
        self.run.input_hash = input_hash or self.run.input_hash
        self.run.save(update_fields=["parameters", "definition_version", "input_hash"])

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that is kept only if the work is still ours.

        Raises LeaseLost, and keeps nothing, if another process has taken the work over.
        """
        with transaction.atomic():
            yield
            if self.lease:
                self.lease.confirm()

    @contextmanager
    def closing(self) -> Iterator[None]:
        """The transaction in which a stage writes its results: they and its success are kept, or neither."""
        with self.writing():
            yield
            _write_end(self.run, None, Run.State.SUCCEEDED)
        self.is_closed = True


def carry_out(
    stage: str, delivery_id: int, work: Callable[[Step], None], lease: HeldLease | None = None
) -> Run.State | None:
    """Carry out one stage and write down how it ended; None if another process has taken it over.

    SUCCEEDED; REJECTED: the input is at fault (InputError); WAITING: a person must decide (DecisionNeeded);
    INTERRUPTED: it may be tried again; FAILED: anything else. Only a StateError speaks to people; the text
    of any other exception goes to no row and no log, because it may quote a value; its type and place do.
    """
    run = _begin(stage, delivery_id, lease)
    step = Step(delivery_id, run, lease)
    try:
        work(step)
        if not step.is_closed:
            with step.closing():
                pass
    except LeaseLost:
        logger.warning("stage %s of delivery %s was taken over, run %s ends", stage, delivery_id, run.pk)
        return None
    except Exception as error:
        return _give_up(run, lease, error)
    logger.info("stage %s of delivery %s succeeded, run %s", stage, delivery_id, run.pk)
    return Run.State.SUCCEEDED


def _begin(stage: str, delivery_id: int, lease: HeldLease | None) -> Run:
    with transaction.atomic():
        interrupt_left(delivery_id, stage)
        run = Run.objects.create(
            stage=stage, delivery_id=delivery_id, state=Run.State.RUNNING, code_version=__version__
        )
        if lease:
            lease.confirm()
    return run


def interrupt_left(delivery_id: int, stage: str | None = None) -> None:
    """Write down that runs which a dead process left have ended; the caller holds the delivery's lease."""
    left = Run.objects.filter(delivery_id=delivery_id, state=Run.State.RUNNING)
    for run in left.filter(stage=stage) if stage else left:
        state, message = _interrupted(run)
        logger.warning("run %s of delivery %s was left behind: %s", run.pk, delivery_id, state)
        _write_end(run, None, state, message)


def _give_up(run: Run, lease: HeldLease | None, error: Exception) -> Run.State | None:
    """Write down why a run ended without success; what cannot be written, the next holder finds."""
    state, message = _verdict(run, error)
    if state in (Run.State.FAILED, Run.State.INTERRUPTED):
        logger.error(
            "stage %s of delivery %s, run %s: %s: %s",
            run.stage,
            run.delivery_id,
            run.pk,
            state,
            place_of(error),
        )
    try:
        connection.close_if_unusable_or_obsolete()
        with transaction.atomic():
            _write_end(run, lease, state, message)
    except LeaseLost:
        return None
    except Error as second:
        logger.error("end of run %s could not be written: %s", run.pk, type(second).__name__)
    return state


def _verdict(run: Run, error: Exception) -> tuple[Run.State, str]:
    if isinstance(error, InputError):
        return Run.State.REJECTED, str(error)
    if isinstance(error, DecisionNeeded):
        return Run.State.WAITING, str(error)
    if message := full_disk_message(error):
        return Run.State.FAILED, message
    if isinstance(error, StateError):
        return Run.State.FAILED, str(error)
    if is_passing(error):
        return _interrupted(run)
    return Run.State.FAILED, GENERAL_FAILURE.format(run=run.pk)


def _interrupted(run: Run) -> tuple[Run.State, str]:
    """How an interrupted run counts: one of a few that are begun anew, or the last."""
    attempts = int(getattr(settings, "STAGE_ATTEMPTS", ATTEMPTS))
    try:
        asked = Retry.objects.filter(delivery_id=run.delivery_id).aggregate(last=Max("after_run"))["last"]
        so_far = Run.objects.filter(
            stage=run.stage, delivery_id=run.delivery_id, pk__gt=asked or 0, state__in=INTERRUPTIBLE
        ).count()
    except Error:
        connection.close_if_unusable_or_obsolete()
        return Run.State.INTERRUPTED, INTERRUPTED
    if so_far < attempts:
        return Run.State.INTERRUPTED, INTERRUPTED
    return Run.State.FAILED, INTERRUPTED_TOO_OFTEN.format(attempts=attempts, run=run.pk)


def _write_end(run: Run, lease: HeldLease | None, state: Run.State, message: str = "") -> None:
    """End a running run. Raises LeaseLost if somebody else has ended it, or has the work now."""
    done = {"progress": 1.0, "progress_text": ""} if state == Run.State.SUCCEEDED else {}
    ended = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(
        state=state, ended_at=timezone.now(), message=message, remaining_s=None, **done
    )
    if not ended:
        raise LeaseLost(f"run {run.pk}")
    if lease:
        lease.confirm()


def ask_again(delivery_id: int) -> None:
    """Begin to count a delivery's attempts anew: somebody asked for it to be tried again."""
    newest = Run.objects.filter(delivery_id=delivery_id).aggregate(newest=Max("pk"))["newest"]
    Retry.objects.create(delivery_id=delivery_id, after_run=newest or 0)


def is_asked_again(run: Run) -> bool:
    """Whether somebody asked for another try after this run."""
    return Retry.objects.filter(delivery_id=run.delivery_id, after_run__gte=run.pk).exists()


def has_succeeded(stage: str, delivery_id: int) -> bool:
    """Whether the stage needs no further run."""
    return Run.objects.filter(stage=stage, delivery_id=delivery_id, state=Run.State.SUCCEEDED).exists()


def get_result_run(stage: str, delivery_id: int) -> Run:
    """The run whose results count: the latest that succeeded. Raises Run.DoesNotExist."""
    return Run.objects.filter(stage=stage, delivery_id=delivery_id, state=Run.State.SUCCEEDED).latest("pk")
