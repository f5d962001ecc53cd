"""Reading the cells of a delivery once for several rooms.

Reading costs far more than computing, so typology and seniors share one pass: each says which columns
it needs and gets every area in turn. Neither knows of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kodala.core.runs import Step
from microcells.models import Delivery
from microcells.selectors import AreaCells, list_areas, load_cells


class AreaWork(Protocol):
    """What a room does while the areas go by."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs of every cell."""

    def add(self, cells: AreaCells) -> None:
        """Take up one area; nothing is stored yet."""

    def store(self) -> None:
        """Compute the city and write all results, in one transaction of its own."""


def go_through_areas(step: Step, works: Sequence[AreaWork]) -> None:
    """Hand every area of the step's delivery to every work, one area in memory at a time, then store."""
    delivery = Delivery.objects.get(pk=step.delivery_id)
    columns = tuple(dict.fromkeys(name for work in works for name in work.columns))
    area_ids = [area.pk for area in list_areas(delivery.area_set_id)]
    for place, cells in enumerate(load_cells(delivery.pk, columns, area_ids), 1):
        for work in works:
            work.add(cells)
        step.tell(place / len(area_ids), f"{place} von {len(area_ids)} Gebieten")
    for work in works:
        work.store()
