"""From a checked file to stored microcells: rows as they are, or houses bundled in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from kodala.core.models import Run
from kodala.core.pieces import HAS_ENDED, CallHelp, Work, call_nobody
from kodala.core.runs import Step
from microcells.cells_table import SMALLEST_CELL, StagedCells, staged_cells, staged_name, stored_columns
from microcells.copying import CopiedCells, PieceEnd, copy_cells, copy_piece
from microcells.definitions import extract_schema
from microcells.delivery_file import DeliveryFile
from microcells.domain.cell_sizes import CellSizes
from microcells.domain.rows import Rows
from microcells.domain.schema import Column
from microcells.domain.spans import Span
from microcells.domain.tally import CheckedBlock
from microcells.house_lists import bundle_delivery, bundling_definition
from microcells.models import Delivery
from microcells.sealing import keep_seals
from microcells.selectors import list_areas
from microcells.sharing import COPY, SHARE_OF_COPYING, share_file, tell_reading

SHARE_OF_READING = 0.6  # of a house list's run; the rest is bundling and storing
CELLS_PER_BLOCK = 50_000
DOUBLE_KEY = "E-DOPPELT"


def store_checked_cells(delivery: Delivery, step: Step, call_help: CallHelp = call_nobody) -> None:
    """Copy the rows without error into the table of microcells, and certify them as they were delivered."""
    sizes = CellSizes()
    # Which of two rows with one key is the first only the reading in a row can tell.
    may_share = DOUBLE_KEY not in delivery.counts
    with closing(DeliveryFile(delivery)) as file:

        def fill(table: str) -> CopiedCells:
            if may_share and len(file.spans) > 1:
                copying = copying_of(delivery, step.run, file)
                copied = _merge(share_file(file, step, COPY, copying, call_help), sizes)
            else:
                tell_reading(file, step.tell, SHARE_OF_COPYING)
                copied = copy_cells(table, _good_cells(delivery, file.good_rows(), sizes))
            step.tell(SHARE_OF_COPYING, "Zellen werden nach Gebieten geordnet")
            return copied

        with staged_cells(delivery.pk, step.run.pk, fill) as staged, step.closing():
            _attach(delivery, step, staged, asdict(sizes.certify(SMALLEST_CELL)))


def _merge(results: Iterable[Any], sizes: CellSizes) -> CopiedCells:
    """What was seen of the cells of all pieces, and their sizes."""
    copied = CopiedCells()
    for result in results:
        copied.merge(CopiedCells.from_json(result["cells"]))
        sizes.merge(result["sizes"])
    return copied


def copying_of(delivery: Delivery, run: Run, file: DeliveryFile) -> Work:
    """The work on one piece of a shared file: its good rows go into the table of the run."""

    def work(name: str) -> object:
        sizes = CellSizes()
        end = PieceEnd(run.pk, name, lambda cells: {"cells": cells.as_json(), "sizes": sizes.counts})
        cells = _good_cells(delivery, file.good_rows(Span.named(name)), sizes)
        copy_piece(staged_name(delivery.pk, run.pk), cells, end)
        return HAS_ENDED

    return work


def _good_cells(delivery: Delivery, blocks: Iterable[CheckedBlock], sizes: CellSizes) -> Iterator[pa.Table]:
    columns, area_ids = _columns(), _ids_by_number(delivery)
    for block in blocks:
        sizes.add(block.accepted.numbers["households"])
        yield _as_table(block.accepted, columns, area_ids)


def store_bundled_houses(delivery: Delivery, step: Step) -> None:
    """Bundle a house list in this process's memory and store the cells; no house is written anywhere."""
    houses = _read_houses(delivery, step)
    step.tell(SHARE_OF_READING, "Häuser werden gebündelt")
    names = {area.number: area.name for area in list_areas(delivery.area_set_id)}
    bundled = bundle_delivery(
        delivery, houses.astype({"area_number": np.int64, "households": np.int64}), names
    )
    step.note(definition_version=bundling_definition().version, **asdict(bundled.rules))
    columns, area_ids = _columns(), _ids_by_number(delivery)
    blocks = (_frame_as_table(part, columns, area_ids) for part in _parts(bundled.cells))
    with (
        staged_cells(delivery.pk, step.run.pk, lambda table: copy_cells(table, blocks)) as staged,
        step.closing(),
    ):
        keep_seals(delivery, bundled.cells, bundled.seals, area_ids)
        _attach(delivery, step, staged, asdict(bundled.certificate))


def _read_houses(delivery: Delivery, step: Step) -> pd.DataFrame:
    with closing(DeliveryFile(delivery)) as file:
        tell_reading(file, step.tell, SHARE_OF_READING)
        return pd.concat([block.accepted.to_frame() for block in file.good_rows()], ignore_index=True)


def _columns() -> tuple[Column, ...]:
    wanted = stored_columns()
    return tuple(column for column in extract_schema().columns if column.name in wanted)


def _ids_by_number(delivery: Delivery) -> dict[int, int]:
    return {area.number: area.pk for area in list_areas(delivery.area_set_id)}


def _as_table(rows: Rows, columns: tuple[Column, ...], area_ids: dict[int, int]) -> pa.Table:
    """The rows as the database wants them, with the area's id instead of its number."""
    ids = _translate(rows.numbers["area_number"].astype(np.int64), area_ids)
    return rows.to_arrow(columns).append_column("area_id", pa.array(ids))


def _frame_as_table(cells: pd.DataFrame, columns: tuple[Column, ...], area_ids: dict[int, int]) -> pa.Table:
    texts = {
        column.name: pa.array(cells[column.name], pa.string())
        for column in columns
        if column.type == "text" and column.name in cells
    }
    numbers = {
        column.name: cells[column.name].to_numpy(np.float64)
        for column in columns
        if column.is_number and column.name in cells
    }
    numbers["area_number"] = cells["area_number"].to_numpy(np.float64)
    return _as_table(Rows(np.arange(len(cells)), numbers, texts), columns, area_ids)


def _parts(cells: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, len(cells), CELLS_PER_BLOCK):
        yield cells.iloc[start : start + CELLS_PER_BLOCK]


def _translate(numbers: np.ndarray, ids: dict[int, int]) -> np.ndarray:
    """Area numbers -> area ids; every number is known, the check made sure of it."""
    known = np.array(sorted(ids), dtype=np.int64)
    values = np.array([ids[number] for number in known.tolist()], dtype=np.int64)
    return values[np.searchsorted(known, numbers)]


def _attach(delivery: Delivery, step: Step, staged: StagedCells, certificate: dict[str, Any]) -> None:
    """Make the cells visible, and write down how many there are and which columns the later stages find."""
    staged.attach()
    step.note(columns=sorted(staged.copied.columns))
    Delivery.objects.filter(pk=delivery.pk).update(n_cells=staged.copied.n_cells, certificate=certificate)
