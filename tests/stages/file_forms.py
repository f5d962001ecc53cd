"""One small delivery written in every form that the house reads."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
import xlsxwriter
import xlwt
from pyarrow import parquet

from microcells.files.gdal import transform_points
from tests.domain.delivery_files import CELL

N_ROWS = 40
TEXTS = ("mz_id", "strassenabschnitt")
DATES = ("stichtag",)
MADE_OF_PLACES = ("x", "y")
# A DBF file cuts headings to ten characters.
SHORT = {heading: heading.replace("_", "")[:10] for heading in CELL}


def table():
    """Columns of a delivery: texts, days, and numbers with None where nothing was delivered."""
    random = np.random.default_rng(7)
    columns = {
        heading: [float(value)] * N_ROWS for heading, value in CELL.items() if heading not in (*TEXTS, *DATES)
    }
    columns |= {"mz_id": [f"NE-{number:05d}" for number in range(N_ROWS)]}
    columns |= {"strassenabschnitt": [f"Große Straße {number}" for number in range(N_ROWS)]}
    columns |= {"stichtag": [dt.date(2025, 10, 1)] * N_ROWS}
    columns["x"] = np.round(340_100 + random.uniform(0, 800, N_ROWS), 1).tolist()
    columns["y"] = np.round(5_670_100 + random.uniform(0, 800, N_ROWS), 1).tolist()
    columns["kaufkraft_eur_ew"] = np.round(random.uniform(18_000, 40_000, N_ROWS), 2).tolist()
    columns["schuldner_hart"] = random.uniform(0.1, 1.5, N_ROWS).tolist()  # all digits of a double
    columns["alq"] = [None if number % 5 == 0 else 6.5 for number in range(N_ROWS)]
    return {heading: columns[heading] for heading in CELL}


def as_text(columns, *, separator=";", decimal=".", missing="", date="%Y-%m-%d", thousands="", newline="\n"):
    """The table as text; numbers with all their digits."""

    def written(cell, heading):
        if cell is None:
            return missing
        if heading in DATES:
            return cell.strftime(date)
        if heading in TEXTS:
            return cell
        text = f"{cell:,}" if thousands and heading == "kaufkraft_eur_ew" else repr(cell)
        return text.translate(str.maketrans({",": thousands, ".": decimal}))

    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator=newline)
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([written(cell, heading) for cell, heading in zip(row, columns, strict=True)])
    return stream.getvalue()


def as_zip(*members):
    """A ZIP file with these names and contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def as_xlsx(columns, *, title_rows=0, sheets=("Tabelle1",), numbers_as_text=False):
    """A workbook with the table on its first sheet, and something else on the others."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for name in sheets:
            book.add_worksheet(name)
        for other in book.worksheets()[1:]:
            other.write_row(0, 0, ["Merkmal", "Bedeutung", "Quelle"])
            other.write_row(1, 0, ["alq", "Arbeitslosenquote", "Amt"])
        sheet = book.worksheets()[0]
        for number in range(title_rows):
            sheet.write_string(number, 0, f"Titel {number}")
        for at, (heading, cells) in enumerate(columns.items()):
            sheet.write_string(title_rows, at, heading)
            for row, cell in enumerate(cells, start=title_rows + 1):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(row, at, dt.datetime.combine(cell, dt.time()), day)
                elif numbers_as_text and isinstance(cell, float):
                    sheet.write_string(row, at, repr(cell).replace(".", ","))
                elif cell is not None:
                    sheet.write(row, at, cell)
    return stream.getvalue()


def as_xls(columns):
    """A workbook of the old kind."""
    book, stream = xlwt.Workbook(), io.BytesIO()
    sheet, day = book.add_sheet("Zellen"), xlwt.XFStyle()
    day.num_format_str = "DD.MM.YYYY"
    for at, (heading, cells) in enumerate(columns.items()):
        sheet.write(0, at, heading)
        for row, cell in enumerate(cells, start=1):
            if cell is not None:
                sheet.write(row, at, cell, *([day] if isinstance(cell, dt.date) else []))
    book.save(stream)
    return stream.getvalue()


def arrow_table(columns):
    """The table in Arrow's types."""
    return pa.table(
        {
            heading: pa.array(
                cells, pa.string() if heading in TEXTS else pa.date32() if heading in DATES else pa.float64()
            )
            for heading, cells in columns.items()
        }
    )


def as_parquet(columns, **options):
    """A Parquet file."""
    stream = io.BytesIO()
    parquet.write_table(arrow_table(columns), stream, **options)
    return stream.getvalue()


def moved(columns, crs):
    """The same places in another coordinate system, with all digits."""
    x, y, _ = transform_points(np.array(columns["x"]), np.array(columns["y"]), 25832, crs)
    return {**columns, "x": x.tolist(), "y": y.tolist()}


def as_layer(columns, folder, driver, ending, *, crs="EPSG:25832", renamed=None, grown=0.0):
    """The file that GDAL writes; x and y are the place of each row, or the middle of a square."""
    path = folder / f"zellen.{ending}"
    shapes = shapely.points(columns["x"], columns["y"])
    places = shapely.to_wkb(shapely.buffer(shapes, grown, cap_style="square") if grown else shapes)
    kept = {heading: cells for heading, cells in columns.items() if heading not in MADE_OF_PLACES}
    written = arrow_table(kept).rename_columns([(renamed or {}).get(heading, heading) for heading in kept])
    pyogrio.write_arrow(
        written.append_column("geometry", pa.array(list(places), pa.binary())),
        path,
        layer="zellen",
        driver=driver,
        geometry_name="geometry",
        geometry_type="Polygon" if grown else "Point",
        crs=crs,
    )
    return path


def as_ods(columns, folder):
    """A workbook of the open kind, written by GDAL."""
    path = folder / "zellen.ods"
    pyogrio.write_arrow(arrow_table(columns), path, layer="zellen", driver="ODS")
    return path.read_bytes()
