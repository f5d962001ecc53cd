"""From a checked file to stored microcells: rows as they are, or houses bundled in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from kodala.core.definitions import Definition, read_definition
from kodala.core.runs import Step
from microcells.cells_table import Stored, store_cells, stored_columns
from microcells.checking import DeliveryReader
from microcells.definitions import extract_schema
from microcells.domain.bundling import bundle, cells_from_houses
from microcells.domain.certificate import certify
from microcells.domain.partition import BundlingRules
from microcells.domain.rows import Rows
from microcells.domain.schema import Column
from microcells.models import Delivery
from microcells.selectors import list_areas

SHARE_OF_READING = 0.6  # of a house list's run; the rest is bundling and storing
CELLS_PER_BLOCK = 50_000


def bundling_definition() -> Definition:
    """The signed file with the sizes and weights of bundling."""
    return read_definition(Path(__file__).parent / "bundling.toml")


def store_checked_cells(delivery: Delivery, step: Step) -> None:
    """Copy the rows without error into the table of microcells."""
    reader = DeliveryReader(delivery, step.tell)
    columns, area_ids = _columns(), _ids_by_number(delivery)
    blocks = (_as_table(block.accepted, columns, area_ids) for block in reader.blocks())
    _keep_facts(delivery, step, store_cells(delivery.pk, blocks))


def store_bundled_houses(delivery: Delivery, step: Step) -> None:
    """Bundle a house list in this process's memory and store the cells; no house is written anywhere."""
    reader = DeliveryReader(delivery, lambda share, text: step.tell(share * SHARE_OF_READING, text))
    houses = pd.concat([block.accepted.to_frame() for block in reader.blocks()], ignore_index=True)
    rules = BundlingRules.from_table(bundling_definition()["microcells"])
    step.note(definition_version=bundling_definition().version, **asdict(rules))
    step.tell(SHARE_OF_READING, "Häuser werden gebündelt")
    houses = houses.astype({"area_number": np.int64, "households": np.int64})
    names = {area.number: area.name for area in list_areas(delivery.area_set_id)}
    cell = bundle(houses, rules, names)
    cells = cells_from_houses(houses, cell)
    certificate = certify(houses, cell, cells, rules)
    if not certificate.holds:
        raise ValueError("the certificate of the bundling does not hold")
    columns, area_ids = _columns(), _ids_by_number(delivery)
    blocks = (_frame_as_table(part, columns, area_ids) for part in _parts(cells))
    _keep_facts(delivery, step, store_cells(delivery.pk, blocks))
    Delivery.objects.filter(pk=delivery.pk).update(certificate=asdict(certificate))


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


def _keep_facts(delivery: Delivery, step: Step, stored: Stored) -> None:
    """Write down how many cells there are, and which columns the later stages can count on."""
    step.note(columns=sorted(stored.columns))
    Delivery.objects.filter(pk=delivery.pk).update(n_cells=stored.n_cells)
