"""Pieces of a run: cut by the worker that carries it out, taken by any worker, on this host or another.

A piece is held by a lease while it is worked on. One whose worker died is free again when its lease has run
out. The results stay in the database until the run puts them together, in the order in which it cut them,
so that it makes no difference who computed what.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from kodala import __version__
from kodala.core.failures import place_of
from kodala.core.leases import hold
from kodala.core.models import Piece, Run

logger = logging.getLogger("kodala.pieces")

LOOK_AGAIN_S = 0.2  # how often a run asks for the pieces that others still hold

Work = Callable[[str], Any]  # name of a piece -> its result, not None, as JSON; or HAS_ENDED
CallHelp = Callable[[int, int], None]  # number of a run, how many others could find something to do
HAS_ENDED = object()  # the work has written its result itself, by END_PIECE
# For works that write rows by a connection of their own: as the last statement of the rows' transaction it
# keeps the result, or says by no row that the rows are not wanted any more.
END_PIECE = (
    "UPDATE core_piece SET result = $3::text::jsonb, ended_at = clock_timestamp() "
    "WHERE run_id = $1 AND name = $2 AND result IS NULL "
    "AND EXISTS (SELECT 1 FROM core_run WHERE id = $1 AND state = 'running') RETURNING id"
)


def call_nobody(_run_id: int, _n_tasks: int) -> None:
    """Where no queue is, one worker does all the pieces."""


def share_out(
    run: Run, names: Sequence[str], work: Work, tell: Callable[[list[str]], None], call_help: CallHelp
) -> list[Any]:
    """Have the pieces of a run done by whoever helps; gives their results in the order of the names."""
    drop_pieces(run)
    cut(run, names)
    call_help(run.pk, len(names) - 1)
    results = finish_pieces(run, work, tell)
    drop_pieces(run)
    return list(results.values())


def find_shared_run(run_id: int) -> Run | None:
    """The run if it goes on and a worker of the same version of the program carries it out."""
    return Run.objects.filter(pk=run_id, state=Run.State.RUNNING, code_version=__version__).first()


def agrees(run: Run, facts: Mapping[str, str]) -> bool:
    """Whether the run computes by the same definitions as a worker that would help."""
    return all(run.parameters.get(name) == value for name, value in facts.items())


def cut(run: Run, names: Sequence[str]) -> None:
    """Make the pieces of a run; names are unique, their order is that of putting together."""
    Piece.objects.bulk_create(Piece(run=run, name=name) for name in names)


def help_with_pieces(run_id: int, work: Work) -> int:
    """Work on pieces of somebody else's run until none is free; gives how many were done.

    Never raises: what fails here fails for the run's own worker too, and that one writes it down.
    """
    n_done = 0
    try:
        for _ in take_pieces(run_id, work, is_own=False):
            n_done += 1
    except Exception as error:
        logger.error("help with run %s stopped: %s", run_id, place_of(error))
    return n_done


def finish_pieces(run: Run, work: Work, tell: Callable[[list[str]], None]) -> dict[str, Any]:
    """Work on the pieces of one's own run until all are done; gives name -> result in the order of cutting.

    tell: gets the names of all pieces done so far, by whomever; what it raises ends the work
    """
    while True:
        for _ in take_pieces(run.pk, work):
            tell(_names_done(run.pk))
        if not _open(run.pk).exists():
            return dict(_done(run.pk).order_by("pk").values_list("name", "result"))
        time.sleep(LOOK_AGAIN_S)
        tell(_names_done(run.pk))


def take_pieces(run_id: int, work: Work, *, is_own: bool = True) -> Iterator[str]:
    """Take the free pieces of a run one after another and keep their results; yields their names.

    is_own: begin with the first one; a helper begins where it meets the others as late as it can
    """
    pieces = list(_open(run_id).order_by("pk").values_list("pk", "name", "attempts"))
    start = 0 if is_own else _middle_of_untouched([attempts for *_, attempts in pieces])
    for pk, name, _ in pieces[start:] + pieces[:start]:
        with hold(f"piece:{pk}") as lease:
            # Asked again under the lease: another worker may have finished it, or the run may have ended.
            is_mine = lease is not None and _open(run_id).filter(pk=pk).update(attempts=F("attempts") + 1)
            result = work(name) if is_mine else HAS_ENDED
            if result is not HAS_ENDED:
                _open(run_id).filter(pk=pk).update(result=result, ended_at=timezone.now())
        if is_mine:
            yield name


def _middle_of_untouched(attempts: Sequence[int]) -> int:
    """The place in the middle of the longest stretch that nobody has begun; 0 if there is none.

    Pieces that lie in a row are the cheapest for one worker: it reads on where it is.
    """
    longest = n_before = end = 0
    for place, n_attempts in enumerate(attempts, start=1):
        n_before = 0 if n_attempts else n_before + 1
        if n_before > longest:
            longest, end = n_before, place
    return end - (longest + 1) // 2 if longest else 0


def drop_pieces(run: Run) -> None:
    """Forget the pieces of a run, after they have been put together."""
    Piece.objects.filter(run=run).delete()


def drop_left_pieces() -> None:
    """Forget the pieces of runs that go on no more."""
    Piece.objects.exclude(run__state=Run.State.RUNNING).delete()


def _open(run_id: int) -> Any:
    return Piece.objects.filter(run_id=run_id, run__state=Run.State.RUNNING, result__isnull=True)


def _done(run_id: int) -> Any:
    return Piece.objects.filter(run_id=run_id, result__isnull=False)


def _names_done(run_id: int) -> list[str]:
    return list(_done(run_id).values_list("name", flat=True))
