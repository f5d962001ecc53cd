"""Deliveries of any size for measuring: vectorised, seeded, valid under every rule of the extract."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
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
N_ACROSS, SIDE_M, WEST_M, SOUTH_M = 20, 42_000.0, 280_000.0, 5_235_000.0  # the size of Germany, 400 districts
LARGEST, SPREAD = 0.044, 0.6
REFERENCE_DATE = "2025-10-01"
STREETS = ("Königstraße", "Am Mühlenbach", "Gässchen", "Markt", "Obere Zeile", "Birkenweg")
REASONS = ("unemployment", "illness", "separation", "housekeeping", "self_employment", "low_income", "other")


@dataclass(frozen=True)
class Ground:
    """Where cells may lie.

    numbers, outlines: of the areas    districts: one of each area, or None if the file names none
    shares:            of all cells in each area, adding up to 1
    """

    numbers: NDArray[np.int64]
    outlines: NDArray[np.object_]
    districts: NDArray[np.int64] | None
    shares: Floats


def invented_city() -> Ground:
    """The 24 areas of the demo, all of them with the same number of cells."""
    areas = area_shapes()
    districts = np.array([int(own.split(",")[0]) for own in areas["bezirke"]])
    numbers, outlines = areas["nummer"].to_numpy(np.int64), areas["shape"].to_numpy()
    return Ground(numbers, outlines, districts, np.full(len(areas), 1 / len(areas)))


def invented_country() -> Ground:
    """400 squares as large as German districts; the largest holds 4.4 % of all cells, as Berlin does."""
    west, south = np.meshgrid(np.arange(N_ACROSS) * SIDE_M + WEST_M, np.arange(N_ACROSS) * SIDE_M + SOUTH_M)
    outlines = shapely.box(west.ravel(), south.ravel(), west.ravel() + SIDE_M, south.ravel() + SIDE_M)
    rest = np.random.default_rng(SEED).lognormal(0.0, SPREAD, N_ACROSS**2 - 1)
    shares = np.concatenate([[LARGEST], (1 - LARGEST) * rest / rest.sum()])
    return Ground(np.arange(1, N_ACROSS**2 + 1), outlines, None, shares)


def write_ground(path: Path, ground: Ground) -> Path:
    """Write the areas as GeoJSON in EPSG:25832 with nummer, name and bezirke."""
    districts = ground.numbers if ground.districts is None else ground.districts
    features = [
        {
            "type": "Feature",
            "properties": {"nummer": int(number), "name": f"Kreis {number}", "bezirke": str(district)},
            "geometry": shapely.geometry.mapping(outline),
        }
        for number, district, outline in zip(ground.numbers, districts, ground.outlines, strict=True)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


def write_delivery(
    path: Path, n_cells: int, ground: Ground | None = None, *, in_order: bool = True, seed: int = SEED
) -> Path:
    """Write a delivery as a supplier would: CP1252, semicolon, decimal comma, the columns of the demo.

    The cells lie area by area, as keys of suppliers do, or in no order. Same request, same bytes.
    """
    ground, rng = ground or invented_city(), np.random.default_rng(seed)
    points = _points(rng, ground)
    options = csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    headers = {column.name: column.header for column in extract_schema().columns}
    with path.open("wb") as file:
        for start, area in _area_blocks(rng, n_cells, ground, in_order=in_order):
            table = pa.table(_columns(rng, start, area, points, ground))
            if start == 0:
                file.write((";".join(headers[name] for name in table.column_names) + "\n").encode("ascii"))
            text = io.BytesIO()
            csv.write_csv(table, text, options)
            # No text and no date of these holds a point, so every point is a decimal sign.
            file.write(text.getvalue().replace(b".", b",").decode("utf-8").encode("cp1252"))
    return path


def _area_blocks(
    rng: np.random.Generator, n_cells: int, ground: Ground, *, in_order: bool
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Number of the first cell and the place of each cell's area in the list of areas, block by block."""
    bounds = np.round(np.cumsum(ground.shares) * n_cells)
    cells = np.arange(n_cells) if in_order else rng.permutation(n_cells)
    for start in range(0, n_cells, CELLS_PER_BLOCK):
        places = np.searchsorted(bounds, cells[start : start + CELLS_PER_BLOCK], side="right")
        yield start, np.minimum(places, len(bounds) - 1)


def _points(rng: np.random.Generator, ground: Ground) -> Floats:
    """Points inside each area, shape (areas, POINTS_PER_AREA, 2), EPSG:25832."""
    found = []
    for shape in ground.outlines:
        left, bottom, right, top = shape.bounds
        drawn = rng.uniform((left, bottom), (right, top), (10 * POINTS_PER_AREA, 2)).round(1)
        inside = drawn[shapely.contains_xy(shape, drawn[:, 0], drawn[:, 1])]
        found.append(np.resize(inside, (POINTS_PER_AREA, 2)))
    return np.array(found)


def _columns(
    rng: np.random.Generator, start: int, area: NDArray[np.int64], points: Floats, ground: Ground
) -> Columns:
    """Columns of a block with English names, in the order of the demo's files."""
    n = len(area)
    place = points[area, rng.integers(0, POINTS_PER_AREA, n)]
    districts = {} if ground.districts is None else {"district_number": ground.districts[area]}
    return {
        "cell_key": [f"DEMO-{number:08d}" for number in range(start, start + n)],
        "reference_date": np.full(n, REFERENCE_DATE),
        "area_number": ground.numbers[area],
        **districts,
        "x": place[:, 0],
        "y": place[:, 1],
        "street_section": np.array(STREETS)[rng.integers(0, len(STREETS), n)],
        **_people(rng, n),
        **_debts(rng, n),
        **_background(rng, n),
    }


def _people(rng: np.random.Generator, n: int) -> Columns:
    households = rng.integers(4, 9, n)  # 6 on average, as the contract has it
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
