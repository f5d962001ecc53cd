"""House lists of any size for measuring: the invented city again and again, each copy in areas of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from microcells.demo.population import make_houses
from microcells.domain.schema import Schema

COPY_WIDTH_M = 25_000
COPIES_IN_A_ROW = 30
COPY_DIGITS = 3  # of the number before every key
AREA_STEP = 100
COUNTS = ("persons", "adults", "seniors_60_69", "seniors_70_79", "seniors_80plus")
DELIVERED = ("house_key", "street_key", "house_number", "area_number", "x", "y", "households", *COUNTS)


@lru_cache(maxsize=1)
def invented_houses() -> pd.DataFrame:
    """The house list of the invented city, area after area."""
    return make_houses()[list(DELIVERED)].sort_values("area_number", kind="stable", ignore_index=True)


def list_copies(n_houses: int) -> Iterator[pd.DataFrame]:
    """Copies of the city with other keys, places and areas, about `n_houses` houses in all.

    Fewer houses than a city has are those of its first whole areas.
    """
    city = invented_houses()
    n_copies = max(1, round(n_houses / len(city)))
    if n_houses < len(city):
        last = city["area_number"].iloc[n_houses - 1]
        city = city[city["area_number"] <= last]
    for copy in range(n_copies):
        row, column = divmod(copy, COPIES_IN_A_ROW)
        yield city.assign(
            house_key=f"{copy:0{COPY_DIGITS}d}" + city["house_key"],
            street_key=f"{copy:0{COPY_DIGITS}d}" + city["street_key"],
            area_number=city["area_number"] + AREA_STEP * copy,
            x=(city["x"] + COPY_WIDTH_M * column).round(1),
            y=(city["y"] + COPY_WIDTH_M * row).round(1),
        )


def write_houses(path: Path, n_houses: int, schema: Schema) -> int:
    """Write a house list as a supplier would: CP1252, semicolon, decimal comma; gives how many houses."""
    headers = {column.name: column.header for column in schema.columns}
    options = csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    names = [name for name in DELIVERED if name in headers]
    written = 0
    with path.open("wb") as file:
        file.write((";".join(headers[name] for name in names) + "\n").encode("ascii"))
        for houses in list_copies(n_houses):
            text = io.BytesIO()
            csv.write_csv(pa.Table.from_pandas(houses[names], preserve_index=False), text, options)
            # No key holds a point, so every point is a decimal sign.
            file.write(text.getvalue().replace(b".", b","))
            written += len(houses)
    return written


def locate_areas(street_keys: pd.Series) -> NDArray[np.int64]:
    """The area of each house by its street, in place of the outlines that a house list is held against."""
    city = invented_houses().drop_duplicates("street_key").set_index("street_key")["area_number"]
    copy = street_keys.str[:COPY_DIGITS].astype(np.int64).to_numpy()
    return street_keys.str[COPY_DIGITS:].map(city).to_numpy(np.int64) + AREA_STEP * copy


def nearest_houses(n_houses: int) -> pd.DataFrame:
    """The houses around the middle of the invented city, as one area."""
    city = invented_houses()
    places = city[["x", "y"]].to_numpy()
    away = np.hypot(*(places - np.median(places, axis=0)).T)
    return city.iloc[np.argsort(away, kind="stable")[:n_houses]].assign(area_number=1)
