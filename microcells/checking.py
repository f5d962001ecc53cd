"""Reading a received file from its first to its last row, with everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kodala.core.errors import InputError, InterruptionError
from kodala.core.pieces import drop_pieces
from kodala.core.runs import Step
from microcells.delivery_file import DeliveryFile
from microcells.domain.plan import ReadingPlan
from microcells.domain.tally import CheckedBlock, ValidationResult
from microcells.files import read_file
from microcells.models import Delivery
from microcells.sharing import CallHelp, call_nobody, check_together, share_file


class DeliveryReader:
    """Reads the file of a delivery once, block by block; `close` gives the verdict."""

    def __init__(
        self, delivery: Delivery, tell: Callable[[float, str], None], *, rows_only: bool = False
    ) -> None:
        """rows_only: the file was judged before; only its good rows are wanted, `close` gives nothing.

        Raises StateError if the file is gone, InputError if it is no table or a table of something else.
        """
        self._file = DeliveryFile(delivery)
        self._tell = tell
        self._was_judged = rows_only
        self._validator = self._file.validator(rows_only=rows_only)

    @property
    def plan(self) -> ReadingPlan:
        """How the file is read."""
        return self._file.plan

    def blocks(self) -> Iterator[CheckedBlock]:
        """The checked blocks in the order of the file."""
        n_rows, share = 0, 0.0

        def keep(done: float) -> None:
            nonlocal share
            share = done

        try:
            for block in read_file(self._file.path, self.plan, self._file.schema, keep):
                n_rows += len(block.rows)
                yield self._validator.check(block)
                self._tell(share, f"{n_rows:,} Zeilen".replace(",", "."))
        except InputError as error:
            if self._was_judged:  # the file was good a moment ago: it is the machine that fails
                raise InterruptionError("a checked file could not be read again") from error
            raise

    def close(self) -> ValidationResult:
        """The verdict, after the last block."""
        return self._validator.close()


def check_file(delivery: Delivery, step: Step, call_help: CallHelp = call_nobody) -> ValidationResult:
    """Read and validate the whole file, a large one together with whoever helps.

    Raises InputError if it is not even a table of this kind.
    """
    with share_file(delivery) as shared:
        if shared:
            try:
                return check_together(shared, step, call_help)
            except InputError:
                # Which of several faults is named must not depend on who read what.
                drop_pieces(step.run)
    reader = DeliveryReader(delivery, step.tell)
    for _ in reader.blocks():
        continue  # the validator collects what it sees
    return reader.close()
