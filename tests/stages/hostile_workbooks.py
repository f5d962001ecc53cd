"""Workbooks that want to do harm: XML by hand, formulas, too many columns, repeated and long cells."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from tests.stages import file_forms as forms

MIB = 1 << 20
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY passwd SYSTEM "file:///etc/passwd">]>'


def rewritten(workbook, **changes):
    """A workbook with some parts replaced or added; underscores in the names stand for slashes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changes.pop(name, None) or old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return stream.getvalue()


def part(workbook, name):
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return archive.read(name).decode()


def with_doctype(workbook, name, doctype):
    """The workbook with a document type declared in one of its parts."""
    text = part(workbook, name)
    end = text.index("?>") + 2
    return rewritten(workbook, **{name: text[:end] + doctype + text[end:]})


def sheet_with(*written):
    """A workbook whose sheet holds these rows, as XML."""
    start = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet = f"{start}<sheetData>{''.join(written)}</sheetData></worksheet>"
    return rewritten(forms.as_xlsx(forms.table()), **{"xl/worksheets/sheet1.xml": sheet})


def inline(place, text):
    """A cell of a sheet with its text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


TWO_HEADINGS = f'<row r="1">{inline("A1", "mz_id")}{inline("B1", "alq")}</row>'


def wide_sheet():
    cells_ = "".join(f'<c t="inlineStr"><is><t>spalte {number}</t></is></c>' for number in range(16_384))
    return sheet_with(f'<row r="1">{cells_}</row><row r="2">{cells_}</row>')


def far_corner():
    return sheet_with(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )


def ods(rows):
    """A minimal ODS file."""
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="T">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return forms.as_zip(("mimetype", kind), ("content.xml", content))


def repeated_cells():
    cell = (
        '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    )
    return ods(f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')


def formula_sheet(result):
    return sheet_with(
        TWO_HEADINGS, f'<row r="2"><c r="A2"><v>7</v></c><c r="B2"><f>1+1</f>{result}</c></row>'
    )


def noise(size):
    """Letters that cannot be packed well."""
    return np.random.default_rng(1).bytes(size // 2).hex()


def workbook_of_long_cell():
    return sheet_with(TWO_HEADINGS, f'<row r="2">{inline("A2", noise(10 * MIB))}<c r="B2"><v>1</v></c></row>')
