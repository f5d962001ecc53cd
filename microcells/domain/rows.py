"""Rows of a delivery as columns, and what was found in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from microcells.domain.schema import Column

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]

ARROW_TYPES = {"text": pa.string(), "date": pa.date32(), "integer": pa.int16(), "decimal": pa.float64()}


@dataclass(frozen=True)
class Rows:
    """n rows of a file, column by column; all arrays have length n.

    lines:    line of each row as a spreadsheet shows it, header = 1
    numbers:  English name -> float64, NaN = not delivered
    texts:    English name -> arrow strings, null = empty
    dates:    English name -> datetime64[D], NaT = empty or unreadable
    """

    lines: Ints
    numbers: dict[str, Floats]
    texts: dict[str, pa.StringArray] = field(default_factory=dict)
    dates: dict[str, Dates] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def names(self) -> set[str]:
        """The English names of the columns that the file has."""
        return {*self.numbers, *self.texts, *self.dates}

    def take(self, mask: Bools) -> Rows:
        """Only the rows where `mask` is True, in the same order."""
        if mask.all():
            return self
        chosen = pa.array(mask)
        return Rows(
            self.lines[mask],
            {name: values[mask] for name, values in self.numbers.items()},
            {name: values.filter(chosen) for name, values in self.texts.items()},
            {name: values[mask] for name, values in self.dates.items()},
        )

    def to_arrow(self, columns: Iterable[Column]) -> pa.Table:
        """The named columns as the database wants them: NaN and NaT become null, integers int16.

        Columns that the file does not have become all null. Raises pyarrow.ArrowInvalid
        for a number that is not whole in an integer column.
        """
        return pa.table({column.name: self._arrow_column(column) for column in columns})

    def to_frame(self) -> pd.DataFrame:
        """All columns as a data frame; integers stay float64, empty texts are None."""
        import pandas as pd  # a second to load, and the process that reads files never makes a frame

        texts = {name: values.to_pandas() for name, values in self.texts.items()}
        return pd.DataFrame({**texts, **self.dates, **self.numbers})

    def _arrow_column(self, column: Column) -> pa.Array:
        wanted = ARROW_TYPES[column.type]
        if column.name not in self.names:
            return pa.nulls(len(self), wanted)
        if column.name in self.texts:
            return self.texts[column.name]
        if column.name in self.dates:
            return pa.array(self.dates[column.name]).cast(wanted)
        values = self.numbers[column.name]
        # Handing arrow the mask costs less than letting it look for NaN.
        missing = np.isnan(values)
        return pa.array(values, mask=missing if missing.any() else None).cast(wanted)


@dataclass(frozen=True)
class Hit:
    """One rule that struck in some rows of a block.

    rule:     key of its sentence in the definition file, e.g. "E-BEREICH" or "E-BEREICH.stadt"
    columns:  English names of the columns it is about
    at:       positions in the block, ascending, at least one
    label:    name of the percent group, if the rule is about one
    """

    rule: str
    columns: tuple[str, ...]
    at: Ints
    label: str = ""

    @property
    def code(self) -> str:
        """The stable code, without the rule's variant."""
        return self.rule.split(".")[0]


def hit(rule: str, columns: tuple[str, ...], mask: Bools, label: str = "") -> list[Hit]:
    """One hit where `mask` is True, or none."""
    at = np.flatnonzero(mask)
    return [Hit(rule, columns, at, label)] if len(at) else []


@dataclass(frozen=True)
class Block:
    """A stretch of a file after reading: its rows, what could not be read, and lines that are no rows.

    headings:  English name -> heading as written in the file
    hits:      E-ZAHL, E-DATUM, W-TAUSENDER
    broken:    lines with too many or too few fields; they are not among the rows
    n_lines:   lines of a text file that the block takes, blank ones among them; 0 for other forms
    """

    rows: Rows
    headings: dict[str, str]
    hits: tuple[Hit, ...] = ()
    broken: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    n_lines: int = 0
