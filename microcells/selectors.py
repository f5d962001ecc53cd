"""What the room knows: area sets, deliveries, findings, and cells as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet
from numpy.typing import NDArray
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format

from kodala.core.runs import get_result_run
from microcells.cells_table import partition_name
from microcells.domain.display_partition import Parts, Seeds
from microcells.models import AreaSet, Delivery, DisplaySeeds, ObservationArea

SEED_ROW = np.dtype([("x", "<i4"), ("y", "<i4"), ("number", "<i4")])
CELLS_PER_READ = 50_000  # 15 MB of 25 columns: memory does not depend on how large an area is packed


@dataclass(frozen=True)
class AreaCells:
    """The cells of one area: column name -> float64 array, one entry per cell, NaN = not delivered.

    districts: district number -> places of its cells; empty for an area that is not parted
    parts:     to which display cells they belong, None if the area has none
    """

    area_id: int
    columns: dict[str, NDArray[np.float64]]
    districts: Mapping[int, NDArray[np.intp]] = field(default_factory=dict)
    parts: Parts | None = None


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


def list_delivered_columns(delivery_id: int) -> frozenset[str]:
    """The columns for which any stored cell of the delivery has a value. Raises Run.DoesNotExist."""
    return frozenset(get_result_run("microcells.build_microcells", delivery_id).parameters["columns"])


def pack_seeds(seeds: Seeds) -> bytes:
    """The places of an area as they are stored."""
    rows = np.empty(len(seeds.x), SEED_ROW)
    rows["x"], rows["y"], rows["number"] = seeds.x, seeds.y, seeds.number
    return rows.tobytes()


def load_display_seeds(area_set_id: int) -> dict[int, Seeds]:
    """The places behind the display cells of each area, by area id; areas without any are absent."""
    stored = DisplaySeeds.objects.filter(area__area_set_id=area_set_id).order_by("area__number")
    found = {}
    for area_id, packed in stored.values_list("area_id", "seeds"):
        rows = np.frombuffer(bytes(packed), SEED_ROW)
        found[area_id] = Seeds(*(rows[name].astype(np.int64) for name in ("x", "y", "number")))
    return found


def load_cells(delivery_id: int, columns: Sequence[str], area_ids: Sequence[int]) -> Iterator[AreaCells]:
    """Read the cells of a delivery, one area at a time, in ascending order of cell keys.

    area_ids: ids of the areas to read, in this order. Every area yields, also one without cells.
    Reading and computing take turns: who has more cores lets more workers take areas.
    """
    for area_id in area_ids:
        with _by_index():
            stretches = list(_read_stretches(delivery_id, columns, area_id))
        values = {
            name: np.concatenate([stretch[:, place] for stretch in stretches], dtype=np.float64)
            for place, name in enumerate(columns)
        }
        yield AreaCells(area_id, values)


@contextmanager
def _by_index() -> Iterator[None]:
    """Let the database take the rows of an area in the order of their index instead of sorting them.

    Cells that several workers stored lie in several rows beside each other: as good as in one, but to the
    planner they look scattered, and it would sort every area, through files, in half as much time again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        yield


def _read_stretches(delivery_id: int, columns: Sequence[str], area_id: int) -> Iterator[NDArray[np.float64]]:
    """Read the cells of an area stretch by stretch, each of shape (cells, columns), big-endian.

    The database packs a stretch into one value, because handing over single fields costs both sides more.
    """
    packed = ", ".join(f"coalesce({column}::float8, 'NaN')" for column in columns)
    statement = (
        f"SELECT string_agg(array_send(ARRAY[{packed}]), ''::bytea), max(cell_key), count(*) FROM "  # noqa: S608
        f"(SELECT * FROM {partition_name(delivery_id)} WHERE area_id = {int(area_id)} AND cell_key > $1 "
        f"ORDER BY cell_key LIMIT {CELLS_PER_READ}) AS stretch"
    )
    form = np.dtype([("head", "V20"), ("cells", [("length", ">i4"), ("value", ">f8")], (len(columns),))])
    last_key, n_cells = b"", CELLS_PER_READ
    while n_cells == CELLS_PER_READ:
        raw, last_key, count = _fetch_raw_row(statement, last_key)
        yield np.frombuffer(raw, form)["cells"]["value"]
        n_cells = int.from_bytes(count)


def _fetch_raw_row(statement: str, parameter: bytes) -> tuple[bytes, ...]:
    """The values of one row as the database sends them; NULL is empty.

    Straight through libpq: a cursor takes a value of many megabytes from the socket in small portions.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        result = connection.connection.pgconn.exec_params(
            statement.encode(), [parameter], result_format=Format.BINARY
        )
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
    return tuple(result.get_value(0, place) or b"" for place in range(result.nfields))
