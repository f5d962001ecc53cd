"""The file of a delivery: how it is read, what it is checked against, and reading it, whole or in spans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from django.utils import timezone

from kodala.core.errors import InputError, InterruptionError, StateError
from microcells.definitions import extract_definition, schema_of
from microcells.domain.area_index import AreaIndex
from microcells.domain.header import match_header
from microcells.domain.plan import ColumnSource, ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.spans import WHOLE, Span
from microcells.domain.tally import Before, CheckedBlock, Tally
from microcells.domain.validation import Validator
from microcells.domain.written import Written
from microcells.files import SpanReader, cut_file, inspect_file
from microcells.models import Delivery
from microcells.selectors import list_areas
from microcells.uploads import upload_path

MISSING_FILE = (
    "Die Datei ist nicht mehr da; eine Hausliste wird nach jedem Lauf gelöscht, auch nach einem "
    "abgebrochenen. Bitte dieselbe Datei noch einmal hochladen, dann geht es an der angehaltenen "
    "Stelle weiter."
)


class DeliveryFile:
    """Reads and checks the file of a delivery; to be closed, which ends the process that reads.

    on_read: is told, at each block of a span, up to which share of the whole file the span has been read
    Raises StateError if the file is gone, InputError if it is no table or a table of something else.
    """

    def __init__(self, delivery: Delivery, day: dt.date | None = None) -> None:
        """day: of the check, for dates in the future; None = today."""
        self.path = upload_path(delivery.pk)
        if not self.path.exists():
            raise StateError(MISSING_FILE)
        self.size = self.path.stat().st_size
        self.on_read: Callable[[Span, float], None] = lambda *_: None
        self._schema = schema_of(delivery.kind)
        self.plan = self._plan(delivery)
        self._day = day or timezone.localdate()
        self._is_invented = delivery.area_set.is_invented
        self._areas = _area_index(delivery)
        self._may_cut = delivery.kind == Delivery.Kind.MICROCELLS
        self._reader = SpanReader(self.path, self.plan, self._schema)

    def _plan(self, delivery: Delivery) -> ReadingPlan:
        """The plan that was made at the first look; without one the headings must be those of the schema."""
        plan = ReadingPlan.from_json(delivery.plan) if delivery.plan else None
        if plan and plan.columns:
            return plan
        found = inspect_file(self.path, self._schema, plan)
        headings = [summary.heading for summary in found.columns]
        columns = match_header(headings, self._schema)
        sources = zip(columns, headings, strict=True)
        return replace(
            found.plan, columns=tuple(ColumnSource(column.name, (name,)) for column, name in sources)
        )

    def close(self) -> None:
        """End the process that reads."""
        self._reader.close()

    @cached_property
    def spans(self) -> list[Span]:
        """How the file is cut for several workers; WHOLE alone if one worker is to read it."""
        return cut_file(self.path, self.plan) if self._may_cut else [WHOLE]

    @property
    def facts(self) -> dict[str, str]:
        """In what the workers that share the file must agree."""
        key = self._schema.limits.municipality_key
        return {"day": self._day.isoformat(), "extract": extract_definition().version, "city": key}

    def check(self, span: Span = WHOLE, before: Before | None = None) -> Tally:
        """What a span adds up to; `before` says what matters of the spans ahead of it."""
        validator = self._validator()
        if before:
            validator.tally.go_on_after(before)
        if span.start == 0:
            validator.tally.skip_lines(self.plan.header_line)
        for block in self._read(span):
            validator.check(block)
        return validator.tally

    def good_rows(self, span: Span = WHOLE) -> Iterator[CheckedBlock]:
        """The blocks of a span, of a file that was judged before."""
        validator = self._validator(rows_only=True)
        try:
            for block in self._read(span):
                yield validator.check(block)
        except InputError as error:  # the file was good a moment ago: it is the machine that fails
            raise InterruptionError("a checked file could not be read again") from error

    def read_tally(self, stored: dict[str, Any]) -> Tally:
        """The tally of a span that another worker has written down."""
        tally = Tally(self._schema, self._areas.numbers)
        tally.read(Written.from_json(stored))
        return tally

    def _read(self, span: Span) -> Iterator[Block]:
        for block in self._reader.read(span):
            yield block
            self.on_read(span, self._reader.share)

    def _validator(self, *, rows_only: bool = False) -> Validator:
        return Validator(
            self._schema, self._areas, invented=self._is_invented, today=self._day, rows_only=rows_only
        )


def _area_index(delivery: Delivery) -> AreaIndex:
    areas = list_areas(delivery.area_set_id)
    return AreaIndex(
        np.array([area.number for area in areas], dtype=np.int64),
        shapely.from_wkb([bytes(area.outline.wkb) for area in areas]),
        {district: area.number for area in areas for district in area.districts},
    )
