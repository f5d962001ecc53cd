"""Deliveries of any size for measuring: vectorised, seeded, valid under every rule of the extract."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import csv

from microcells.definitions import extract_schema
from microcells.demo.geography import area_shapes

Floats = NDArray[np.float64]
Columns = dict[str, Any]

SEED = 20_261_122
CELLS_PER_BLOCK = 50_000
POINTS_PER_AREA = 2_000  # cells share points: neither rule nor index asks for different ones
REFERENCE_DATE = "2025-10-01"
STREETS = ("Königstraße", "Am Mühlenbach", "Gässchen", "Markt", "Obere Zeile", "Birkenweg")
REASONS = ("unemployment", "illness", "separation", "housekeeping", "self_employment", "low_income", "other")


def write_delivery(path: Path, n_cells: int) -> Path:
    """Write a delivery as a supplier would: CP1252, semicolon, decimal comma, the columns of the demo.

    The cells lie area by area, as keys of suppliers do. The same number gives the same bytes.
    """
    rng = np.random.default_rng(SEED)
    points = _points(rng)
    options = csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    headers = {column.name: column.header for column in extract_schema().columns}
    with path.open("wb") as file:
        for start, area in _area_blocks(n_cells):
            table = pa.table(_columns(rng, start, area, points))
            if start == 0:
                file.write((";".join(headers[name] for name in table.column_names) + "\n").encode("ascii"))
            text = io.BytesIO()
            csv.write_csv(table, text, options)
            # No text and no date of these holds a point, so every point is a decimal sign.
            file.write(text.getvalue().replace(b".", b",").decode("utf-8").encode("cp1252"))
    return path


def _area_blocks(n_cells: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Number of the first cell and the place of each cell's area in the list of areas, block by block."""
    n_areas = len(area_shapes())
    for start in range(0, n_cells, CELLS_PER_BLOCK):
        cells = np.arange(start, min(start + CELLS_PER_BLOCK, n_cells))
        yield start, cells * n_areas // n_cells


def _points(rng: np.random.Generator) -> Floats:
    """Points inside each area, shape (areas, POINTS_PER_AREA, 2), EPSG:25832."""
    found = []
    for shape in area_shapes()["shape"]:
        left, bottom, right, top = shape.bounds
        drawn = rng.uniform((left, bottom), (right, top), (10 * POINTS_PER_AREA, 2)).round(1)
        inside = drawn[shapely.contains_xy(shape, drawn[:, 0], drawn[:, 1])]
        found.append(np.resize(inside, (POINTS_PER_AREA, 2)))
    return np.array(found)


def _columns(rng: np.random.Generator, start: int, area: NDArray[np.int64], points: Floats) -> Columns:
    """Columns of a block with English names, in the order of the demo's files."""
    n = len(area)
    areas = area_shapes()
    place = points[area, rng.integers(0, POINTS_PER_AREA, n)]
    districts = np.array([int(own.split(",")[0]) for own in areas["bezirke"]])
    return {
        "cell_key": [f"DEMO-{number:08d}" for number in range(start, start + n)],
        "reference_date": np.full(n, REFERENCE_DATE),
        "area_number": areas["nummer"].to_numpy()[area],
        "district_number": districts[area],
        "x": place[:, 0],
        "y": place[:, 1],
        "street_section": np.array(STREETS)[rng.integers(0, len(STREETS), n)],
        **_people(rng, n),
        **_debts(rng, n),
        **_background(rng, n),
    }


def _people(rng: np.random.Generator, n: int) -> Columns:
    households = rng.integers(4, 11, n)
    adults = (households * rng.uniform(1.3, 1.8, n)).round(3)
    return {
        "households": households,
        "houses": np.minimum(households, rng.integers(1, 5, n)),
        "persons": (adults * rng.uniform(1.1, 1.4, n)).round(3),
        "adults": adults,
        "seniors_60_69": (adults * rng.uniform(0.08, 0.2, n)).round(3),
        "seniors_70_79": (adults * rng.uniform(0.05, 0.15, n)).round(3),
        "seniors_80plus": (adults * rng.uniform(0.03, 0.12, n)).round(3),
        "mean_adult_age": rng.normal(50, 3, n).clip(25, 80).round(1),
        "debtors_hard": (adults * rng.uniform(0.03, 0.1, n)).round(3),
        "debtors_soft": (adults * rng.uniform(0.02, 0.07, n)).round(3),
    }


def _debts(rng: np.random.Generator, n: int) -> Columns:
    return {
        "creditors_per_debtor": rng.normal(3.3, 0.4, n).clip(1, 10).round(2),
        "mean_debt_eur": rng.normal(31_000, 5_000, n).clip(2_000, 90_000).astype(np.int64),
        "debt_duration_years": rng.normal(6.3, 1.2, n).clip(0.5, 20).round(2),
        "purchasing_power_eur": rng.normal(25_000, 3_000, n).clip(9_000, 60_000).astype(np.int64),
        "unemployment_percent": rng.uniform(2, 12, n).round(1),
    }


def _background(rng: np.random.Generator, n: int) -> Columns:
    reasons, payment = _wholes(rng, n, len(REASONS)), _wholes(rng, n, 9)
    return {
        "education_low_percent": rng.uniform(15, 45, n).round(1),
        "education_high_percent": rng.uniform(10, 40, n).round(1),
        "single_households_percent": rng.uniform(20, 55, n).round(1),
        "family_households_percent": rng.uniform(15, 40, n).round(1),
        **{f"reason_{name}": reasons[place] for place, name in enumerate(REASONS)},
        **{f"payment_index_{place + 1}": payment[place] for place in range(9)},
        "digital_access": rng.uniform(55, 95, n).round(1),
        "digital_use": rng.uniform(25, 65, n).round(1),
        "digital_skills": rng.uniform(25, 65, n).round(1),
        "digital_openness": rng.uniform(25, 65, n).round(1),
    }


def _wholes(rng: np.random.Generator, n: int, n_parts: int) -> Floats:
    """Percentages with one decimal that add up to 100, shape (n_parts, n)."""
    parts = rng.uniform(1, 2, (n_parts, n))
    # In tenths, so that the last part takes exactly what is left.
    tenths = np.floor(1000 * parts / parts.sum(axis=0))
    tenths[-1] += 1000 - tenths.sum(axis=0)
    return np.asarray(tenths / 10, dtype=np.float64)
