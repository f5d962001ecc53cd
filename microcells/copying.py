"""Copying cells into a table, block by block, and what was seen of them on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from kodala.core.arrow import arrow_connection
from kodala.core.leases import length_s
from kodala.core.pieces import END_PIECE

if TYPE_CHECKING:
    import pyarrow as pa
    from adbc_driver_postgresql.dbapi import Cursor


LONG_STRETCH = 32  # cells, about two pages of the table: reading those of an area reads little besides


@dataclass
class CopiedCells:
    """Cells on their way: their number, the columns with at least one value, and how their areas lie.

    is_by_area:            the areas ascend
    n_stretches:           how often cells of one area lie in a row
    first_area, last_area: ids of the areas of the first and last cell, 0 = no cell
    """

    n_cells: int = 0
    columns: set[str] = field(default_factory=set)
    is_by_area: bool = True
    n_stretches: int = 0
    first_area: int = 0
    last_area: int = 0

    @classmethod
    def of(cls, block: pa.Table) -> Self:
        """One block, with at least one row."""
        areas = block["area_id"].to_numpy()
        steps = np.diff(areas)
        columns = {one for one in block.column_names if block[one].null_count < block.num_rows}
        n_stretches = 1 + int(np.count_nonzero(steps))
        return cls(
            block.num_rows, columns, bool((steps >= 0).all()), n_stretches, int(areas[0]), int(areas[-1])
        )

    @property
    def lies_together(self) -> bool:
        """Whether the cells of an area can be read without going through those of many others."""
        return self.is_by_area or self.n_cells >= LONG_STRETCH * self.n_stretches

    def merge(self, behind: CopiedCells) -> None:
        """Take the cells behind these ones in the file."""
        if not behind.n_cells:
            return
        self.is_by_area = self.is_by_area and behind.is_by_area and self.last_area <= behind.first_area
        self.n_stretches += behind.n_stretches - (self.last_area == behind.first_area)
        self.first_area = self.first_area or behind.first_area
        self.last_area = behind.last_area
        self.n_cells += behind.n_cells
        self.columns |= behind.columns

    def as_json(self) -> dict[str, Any]:
        """As it lies in the database."""
        return {**asdict(self), "columns": sorted(self.columns)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """What `as_json` gave."""
        return cls(**{**stored, "columns": set(stored["columns"])})


@dataclass(frozen=True)
class PieceEnd:
    """The piece of a run that is done when its cells are in, and what to keep of them as JSON."""

    run_id: int
    name: str
    result: Callable[[CopiedCells], Any]


def copy_cells(table: str, blocks: Iterable[pa.Table]) -> CopiedCells:
    """Copy all cells of a delivery, the table's columns except delivery_id in any order."""
    with arrow_connection() as arrow, arrow.cursor() as cursor:
        copied = _copy(cursor, table, blocks)
        arrow.commit()
    return copied


def copy_piece(table: str, blocks: Iterable[pa.Table], end: PieceEnd) -> bool:
    """Copy the cells of one piece, and keep its result in the same transaction: both stay or neither.

    False, and nothing is kept, if another worker has done the piece meanwhile or its run has ended.
    """
    with arrow_connection() as arrow, arrow.cursor() as cursor:
        copied = _copy(cursor, table, blocks)
        # From here on a process that stands still would keep the piece's row locked.
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = {int(length_s() * 1000)}")
        cursor.execute(END_PIECE, (end.run_id, end.name, json.dumps(end.result(copied))))
        is_wanted = bool(cursor.fetchall())
        if is_wanted:
            arrow.commit()
        else:
            arrow.rollback()
    return is_wanted


def _copy(cursor: Cursor, table: str, blocks: Iterable[pa.Table]) -> CopiedCells:
    """Copy blocks while the next one is being made."""
    copied = CopiedCells()
    with ThreadPoolExecutor(1) as copier:
        copying: Future[int] | None = None
        for block in blocks:
            ordered = _by_area(block)
            if ordered.num_rows:
                copied.merge(CopiedCells.of(ordered))
            if copying:
                copying.result()
            copying = copier.submit(cursor.adbc_ingest, table, ordered, mode="append")
        if copying:
            copying.result()
    return copied


def _by_area(block: pa.Table) -> pa.Table:
    """The cells of a block, those of each area in a row: cheaper here than in the table."""
    areas = block["area_id"].to_numpy()
    return block if (np.diff(areas) >= 0).all() else block.take(np.argsort(areas, kind="stable"))
