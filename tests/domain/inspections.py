"""Looks at files as the mapping gets them: an extract with columns renamed, replaced or added."""

from kodala.core.definitions import read_definition
from microcells.domain.plan import ColumnSummary, Inspection, ReadingPlan
from microcells.domain.profiles import read_profiles
from tests.domain.delivery_files import CELL, ROOT, SCHEMAS

TEXT = {"file_kind": "csv", "encoding": "cp1252", "separator": ";", "decimal": ","}
SHIPPED = read_profiles(read_definition(ROOT / "microcells/profiles.toml").content)
CELLS = SCHEMAS["microcells"]
BASE = dict.fromkeys(("haushalte", "gebiet_nr", "bezirk_nr"), "whole")


def summary(heading, content="number", low=0.0, high=100.0, **given):
    return ColumnSummary(heading, content, low, high, **given)


def column(heading, header=None):
    """What a column looks like that holds the values of a column of the extract."""
    header = header or heading
    if header == "mz_id":
        return ColumnSummary(heading, "text", longest=12, is_unique=True)
    if header == "strassenabschnitt":
        return ColumnSummary(heading, "text", longest=20)
    if header == "stichtag":
        return ColumnSummary(heading, "date")
    ranges = {"x": (340_000.0, 341_000.0), "y": (5_670_000.0, 5_671_000.0), "kaufkraft_eur_ew": (9e3, 6e4)}
    return summary(heading, BASE.get(header, "number"), *ranges.get(header, (0.0, 100.0)))


def extract(*columns, renamed=None, doubtful=(), without=()):
    """The inspection of a file of the extract with some columns renamed, replaced or added."""
    renamed = renamed or {}
    own = {name: column(renamed.get(name, name), name) for name in CELL if name not in without}
    own |= {one.heading: one for one in columns}
    return Inspection(ReadingPlan(**TEXT), doubtful, (), 9, 9, tuple(own.values()))
