"""Entries of an area statistic: one figure of one place at one date, and what districts make of areas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from microcells.domain.digest import CanonicalDigest
from microcells.domain.rows import Rows
from microcells.domain.schema import Schema
from microcells.domain.statistics_catalogue import Catalogue


@dataclass(frozen=True)
class Entry:
    """One figure; block and at say which row it stands in.

    column:   "value" or the code of a column of its own
    area:     number of the observation area, None for a region
    region:   "city", "district", "state", "country"; "" = an area
    district: statistical district that the figure is about, None = the whole area
    value:    None = the supplier gives none; shares in per cent
    """

    block: int
    at: int
    column: str
    area: int | None
    region: str
    district: int | None
    indicator: str
    date: dt.date
    value: float | None
    numerator: float | None
    denominator: float | None
    source: str

    @property
    def place(self) -> tuple[int, str, int]:
        """What the figure is about, so that it can be compared and sorted."""
        return self.area or 0, self.region, self.district or 0


def merge_districts(
    entries: Sequence[Entry], catalogue: Catalogue, districts: Mapping[int, int]
) -> tuple[list[Entry], list[Entry]]:
    """Put the districts of an area together; gives the entries of areas, and one for each that fails.

    districts: district number -> area number
    """
    members: dict[int, set[int]] = {}
    for district, area in districts.items():
        members.setdefault(area, set()).add(district)
    done = [entry for entry in entries if entry.district is None]
    apart: dict[tuple[int, str, dt.date], list[Entry]] = {}
    for entry in entries:
        if entry.district is not None and entry.area is not None:
            apart.setdefault((entry.area, entry.indicator, entry.date), []).append(entry)
    incomplete: list[Entry] = []
    for (area, code, _), own in apart.items():
        merged = _merge(own, catalogue.indicators[code].kind)
        if merged is None or {entry.district for entry in own} != members[area]:
            incomplete.append(own[0])
        else:
            done.append(merged)
    return done, incomplete


def _merge(parts: Sequence[Entry], kind: str) -> Entry | None:
    """The figure of an area from its districts; a district without value leaves the area without one."""
    first = replace(parts[0], district=None)
    if len(parts) == 1:
        return first
    if any(entry.value is None for entry in parts):
        return replace(first, value=None, numerator=None, denominator=None)
    if kind == "count":
        return replace(first, value=sum(entry.value or 0.0 for entry in parts))
    base = _sum([entry.denominator for entry in parts])
    if kind == "share":
        above = _sum([entry.numerator for entry in parts])
        if above is None or not base:
            return None
        return replace(first, value=100.0 * above / base, numerator=above, denominator=base)
    if not base:
        return None
    weighted = sum((entry.value or 0.0) * (entry.denominator or 0.0) for entry in parts)
    return replace(first, value=weighted / base, numerator=None, denominator=base)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def digest_entries(entries: Sequence[Entry], schema: Schema) -> str:
    """The canonical checksum: the same figures give the same digits, as rows or as columns."""
    digest = CanonicalDigest(schema)
    digest.add(
        Rows(
            np.arange(len(entries), dtype=np.int64),
            {
                "area_number": _floats([entry.area for entry in entries]),
                "value": _floats([entry.value for entry in entries]),
                "numerator": _floats([entry.numerator for entry in entries]),
                "denominator": _floats([entry.denominator for entry in entries]),
            },
            {
                "region": pa.array([entry.region or None for entry in entries], pa.string()),
                "indicator": pa.array([entry.indicator for entry in entries], pa.string()),
                "source": pa.array([entry.source or None for entry in entries], pa.string()),
            },
            {"reference_date": np.array([entry.date for entry in entries], dtype="datetime64[D]")},
        )
    )
    return digest.hexdigest()


def _floats(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
