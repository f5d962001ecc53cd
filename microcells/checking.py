"""Reading a received file from its first to its last row, with everything that is wrong in it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from kodala.core.errors import InputError
from kodala.core.pieces import CallHelp, Work, call_nobody, drop_pieces
from kodala.core.runs import Step
from microcells.delivery_file import DeliveryFile
from microcells.domain.spans import Span
from microcells.domain.tally import ValidationResult
from microcells.models import Delivery
from microcells.sharing import CHECK, share_file, tell_reading


def check_file(delivery: Delivery, step: Step, call_help: CallHelp = call_nobody) -> ValidationResult:
    """Read and validate the whole file, a large one together with whoever helps.

    Raises InputError if it is not even a table of this kind.
    """
    with closing(DeliveryFile(delivery)) as file:
        if len(file.spans) > 1:
            try:
                return _check_together(file, step, call_help)
            except InputError:
                # Which of several faults is named must not depend on who read what.
                drop_pieces(step.run)
        tell_reading(file, step.tell)
        return file.check().close()


def _check_together(file: DeliveryFile, step: Step, call_help: CallHelp) -> ValidationResult:
    """The verdict on the file, as one worker would have found it."""
    first, *rest = share_file(file, step, CHECK, checking_of(file), call_help)
    whole = file.read_tally(first)
    for span, result in zip(file.spans[1:], rest, strict=True):
        tally = file.read_tally(result)
        if before := whole.matters_to(tally):
            tally = file.check(span, before)
        whole.merge(tally)
    return whole.close()


def checking_of(file: DeliveryFile) -> Work:
    """The work on one piece of a shared file: its tally as the database keeps it."""

    def work(name: str) -> dict[str, Any]:
        return file.check(Span.named(name)).write().as_json()

    return work
