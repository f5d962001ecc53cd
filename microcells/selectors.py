"""What the room knows: area sets, deliveries, findings, and cells as arrays."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from numpy.typing import NDArray

from kodala.core.arrow import arrow_connection
from kodala.core.runs import get_result_run
from microcells.cells_table import partition_name
from microcells.models import AreaSet, Delivery, ObservationArea, StoredFinding

if TYPE_CHECKING:
    from adbc_driver_postgresql.dbapi import Cursor

FINDINGS_PER_PAGE = 50
READERS = 2  # connections that read at the same time; more only wait for the same two cores


@dataclass(frozen=True)
class AreaCells:
    """The cells of one area: column name -> float64 array, one entry per cell, NaN = not delivered."""

    area_id: int
    columns: dict[str, NDArray[np.float64]]


def get_current_area_set() -> AreaSet:
    """The division of the city that new deliveries are made for. Raises AreaSet.DoesNotExist."""
    return AreaSet.objects.get(is_current=True)


def list_area_sets() -> QuerySet[AreaSet]:
    """All divisions of the city, the current one first."""
    return AreaSet.objects.order_by("-is_current", "-pk")


def list_areas(area_set_id: int) -> list[ObservationArea]:
    """The areas of a set in the order of their numbers."""
    return list(ObservationArea.objects.filter(area_set_id=area_set_id).order_by("number"))


def list_deliveries() -> QuerySet[Delivery]:
    """All deliveries, newest first."""
    return Delivery.objects.select_related("area_set", "received_by")


def get_delivery(pk: int) -> Delivery:
    """One delivery. Raises Delivery.DoesNotExist."""
    return list_deliveries().get(pk=pk)


def list_findings(delivery: Delivery, severity: str | None = None, page: int = 1) -> Page[StoredFinding]:
    """A page of findings, what refuses the file first; "contract", "error" or "warning" narrows it."""
    # The three words stand in the alphabet as they weigh.
    findings = StoredFinding.objects.filter(delivery=delivery).order_by("severity", "pk")
    if severity:
        findings = findings.filter(severity=severity)
    return Paginator(findings, FINDINGS_PER_PAGE).get_page(page)


def iterate_findings(delivery: Delivery) -> Iterator[StoredFinding]:
    """All listed findings of a delivery, for the error file."""
    return StoredFinding.objects.filter(delivery=delivery).iterator(chunk_size=2000)


def list_delivered_columns(delivery_id: int) -> frozenset[str]:
    """The columns for which any stored cell of the delivery has a value. Raises Run.DoesNotExist."""
    return frozenset(get_result_run("microcells.build_microcells", delivery_id).parameters["columns"])


def load_cells(delivery_id: int, columns: Sequence[str], area_ids: Sequence[int]) -> Iterator[AreaCells]:
    """Read the cells of a delivery, one area at a time, in ascending order of cell keys.

    area_ids: ids of the areas to read, in this order. Every area yields, also one without cells.
    While the caller works on one area the next ones are read, as many as there are READERS.
    """
    with ExitStack() as stack:
        idle: SimpleQueue[Cursor] = SimpleQueue()
        for _ in range(READERS):
            idle.put(stack.enter_context(stack.enter_context(arrow_connection()).cursor()))
        readers = stack.enter_context(ThreadPoolExecutor(READERS))
        coming: deque[Future[AreaCells]] = deque()
        for area_id in area_ids:
            coming.append(readers.submit(_read_area, idle, delivery_id, columns, area_id))
            if len(coming) > READERS:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _read_area(
    idle: SimpleQueue[Cursor], delivery_id: int, columns: Sequence[str], area_id: int
) -> AreaCells:
    wanted = ", ".join(f"{column}::float8 AS {column}" for column in columns)
    cursor = idle.get()
    try:
        # The id is no parameter, because with one the driver fetches row by row instead of by COPY.
        cursor.execute(
            f"SELECT {wanted} FROM {partition_name(delivery_id)} "  # noqa: S608
            f"WHERE area_id = {int(area_id)} ORDER BY cell_key"
        )
        table = cursor.fetch_arrow_table()
    finally:
        idle.put(cursor)
    return AreaCells(area_id, {name: table[name].to_numpy() for name in columns})
