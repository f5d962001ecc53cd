"""Small delivery files for tests: a valid row of each kind, changed cell by cell."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from kodala.core.definitions import read_definition
from microcells.domain.area_index import AreaIndex
from microcells.domain.dialect import detect_dialect
from microcells.domain.header import match_header
from microcells.domain.plan import ColumnSource, ReadingPlan
from microcells.domain.reading import BLOCK_BYTES, read_blocks
from microcells.domain.schema import read_schemas
from microcells.domain.validation import Validator
from microcells.domain.wanted import Wanted

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
SCHEMAS = read_schemas(read_definition(ROOT / "microcells/definitions.toml"))
TODAY = dt.date(2026, 11, 22)

# Two squares of one kilometre side by side; area 14 is made of the districts 14 and 15.
CITY = AreaIndex(
    np.array([1, 14]),
    np.array([shapely.box(340000, 5670000, 341000, 5671000), shapely.box(341000, 5670000, 342000, 5671000)]),
    {1: 1, 3: 1, 14: 14, 15: 14},
)

TYPES = [f"typ_{number}" for number in range(1, 9)]

# The mini example of methods §0 and a plausible value for everything else.
CELL = {
    "mz_id": "NE-1",
    "stichtag": "2025-10-01",
    "gebiet_nr": "1",
    "bezirk_nr": "3",
    "x": "340500.0",
    "y": "5670500.0",
    "strassenabschnitt": "Lange Straße",
    "haushalte": "6",
    "haeuser": "2",
    "personen": "12",
    "erwachsene": "10",
    "sen_60_69": "1.5",
    "sen_70_79": "0.9",
    "sen_80plus": "0.7",
    "alter_mittel_erw": "49.5",
    "schuldner_hart": "0.6",
    "schuldner_weich": "0.4",
    "glaeubiger_je": "3.2",
    "schulden_mittel_eur": "30000",
    "dauer_jahre": "6.1",
    "kaufkraft_eur_ew": "24500",
    "alq": "6.5",
    "bildung_niedrig": "20",
    "bildung_hoch": "30",
    "hh_single": "40",
    "hh_familie": "25",
    "grund_arbeitslos": "20",
    "grund_krank": "15",
    "grund_trennung": "13",
    "grund_haushalt": "12",
    "grund_selbst": "8",
    "grund_niedrig": "10",
    "grund_sonst": "22",
    "zi_1": "30",
    "zi_2": "20",
    "zi_3": "10",
    "zi_4": "10",
    "zi_5": "10",
    "zi_6": "5",
    "zi_7": "5",
    "zi_8": "5",
    "zi_9": "5",
    "dig_zugang": "60",
    "dig_nutzung": "45",
    "dig_kompetenz": "50",
    "dig_offenheit": "52",
}
HOUSE = {
    "haus_id": "H1",
    "strasse_id": "S1",
    "hausnr": "1",
    "zusatz": "a",
    "seite": "l",
    "x": "340500.0",
    "y": "5670500.0",
    "bezirk_nr": "3",
    "haushalte": "1",
    "personen": "2",
    "erwachsene": "2",
    "sen_60_69": "0.4",
    "sen_70_79": "0.3",
    "sen_80plus": "0.1",
}


def as_file(rows, separator=";", encoding="utf-8", newline="\n"):
    """The bytes of a file with these rows; the first row gives the headings."""
    lines = [separator.join(rows[0])] + [separator.join(row.values()) for row in rows]
    return (newline.join(lines) + newline).encode(encoding)


def cells(*changes):
    """One row of microcells for each set of changes, with keys of their own."""
    return [{**CELL, "mz_id": f"NE-{number}", **change} for number, change in enumerate(changes, start=1)]


def with_types(shares):
    """Changes that add the delivered type profile."""
    return dict(zip(TYPES, shares, strict=True))


def plan_for(dialect, kind="microcells"):
    """The plan of a text table whose headings are those of the schema; nobody confirmed what is doubtful."""
    columns = match_header(dialect.header, SCHEMAS[kind])
    sources = zip(columns, dialect.header, strict=True)
    return ReadingPlan(
        "csv",
        header_line=dialect.header_line,
        encoding=dialect.encoding,
        separator=dialect.separator,
        decimal=dialect.decimal,
        thousands="" if "thousands" in dialect.doubtful else dialect.thousands,
        columns=tuple(ColumnSource(column.name, (heading,)) for column, heading in sources),
    )


def read_stream(stream, dialect, kind="microcells", block_bytes=BLOCK_BYTES):
    """The blocks of a stream, one after the other."""
    return read_blocks(stream, dialect.header, plan_for(dialect, kind), Wanted.of(SCHEMAS[kind]), block_bytes)


def read(raw, kind="microcells", block_bytes=BLOCK_BYTES):
    """All blocks of a file."""
    dialect = detect_dialect(raw, len(raw), SCHEMAS[kind].by_header.keys())
    return list(read_stream(io.BytesIO(raw), dialect, kind, block_bytes))


EMPTY_AREA = "W-GEBIET-LEER"


def validate(
    raw, kind="microcells", areas=CITY, invented=False, block_bytes=BLOCK_BYTES, *, fills_city=False
):
    """The verdict on a file; unless it is meant to fill the city, nothing is said of empty areas."""
    validator = Validator(SCHEMAS[kind], areas, invented=invented, today=TODAY)
    for block in read(raw, kind, block_bytes):
        validator.check(block)
    result = validator.close()
    if fills_city:
        return result
    return replace(
        result,
        counts={code: number for code, number in result.counts.items() if code != EMPTY_AREA},
        groups=[group for group in result.groups if group.finding.code != EMPTY_AREA],
    )


def codes_of(change, **options):
    """The codes of one changed row of microcells, sorted."""
    return list(validate(as_file(cells(change)), **options).counts)
