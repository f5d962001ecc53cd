"""How a file is written, and files that are no table."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from kodala.core.errors import InputError, Severity
from microcells.domain.dialect import detect_dialect
from tests.domain.delivery_files import as_file, cells

TEXT = "mz_id;personen\nStraße;1,5\n"


def detect(raw):
    return detect_dialect(raw, len(raw))


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", TEXT)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_finds_the_encoding(encoding):
    found = detect(TEXT.encode(encoding))

    assert found.encoding == encoding
    assert found.is_certain
    assert found.header == ("mz_id", "personen")


def test_says_that_ascii_proves_no_encoding():
    assert detect(b"a;b\n1;2\n").is_certain is False


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
        (zipped(), "E-DATEIART", "ZIP-Datei oder eine Arbeitsmappe (XLSX, ODS)"),
        (gzip.compress(b"a;b"), "E-DATEIART", "GZIP"),
        (b"%PDF-1.7\n...", "E-DATEIART", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "E-DATEIART", "PNG"),
        (b"SQLite format 3\0", "E-DATEIART", "GeoPackage"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "E-DATEIART", "XLS"),
        (b"PAR1\x15\x04", "E-DATEIART", "Parquet"),
        (b"<!DOCTYPE html>\n<p>", "E-DATEIART", "HTML"),
        (b'{"type": "FeatureCollection"}', "E-DATEIART", "JSON"),
        (b"\0" * 4096, "E-DATEIART", "Nullbytes"),
        (b"a;b\n1;\0\n", "E-DATEIART", "Nullbytes"),
        ("a;b\n1;2\n".encode("utf-16"), "E-KODIERUNG", "UTF-16"),
        ("mz_id;b\n1;2\n".encode("utf-16-le"), "E-KODIERUNG", "UTF-16"),
        (b"a;b\n\x81;\x8d\n", "E-KODIERUNG", "weder UTF-8 noch Windows-1252"),
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
