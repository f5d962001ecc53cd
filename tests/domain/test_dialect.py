"""How a file is written, and files that are no table."""

from __future__ import annotations

import gzip

import pytest

from kodala.core.errors import InputError, Severity
from microcells.domain.dialect import detect_dialect
from microcells.domain.file_kinds import readable_kind
from microcells.domain.plan import ReadingPlan
from tests.domain.delivery_files import as_file, cells

TEXT = "mz_id;personen\nStraße;1,5\n"


def detect(raw):
    return detect_dialect(raw, len(raw))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_finds_the_encoding(encoding):
    found = detect(TEXT.encode(encoding))

    assert found.encoding == encoding
    assert found.doubtful == ()
    assert found.header == ("mz_id", "personen")


def test_where_the_beginning_is_ascii_a_later_stretch_decides():
    head = b"a;b\n1;2\n"

    assert detect(head).encoding == "utf-8"
    assert detect_dialect(head, 999, later="Straße".encode("cp1252")).encoding == "cp1252"
    assert detect_dialect(head, 999, later="Straße".encode()[:5]).encoding == "utf-8"


def test_takes_the_word_of_a_person():
    given = ReadingPlan(
        "csv", header_line=2, encoding="iso-8859-15", separator="|", decimal=".", thousands=","
    )

    found = detect_dialect("x;1,5\na|b;c\n1|ß\n".encode("cp1252"), 20, given=given)

    assert (found.encoding, found.separator, found.header) == ("iso-8859-15", "|", ("a", "b;c"))
    assert (found.decimal, found.thousands, found.doubtful) == (".", ",", ())


def test_a_head_that_ends_inside_a_character_is_still_utf8():
    raw = TEXT.encode()
    cut = raw.index("ß".encode()) + 1

    assert detect_dialect(raw[:cut], len(raw)).encoding == "utf-8"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_finds_the_separator(separator):
    assert detect(as_file(cells({}), separator=separator)).separator == separator


@pytest.mark.parametrize(
    ("rows", "decimal"),
    [
        ("1,5", ","),
        ("1.5", "."),
        ("1.234,5", ","),
        ("1,234.5", "."),
        ("0.326", "."),  # thousands never begin with 0
        ("24.500", ","),  # unclear: the sign usual with a semicolon
        ("24.500\n7.25", "."),
        ("24", ","),
        ("01.10.2025", ","),  # a date proves nothing
    ],
)
def test_finds_the_decimal_sign(rows, decimal):
    assert detect(f"a;b\n{rows};1\n".replace("\n7", ";1\n7").encode()).decimal == decimal


def test_with_a_comma_between_fields_the_point_is_decimal():
    assert detect(b"a,b\n1,2\n").decimal == "."


def test_quoted_numbers_with_decimal_comma_between_commas():
    assert detect(b'a,b\n"1,5","2,75"\n').decimal == ","


def test_finds_headings_below_blank_lines():
    found = detect(b"\n\na;b\n1;2\n")

    assert (found.header_line, found.header) == (3, ("a", "b"))


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (b"", "E-LEER", "ist leer"),
        (b"\x1c\x1c\n", "E-LEER", "ist leer"),
        (b"\xef\xbb\xbf\r\n \r\n", "E-LEER", "ist leer"),
        (b"PK\x07\x08" + bytes(9), "E-DATEIART", "beschädigte ZIP-Datei"),
        (gzip.compress(b"a;b", mtime=0), "E-DATEIART", "GZIP"),
        (b"%PDF-1.7\n...", "E-DATEIART", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "E-DATEIART", "PNG"),
        (b"\xd0\xcf\x11\xe0 and no more", "E-DATEIART", "beschädigte Office-Datei"),
        (b"<!DOCTYPE html>\n<p>", "E-DATEIART", "HTML"),
        (b'[{"mz_id": "1"}]', "E-DATEIART", "JSON"),
        (b"\0" * 4096, "E-DATEIART", "Nullbytes"),
        (b"a;b\n1;\0\n", "E-DATEIART", "Nullbytes"),
        (b"a;b\n\x81;\x8d\n", "E-KODIERUNG", "weder UTF-8 noch UTF-16, Windows-1252"),
        (b"0" * (2 << 20), "E-ZEILE", "mehr als 1 MiB"),
        (b"a;" * 60_000 + b"\n1;2\n", "E-ZEILE", "Kopfzeile"),
        (b"a;b\r1;2\r", "E-ZEILE", "Macintosh"),
        (b"only one heading\n1\n", "E-TRENNZEICHEN", "kein Trennzeichen"),
    ],
)
def test_refuses_what_is_no_table(raw, code, words):
    with pytest.raises(InputError) as refused:
        detect(raw)

    (finding,) = refused.value.findings
    assert (finding.code, finding.severity, finding.row) == (code, Severity.CONTRACT, 0)
    assert words in finding.text
    assert finding.suggestion.startswith("Bitte")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
        (b"SQLite format 3\0", "gpkg"),
        (b"PAR1\x15\x04", "parquet"),
        (b"\x00\x00\x27\x0a", "shp"),
        (b'\xef\xbb\xbf\n {"type": "FeatureCollection"}', "geojson"),
        (b"{\\rtf1", ""),
        (b"mz_id;personen", ""),
    ],
)
def test_tells_the_kind_by_the_content(head, kind):
    assert readable_kind(head) == kind
