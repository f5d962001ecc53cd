"""Choosing the reader for a file by what is in it; the libraries of a kind are loaded only for it."""

from __future__ import annotations

from pathlib import Path

from microcells.domain.dialect import refuse
from microcells.domain.file_kinds import readable_kind
from microcells.files import limits
from microcells.files.archives import Archive, as_file, open_zip
from microcells.files.content import KIND_BYTES, Content
from microcells.files.looking import Table
from microcells.files.text import TextTable

ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def open_table(path: Path) -> Table:
    """The table of a file; raises InputError if there is none."""
    content = Content.of_file(path)
    if readable_kind(content.head(KIND_BYTES)) == "zip" and not _workbook_kind(content):
        from microcells.files.zips import ZipTable

        archive = Archive(path)
        return ZipTable(archive, lambda inner, name: _open_member(archive, inner, name))
    return _open_content(content)


def _open_member(archive: Archive, content: Content, name: str) -> Table:
    if readable_kind(content.head(KIND_BYTES)) != "shp":
        return _open_content(content)
    from microcells.files.layers import LayerTable

    # A Shapefile is several files: GDAL finds them beside each other in the ZIP, which has been checked.
    return LayerTable(content, "shp", f"/vsizip/{{{archive.path}}}/{name}")


def _open_content(content: Content) -> Table:
    """The reader for a file of its own and for a member of a ZIP."""
    kind = readable_kind(content.head(KIND_BYTES))
    if kind in ("zip", "ole"):
        from microcells.files.sheets import SheetTable

        return SheetTable(content, _workbook_kind(content) if kind == "zip" else "xls")
    if kind in ("gpkg", "geojson"):
        from microcells.files.layers import LayerTable

        return LayerTable(content, kind)
    if kind == "parquet":
        from microcells.files.parquets import ParquetTable

        return ParquetTable(content)
    if kind == "shp":
        text = "Die Datei ist nur ein Teil eines Shapefiles (.shp)."
        raise refuse(
            "E-DATEIART", text, "Bitte .shp, .shx, .dbf und .prj zusammen in einer ZIP-Datei liefern."
        )
    return TextTable(content)


def _workbook_kind(content: Content) -> str:
    """ "xlsx" or "ods" if the ZIP file is a workbook; "" for any other."""
    with as_file(content) as file, open_zip(file, limits.UNPACKED_TEXT) as archive:
        names = {name.lower() for name in archive.namelist()}
        if "xl/workbook.bin" in names:
            raise refuse(
                "E-DATEIART", "Die Arbeitsmappe ist im binären Format XLSB.", "Bitte als XLSX speichern."
            )
        if "xl/workbook.xml" in names or "[content_types].xml" in names:
            return "xlsx"
        is_ods = "mimetype" in names and archive.getinfo("mimetype").file_size < 200
        return "ods" if is_ods and archive.read("mimetype").startswith(ODS) else ""
