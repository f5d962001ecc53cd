"""Telling a file that is no text table by its first bytes."""

from __future__ import annotations

MAGIC = (
    (b"PK\x03\x04", "eine ZIP-Datei oder eine Arbeitsmappe (XLSX, ODS)"),
    (b"PK\x05\x06", "eine leere ZIP-Datei"),
    (b"\xd0\xcf\x11\xe0", "eine alte Office-Datei (XLS, DOC)"),
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
    (b"SQLite format 3", "eine Datenbank (SQLite, GeoPackage)"),
    (b"PAR1", "eine Parquet-Datei"),
    (b"\x7fELF", "ein Programm"),
    (b"MZ\x90", "ein Programm"),
    (b"{\\rtf", "ein Textdokument (RTF)"),
    (b"\x00\x00\x27\x0a", "eine Shape-Datei"),
)
MARKUP = (
    (b"<!doctype html", "eine Internetseite (HTML)"),
    (b"<html", "eine Internetseite (HTML)"),
    (b"<?xml", "eine XML-Datei"),
    (b"<svg", "ein Bild (SVG)"),
    (b"<", "eine HTML- oder XML-Datei"),
    (b"{", "eine JSON-Datei"),
    (b"[", "eine JSON-Datei"),
)


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


def is_utf16(head: bytes) -> bool:
    """Tell UTF-16 by its mark, or by every second of the first bytes being zero."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    start = head[:64]
    zeros = max(start[0::2].count(0), start[1::2].count(0))
    return len(start) >= 4 and zeros == len(start) // 2 and start.count(0) == zeros
