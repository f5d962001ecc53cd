"""Work that other workers share: how they are asked for help with a run, and what they then do.

Help is never needed: without the queue, or when nobody comes, the run's own worker does all pieces.
"""

from __future__ import annotations

import logging
from typing import Any

from kombu.exceptions import OperationalError

from kodala.celery import app
from microcells.display_cells import display_works
from microcells.models import Delivery
from microcells.one_pass import AreaWork, help_with_areas
from microcells.services import help_with_file
from seniors.services import SeniorScoring
from typology.services import TypeAssignment

logger = logging.getLogger("kodala.pipeline")

MOST_HELPERS = 16  # workers that are asked to help with one run
HELP_EXPIRES_S = 600  # a worker that comes later finds nothing left


def list_works(delivery: Delivery) -> tuple[AreaWork, ...]:
    """What is computed in the one reading of a delivery's cells."""
    return TypeAssignment(delivery), SeniorScoring(delivery), *display_works(delivery)


def call_help(run_id: int, n_tasks: int) -> None:
    """Tell other workers that a run has `n_tasks` pieces to share."""
    _call(help_with_pieces, run_id, n_tasks)


def call_help_with_file(run_id: int, n_tasks: int) -> None:
    """The same for pieces of a file, which only workers that see it can take."""
    _call(help_with_file_pieces, run_id, n_tasks)


def _call(task: Any, run_id: int, n_tasks: int) -> None:
    try:
        for _ in range(min(n_tasks, MOST_HELPERS)):
            task.apply_async((run_id,), retry=False, expires=HELP_EXPIRES_S)
    except OperationalError:
        logger.warning("queue not reachable, run %s goes on without help", run_id)


@app.task(name="areas.help_with_pieces")
def help_with_pieces(run_id: int) -> None:
    """Take pieces of a run that another worker carries out; needs the database alone, no file."""
    help_with_areas(run_id, list_works)


@app.task(name="microcells.help_with_file")
def help_with_file_pieces(run_id: int) -> None:
    """Take pieces of a file that another worker checks or copies; only who sees the files gets this."""
    help_with_file(run_id)
