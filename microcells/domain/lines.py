"""Cutting a stream of bytes into stretches of whole rows, in UTF-8 and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from kodala.core.errors import InputError
from microcells.domain.dialect import AS_CSV, LONGEST_LINE, Dialect, refuse

QUOTE = b'"'


def read_stretches(stream: BinaryIO, dialect: Dialect, size: int) -> Iterator[bytes]:
    """Give the rows below the header as UTF-8, in stretches of about `size` bytes that end with a row.

    stream:  the file from its first byte
    Raises InputError for NUL bytes, a row without end, an open quote and bytes that the encoding lacks.
    """
    decoder = _Decoder(dialect)
    skip = dialect.header_line
    for stretch in _whole_rows(stream, size):
        if b"\0" in stretch:
            raise refuse("E-DATEIART", "Die Datei enthält Nullbytes und ist keine CSV-Tabelle.", AS_CSV)
        body = stretch
        while skip and body:
            body = body.partition(b"\n")[2]
            skip -= 1
        if body:
            yield decoder.to_utf8(body)


def _whole_rows(stream: BinaryIO, size: int) -> Iterator[bytes]:
    piece, following = stream.read(size), stream.read(size)
    while following:
        cut = _end_of_last_row(piece)
        if not cut and len(piece) > LONGEST_LINE:
            raise _endless_row(piece)
        if cut:
            yield piece[:cut]
        piece, following = piece[cut:] + following, stream.read(size)
    if piece.count(QUOTE) % 2 or (len(piece) > LONGEST_LINE and b"\n" not in piece):
        raise _endless_row(piece)
    if piece:
        yield piece


def _end_of_last_row(piece: bytes) -> int:
    """Position behind the last line end outside quotes; 0 if there is none."""
    if QUOTE not in piece:
        return piece.rfind(b"\n") + 1
    signs = np.frombuffer(piece, dtype=np.uint8)
    is_outside = np.cumsum(signs == ord(QUOTE), dtype=np.int32) % 2 == 0
    ends = np.flatnonzero((signs == ord("\n")) & is_outside)
    return int(ends[-1]) + 1 if len(ends) else 0


def _endless_row(piece: bytes) -> InputError:
    if QUOTE in piece:
        text = "In der Datei steht ein Anführungszeichen ohne Gegenstück."
        return refuse("E-ANFUEHRUNG", text, "Bitte Anführungszeichen im Text verdoppeln oder weglassen.")
    return refuse(
        "E-ZEILE", "Die Datei enthält eine Zeile von mehr als 1 MiB und ist keine CSV-Tabelle.", AS_CSV
    )


@dataclass
class _Decoder:
    """Turns stretches into UTF-8; an undecided encoding is decided by the first sign beyond ASCII."""

    dialect: Dialect
    encoding: str = ""

    def to_utf8(self, stretch: bytes) -> bytes:
        if stretch.isascii():
            return stretch
        if not self.encoding:
            self.encoding = self._decide(stretch)
        if self.encoding == "cp1252":
            return self._decode(stretch).encode("utf-8")
        self._decode(stretch)
        return stretch

    def _decide(self, stretch: bytes) -> str:
        if self.dialect.encoding == "cp1252":
            return "cp1252"
        if self.dialect.is_certain:
            return "utf-8"
        try:
            stretch.decode("utf-8")
        except UnicodeDecodeError:
            return "cp1252"
        return "utf-8"

    def _decode(self, stretch: bytes) -> str:
        try:
            return stretch.decode(self.encoding)
        except UnicodeDecodeError:
            name = "Windows-1252" if self.encoding == "cp1252" else "UTF-8"
            text = f"Die Datei enthält Zeichen, die es in der Kodierung {name} nicht gibt."
            raise refuse("E-KODIERUNG", text, AS_CSV) from None
