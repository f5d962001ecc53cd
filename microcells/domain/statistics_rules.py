"""Rules between the figures of an area statistic: doubles, bounds, shares, age groups, gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from microcells.domain.entries import Entry
from microcells.domain.rows import Hit
from microcells.domain.statistics_catalogue import Catalogue, OfficialIndicator

Place = tuple[int, str, int]


@dataclass(frozen=True)
class Complaint:
    """A rule that an entry breaks."""

    entry: Entry
    rule: str

    def as_hit(self) -> Hit:
        """The complaint about the entry's row; the figure comes first, because its bounds are named."""
        columns = (self.entry.indicator, self.entry.column)
        return Hit(self.rule, tuple(dict.fromkeys(columns)), np.array([self.entry.at]))


def check_entries(entries: Sequence[Entry], catalogue: Catalogue) -> list[Complaint]:
    """Every rule between entries that makes a row wrong."""
    return [
        *_doubled(entries),
        *(
            Complaint(entry, rule)
            for entry in entries
            for rule in _value_rules(entry, catalogue.indicators[entry.indicator], catalogue)
        ),
        *_age_sums(entries, catalogue),
    ]


def _doubled(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """E-DOPPELT for a figure that an earlier row has given, for the area or for one of its districts."""
    seen: set[tuple[Place, str, dt.date]] = set()
    for entry in entries:
        key = (entry.place, entry.indicator, entry.date)
        whole = ((entry.area or 0, entry.region, 0), entry.indicator, entry.date)
        if key in seen or whole in seen:
            yield Complaint(entry, "E-DOPPELT.angabe")
        seen.add(key)


def _value_rules(entry: Entry, own: OfficialIndicator, catalogue: Catalogue) -> Iterator[str]:
    """Bounds of the value, and whether numerator and denominator fit it."""
    value, above, base = entry.value, entry.numerator, entry.denominator
    if value is not None and entry.column == "value":
        if value < min(own.minimum, 0):
            yield "E-NEGATIV"
        elif not own.minimum <= value <= own.maximum:
            yield "E-BEREICH"
    if own.kind != "share" or above is None or base is None:
        return
    if above > base:
        yield "E-BEREICH.anteil"
    elif value is not None and base and abs(100 * above / base - value) > catalogue.limits.share_tolerance:
        yield "E-QUOTE"


def _age_sums(entries: Sequence[Entry], catalogue: Catalogue) -> Iterator[Complaint]:
    """E-ALTER-SUMME at the last age group of a place whose groups are more than its inhabitants."""
    ages = catalogue.ages
    totals = {
        (entry.place, entry.date): entry.value
        for entry in entries
        if entry.indicator == ages.total and entry.value is not None
    }
    groups: dict[tuple[Place, dt.date], dict[str, Entry]] = {}
    for entry in entries:
        if entry.indicator in ages.parts and entry.value is not None:
            groups.setdefault((entry.place, entry.date), {}).setdefault(entry.indicator, entry)
    for key, own in groups.items():
        total = totals.get(key)
        sum_of_groups = sum(entry.value or 0.0 for entry in own.values())
        if total is not None and sum_of_groups > total + catalogue.limits.sum_tolerance:
            yield Complaint(list(own.values())[-1], "E-ALTER-SUMME")


def list_remarks(
    entries: Sequence[Entry], catalogue: Catalogue, areas: AbstractSet[int]
) -> list[tuple[str, OfficialIndicator]]:
    """Warnings about a figure as a whole, by the catalogue: W-ANTEIL, W-GEBIET-FEHLT, W-STADTSUMME."""
    remarks = []
    for code, own in catalogue.indicators.items():
        mine = [entry for entry in entries if entry.indicator == code]
        newest = max((entry.date for entry in mine), default=None)
        by_area = {entry.area: entry.value for entry in mine if entry.date == newest and entry.area}
        city = next((entry.value for entry in mine if entry.date == newest and entry.region == "city"), None)
        if own.kind == "share" and _looks_like_parts_of_one(mine, catalogue.limits.scale_rows):
            remarks.append(("W-ANTEIL", own))
        if by_area and (areas - by_area.keys() or None in by_area.values()):
            remarks.append(("W-GEBIET-FEHLT", own))
        elif own.kind == "count" and city is not None and by_area:
            difference = abs(sum(value or 0.0 for value in by_area.values()) - city)
            if difference > catalogue.limits.city_tolerance * city:
                remarks.append(("W-STADTSUMME", own))
    return remarks


def _looks_like_parts_of_one(entries: Sequence[Entry], fewest: int) -> bool:
    values = [entry.value for entry in entries if entry.value is not None]
    return len(values) >= fewest and any(values) and max(values) <= 1
