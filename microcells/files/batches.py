"""Forms that give typed cells instead of text: from their batches to a look and to blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microcells.domain.cells import MIXED, simplify
from microcells.domain.composing import Layout, compose_block
from microcells.domain.dialect import number_signs, refuse
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.summary import Sample
from microcells.files import limits


@dataclass(frozen=True)
class Batch:
    """Some rows of a table.

    first_line:  line of the first of them as a spreadsheet shows it
    cells:       position of a column -> its cells
    share:       how much of the file has been read
    """

    first_line: int
    cells: dict[int, pa.Array]
    share: float

    def __len__(self) -> int:
        return len(next(iter(self.cells.values()), ()))


def compose(batches: Iterable[Batch], layout: Layout) -> Iterator[tuple[Block, float]]:
    """The blocks of a table, each with the share of the file that has been read."""
    for batch in batches:
        cells = {position: _checked(batch.cells[position]) for position in layout.types}
        lines = np.arange(len(batch), dtype=np.int64) + batch.first_line
        yield compose_block(layout, cells, lines), batch.share


def sample_of(header: tuple[str, ...], batches: Iterable[Batch]) -> Sample:
    """The first rows of a table."""
    taken: list[Batch] = []
    n_rows = 0
    for batch in batches:
        taken.append(batch)
        n_rows += len(batch)
        if n_rows >= limits.SAMPLE_ROWS:
            break
    return Sample(header, tuple(_join(taken, position) for position in range(len(header))))


def _join(batches: Sequence[Batch], position: int) -> pa.Array:
    parts = [_checked(batch.cells[position]) for batch in batches]
    if len({part.type for part in parts}) > 1:
        parts = [as_mixed(part) for part in parts]
    joined = pa.concat_arrays(parts) if parts else pa.array([], pa.string())
    return joined.slice(0, limits.SAMPLE_ROWS)


def _checked(cells: pa.Array) -> pa.Array:
    """Cells of a known kind; raises InputError if a text is longer than any table's."""
    plain = simplify(cells)
    texts = plain.field("text") if plain.type == MIXED else plain
    if (
        pa.types.is_string(texts.type)
        and (pc.max(pc.binary_length(texts)).as_py() or 0) > limits.LONGEST_TEXT
    ):
        raise refuse(
            "E-ZELLE",
            "Eine Zelle der Datei enthält mehr als 100.000 Zeichen.",
            "Bitte nur Schlüssel, Zahlen und kurze Texte liefern.",
        )
    return plain


def as_mixed(cells: pa.Array) -> pa.StructArray:
    """Cells of one kind as cells of different kinds."""
    fields = []
    for field in MIXED:
        fits = cells.type == field.type or (field.name == "number" and _is_number(cells.type))
        fields.append(pc.cast(cells, field.type) if fits else pa.nulls(len(cells), field.type))
    return pa.StructArray.from_arrays(fields, fields=list(MIXED))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def with_number_signs(
    plan: ReadingPlan, sample: Sample, given: ReadingPlan | None
) -> tuple[ReadingPlan, tuple[str, ...]]:
    """The plan with the signs of numbers that are written as text, and doubts about them."""
    if given:
        return replace(plan, decimal=given.decimal or ",", thousands=given.thousands), ()
    texts = [cells.field("text") if cells.type == MIXED else cells for cells in sample.cells]
    written = [text for one in texts if pa.types.is_string(one.type) for text in pc.unique(one).to_pylist()]
    decimal, thousands, doubtful = number_signs([text.strip() for text in written if text], usual=",")
    return replace(plan, decimal=decimal, thousands=thousands), doubtful
