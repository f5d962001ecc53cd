"""Reading a large file in pieces that several workers share, each of which must see the file.

Small files, house lists and forms that cannot be read from their middle stay with one worker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from kodala import __version__
from kodala.core.errors import InputError, InterruptionError
from kodala.core.models import Run
from kodala.core.pieces import Work, cut, drop_pieces, finish_pieces
from kodala.core.runs import Step
from microcells.definitions import extract_definition
from microcells.delivery_file import DeliveryFile
from microcells.domain.spans import Span
from microcells.domain.tally import Before, CheckedBlock, Tally, ValidationResult
from microcells.domain.written import Written
from microcells.files import SpanReader, cut_file
from microcells.models import Delivery
from microcells.uploads import upload_path

CHECK, COPY = "check", "copy"
CallHelp = Callable[[int, int], None]  # number of a run, how many others could find something to do


def call_nobody(_run_id: int, _n_tasks: int) -> None:
    """Where no queue is, one worker does all the pieces."""


class SharedFile:
    """A delivery's file, read in spans by one of the workers that share it."""

    def __init__(self, delivery: Delivery, day: dt.date | None = None) -> None:
        """day: of the check; None = today."""
        self.file = DeliveryFile(delivery, day)
        self._reader = SpanReader(self.file.path, self.file.plan, self.file.schema)
        self.on_block: Callable[[], None] = lambda: None  # is called after each block

    def close(self) -> None:
        """End the process that reads."""
        self._reader.close()

    @cached_property
    def spans(self) -> list[Span]:
        """How the file is cut; a single span if it is not."""
        return cut_file(self.file.path, self.file.plan)

    @property
    def facts(self) -> dict[str, str]:
        """In what the workers that share the file must agree."""
        key = self.file.schema.limits.municipality_key
        return {"day": self.file.day.isoformat(), "extract": extract_definition().version, "city": key}

    def check(self, name: str, before: Before | None = None) -> Tally:
        """What one span adds up to; `before` says what matters of the spans ahead of it."""
        span, validator = Span.named(name), self.file.validator()
        if before:
            validator.go_on_after(before)
        if span.start == 0:
            validator.tally.skip_lines(self.file.plan.header_line)
        for block in self._reader.read(span):
            validator.check(block)
            self.on_block()
        return validator.tally

    def check_piece(self, name: str) -> dict[str, Any]:
        """The tally of one span as the database keeps it."""
        return self.check(name).write().as_json()

    def good_rows(self, name: str) -> Iterator[CheckedBlock]:
        """The blocks of one span, of a file that was judged before."""
        validator = self.file.validator(rows_only=True)
        try:
            for block in self._reader.read(Span.named(name)):
                yield validator.check(block)
                self.on_block()
        except InputError as error:
            raise InterruptionError("a checked file could not be read again") from error

    def read_tally(self, stored: dict[str, Any]) -> Tally:
        """The tally that a piece has kept."""
        tally = self.file.new_tally()
        tally.read(Written.from_json(stored))
        return tally


@contextmanager
def share_file(delivery: Delivery) -> Iterator[SharedFile | None]:
    """The file of a delivery, to be shared; None if one worker is to read it."""
    if delivery.kind != Delivery.Kind.MICROCELLS or not delivery.plan.get("columns"):
        yield None
        return
    shared = SharedFile(delivery)
    try:
        yield shared if len(shared.spans) > 1 else None
    finally:
        shared.close()


def share_out(shared: SharedFile, step: Step, what: str, work: Work, call_help: CallHelp) -> list[Any]:
    """Have all spans done by whoever helps; gives the results in the order of the file."""
    names = [span.name for span in shared.spans]
    step.note(shared=what, **shared.facts)
    drop_pieces(step.run)
    cut(step.run, names)
    call_help(step.run.pk, len(names) - 1)
    progress = _Progress(step, sum(span.n_blocks for span in shared.spans))
    shared.on_block = progress.tell_block
    results = finish_pieces(step.run, work, progress.tell)
    drop_pieces(step.run)
    return list(results.values())


def check_together(shared: SharedFile, step: Step, call_help: CallHelp) -> ValidationResult:
    """The verdict on the file, as one worker would have found it."""
    results = share_out(shared, step, CHECK, shared.check_piece, call_help)
    whole = shared.read_tally(results[0])
    for span, result in zip(shared.spans[1:], results[1:], strict=True):
        tally = shared.read_tally(result)
        if before := whole.matters_to(tally):
            tally = shared.check(span.name, before)
        whole.merge(tally)
    return whole.close()


def open_shared(run_id: int) -> tuple[Delivery, Run, SharedFile] | None:
    """The file that another worker's run shares; None if this worker cannot or must not help.

    It does not help without the very file, nor with another version of the program or of the definition.
    """
    run = Run.objects.filter(pk=run_id, state=Run.State.RUNNING, code_version=__version__).first()
    if run is None or "shared" not in run.parameters:
        return None
    delivery = Delivery.objects.select_related("area_set").get(pk=run.delivery_id)
    path = upload_path(delivery.pk)
    if not path.exists() or path.stat().st_size != delivery.size:
        return None
    shared = SharedFile(delivery, dt.date.fromisoformat(run.parameters["day"]))
    if any(run.parameters.get(name) != value for name, value in shared.facts.items()):
        return None
    return delivery, run, shared


class _Progress:
    """Tells how much of a shared file is done: the finished pieces of all, and blocks of the own one."""

    def __init__(self, step: Step, n_blocks: int) -> None:
        self._step, self._n_blocks = step, n_blocks
        self._n_done = self._n_own = 0

    def tell(self, names: list[str]) -> None:
        """Pieces of these names are done."""
        self._n_done, self._n_own = sum(Span.named(name).n_blocks for name in names), 0
        self.tell_block(0)

    def tell_block(self, n: int = 1) -> None:
        """One more block of an own piece is done."""
        self._n_own += n
        share = (self._n_done + self._n_own) / self._n_blocks
        self._step.tell(share, f"{min(share, 1) * 100:.0f} % der Datei")
