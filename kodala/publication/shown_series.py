"""The shapes of a series: comparison rows of other regions, and years in which the method changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class ComparisonValue:
    """A published value of a region at one date.

    mark:   number of its source, from 1
    change: against the value before it: "+0,06", "roh −0,33, bereinigt +0,03", "Methodenbruch"; "" = first
    """

    reference_date: dt.date
    value: float
    text: str
    change: str
    mark: int


@dataclass(frozen=True)
class ComparisonRow:
    """Published values of a region, oldest first; never modelled here.

    region: "city", "district", "state", "country"
    """

    region: str
    label: str
    short_label: str
    values: tuple[ComparisonValue, ...]


@dataclass(frozen=True)
class BreakMark:
    """A year of the series in which the method changed, in words."""

    year: int
    text: str
