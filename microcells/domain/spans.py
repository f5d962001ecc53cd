"""Cutting a large text table into stretches of whole rows that can be read on their own."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

from microcells.domain.lines import QUOTE, ByteStream
from microcells.domain.plan import ReadingPlan
from microcells.domain.reading import BLOCK_BYTES
from microcells.domain.rows import Block

# Some seconds' work: little beside it are the start of a reader and the tally that is handed over.
PIECE_BYTES = 16 * BLOCK_BYTES
# In these a line end is one byte that is never part of another sign.
PLAIN_LINE_ENDS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-15")
MARKED, UNMARKED = "utf-8-sig", "utf-8"


@dataclass(frozen=True)
class Span:
    """The bytes start ... stop of a text table, whole rows; the first one holds the headings as well.

    n_blocks: blocks that reading them gives, the very same as reading the file from its beginning
    """

    start: int
    stop: int
    n_blocks: int

    @property
    def n_bytes(self) -> int:
        """Its length."""
        return self.stop - self.start

    @property
    def name(self) -> str:
        """All of it in a word, for `named`."""
        return f"{self.start}-{self.stop}-{self.n_blocks}"

    @classmethod
    def named(cls, name: str) -> Self:
        """The span of this name."""
        return cls(*map(int, name.split("-")))


WHOLE = Span(0, sys.maxsize, sys.maxsize)  # a file of any form and length, from its beginning to its end


def cut_rows(
    stream: ByteStream, size: int, piece_bytes: int = PIECE_BYTES, block_bytes: int = BLOCK_BYTES
) -> list[Span]:
    """Cut a text table into spans of about `piece_bytes`, in which it is read as if it were not cut.

    stream:  the file from its first byte; it is read to its end only if there is something to cut
    size:    its length in bytes
    returns: WHOLE alone if the file is small, or if a line end inside quotes stands where it would be cut
    """
    n_blocks = math.ceil(size / block_bytes)
    n_pieces = round(size / piece_bytes)
    if n_pieces < 2:
        return [WHOLE]
    places = [round(place * n_blocks / n_pieces) for place in range(n_pieces + 1)]
    cuts = {0: 0, n_blocks: size} | _line_ends(stream, {*places[1:-1]}, block_bytes)
    if cuts.keys() != {*places}:
        return [WHOLE]
    return [Span(cuts[first], cuts[last], last - first) for first, last in pairwise(sorted(cuts))]


def _line_ends(stream: ByteStream, after: set[int], block_bytes: int) -> dict[int, int]:
    """Number of blocks -> position behind the last line end in them; left out if it is quoted or missing."""
    found: dict[int, int] = {}
    n_quotes = 0
    for place in range(1, max(after) + 1):
        block = stream.read(block_bytes)
        end = block.rfind(b"\n") + 1
        if place in after and end and (n_quotes + block.count(QUOTE, 0, end)) % 2 == 0:
            found[place] = (place - 1) * block_bytes + end
        n_quotes += block.count(QUOTE) if QUOTE in block else 0
    return found


class TailStream:
    """The end of a stream, read in the portions in which it would be read from its beginning."""

    def __init__(self, stream: ByteStream, start: int) -> None:
        """stream: stands at `start`."""
        self._stream = stream
        self._at = start

    def read(self, size: int, /) -> bytes:
        """The bytes up to the next multiple of `size`."""
        read = self._stream.read(size - self._at % size)
        self._at += len(read)
        return read


def plan_of_rest(plan: ReadingPlan) -> ReadingPlan:
    """How to read what comes behind the first span: without headings and without a mark of the encoding."""
    encoding = UNMARKED if plan.encoding == MARKED else plan.encoding
    return replace(plan, header_line=0, encoding=encoding)


def count_lines_anew(blocks: Iterator[Block], before: int) -> Iterator[Block]:
    """Blocks whose lines count from a later one on; `before` lines come ahead of it."""
    for block in blocks:
        rows = replace(block.rows, lines=block.rows.lines - before)
        yield replace(block, rows=rows, broken=block.broken - before)
