"""Telling what a file is by its first bytes; its name proves nothing."""

from __future__ import annotations

# Kinds that are read, by their first bytes. "zip" and "ole" hold several kinds; only a look inside tells.
READABLE = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"SQLite format 3\0", "gpkg"),
    (b"PAR1", "parquet"),
    (b"\x00\x00\x27\x0a", "shp"),
)
MAGIC = (
    (b"PK", "eine beschädigte ZIP-Datei oder Arbeitsmappe"),
    (b"\xd0\xcf\x11\xe0", "eine beschädigte Office-Datei"),
    (b"%PDF", "eine PDF-Datei"),
    (b"\x89PNG", "ein Bild (PNG)"),
    (b"\xff\xd8\xff", "ein Bild (JPEG)"),
    (b"GIF8", "ein Bild (GIF)"),
    (b"RIFF", "eine Bild- oder Tondatei"),
    (b"\x1f\x8b", "eine gepackte Datei (GZIP)"),
    (b"BZh", "eine gepackte Datei (BZIP2)"),
    (b"\xfd7zXZ", "eine gepackte Datei (XZ)"),
    (b"7z\xbc\xaf", "eine gepackte Datei (7z)"),
    (b"Rar!", "eine gepackte Datei (RAR)"),
    (b"\x28\xb5\x2f\xfd", "eine gepackte Datei (Zstandard)"),
    (b"SQLite format 3", "eine Datenbank (SQLite)"),
    (b"\x7fELF", "ein Programm"),
    (b"MZ\x90", "ein Programm"),
    (b"{\\rtf", "ein Textdokument (RTF)"),
)
MARKUP = (
    (b"<!doctype html", "eine Internetseite (HTML)"),
    (b"<html", "eine Internetseite (HTML)"),
    (b"<?xml", "eine XML-Datei"),
    (b"<svg", "ein Bild (SVG)"),
    (b"<", "eine HTML- oder XML-Datei"),
    (b"[", "eine JSON-Datei"),
)


def readable_kind(head: bytes) -> str:
    """The kind of a file that may be read; "" = a text, or nothing that is read.

    returns: "zip", "ole", "gpkg", "parquet", "shp", "geojson" or ""
    head: the first bytes of the file, at least 64 if it has them
    """
    for start, kind in READABLE:
        if head.startswith(start):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "geojson" if text.startswith(b"{") and not text.startswith(b"{\\rtf") else ""


def recognise_kind(head: bytes) -> str:
    """Say in German what else than a text table a file is; "" if nothing speaks against a table.

    head: the first bytes of the file, at least 64 if it has them
    """
    for start, kind in MAGIC:
        if head.startswith(start):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    for start, kind in MARKUP:
        if text.startswith(start):
            return kind
    return ""


def utf16_name(head: bytes) -> str:
    """The kind of UTF-16 a text is in, by its mark or by zeros in every second byte; "" = none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = head[:64]
    evens, odds = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if len(start) < 4 or half not in (evens, odds) or evens + odds != half:
        return ""
    return "utf-16-be" if evens == half else "utf-16-le"
