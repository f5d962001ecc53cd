"""Reading a large text table in spans; each parsed in a child process, spans in a row by the same one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path

from microcells.domain import spans
from microcells.domain.file_kinds import readable_kind
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.schema import Schema
from microcells.domain.spans import PLAIN_LINE_ENDS, WHOLE, Span, count_lines_anew, cut_rows
from microcells.files.children import read_file
from microcells.files.content import KIND_BYTES


def cut_file(path: Path, plan: ReadingPlan) -> list[Span]:
    """The spans of a text table in a file of its own; WHOLE alone if it is not to be cut."""
    with path.open("rb") as stream:
        is_text = plan.file_kind == "csv" and not readable_kind(stream.read(KIND_BYTES))
        if not is_text or plan.encoding not in PLAIN_LINE_ENDS:
            return [WHOLE]
        stream.seek(0)
        return cut_rows(stream, path.stat().st_size, spans.PIECE_BYTES)


class SpanReader:
    """Reads spans of one file in any order. A span that follows the last one costs no new child.

    share: of the whole file, up to which it has been read
    """

    def __init__(self, path: Path, plan: ReadingPlan, schema: Schema) -> None:
        self._file = path, plan, schema
        self.share = 0.0
        self._blocks: Iterator[Block] | None = None
        self._at: int | None = None  # where the child goes on
        self._n_lines = 0  # that the child has read

    def read(self, span: Span) -> Iterator[Block]:
        """The blocks of a span; lines count from its first one. Raises InputError like `read_file`."""
        if self._at != span.start:
            self.close()
        blocks = self._blocks or read_file(*self._file, self._note_share, span.start)
        before, self._blocks, self._at = self._n_lines, blocks, None
        self._n_lines += 0 if span.start else self._file[1].header_line
        for block in count_lines_anew(islice(blocks, span.n_blocks), before):
            self._n_lines += block.n_lines
            yield block
        self._at = span.stop

    def _note_share(self, share: float) -> None:
        self.share = share

    def close(self) -> None:
        """End the child."""
        if isinstance(self._blocks, Generator):
            self._blocks.close()
        self._blocks, self._at, self._n_lines = None, None, 0
