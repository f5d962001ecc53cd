"""Text tables in the child: what they look like, and their blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from microcells.domain.cells import simplify
from microcells.domain.dialect import HEAD_BYTES, Dialect, detect_dialect
from microcells.domain.lines import Utf8Stream, read_stretches
from microcells.domain.plan import ReadingPlan
from microcells.domain.reading import parse_texts, read_blocks
from microcells.domain.rows import Block
from microcells.domain.spans import TailStream, plan_of_rest
from microcells.domain.summary import Sample
from microcells.domain.wanted import Wanted
from microcells.files import limits
from microcells.files.content import Content
from microcells.files.looking import Look


@dataclass(frozen=True)
class TextTable:
    """A text table, in a file of its own or in a ZIP."""

    content: Content

    def look(self, wanted: Wanted, given: ReadingPlan | None) -> Look:
        """The way the table is written and its first rows."""
        dialect = self._dialect(wanted, given)
        plan = replace(
            given or ReadingPlan("csv"),
            file_kind="csv",
            header_line=dialect.header_line,
            encoding=dialect.encoding,
            separator=dialect.separator,
            decimal=dialect.decimal,
            thousands=dialect.thousands,
        )
        return Look(plan, dialect.doubtful, self._sample(dialect), self._count(dialect))

    def read(self, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
        """The blocks of the table, each with the share of the file that has been read."""
        header = self._dialect(wanted, plan).header
        with self.content.open() as stream:
            for block in read_blocks(stream, header, plan, wanted):
                yield block, stream.tell() / max(self.content.size, 1)

    def read_rest(self, start: int, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
        """The blocks from a row on that one of them begins with; its line is the first."""
        header = self._dialect(wanted, plan).header
        with self.content.open() as stream:
            stream.seek(start)
            for block in read_blocks(TailStream(stream, start), header, plan_of_rest(plan), wanted):
                yield block, stream.tell() / max(self.content.size, 1)

    def _dialect(self, wanted: Wanted, given: ReadingPlan | None) -> Dialect:
        head = self.content.head(HEAD_BYTES)
        later = self._first_beyond_ascii() if head.isascii() and not (given and given.encoding) else b""
        return detect_dialect(head, self.content.size, wanted.by_header.keys(), given, later)

    def _first_beyond_ascii(self) -> bytes:
        """The first stretch that is not plain ASCII; b"" if there is none."""
        with self.content.open() as stream:
            for _ in range(limits.ENCODING_SCAN // HEAD_BYTES):
                piece = stream.read(HEAD_BYTES)
                if not piece or not piece.isascii():
                    return piece
        return b""

    def _sample(self, dialect: Dialect) -> Sample:
        with self.content.open() as stream:
            stretch = next(
                read_stretches(stream, dialect.encoding, dialect.header_line, HEAD_BYTES),
                b"",
            )
        types = dict.fromkeys(range(len(dialect.header)), pa.string())
        if not stretch.strip():
            return Sample(dialect.header, tuple(pa.array([], pa.string()) for _ in types))
        table = parse_texts(stretch, dialect.separator, len(dialect.header), types).table
        return Sample(
            dialect.header, tuple(simplify(column) for column in table.slice(0, limits.SAMPLE_ROWS).columns)
        )

    def _count(self, dialect: Dialect) -> int | None:
        """Rows of a file that is quickly gone through, as lines; None for a larger one."""
        if self.content.size > limits.COUNT_BYTES:
            return None
        n_lines, last = 0, b"\n"
        with self.content.open() as raw:
            stream = Utf8Stream(raw, dialect.encoding) if dialect.encoding.startswith("utf-16") else raw
            while piece := stream.read(HEAD_BYTES):
                n_lines, last = n_lines + piece.count(b"\n"), piece[-1:]
        return max(n_lines + (last != b"\n") - dialect.header_line, 0)
