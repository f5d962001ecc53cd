"""Values planted in raw columns that occur nowhere else, and the search for them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

KEY = "KANARIE"
DECIMALS = 8
SINGLE = 1e-7  # of a number: what is lost where somebody passes it on in single precision
COORDINATES = 1e5  # metres; of them single precision loses half a metre, and every place nearby would count
# The seconds of a time of day are no value: a database full of them meets one of ten thousand now and then.
NUMBER = re.compile(r"(?<!\d)(?<!\d\d:\d\d:)\d+[.,]\d{5,}")
WORD = re.compile(rf"{KEY}\w+")
NOT_PLANTED = ("stichtag", "gebiet_nr", "bezirk_nr", "haushalte", "haeuser")


@dataclass(frozen=True)
class Marks:
    """Planted keys, and planted numbers in ascending order."""

    keys: frozenset[str]
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.keys) + len(self.values)


def plant(table: pd.DataFrame, seed: int = 11) -> tuple[pd.DataFrame, Marks]:
    """The table with a value of its own in every key and every decimal, and all these values."""
    rng = np.random.default_rng(seed)
    planted = table.copy()
    planted["mz_id"] = [f"{KEY}{place:05d}" for place in range(len(table))]
    own = [name for name in table if name not in (*NOT_PLANTED, "mz_id")]
    tails = rng.choice(np.arange(1000, 99_999), len(table), replace=False)
    for name in own:
        # Percentages that make a hundred together leave less room.
        places, most = (2, 9_999) if name.startswith("grund_") else (1, 99_999)
        tail = tails[rng.permutation(len(table))] % most * 1e-6
        planted[name] = (table[name].astype(float).round(places) + tail).round(DECIMALS)
    values = np.unique(planted[own].to_numpy(np.float64))
    return planted, Marks(frozenset(planted["mz_id"]), values)


def find(marks: Marks, text: str) -> set[str]:
    """The planted keys and numbers that occur in a text, with decimal point or comma.

    A number counts if it is a planted one to the last digit that is written, or that single precision keeps.
    """
    found = set(WORD.findall(text)) & marks.keys
    told = [own.replace(",", ".") for own in NUMBER.findall(text)]
    if told:
        number = np.array(told, dtype=np.float64)
        decimals = np.array([len(own.split(".")[1]) for own in told])
        after = np.searchsorted(marks.values, number).clip(1, len(marks.values) - 1)
        off = np.minimum(abs(marks.values[after] - number), abs(marks.values[after - 1] - number))
        lost = np.where(number < COORDINATES, SINGLE * number, 0.0)
        is_planted = off <= np.maximum(0.5 * 10.0**-decimals, lost)
        found |= {own for own, hit in zip(told, is_planted, strict=True) if hit}
    return found


def read_folder(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below a folder as text, and every name."""
    for path in sorted(folder.rglob("*")):
        yield str(path), path.name
        if path.is_file():
            yield str(path), path.read_bytes().decode("latin-1")


class Listener(logging.Handler):
    """Keeps every line that is logged, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line as it would be written."""
        self.lines.append(self.format(record) + repr(record.args))


def search(marks: Marks, places: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Where marks were found."""
    found = ((place, find(marks, text)) for place, text in places)
    return {place: own for place, own in found if own}
