"""The parts of a workbook before it is opened: what has no place in a table of figures is refused."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from microcells.domain.dialect import AS_CSV, refuse
from microcells.files import limits, sandbox
from microcells.files.archives import MemberStream, broken_zip, copy_pieces, open_zip

PIECE = 1 << 20
OVERLAP = 512  # bytes looked at again, so that nothing hides on the border of two pieces
DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# A formula whose result was not saved: nothing between it and the end of its cell, or an empty value.
UNSAVED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]|table:formula=")
ODS_CELL = re.compile(rb"<table:table-cell[^<>]*table:formula=[^<>]*>")
ERROR_CELL = re.compile(rb"\st=[\"']e[\"']")
CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
BETWEEN = re.compile(rb">\s+<")
SPACED = re.compile(rb">\s+<table:table-cell")
ODS_CELLS = re.compile(rb"<table:table-cell[\s>/]")
AS_VALUES = "Bitte die Tabelle als Werte einfügen und ohne Formeln speichern, am besten als CSV-Datei."


@dataclass
class Parts:
    """What was seen in the parts of a workbook."""

    n_cells: int = 0
    has_formulas: bool = False
    has_errors: bool = False
    is_spaced: bool = False  # an ODS file with line ends between its cells

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know."""
        formulas = "Die Arbeitsmappe enthält Formeln; gelesen werden ihre gespeicherten Ergebnisse."
        errors = "Die Arbeitsmappe enthält Fehlerwerte wie #NV; sie gelten als nicht geliefert."
        return (formulas,) * self.has_formulas + (errors,) * self.has_errors


def look_into_parts(file: BinaryIO, kind: str) -> Parts:
    """Go through all parts of an XLSX or ODS file once; an XLS file has none.

    Raises InputError for bombs, DOCTYPE, links to other files and formulas without a saved result.
    """
    parts = Parts()
    if kind == "xls":
        return parts
    with open_zip(file, limits.SHEET_BYTES) as archive:
        for member in archive.infolist():
            name = member.filename.lower()
            if name.startswith("xl/externallinks/"):
                text = "Die Arbeitsmappe enthält Verknüpfungen mit anderen Dateien."
                raise refuse("E-VERKNUEPFUNG", text, AS_VALUES)
            if name.endswith((".xml", ".rels", ".vml")):
                _go_through(archive, member, parts)
    if parts.n_cells > limits.SHEET_CELLS:
        raise refuse(
            "E-MAPPE-GROSS",
            "Die Arbeitsmappe hat mehr als 5 Millionen Zellen.",
            "Bitte eine so große Tabelle als CSV- oder Parquet-Datei liefern.",
        )
    return parts


def _go_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo, parts: Parts) -> None:
    with MemberStream(archive, member) as stream:
        kept = b""
        is_first = True
        while piece := stream.read(PIECE):
            if is_first and not piece.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
                raise broken_zip()  # other encodings than UTF-8 could hide what is looked for here
            is_first = False
            _look(kept, piece, parts)
            kept = piece[-OVERLAP:]


def _look(kept: bytes, piece: bytes, parts: Parts) -> None:
    both = kept + piece
    if DOCTYPE.search(both):
        text = "Die Arbeitsmappe enthält eine Dokumenttyp-Angabe (DOCTYPE), die dort nichts zu suchen hat."
        raise refuse("E-MAPPE", text, AS_CSV)
    parts.has_formulas |= bool(FORMULA.search(both))
    if parts.has_formulas and (UNSAVED.search(both) or any(map(_is_unsaved, ODS_CELL.findall(both)))):
        text = "Die Arbeitsmappe enthält Formeln ohne gespeichertes Ergebnis."
        raise refuse("E-FORMEL", text, AS_VALUES)
    parts.is_spaced |= bool(SPACED.search(both))
    parts.has_errors |= bool(ERROR_CELL.search(both))
    parts.n_cells += len(CELL.findall(piece)) + len(ODS_CELLS.findall(piece))


def _is_unsaved(cell: bytes) -> bool:
    """Whether a formula of an ODS file says nothing of its result."""
    return b"office:value-type" not in cell and b"calcext:value-type" not in cell


@contextmanager
def without_spaces(file: BinaryIO, folder: Path | None) -> Iterator[BinaryIO]:
    """An ODS file whose cells follow each other at once, in a nameless file of its own.

    Line ends between cells are allowed, and GDAL writes them; the reader of workbooks stumbles over them.
    """
    sandbox.allow_files()
    with (
        open_zip(file, limits.SHEET_BYTES) as archive,
        tempfile.TemporaryFile(dir=folder) as copy,
    ):
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
            for name in ("mimetype", "META-INF/manifest.xml"):
                if name in archive.namelist():
                    target.writestr(name, archive.read(name))
            with (
                MemberStream(archive, archive.getinfo("content.xml")) as source,
                target.open("content.xml", "w") as goal,
            ):
                copy_pieces(_closed_up(source), goal)
        copy.seek(0)
        yield copy


def _closed_up(source: MemberStream) -> Iterator[bytes]:
    """The text without the blanks between its tags."""
    kept = b""
    while piece := source.read(PIECE):
        text = BETWEEN.sub(b"><", kept + piece)
        cut = text.rfind(b">")
        kept = text[cut:] if cut >= 0 else text
        yield text[: len(text) - len(kept)]
    yield kept
