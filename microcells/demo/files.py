"""The files of the invented city, written as a supplier would send them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from microcells.definitions import schema_of
from microcells.demo.background import make_background
from microcells.demo.population import make_houses
from microcells.demo.values import FAMILIES, make_deliveries

ENCODING = "cp1252"
LINE_END = "\r\n"
MISSING = "-1"

# Digits after the comma; counts of persons carry three so that the city sums stay exact.
DECIMALS = {
    "x": 1,
    "y": 1,
    "persons": 3,
    "adults": 3,
    "seniors_60_69": 3,
    "seniors_70_79": 3,
    "seniors_80plus": 3,
    "debtors_hard": 3,
    "debtors_soft": 3,
    "creditors_per_debtor": 2,
    "debt_duration_years": 2,
    "mean_debt_eur": 0,
    "purchasing_power_eur": 0,
}
DECIMALS_OTHERWISE = 1  # percentages, indices, ages
WHOLES = ("reasons", "payment")  # families that add up to 100


def write_supplier_files(folder: Path) -> list[Path]:
    """Invent the city and write its four deliveries of microcells; returns their paths, oldest first.

    The same program gives the same bytes.
    """
    return write_deliveries(folder, make_deliveries(make_background(make_houses())))


def write_deliveries(folder: Path, deliveries: Mapping[date, pd.DataFrame]) -> list[Path]:
    """Write one file per reference date: CP1252, semicolon, decimal comma, CRLF, German headings.

    Dates are TT.MM.JJJJ, missing values -1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for reference_date, table in deliveries.items():
        path = folder / f"microm_demo_{reference_date.isoformat()}.csv"
        _write(path, supplier_table(table, reference_date), "microcells")
        paths.append(path)
    return paths


def write_house_list(path: Path) -> Path:
    """Invent the houses of the city and write them as a KoDaLa-Hausliste in the same dialect."""
    _write(path, make_houses(), "houses")
    return path


def supplier_table(table: pd.DataFrame, reference_date: date) -> pd.DataFrame:
    """Round a delivery to the digits of the file; percentages of a whole still add up to 100."""
    rounded = table.assign(reference_date=reference_date.strftime("%d.%m.%Y"))
    for family in WHOLES:
        names = list(FAMILIES[family])
        parts = rounded[names].to_numpy(np.float64).round(DECIMALS_OTHERWISE)
        largest = np.nan_to_num(parts).argmax(axis=1)
        parts[np.arange(len(parts)), largest] += 100 - parts.sum(axis=1)
        rounded[names] = parts
    return rounded


def _write(path: Path, table: pd.DataFrame, kind: str) -> None:
    """Write the columns of the schema that the table holds, in the order of the schema."""
    columns = [column for column in schema_of(kind).columns if column.name in table]
    texts = [_texts(table[column.name]) for column in columns]
    lines = [";".join(column.header for column in columns)]
    lines += [";".join(row) for row in zip(*texts, strict=True)]
    path.write_bytes((LINE_END.join(lines) + LINE_END).encode(ENCODING))


def _texts(column: pd.Series[Any]) -> list[str]:
    """Write one column as text: whole numbers as they are, others with their digits and a comma."""
    if not pd.api.types.is_float_dtype(column):
        return column.astype(str).tolist()
    digits = DECIMALS.get(str(column.name), DECIMALS_OTHERWISE)
    return [
        f"{value:.{digits}f}".replace(".", ",") if value == value else MISSING for value in column.tolist()
    ]
