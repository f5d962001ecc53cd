"""Reading a received file from its first to its last row, with everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils import timezone

from kodala.core.errors import StateError
from microcells.definitions import schema_of
from microcells.domain.area_index import AreaIndex
from microcells.domain.dialect import HEAD_BYTES, Dialect, detect_dialect
from microcells.domain.reading import read_blocks
from microcells.domain.validation import CheckedBlock, ValidationResult, Validator
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
    """What reading a file gave: how it is written, and the result of the validation."""

    dialect_words: dict[str, Any]
    result: ValidationResult


class DeliveryReader:
    """Reads the file of a delivery once, block by block; `close` gives the verdict.

    Raises StateError if the file is gone, InputError if it is no table or a table of something else.
    """

    def __init__(self, delivery: Delivery, tell: Callable[[float, str], None]) -> None:
        self._path = upload_path(delivery.pk)
        if not self._path.exists():
            raise StateError(MISSING_FILE)
        self._size = max(delivery.size, 1)
        self._schema = schema_of(delivery.kind)
        self._tell = tell
        self.dialect = self._detect()
        self._validator = Validator(
            self._schema,
            _area_index(delivery),
            invented=delivery.area_set.is_invented,
            today=timezone.localdate(),
        )

    def _detect(self) -> Dialect:
        with self._path.open("rb") as stream:
            return detect_dialect(stream.read(HEAD_BYTES), self._path.stat().st_size)

    def blocks(self) -> Iterator[CheckedBlock]:
        """The checked blocks in the order of the file."""
        with self._path.open("rb") as stream:
            n_rows = 0
            for block in read_blocks(stream, self.dialect, self._schema):
                n_rows += len(block.rows)
                yield self._validator.check(block)
                self._tell(stream.tell() / self._size, f"{n_rows:,} Zeilen".replace(",", "."))

    def close(self) -> CheckedFile:
        """The verdict, after the last block."""
        words = {
            "encoding": self.dialect.encoding,
            "separator": self.dialect.separator,
            "decimal": self.dialect.decimal,
        }
        return CheckedFile(words, self._validator.close())


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
