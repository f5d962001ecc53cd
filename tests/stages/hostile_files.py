"""Files that want to do harm, each small and made by hand."""

from __future__ import annotations

import io
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from tests.domain.delivery_files import CELL, as_file, cells
from tests.stages import file_forms as forms
from tests.stages import hostile_workbooks as books

MIB = 1 << 20
HEAD = as_file(cells({}))


def text_zip(size=40 * MIB):
    """42 kB that unpack to 40 MiB."""
    return forms.as_zip(("zellen.csv", HEAD + b"0" * size))


def patched_directory(raw, offset, form, value):
    """The ZIP with one field of its first directory entry changed."""
    changed = bytearray(raw)
    struct.pack_into(form, changed, changed.index(b"PK\x01\x02") + offset, value)
    return bytes(changed)


def overlapping():
    """Two directory entries over the same bytes."""
    raw = forms.as_zip(("a.csv", HEAD * 50), ("b.csv", HEAD * 50))
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    changed = bytearray(raw)
    struct.pack_into("<L", changed, second + 42, 0)
    return bytes(changed)


def twins():
    first, second = forms.as_zip(("a.csv", HEAD), ("b.csv", HEAD)), b"a.csv"
    return first.replace(b"b.csv", second)


def named(name):
    """A ZIP with an entry of that name, which the library that writes it would not allow."""
    return forms.as_zip(("q" * len(name), HEAD)).replace(b"q" * len(name), name.encode())


def encrypted():
    raw = forms.as_zip(("a.csv", HEAD))
    return patched_directory(raw, 8, "<H", 1)


def link():
    entry = zipfile.ZipInfo("zellen.csv")
    entry.external_attr = 0o120777 << 16
    return forms.as_zip((entry, "/etc/passwd"))


def database(*statements):
    with tempfile.TemporaryDirectory() as folder:
        path = forms.as_layer(forms.table(), Path(folder), "GPKG", "gpkg")
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return path.read_bytes()


ENDLESS_VIEW = (
    "CREATE VIEW endlos AS WITH RECURSIVE z(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM z) SELECT n FROM z",
    "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('endlos', 'attributes', 'endlos')",
)


def torn_database():
    raw = bytearray(database())
    for at in range(4096, len(raw), 97):
        raw[at] ^= 0xFF
    return bytes(raw)


def deep_json(depth=100_000):
    start = '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":'
    return (start + "[" * depth + "]" * depth + "}}]}").encode()


def constant_parquet(n_rows=30_000_000):
    """A few kilobytes that claim millions of rows."""
    stream = io.BytesIO()
    with parquet.ParquetWriter(stream, pa.schema([("mz_id", pa.int8())]), compression="zstd") as writer:
        writer.write_table(pa.table({"mz_id": pa.nulls(n_rows, pa.int8())}))
    return stream.getvalue()


def long_dictionary():
    """One text of a megabyte, said ten thousand times."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array([books.noise(MIB)]))
    stream = io.BytesIO()
    parquet.write_table(pa.table({"mz_id": texts, "haushalte": [6.0] * 10_000}), stream, compression="zstd")
    return stream.getvalue()


def lying_shape(ending, offset, form, value):
    """A zipped Shapefile with one number in one of its headers changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        forms.as_layer(forms.table(), folder, "ESRI Shapefile", "shp", renamed=forms.SHORT)
        members = []
        for path in sorted(folder.iterdir()):
            raw = bytearray(path.read_bytes())
            if path.suffix == ending:
                struct.pack_into(form, raw, offset, value)
            members.append((path.name, bytes(raw)))
        return forms.as_zip(*members)


XLSX = forms.as_xlsx(forms.table())
# Name -> how the file is made, and words of the sentence that refuses it.
HOSTILE = {
    "zip bomb": (text_zip, "verdächtig stark gepackt"),
    "zip that declares too little": (lambda: patched_directory(text_zip(), 24, "<L", 1000), "falsche Größen"),
    "zip that declares too much": (
        lambda: patched_directory(forms.as_zip(("a.csv", HEAD)), 24, "<L", 100_000),
        "falsche Größen",
    ),
    "zip in a zip": (lambda: forms.as_zip(("a.zip", forms.as_zip(("b.csv", HEAD)))), "weitere ZIP-Datei"),
    "overlapping entries": (overlapping, "falsche Größen"),
    "two entries of one name": (twins, "Name mehrfach"),
    "absolute path": (lambda: named("/etc/cron.d/x"), "unzulässigem Namen"),
    "path upwards": (lambda: named("../../kodala/x.csv"), "unzulässigem Namen"),
    "path upwards the other way": (lambda: named("..\\..\\x.csv"), "unzulässigem Namen"),
    "drive letter": (lambda: named("C:/x.csv"), "unzulässigem Namen"),
    "encrypted zip": (encrypted, "Kennwort"),
    "a link instead of a file": (link, "Verweis"),
    "two thousand entries": (
        lambda: forms.as_zip(*((f"{n}.csv", b"a") for n in range(2000))),
        "mehr als 1000",
    ),
    "cut-off zip": (lambda: text_zip(1 << 16)[:-30], "beschädigt"),
    "zip without a table": (
        lambda: forms.as_zip(("bild.png", b"\x89PNG\r\n\x1a\n" * 9)),
        "keine Tabelle|Bild",
    ),
    "billion laughs": (lambda: books.with_doctype(XLSX, "xl/sharedStrings.xml", books.LAUGHS), "DOCTYPE"),
    "external entity": (
        lambda: books.with_doctype(XLSX, "xl/worksheets/sheet1.xml", books.OUTSIDE),
        "DOCTYPE",
    ),
    "external entity in ODS": (
        lambda: books.with_doctype(books.ods("<table:table-row/>"), "content.xml", books.OUTSIDE),
        "DOCTYPE",
    ),
    "links to other workbooks": (
        lambda: books.rewritten(XLSX, **{"xl/externalLinks/externalLink1.xml": "<externalLink/>"}),
        "Verknüpfungen",
    ),
    "formula without result": (lambda: books.formula_sheet(""), "Formeln ohne gespeichertes Ergebnis"),
    "formula with empty result": (
        lambda: books.formula_sheet("<v></v>"),
        "Formeln ohne gespeichertes Ergebnis",
    ),
    "formula without result in ODS": (
        lambda: books.ods('<table:table-row><table:table-cell table:formula="of:=1+1"/></table:table-row>'),
        "Formeln ohne gespeichertes Ergebnis",
    ),
    "16,384 columns": (
        lambda: (";".join(f"s{n:x}" for n in range(16_384)) + "\n" + "1;" * 16_383 + "1\n").encode(),
        "mehr als 500 Spalten",
    ),
    "16,384 columns in a workbook": (books.wide_sheet, "mehr als 500 Spalten"),
    "cell in the far corner": (books.far_corner, "zu viel Speicher|Spalten"),
    "repeated cells in ODS": (books.repeated_cells, "zu viel Speicher|beschädigt"),
    "cell of 10 MB": (
        lambda: HEAD + as_file([long_cell_row()])[len(HEAD.split(b"\n")[0]) + 1 :],
        "mehr als 1 MiB",
    ),
    "cell of 10 MB in a workbook": (books.workbook_of_long_cell, "mehr als 100.000 Zeichen"),
    "NUL bytes": (lambda: HEAD + b"NE-2;\0;\0\n" * 9, "Nullbytes"),
    "zeros": (lambda: bytes(20 * MIB), "Nullbytes"),
    "endless line": (lambda: HEAD + b"0" * (20 * MIB), "mehr als 1 MiB"),
    "endless first line": (lambda: b"0;" * (10 * MIB), "mehr als 1 MiB"),
    "quote without end": (lambda: HEAD + b'"' + b"x;\n" * (4 * MIB), "Anführungszeichen"),
    "cut-off UTF-16": (lambda: HEAD.decode().encode("utf-16")[:-1], "UTF-16 nicht gibt"),
    "cut-off GZIP": (lambda: b"\x1f\x8b\x08\0" + zlib.compress(HEAD)[:40], "GZIP"),
    "broken XLSX": (lambda: XLSX[: len(XLSX) // 2], "beschädigt"),
    "XLSX without a sheet": (
        lambda: forms.as_zip(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>")),
        "keine Tabelle|beschädigt",
    ),
    "broken XLS": (lambda: forms.as_xls(forms.table())[:2000], "beschädigt"),
    "XLS of noise": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 40, "beschädigt"),
    "deep GeoJSON": (deep_json, "beschädigt"),
    "cut-off GeoJSON": (lambda: b'{"type":"FeatureCollection","features":[{"type":', "beschädigt"),
    "database that is no GeoPackage": (lambda: plain_database(), "kein GeoPackage"),
    "endless view": (lambda: database(*ENDLESS_VIEW), "Ansichten"),
    "torn database": (torn_database, "beschädigt"),
    "cut-off database": (lambda: database()[:9000], "beschädigt"),
    "cut-off Parquet": (lambda: forms.as_parquet(forms.table())[:-200], "beschädigt"),
    "Parquet of 30 million rows in nothing": (constant_parquet, "mehr Zeilen"),
    "Parquet with a long dictionary": (long_dictionary, "zu viel Speicher|100.000 Zeichen"),
    "Shapefile with too many records": (lambda: lying_shape(".dbf", 4, "<L", 2_000_000_000), "beschädigt"),
    "Shapefile with a long record": (lambda: lying_shape(".dbf", 10, "<H", 65_000), "beschädigt"),
    "lonely .shp": (lambda: b"\x00\x00\x27\x0a" + bytes(200), "Teil eines Shapefiles"),
    "Shapefile without its table": (
        lambda: forms.as_zip(("a.shp", b"\x00\x00\x27\x0a" + bytes(200))),
        ".dbf",
    ),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "Bild"),
    "program": (lambda: b"\x7fELF" + bytes(99), "Programm"),
    "web page": (lambda: b"<!DOCTYPE html><table><tr><td>1</td></tr></table>", "Internetseite"),
}


def long_cell_row():
    return {**CELL, "strassenabschnitt": "x" * (10 * MIB)}


def plain_database():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE zellen (mz_id TEXT)")
        connection.commit()
        connection.close()
        return path.read_bytes()
