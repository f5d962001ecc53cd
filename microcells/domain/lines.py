"""Cutting a stream of UTF-8 into stretches of whole rows, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from kodala.core.errors import InputError
from microcells.domain.dialect import AS_CSV, ENCODING_NAMES, LONGEST_LINE, refuse

QUOTE = b'"'


class ByteStream(Protocol):
    """Anything that gives the bytes of a file one after the other."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; b"" at the end."""


class Utf8Stream:
    """The text of a file as UTF-8, whatever it is written in.

    Raises InputError for bytes that the encoding lacks.
    """

    def __init__(self, stream: ByteStream, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")

    def read(self, size: int, /) -> bytes:
        """About `size` bytes, at least one before the end."""
        while True:
            raw = self._stream.read(size)
            try:
                if self._is_utf8 and raw.isascii() and not self._decoder.getstate()[0]:
                    return raw
                text = self._decoder.decode(raw, final=not raw)
            except UnicodeDecodeError:
                name = ENCODING_NAMES[self._encoding]
                words = f"Die Datei enthält Zeichen, die es in der Kodierung {name} nicht gibt."
                raise refuse("E-KODIERUNG", words, AS_CSV) from None
            if text or not raw:
                return text.encode("utf-8")

    @property
    def _is_utf8(self) -> bool:
        return self._encoding.startswith("utf-8")


def read_stretches(stream: ByteStream, encoding: str, header_line: int, size: int) -> Iterator[bytes]:
    """Give the rows below the header as UTF-8, in stretches of about `size` bytes that end with a row.

    stream:  the file from its first byte
    Raises InputError for NUL bytes, a row without end, an open quote and bytes that the encoding lacks.
    """
    skip = header_line
    for stretch in _whole_rows(Utf8Stream(stream, encoding), size):
        if b"\0" in stretch:
            raise refuse("E-DATEIART", "Die Datei enthält Nullbytes und ist keine CSV-Tabelle.", AS_CSV)
        body = stretch
        while skip and body:
            body = body.partition(b"\n")[2]
            skip -= 1
        if body:
            yield body


def _whole_rows(stream: ByteStream, size: int) -> Iterator[bytes]:
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
