"""How a text table is written: encoding, separator, decimal sign, header line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kodala.core.errors import Finding, InputError, Severity
from microcells.domain.file_kinds import is_utf16, recognise_kind

LONGEST_LINE = 1 << 20  # bytes; a row of the schema has about 300
SEPARATORS = ";,\t|"
HEAD_BYTES = 2 * LONGEST_LINE  # as much of a file as `detect_dialect` wants to see
LONGEST_FIELD = 100_000  # characters; Python's csv module gives up at 131,072
SAMPLE_LINES = 200
AS_CSV = (
    "Bitte die Tabelle als CSV-Datei speichern (in der Tabellenkalkulation „Speichern unter“, CSV UTF-8)."
)


@dataclass(frozen=True)
class Dialect:
    """The way one file is written.

    encoding:      "utf-8", "utf-8-sig" or "cp1252"
    is_certain:    False while only ASCII was seen, which fits every encoding
    separator:     one of ; , tab |
    decimal:       "," or "."
    header:        headings as written, without surrounding blanks
    header_line:   line of the headings in the file, from 1
    """

    encoding: str
    is_certain: bool
    separator: str
    decimal: str
    header: tuple[str, ...]
    header_line: int = 1


def refuse(code: str, text: str, suggestion: str, row: int = 0) -> InputError:
    """The error that refuses a whole file with one sentence."""
    return InputError([Finding(row, "", code, Severity.CONTRACT, text, suggestion)])


def detect_dialect(head: bytes, size: int) -> Dialect:
    """Find out how a table is written from its beginning.

    head:  the first HEAD_BYTES of the file, or all of it
    size:  length of the whole file in bytes

    Raises InputError with one finding if the file is empty or no text table.
    """
    _refuse_other_kinds(head, size)
    encoding, is_certain = _encoding(head, is_whole=len(head) >= size)
    text = head.decode(encoding, errors="ignore")
    # Not splitlines(): it also cuts at signs that may stand inside a field.
    lines = [line.replace("\r", " ") for line in re.split(r"\r\n|\n", text)]
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise _empty()
    if len(lines[first]) > LONGEST_FIELD:
        raise refuse("E-ZEILE", "Die Kopfzeile ist länger als 100.000 Zeichen.", AS_CSV)
    separator = _separator(lines[first])
    header = next(csv.reader([lines[first]], delimiter=separator))
    decimal = _decimal(lines[first + 1 : first + 1 + SAMPLE_LINES], separator)
    return Dialect(
        encoding, is_certain, separator, decimal, tuple(name.strip() for name in header), first + 1
    )


def _empty() -> InputError:
    return refuse("E-LEER", "Die Datei ist leer.", "Bitte die Datei noch einmal ausgeben und hochladen.")


def _refuse_other_kinds(head: bytes, size: int) -> None:
    if size == 0 or not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise _empty()
    if is_utf16(head):
        raise refuse(
            "E-KODIERUNG",
            "Die Datei ist in UTF-16 gespeichert, gelesen wird UTF-8 oder Windows-1252.",
            AS_CSV,
        )
    if kind := recognise_kind(head):
        raise refuse("E-DATEIART", f"Die Datei ist {kind}, keine CSV-Tabelle.", AS_CSV)
    if b"\0" in head:
        raise refuse("E-DATEIART", "Die Datei enthält Nullbytes und ist keine CSV-Tabelle.", AS_CSV)
    if b"\r" in head.strip() and b"\n" not in head:
        raise refuse("E-ZEILE", "Die Zeilenenden der Datei sind im Format alter Macintosh-Rechner.", AS_CSV)
    start = head.lstrip()[:LONGEST_LINE]
    if len(start) == LONGEST_LINE and b"\n" not in start:
        raise refuse(
            "E-ZEILE",
            "Die Datei beginnt mit einer Zeile von mehr als 1 MiB und ist keine CSV-Tabelle.",
            AS_CSV,
        )


def _encoding(head: bytes, *, is_whole: bool) -> tuple[str, bool]:
    """The encoding, and whether anything in the head proves it."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig", True
    if head.isascii():
        return "utf-8", False
    # The head may end inside a character of up to four bytes.
    for cut in range(1 if is_whole else 4):
        if _decodes(head[: len(head) - cut], "utf-8"):
            return "utf-8", True
    if not _decodes(head, "cp1252"):
        raise refuse(
            "E-KODIERUNG", "Die Zeichenkodierung der Datei ist weder UTF-8 noch Windows-1252.", AS_CSV
        )
    return "cp1252", True


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _separator(header: str) -> str:
    """The separator that stands most often in the header line, outside quotes."""
    outside = Counter(re.sub(r'"[^"]*"', "", header))
    best = max(SEPARATORS, key=lambda sign: outside[sign])
    if not outside[best]:
        raise refuse(
            "E-TRENNZEICHEN",
            "In der Kopfzeile steht kein Trennzeichen (Semikolon, Komma, Tabulator, senkrechter Strich).",
            AS_CSV,
        )
    return best


def _decimal(lines: Sequence[str], separator: str) -> str:
    """The decimal sign that the first rows prove; without proof the one usual for the separator."""
    votes: Counter[str] = Counter()
    for row in csv.reader((line for line in lines if len(line) < LONGEST_FIELD), delimiter=separator):
        votes.update(sign for cell in row if (sign := _decimal_sign(cell.strip())))
    if votes[","] != votes["."]:
        return "," if votes[","] > votes["."] else "."
    return "." if separator == "," else ","


def _decimal_sign(cell: str) -> str:
    """The sign that can only be decimal in this number; "" if it might mark thousands or is absent."""
    match = re.fullmatch(r"[+-]?(?P<whole>[\d.,]*)(?P<sign>[.,])(?P<rest>\d+)", cell)
    if match is None:
        return ""
    whole, sign, rest = match["whole"], match["sign"], match["rest"]
    if sign in whole:
        return ""
    has_other_sign = "." in whole or "," in whole
    is_proof = has_other_sign or len(rest) != 3 or len(whole) > 3 or whole in ("", "0")
    return sign if is_proof else ""
