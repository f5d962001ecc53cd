"""Parquet files in the child."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa
from pyarrow import parquet

from microcells.domain.composing import Layout
from microcells.domain.dialect import refuse
from microcells.domain.headings import unique_headings
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.wanted import Wanted
from microcells.files import limits, sandbox
from microcells.files.archives import as_file
from microcells.files.batches import Batch, compose, sample_of, with_number_signs
from microcells.files.content import Content
from microcells.files.looking import Look

AGAIN = "Bitte die Datei neu ausgeben oder als CSV-Datei liefern."
PAGES = 1 << 16  # bytes read ahead of each column, instead of whole row groups
THRIFT = 1 << 20  # a footer of 500 columns and 1,000 row groups stays below


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file."""

    content: Content

    def look(self, _: Wanted, given: ReadingPlan | None) -> Look:
        """The headings and first rows."""
        with self._open() as file:
            header = _header(file)
            sample = sample_of(header, _batches(file, range(len(header))))
            plan = replace(given or ReadingPlan("parquet"), file_kind="parquet", encoding="", separator="")
            plan = replace(plan, table="", header_line=1)
            plan, doubtful = with_number_signs(plan, sample, given)
            return Look(plan, doubtful, sample, file.metadata.num_rows)

    def read(self, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
        """The blocks of the file."""
        with self._open() as file:
            layout = Layout(_header(file), plan, wanted)
            yield from compose(_batches(file, layout.types), layout)

    @contextmanager
    def _open(self) -> Iterator[parquet.ParquetFile]:
        sandbox.limit_memory()
        with as_file(self.content) as stream:
            try:
                with parquet.ParquetFile(
                    stream,
                    memory_map=False,
                    buffer_size=PAGES,
                    pre_buffer=False,
                    thrift_string_size_limit=THRIFT * 16,
                    thrift_container_size_limit=THRIFT,
                ) as file:
                    if file.metadata.num_rows > limits.ROWS_PER_BYTE * self.content.size:
                        text = "Die Parquet-Datei nennt mehr Zeilen, als in ihr stehen können."
                        raise refuse("E-PARQUET", text, AGAIN)
                    columns = len(file.schema_arrow.names) * limits.MEMORY_PER_PARQUET_COLUMN
                    sandbox.limit_memory(limits.MEMORY + min(columns, 2 * self.content.size))
                    yield file
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError):
                raise refuse(
                    "E-PARQUET", "Die Parquet-Datei ist beschädigt und lässt sich nicht lesen.", AGAIN
                ) from None


def _header(file: parquet.ParquetFile) -> tuple[str, ...]:
    """Headings of all columns; refuses a file with two of one name, as columns are read by their names."""
    names = [str(name) for name in file.schema_arrow.names]
    header = unique_headings(names)
    doubled = next((at for at, name in enumerate(names) if names.count(name) > 1), None)
    if doubled is not None:
        text = f"Die Spalte „{header[doubled]}“ kommt mehrfach vor."
        raise refuse("E-SPALTE-DOPPELT", text, "Bitte nur eine davon behalten.")
    return header


def _batches(file: parquet.ParquetFile, wanted: Iterable[int]) -> Iterator[Batch]:
    """The wanted columns; nested ones are read as nothing but their presence."""
    schema, positions = file.schema_arrow, list(wanted)
    names = [schema.names[position] for position in positions]
    total, line = max(file.metadata.num_rows, 1), 2
    for raw in file.iter_batches(batch_size=limits.BATCH_ROWS, columns=names, use_threads=False):
        cells = {
            position: raw.column(raw.schema.get_field_index(schema.names[position])) for position in positions
        }
        yield Batch(line, cells, (line - 2 + raw.num_rows) / total)
        line += raw.num_rows
