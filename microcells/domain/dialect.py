"""How a text table is written: encoding, separator, decimal sign, header line."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from kodala.core.errors import Finding, InputError, Severity
from microcells.domain.file_kinds import recognise_kind, utf16_name
from microcells.domain.headings import find_headings, unique_headings
from microcells.domain.plan import ReadingPlan

LONGEST_LINE = 1 << 20  # bytes; a row of the schema has about 300
SEPARATORS = ";,\t|"
HEAD_BYTES = 2 * LONGEST_LINE  # as much of a file as `detect_dialect` wants to see
LONGEST_FIELD = 100_000  # characters; Python's csv module gives up at 131,072
SAMPLE_LINES = 5_000
AS_CSV = (
    "Bitte die Tabelle als CSV-Datei speichern (in der Tabellenkalkulation „Speichern unter“, CSV UTF-8)."
)
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "iso-8859-15": "ISO-8859-15",
}
# Bytes that only one of the two encodings has as a letter or sign: the other has control characters there.
ONLY_CP1252 = frozenset(range(0x80, 0xA0))
# Bytes that mean different signs in both: ¤¦¨´¸¼½¾ in Windows-1252, €ŠšŽžŒœŸ in ISO-8859-15.
DIFFERENT = frozenset((0xA4, 0xA6, 0xA8, 0xB4, 0xB8, 0xBC, 0xBD, 0xBE))
EURO_OR_CURRENCY = 0xA4  # nobody writes the general currency sign, so this one is the euro of ISO-8859-15


@dataclass(frozen=True)
class Dialect:
    """The way one file is written.

    encoding:      one of ENCODING_NAMES
    separator:     one of ; , tab |
    decimal:       "," or "."
    thousands:     the sign between groups of three digits, "" = none was seen
    header:        headings, each once
    header_line:   line of the headings in the file, from 1
    doubtful:      names of the fields that nothing in the file proves
    """

    encoding: str
    separator: str
    decimal: str
    header: tuple[str, ...]
    header_line: int = 1
    thousands: str = ""
    doubtful: tuple[str, ...] = ()


def refuse(code: str, text: str, suggestion: str, row: int = 0) -> InputError:
    """The error that refuses a whole file with one sentence."""
    return InputError([Finding(row, "", code, Severity.CONTRACT, text, suggestion)])


def detect_dialect(
    head: bytes, size: int, known: Collection[str] = (), given: ReadingPlan | None = None, later: bytes = b""
) -> Dialect:
    """Find out how a table is written from its beginning.

    head:   the first HEAD_BYTES of the file, or all of it
    size:   length of the whole file in bytes
    known:  headings that the house knows, in small letters
    given:  what a person said about the file; its fields are taken as they are
    later:  a stretch further down with the first bytes beyond ASCII, if the head has none

    Raises InputError with one finding if the file is empty or no text table.
    """
    refuse_other_kinds(head, size)
    encoding, encoding_doubt = _encoding(head, later, is_whole=len(head) >= size)
    if given and given.encoding:
        encoding, encoding_doubt = given.encoding, ()
    text = head.decode(encoding, errors="ignore").removeprefix("\ufeff")
    # Not splitlines(): it also cuts at signs that may stand inside a field.
    lines = [line.replace("\r", " ") for line in re.split(r"\r\n|\n", text)]
    if not any(line.strip() for line in lines):
        raise _empty()
    separator, at, header_doubt = _table_start(lines, known, given)
    header = unique_headings(next(csv.reader([lines[at]], delimiter=separator)))
    decimal, thousands, number_doubt = _number_signs(lines[at + 1 : at + 1 + SAMPLE_LINES], separator)
    doubtful = (*encoding_doubt, *header_doubt, *number_doubt)
    if given:
        decimal, thousands, doubtful = given.decimal or decimal, given.thousands, ()
    return Dialect(encoding, separator, decimal, header, at + 1, thousands, doubtful)


def _empty() -> InputError:
    return refuse("E-LEER", "Die Datei ist leer.", "Bitte die Datei noch einmal ausgeben und hochladen.")


def refuse_other_kinds(head: bytes, size: int) -> None:
    """Raise InputError if a file is empty or anything else than a text table."""
    if size == 0 or not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise _empty()
    if kind := recognise_kind(head):
        raise refuse("E-DATEIART", f"Die Datei ist {kind}, keine Tabelle.", AS_CSV)
    if utf16_name(head):
        return
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


def _encoding(head: bytes, later: bytes, *, is_whole: bool) -> tuple[str, tuple[str, ...]]:
    """The encoding, and ("encoding",) if another one fits as well."""
    if name := utf16_name(head):
        return name, ()
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig", ()
    # What is looked at begins with a whole character, because nothing but ASCII stands before it.
    seen = later if head.isascii() else head
    if _is_utf8(seen, is_whole=is_whole and seen is head):
        return "utf-8", ()
    return _one_byte_encoding(set(seen) - set(range(0x80)))


def _one_byte_encoding(beyond: set[int]) -> tuple[str, tuple[str, ...]]:
    """Windows-1252 or ISO-8859-15, by the bytes beyond ASCII that occur."""
    if not _decodes(bytes(sorted(beyond)), "cp1252"):
        raise refuse(
            "E-KODIERUNG",
            "Die Zeichenkodierung der Datei ist weder UTF-8 noch UTF-16, Windows-1252 oder ISO-8859-15.",
            AS_CSV,
        )
    if beyond & ONLY_CP1252 or not beyond & DIFFERENT:
        return "cp1252", ()
    if EURO_OR_CURRENCY in beyond:
        return "iso-8859-15", ()
    return "cp1252", ("encoding",)


def _is_utf8(raw: bytes, *, is_whole: bool) -> bool:
    """Whether bytes are UTF-8; unless they are the whole file, they may end inside a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw, final=is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _table_start(
    lines: Sequence[str], known: Collection[str], given: ReadingPlan | None
) -> tuple[str, int, tuple[str, ...]]:
    """Separator, position of the header line, and ("header_line",) if only its looks speak for it."""
    separators = given.separator if given and given.separator else SEPARATORS
    if given:
        at, doubtful = min(given.header_line, len(lines)) - 1, ()
        if lines[at].strip():
            return _separator(lines[at], separators), at, doubtful
    starts = [_split(line) for line in lines[: SAMPLE_LINES // 100]]
    at, is_certain = find_headings(starts, known)
    if len(lines[at]) > LONGEST_FIELD:
        raise refuse("E-ZEILE", "Die Kopfzeile ist länger als 100.000 Zeichen.", AS_CSV)
    return _separator(lines[at], separators), at, () if is_certain else ("header_line",)


def _split(line: str) -> list[str]:
    """The fields of a line with the separator that it seems to have."""
    if not line.strip() or len(line) > LONGEST_FIELD:
        return [line] if line.strip() else []
    counts = _counts(line)
    best = max(SEPARATORS, key=lambda sign: counts[sign])
    return next(csv.reader([line], delimiter=best), [])


def _counts(line: str) -> Counter[str]:
    return Counter(re.sub(r'"[^"]*"', "", line))


def _separator(header: str, allowed: str) -> str:
    """The separator that stands most often in the header line, outside quotes."""
    outside = _counts(header)
    best = max(allowed, key=lambda sign: outside[sign])
    if not outside[best]:
        raise refuse(
            "E-TRENNZEICHEN",
            "In der Kopfzeile steht kein Trennzeichen (Semikolon, Komma, Tabulator, senkrechter Strich).",
            AS_CSV,
        )
    return best


def _number_signs(lines: Sequence[str], separator: str) -> tuple[str, str, tuple[str, ...]]:
    """Decimal sign, thousands sign, and which of them the first rows do not prove.

    Without any proof the decimal sign is the one usual for the separator.
    """
    short = (line for line in lines if len(line) < LONGEST_FIELD)
    cells = {cell.strip() for row in csv.reader(short, delimiter=separator) for cell in row}
    return number_signs(cells, usual="." if separator == "," else ",")


def number_signs(cells: Iterable[str], usual: str) -> tuple[str, str, tuple[str, ...]]:
    """Decimal sign, thousands sign and doubts, from the different cells of the first rows."""
    votes: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for cell in cells:
        if not cell or not (cell[-1].isdigit() and cell.strip("+-\N{MINUS SIGN}0123456789")):
            continue
        votes.update(_decimal_sign(cell))
        groups.update(_lone_group(cell))
    is_proven = votes[","] != votes["."]
    decimal = ("," if votes[","] > votes["."] else ".") if is_proven else usual
    sign = {",": ".", ".": ","}[decimal]
    if groups[f"clear {sign}"]:
        return decimal, sign, ()
    if not groups[sign]:
        return decimal, "", ()
    # "24.500" alone: thousands if the decimal sign is a comma, which then needs a proof of its own.
    return decimal, sign, ("thousands",) if is_proven else ("decimal", "thousands")


NUMBER = re.compile(r"[+\-\N{MINUS SIGN}]?(?P<whole>[\d.,]*)(?P<sign>[.,])(?P<rest>\d+)")
LONE_GROUP = re.compile(r"[+\-\N{MINUS SIGN}]?[1-9]\d{0,2}(?P<sign>[.,])\d{3}")
CLEAR_GROUPS = re.compile(r"[+\-\N{MINUS SIGN}]?[1-9]\d{0,2}(?:(?P<sign>[.,])\d{3})+(?P<rest>[.,]\d+)?")


def _decimal_sign(cell: str) -> str:
    """The sign that can only be decimal in this number; "" if it might mark thousands or is absent."""
    match = NUMBER.fullmatch(cell)
    if match is None:
        return ""
    whole, sign, rest = match["whole"], match["sign"], match["rest"]
    if sign in whole:
        return ""
    has_other_sign = "." in whole or "," in whole
    is_proof = has_other_sign or len(rest) != 3 or len(whole) > 3 or whole in ("", "0")
    return sign if is_proof else ""


def _lone_group(cell: str) -> list[str]:
    """["."] for "24.500", ["clear ."] for "24.500,5" and "1.024.500", nothing for other numbers."""
    if lone := LONE_GROUP.fullmatch(cell):
        return [lone["sign"]]
    clear = CLEAR_GROUPS.fullmatch(cell)
    if clear is None or clear["sign"] == (clear["rest"] or "")[:1]:
        return []
    return [f"clear {clear['sign']}"]
