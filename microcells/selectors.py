"""What the room knows: area sets, deliveries, findings, and cells as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from numpy.typing import NDArray

from kodala.core.arrow import arrow_connection
from microcells.cells_table import TABLE, partition_name
from microcells.models import AreaSet, Delivery, ObservationArea, StoredFinding

FINDINGS_PER_PAGE = 50


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
    """A page of findings in the order of the file; severity "contract", "error" or "warning" narrows it."""
    findings = StoredFinding.objects.filter(delivery=delivery)
    if severity:
        findings = findings.filter(severity=severity)
    return Paginator(findings, FINDINGS_PER_PAGE).get_page(page)


def iterate_findings(delivery: Delivery) -> Iterator[StoredFinding]:
    """All listed findings of a delivery, for the error file."""
    return StoredFinding.objects.filter(delivery=delivery).iterator(chunk_size=2000)


def load_cells(delivery_id: int, columns: Sequence[str], area_ids: Sequence[int]) -> Iterator[AreaCells]:
    """Read the cells of a delivery, one area at a time, in ascending order of cell keys.

    area_ids: ids of the areas to read, in this order. Every area yields, also one without cells.
    """
    wanted = ", ".join(f"{column}::float8 AS {column}" for column in columns)
    statement = f"SELECT {wanted} FROM {partition_name(delivery_id)} WHERE area_id = $1 ORDER BY cell_key"  # noqa: S608
    with arrow_connection() as arrow, arrow.cursor() as cursor:
        for area_id in area_ids:
            cursor.execute(statement, (area_id,))
            table = cursor.fetch_arrow_table()
            yield AreaCells(
                area_id, {name: table[name].to_numpy().astype(np.float64, copy=False) for name in columns}
            )


def count_cells(delivery_id: int) -> int:
    """How many cells of the delivery are stored and visible."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE delivery_id = %s", [delivery_id])  # noqa: S608
        return int(cursor.fetchone()[0])
