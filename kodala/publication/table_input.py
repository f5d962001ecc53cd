"""From a JSON or CSV file and the words on a command line to the specification of a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

VALUE_NAMES = ("value", "sum", "ant", "count", "freq", "anzahl", "wert", "summe")
UNSAFE_NAMES = ("unsafe", "primary")
MARKS = ("records", "largest", "second_largest", "unsafe", "withheld", "visible", "weight", "status")
ARGUS_WITHHELD = (3, 11)  # τ-ARGUS: unsafe, secondary
RULES = {"p": ("p_percent", "p"), "k": ("dominance", "k"), "min": ("minimum", "least")}
Row = dict[str, Any]


def read_specification(options: Mapping[str, Any]) -> dict[str, Any]:
    """What `table_file.read_table` wants; words on the command line come before those in the file.

    Raises ValueError or KeyError for words or columns that are not understood, OSError for a missing file.
    """
    path: Path = options["file"]
    if path.suffix.lower() == ".json":
        spec = dict(json.loads(path.read_text("utf-8")))
    else:
        rows = _read_rows(path, options["value"])
        spec = {"cells": rows, "dimensions": {name: [] for name in _dimension_names(rows)}}
    for own in options["dimension"]:
        name, _, sums = own.partition("=")
        spec["dimensions"][name] = list(_read_sums(sums))
    if options["rule"]:
        spec["rule"] = _read_rule(options["rule"])
    for name in ("distance", "insiders", "weights", "totals"):
        if options[name] is not None:
            spec[name] = options[name]
    if options["pattern"]:
        spec["cells"] = [*spec["cells"], *_pattern_rows(options["pattern"], list(spec["dimensions"]))]
    return spec


def _read_rows(path: Path, value_name: str | None) -> list[Row]:
    """Rows of a CSV file with the names of the specification; separator , ; or tab, decimal point."""
    table = pd.read_csv(
        path, sep=None, engine="python", encoding="utf-8-sig", dtype=str, skipinitialspace=True
    )
    value = value_name or next((name for name in VALUE_NAMES if name in table), None)
    if value not in table:
        raise ValueError(
            f"no column with a value; give its name with --value (columns: {', '.join(map(str, table))})"
        )
    table = table.rename(columns={value: "value"})
    table = table.rename(columns={name: "unsafe" for name in UNSAFE_NAMES if name in table})
    for name in ("value", *MARKS):
        if name in table:
            table[name] = pd.to_numeric(table[name], errors="coerce")
    if "status" in table:
        table["withheld"] = table["status"].isin(ARGUS_WITHHELD)
    return _as_rows(table.drop(columns="status", errors="ignore"))


def _dimension_names(rows: list[Row]) -> list[str]:
    return [name for name in rows[0] if name not in ("value", *MARKS)]


def _read_sums(text: str) -> Iterable[tuple[str, list[str]]]:
    """ "Total:Nr,Os;Nr:1,2" -> ("Total", ["Nr", "Os"]), ("Nr", ["1", "2"])"""
    for own in text.split(";"):
        total, colon, parts = own.partition(":")
        if not colon:
            raise ValueError(f"{own!r} is no sum; the form is total:part,part")
        yield total.strip(), [part.strip() for part in parts.split(",")]


def _read_rule(text: str) -> dict[str, Any]:
    if text == "given":
        return {"kind": "given"}
    kind, _, number = text.partition(":")
    if kind not in RULES:
        raise ValueError(f"{text!r} is no rule; known are p:15, k:80, min:4 and given")
    name, parameter = RULES[kind]
    return {"kind": name, parameter: float(number)}


def _pattern_rows(path: Path, dimensions: list[str]) -> list[Row]:
    """Marks of a pattern that somebody else chose, without values."""
    table = pd.read_csv(path, sep=None, engine="python", encoding="utf-8-sig", dtype=str)
    if "status" in table:
        table["withheld"] = pd.to_numeric(table["status"]).isin(ARGUS_WITHHELD)
    if "withheld" not in table:
        raise ValueError("the pattern has neither a column withheld nor a column status")
    table["withheld"] = table["withheld"].isin([True, "1", "true", "True", "ja"])
    return _as_rows(table[[*dimensions, "withheld"]])


def _as_rows(table: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
