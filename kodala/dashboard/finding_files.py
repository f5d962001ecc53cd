"""The error file for the supplier, as a workbook or as text: every finding row by row, never with a value."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import xlsxwriter
from django.utils import timezone
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kodala.core.german import german_number
from kodala.dashboard.exports import FORMULA_STARTS, INVENTED
from kodala.dashboard.findings_page import SEVERITIES
from microcells.findings import FindingLine, count_by_code, iterate_rows, list_unlisted
from microcells.models import Delivery

HEADINGS = ("Art", "Zeile", "Spalte", "Kennung", "Befund", "Regel", "Vorschlag")
WIDTHS = (18, 10, 26, 18, 60, 44, 60)  # characters
SHEET_ROWS = 1_000_000  # a sheet holds 1,048,576
BYTE_ORDER_MARK = "\ufeff"  # makes spreadsheets read the file as UTF-8
Cells = Sequence[str | int]


def stream_csv(delivery: Delivery) -> Iterator[str]:
    """The lines of the error file as text, read from the database while they are sent."""
    writer = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    yield BYTE_ORDER_MARK
    if delivery.area_set.is_invented:
        yield writer.writerow([INVENTED])
    yield writer.writerow(HEADINGS)
    for cells in _lines(delivery):
        yield writer.writerow([_harmless(cell) for cell in cells])


def write_workbook(delivery: Delivery) -> IO[bytes]:
    """The error file as a workbook in a nameless file on disk, at its beginning; the caller closes it.

    Only the row that is being written lies in memory. Texts are texts: nothing in them is ever a formula,
    a link or a number.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is sent after this function has ended
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        body = book.add_format({"text_wrap": True, "valign": "top"})
        for number, lines in enumerate(_in_sheets(_lines(delivery)), 1):
            name = "Befunde" if number == 1 else f"Befunde {number}"
            _write_sheet(book.add_worksheet(name), lines, head, body)
        _write_facts(book.add_worksheet("Hinweise"), delivery, head, body)
    file.seek(0)
    return file


def file_name(delivery: Delivery, ending: str) -> str:
    """The name of the error file; nothing of it comes from outside."""
    return f"kodala_befunde_lieferung_{delivery.pk}.{ending}"


def _lines(delivery: Delivery) -> Iterator[Cells]:
    """Row by row in the order of the file, at the end what is only counted."""
    for one in iterate_rows(delivery):
        yield _cells(one, one.row or "Datei")
    for one in list_unlisted(delivery):
        yield _cells(one, f"{german_number(one.more)} weitere Zeilen, nur gezählt")


def _cells(one: FindingLine, row: str | int) -> Cells:
    word = SEVERITIES.get(one.severity, one.severity)
    return (word, row, one.column, one.code, one.text, one.rule, one.suggestion)


def _in_sheets(lines: Iterator[Cells]) -> Iterator[Iterator[Cells]]:
    """Cut the lines into sheets that a spreadsheet can hold; always at least one."""
    first: Cells | None = next(lines, None)
    yield _sheet(first, lines)
    while (first := next(lines, None)) is not None:
        yield _sheet(first, lines)


def _sheet(first: Cells | None, lines: Iterator[Cells]) -> Iterator[Cells]:
    if first is None:
        return
    yield first
    for _ in range(SHEET_ROWS - 1):
        line = next(lines, None)
        if line is None:
            return
        yield line


def _write_sheet(sheet: Worksheet, lines: Iterable[Cells], head: Format, body: Format) -> None:
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width, body)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    for place, heading in enumerate(HEADINGS):
        sheet.write_string(0, place, heading, head)
    last = 0
    for last, cells in enumerate(lines, 1):
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(last, place, cell, body)
            else:
                sheet.write_string(last, place, cell, body)
    sheet.autofilter(0, 0, last, len(HEADINGS) - 1)


def _write_facts(sheet: Worksheet, delivery: Delivery, head: Format, body: Format) -> None:
    sheet.set_column(0, 0, 34, body)
    sheet.set_column(1, 2, 60, body)
    for place, cells in enumerate(_facts(delivery)):
        for column, cell in enumerate(cells):
            sheet.write_string(place, column, cell, head if column == 0 else body)


def _facts(delivery: Delivery) -> Iterator[Sequence[str]]:
    """What the delivery is, how many findings of each rule it has, and the contract's checks."""
    if delivery.area_set.is_invented:
        yield (INVENTED,)
    date, received = delivery.reference_date, timezone.localtime(delivery.received_at)
    yield ("Lieferung", f"{delivery.pk}, {delivery.get_kind_display()}")
    yield ("Datei", delivery.file_name)
    yield ("Prüfsumme der Datei (SHA-256)", delivery.sha256)
    yield ("Gebietsstand", delivery.area_set.label)
    yield ("Stichtag", f"{date:%d.%m.%Y}" if date else "nicht bekannt")
    yield ("Eingang", f"{received:%d.%m.%Y, %H:%M} Uhr")
    yield ("Stand", delivery.state_text)
    yield ("Zeilen in der Datei", german_number(delivery.n_rows or 0))
    for code, number in count_by_code(delivery).items():
        yield (f"Befunde {code}", german_number(number))
    for check in delivery.contract_checks:
        yield (check["name"], check["measured"], f"Regel: {check['rule']}")
    yield ("Hinweis", "Die Befunde nennen Zeile, Spalte und Regel, nie den Wert. Zeile 1 ist die Kopfzeile.")


def _harmless(cell: str | int) -> str | int:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


class _Echo:
    """A file for csv.writer that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line
