"""How a file is to be read: its table, the way it is written, and which column means what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

ETRS89_UTM32N = 25832
FORMER_ENCODINGS = {"iso8859-15": "iso-8859-15"}  # how stored plans may name one


@dataclass(frozen=True)
class ColumnSource:
    """Where the values of one column of the schema come from.

    name:      English name in the schema
    headings:  columns of the file as the inspection names them; their numbers are added, a missing one makes
               the sum missing
    factor:    the sum is multiplied by this, e.g. 100 for shares that the schema wants in per cent
    times, per:  English name of a column of the schema that the result is multiplied with or divided by;
               "" = none
    """

    name: str
    headings: tuple[str, ...]
    factor: float = 1.0
    times: str = ""
    per: str = ""


@dataclass(frozen=True)
class ReadingPlan:
    """Everything that reading one file needs to know; confirmed by a person or certain by itself.

    file_kind:    "csv", "xlsx", "ods", "xls", "gpkg", "shp", "geojson" or "parquet"; of a ZIP its table's
    table:        sheet, layer or member of the ZIP, or "member → sheet"; "" = the only one
    header_line:  line of the headings, from 1
    encoding, separator:  only for text
    decimal, thousands:   for numbers written as text; thousands "" = none are expected
    date_form:    "" = ISO and TT.MM.JJJJ, "us" = MM/DD/YYYY as well, "serial" = days of a spreadsheet as well
    missing:      texts that mean "not delivered" in numbers and dates, beside empty cells and the schema's -1
    crs:          EPSG code of the coordinates in the file
    columns:      one entry per column of the schema that the file fills
    unused:       headings that are left aside on purpose
    """

    file_kind: str
    table: str = ""
    header_line: int = 1
    encoding: str = ""
    separator: str = ""
    decimal: str = ""
    thousands: str = ""
    date_form: str = ""
    missing: tuple[str, ...] = ()
    crs: int = ETRS89_UTM32N
    columns: tuple[ColumnSource, ...] = ()
    unused: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The plan as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ReadingPlan:
        """The plan from what was stored; unknown keys raise TypeError."""
        sources = (
            ColumnSource(**{**own, "headings": tuple(own["headings"])}) for own in stored.get("columns", ())
        )
        lists = {name: tuple(stored.get(name, ())) for name in ("missing", "unused")}
        encoding = stored.get("encoding", "")
        named = {"encoding": FORMER_ENCODINGS.get(encoding, encoding)}
        return cls(**{**stored, **named, **lists, "columns": tuple(sources)})


@dataclass(frozen=True)
class ColumnSummary:
    """What one column of a file looks like in its first rows; no single value of a house list is in it.

    content:   "text", "whole", "number", "date", "mixed" or "empty"
    low, high: range of the numbers, None for other contents and for house lists
    longest:   characters of the longest text
    n_missing: empty cells and missing codes among the rows looked at
    is_unique: whether no value occurs twice among them
    has_lost_zeros: whether texts of digits only differ in length as if leading zeros were lost
    """

    heading: str
    content: str
    low: float | None = None
    high: float | None = None
    longest: int = 0
    n_missing: int = 0
    is_unique: bool = False
    has_lost_zeros: bool = False


@dataclass(frozen=True)
class Inspection:
    """What the first look at a file found, before anybody said what its columns mean.

    plan:       the way it seems to be written; its columns are still empty
    doubtful:   names of fields of the plan that nothing in the file proves, e.g. ("thousands",)
    tables:     sheets, layers or members that hold a table
    n_rows:     data rows, None if only the whole file could tell
    n_looked_at: rows that the summaries rest on
    columns:    in the order of the file
    notes:      German sentences about the file that a person should know, without any value of it
    """

    plan: ReadingPlan
    doubtful: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    n_rows: int | None = None
    n_looked_at: int = 0
    columns: tuple[ColumnSummary, ...] = field(default=())
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The inspection as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Inspection:
        """The inspection from what was stored."""
        return cls(
            ReadingPlan.from_json(stored["plan"]),
            tuple(stored["doubtful"]),
            tuple(stored["tables"]),
            stored["n_rows"],
            stored["n_looked_at"],
            tuple(ColumnSummary(**own) for own in stored["columns"]),
            tuple(stored.get("notes", ())),
        )
