"""Blocks of an area statistic for tests, written as text tables with German headings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa

from kodala.core.definitions import read_definition
from microcells.domain.area_statistics import StatisticsCheck, StatisticsResult
from microcells.domain.rows import Block, Rows
from microcells.domain.statistics_catalogue import read_catalogue, statistics_schema
from microcells.domain.statistics_lines import Places

ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2026, 11, 22)
DEFINITION = read_definition(ROOT / "microcells/area_statistics.toml")
CATALOGUE = read_catalogue(DEFINITION)
SCHEMA = statistics_schema(DEFINITION, read_definition(ROOT / "microcells/definitions.toml"), CATALOGUE)
PLACES = Places({1: "Altstadt", 2: "Hafen", 3: "Am Wald"}, {1: 1, 11: 1, 2: 2, 3: 3}, "Neuss")
DATE = dt.date(2024, 12, 31)


def block_of(table: str) -> Block:
    """Rows of a table whose cells are parted by "|"; an empty cell is missing."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    columns = {header: [line[at] for line in lines] for at, header in enumerate(head)}
    rows = Rows(np.arange(len(lines), dtype=np.int64) + 2, {}, {}, {})
    for header, cells in columns.items():
        column = SCHEMA.by_header[header]
        if column.type == "text":
            rows.texts[column.name] = pa.array([cell or None for cell in cells], pa.string())
        elif column.type == "date":
            rows.dates[column.name] = np.array([cell or "NaT" for cell in cells], dtype="datetime64[D]")
        else:
            rows.numbers[column.name] = np.array([float(cell) if cell else np.nan for cell in cells])
    return Block(rows, {SCHEMA.by_header[header].name: header for header in head})


def check(table: str, stated_date: dt.date | None = DATE) -> StatisticsResult:
    """The verdict on a table."""
    checking = StatisticsCheck(SCHEMA, CATALOGUE, PLACES, stated_date=stated_date, today=TODAY)
    checking.add(block_of(table))
    return checking.close()
