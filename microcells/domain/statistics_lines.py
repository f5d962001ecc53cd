"""The rows of a delivery of area statistics in plain values, and what place each of them is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from microcells.domain.rows import Rows
from microcells.domain.statistics_catalogue import AREA, Catalogue, plain

Place = tuple[
    int | None, str, int | None
]  # area number, region code, district; one of the first two is empty


@dataclass(frozen=True)
class Places:
    """What a row may be about: areas by number, their names and districts, and the name of the city."""

    names: Mapping[int, str]
    districts: Mapping[int, int]
    city_name: str

    @cached_property
    def by_name(self) -> dict[str, int]:
        """Area numbers by their plain names."""
        return {plain(name): number for number, name in self.names.items()}


@dataclass(frozen=True)
class Wrong:
    """Why the place of a row is unknown, and the column that says so."""

    rule: str
    column: str


@dataclass(frozen=True)
class Row:
    """One row in plain values; None or "" where the file has nothing."""

    number: int | None
    name: str
    district: int | None
    region: str
    word: str
    date: dt.date | None
    value: float | None
    numerator: float | None
    denominator: float | None
    source: str
    has_figures: bool

    @classmethod
    def all_of(cls, rows: Rows) -> Iterator[Row]:
        """Every row of a block, in its order."""
        named = {"area_number", "district_number", "value", "numerator", "denominator"}
        has_figures = bool(rows.numbers.keys() - named)
        numbers = {name: rows.numbers[name].tolist() for name in named & rows.numbers.keys()}
        texts = {name: rows.texts[name].to_pylist() for name in rows.texts}
        dates = rows.dates["reference_date"].tolist() if "reference_date" in rows.dates else None
        for at in range(len(rows)):
            own = {name: as_number(column[at]) for name, column in numbers.items()}
            words = {name: (column[at] or "").strip() for name, column in texts.items()}
            yield cls(
                _whole(own.get("area_number")),
                words.get("area_name", ""),
                _whole(own.get("district_number")),
                words.get("region", ""),
                words.get("indicator", ""),
                dates[at] if dates else None,
                own.get("value"),
                own.get("numerator"),
                own.get("denominator"),
                words.get("source", ""),
                has_figures,
            )


def as_number(value: float) -> float | None:
    """A value as a plain number, None for NaN."""
    return None if np.isnan(value) else float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def find_place(row: Row, places: Places, catalogue: Catalogue) -> Place | Wrong:
    """Area number, region code and district of a row; one of the first two is empty."""
    region = catalogue.find_region(row.region, places.city_name)
    if row.region and not region:
        return Wrong("E-REGION", "region")
    named = places.by_name.get(plain(row.name)) if row.name else None
    if region and region != AREA:
        if row.number is not None or row.district is not None or named is not None:
            return Wrong("E-REGION", "region")
        return None, region, None
    if row.number is not None:
        if named not in (None, row.number):
            return Wrong("E-ZUORDNUNG.name", "area_name")
        known = row.number in places.names
        return (row.number, "", None) if known else Wrong("E-GEBIET", "area_number")
    if row.name:
        meant = catalogue.find_region(row.name, places.city_name)
        if named is None and meant in ("", AREA):
            return Wrong("E-GEBIET", "area_name")
        return (named, "", None) if named is not None else (None, meant, None)
    number = places.districts.get(row.district) if row.district is not None else None
    return Wrong("E-GEBIET", "district_number") if number is None else (number, "", row.district)
