"""Carrying out a stage: a run row before, progress during, its end after."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from kodala import __version__
from kodala.core.errors import InputError, StateError
from kodala.core.models import Run

logger = logging.getLogger("kodala.runs")

GENERAL_FAILURE = (
    "Die Verarbeitung ist unerwartet abgebrochen. Es ist nichts verloren, der freigegebene Datenstand gilt "
    "weiter. Bitte „Erneut versuchen“ wählen; bleibt der Fehler, hilft diese Kennung weiter: Lauf {run}."
)


@dataclass
class Step:
    """What a stage gets to work with: its delivery, its run, and a way to tell how far it is."""

    delivery_id: int
    run: Run
    facts: dict[str, Any] = field(default_factory=dict)

    def tell(self, share: float, text: str) -> None:
        """Report progress: share 0 … 1 and a short German text, visible at once."""
        Run.objects.filter(pk=self.run.pk).update(progress=min(max(share, 0.0), 1.0), progress_text=text)

    def note(self, *, definition_version: str = "", input_hash: str = "", **parameters: Any) -> None:
        """Write down with which definition, input and parameters the stage computes."""
        self.run.parameters = {**self.run.parameters, **parameters}
        self.run.definition_version = definition_version or self.run.definition_version
        self.run.input_hash = input_hash or self.run.input_hash
        self.run.save(update_fields=["parameters", "definition_version", "input_hash"])


def _end(run: Run, state: Run.State, message: str = "") -> None:
    done = {"progress": 1.0, "progress_text": ""} if state == Run.State.SUCCEEDED else {}
    Run.objects.filter(pk=run.pk).update(state=state, ended_at=timezone.now(), message=message, **done)


def carry_out(stage: str, delivery_id: int, work: Callable[[Step], None]) -> Run.State:
    """Carry out one stage and write down how it ended.

    Returns SUCCEEDED, REJECTED (the input is at fault: InputError) or FAILED (anything else). Only a
    StateError speaks to people; the text of any other exception goes to no row and no log, because it may
    quote a value; its type and place do.
    """
    Run.objects.filter(stage=stage, delivery_id=delivery_id, state=Run.State.RUNNING).update(
        state=Run.State.FAILED, ended_at=timezone.now(), message="Der Lauf wurde unterbrochen."
    )
    run = Run.objects.create(
        stage=stage, delivery_id=delivery_id, state=Run.State.RUNNING, code_version=__version__
    )
    try:
        work(Step(delivery_id, run))
    except InputError as error:
        _end(run, Run.State.REJECTED, str(error))
        return Run.State.REJECTED
    except StateError as error:
        _end(run, Run.State.FAILED, str(error))
        return Run.State.FAILED
    except Exception as error:
        logger.error("stage %s of delivery %s failed: %s", stage, delivery_id, _place(error))
        _end(run, Run.State.FAILED, GENERAL_FAILURE.format(run=run.pk))
        return Run.State.FAILED
    _end(run, Run.State.SUCCEEDED)
    return Run.State.SUCCEEDED


def _place(error: BaseException) -> str:
    """Name the kind of an error and where it was raised, never its text."""
    places = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' > '.join(places[-4:])}"


def has_succeeded(stage: str, delivery_id: int) -> bool:
    """Whether the stage needs no further run."""
    return Run.objects.filter(stage=stage, delivery_id=delivery_id, state=Run.State.SUCCEEDED).exists()


def get_result_run(stage: str, delivery_id: int) -> Run:
    """The run whose results count: the latest that succeeded. Raises Run.DoesNotExist."""
    return Run.objects.filter(stage=stage, delivery_id=delivery_id, state=Run.State.SUCCEEDED).latest("pk")


@contextmanager
def only_one(delivery_id: int) -> Iterator[bool]:
    """Whether this process alone works on the delivery; the lock ends with the database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_DELIVERY, delivery_id])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_DELIVERY, delivery_id])


def is_free(delivery_id: int) -> bool:
    """Whether nobody works on the delivery at this moment."""
    with only_one(delivery_id) as is_alone:
        return is_alone


LOCK_DELIVERY = 20402040  # first key of the advisory lock, so that no other use collides
