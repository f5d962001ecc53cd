"""Reading a received file from its first to its last row, with everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from django.utils import timezone

from kodala.core.errors import InputError, InterruptionError, StateError
from microcells.definitions import schema_of
from microcells.domain.area_index import AreaIndex
from microcells.domain.header import match_header
from microcells.domain.plan import ColumnSource, ReadingPlan
from microcells.domain.tally import CheckedBlock, ValidationResult
from microcells.domain.validation import Validator
from microcells.files import inspect_file, read_file
from microcells.models import Delivery
from microcells.selectors import list_areas
from microcells.uploads import upload_path

MISSING_FILE = (
    "Die Datei ist nicht mehr da; eine Hausliste wird nach jedem Lauf gelöscht, auch nach einem "
    "abgebrochenen. Bitte dieselbe Datei noch einmal hochladen, dann geht es an der angehaltenen "
    "Stelle weiter."
)


@dataclass(frozen=True)
class CheckedFile:
    """What reading a file gave: how it was read, and the result of the validation."""

    plan: ReadingPlan
    result: ValidationResult


class DeliveryReader:
    """Reads the file of a delivery once, block by block; `close` gives the verdict.

    Raises StateError if the file is gone, InputError if it is no table or a table of something else.
    """

    def __init__(
        self, delivery: Delivery, tell: Callable[[float, str], None], *, rows_only: bool = False
    ) -> None:
        """rows_only: the file was judged before; only its good rows are wanted, `close` gives nothing."""
        self._path = upload_path(delivery.pk)
        if not self._path.exists():
            raise StateError(MISSING_FILE)
        self._schema = schema_of(delivery.kind)
        self._tell = tell
        self._was_judged = rows_only
        self.plan = self._plan(delivery)
        self._validator = Validator(
            self._schema,
            _area_index(delivery),
            invented=delivery.area_set.is_invented,
            today=timezone.localdate(),
            rows_only=rows_only,
        )

    def _plan(self, delivery: Delivery) -> ReadingPlan:
        """The plan that was made at the first look; without one the headings must be those of the schema."""
        plan = ReadingPlan.from_json(delivery.plan) if delivery.plan else None
        if plan and plan.columns:
            return plan
        found = inspect_file(self._path, self._schema, plan)
        headings = [summary.heading for summary in found.columns]
        columns = match_header(headings, self._schema)
        sources = zip(columns, headings, strict=True)
        return replace(
            found.plan, columns=tuple(ColumnSource(column.name, (name,)) for column, name in sources)
        )

    def blocks(self) -> Iterator[CheckedBlock]:
        """The checked blocks in the order of the file."""
        n_rows, share = 0, 0.0

        def keep(done: float) -> None:
            nonlocal share
            share = done

        try:
            for block in read_file(self._path, self.plan, self._schema, keep):
                n_rows += len(block.rows)
                yield self._validator.check(block)
                self._tell(share, f"{n_rows:,} Zeilen".replace(",", "."))
        except InputError as error:
            if self._was_judged:  # the file was good a moment ago: it is the machine that fails
                raise InterruptionError("a checked file could not be read again") from error
            raise

    def close(self) -> CheckedFile:
        """The verdict, after the last block."""
        return CheckedFile(self.plan, self._validator.close())


def check_file(delivery: Delivery, tell: Callable[[float, str], None]) -> CheckedFile:
    """Read and validate the whole file; raises InputError if it is not even a table of this kind."""
    reader = DeliveryReader(delivery, tell)
    for _ in reader.blocks():
        continue  # the validator collects what it sees
    return reader.close()


def _area_index(delivery: Delivery) -> AreaIndex:
    areas = list_areas(delivery.area_set_id)
    return AreaIndex(
        np.array([area.number for area in areas], dtype=np.int64),
        shapely.from_wkb([bytes(area.outline.wkb) for area in areas]),
        {district: area.number for area in areas for district in area.districts},
    )
