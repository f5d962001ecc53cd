"""The file of a delivery and all that is needed to read and check it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import shapely
from django.utils import timezone

from kodala.core.errors import StateError
from microcells.definitions import schema_of
from microcells.domain.area_index import AreaIndex
from microcells.domain.header import match_header
from microcells.domain.plan import ColumnSource, ReadingPlan
from microcells.domain.tally import Tally
from microcells.domain.validation import Validator
from microcells.files import inspect_file
from microcells.models import Delivery
from microcells.selectors import list_areas
from microcells.uploads import upload_path

MISSING_FILE = (
    "Die Datei ist nicht mehr da; eine Hausliste wird nach jedem Lauf gelöscht, auch nach einem "
    "abgebrochenen. Bitte dieselbe Datei noch einmal hochladen, dann geht es an der angehaltenen "
    "Stelle weiter."
)


class DeliveryFile:
    """The file of a delivery, how it is read, and what it is checked against.

    Raises StateError if the file is gone, InputError if it is no table or a table of something else.
    """

    def __init__(self, delivery: Delivery, day: dt.date | None = None) -> None:
        """day: of the check, for dates in the future; None = today."""
        self.path = upload_path(delivery.pk)
        if not self.path.exists():
            raise StateError(MISSING_FILE)
        self.schema = schema_of(delivery.kind)
        self.plan = self._plan(delivery)
        self.day = day or timezone.localdate()
        self._is_invented = delivery.area_set.is_invented
        self._areas = _area_index(delivery)

    def _plan(self, delivery: Delivery) -> ReadingPlan:
        """The plan that was made at the first look; without one the headings must be those of the schema."""
        plan = ReadingPlan.from_json(delivery.plan) if delivery.plan else None
        if plan and plan.columns:
            return plan
        found = inspect_file(self.path, self.schema, plan)
        headings = [summary.heading for summary in found.columns]
        columns = match_header(headings, self.schema)
        sources = zip(columns, headings, strict=True)
        return replace(
            found.plan, columns=tuple(ColumnSource(column.name, (name,)) for column, name in sources)
        )

    def validator(self, *, rows_only: bool = False) -> Validator:
        """A new check of its rows."""
        return Validator(
            self.schema, self._areas, invented=self._is_invented, today=self.day, rows_only=rows_only
        )

    def new_tally(self) -> Tally:
        """Nothing counted so far."""
        return Tally(self.schema, self._areas.numbers)


def _area_index(delivery: Delivery) -> AreaIndex:
    areas = list_areas(delivery.area_set_id)
    return AreaIndex(
        np.array([area.number for area in areas], dtype=np.int64),
        shapely.from_wkb([bytes(area.outline.wkb) for area in areas]),
        {district: area.number for area in areas for district in area.districts},
    )
