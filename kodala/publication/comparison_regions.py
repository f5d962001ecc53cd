"""Comparison rows: published values of city, district, state and country, shipped or delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from kodala.core.definitions import Definition, read_definition
from kodala.core.german import german_number
from kodala.publication.definitions import ROOM, breaks_of, indicator_rules
from kodala.publication.domain.wording import signed_number, with_unit
from kodala.publication.models import Datenstand, Figure, OfficialFigure
from kodala.publication.shown import FigureState, Indicator
from kodala.publication.shown_series import ComparisonRow, ComparisonValue
from kodala.statistics.method_breaks import Break, breaks_between, change_across

REGIONS = ("city", "district", "state", "country")
RATE_DECIMALS = 2  # the source publishes rates of regions with two
BROKEN = "Methodenbruch"


class _Known(NamedTuple):
    """A value with its source."""

    value: float
    source: str


def regions_definition() -> Definition:
    """The signed file with the published values that ship."""
    return read_definition(ROOM / "regions.toml")


@lru_cache(maxsize=1)
def _shipped() -> dict[tuple[str, str], dict[dt.date, _Known]]:
    """Region and indicator -> date -> value; rows of another city than this one are left out."""
    content = regions_definition().content
    sources = content["sources"]
    return {
        (series["region"], series["indicator"]): {
            dt.date(year, content["month"], content["day"]): _Known(float(value), sources[source])
            for year, value, source in series["values"]
        }
        for series in content["series"]
        if series.get("city", settings.CITY_NAME) == settings.CITY_NAME
    }


def list_comparison_rows(
    datenstand: Datenstand, indicator: Indicator
) -> tuple[tuple[ComparisonRow, ...], tuple[str, ...]]:
    """The rows of an indicator and their sources, which the values name by number.

    Delivered values override shipped ones of the same year, and extend them.
    """
    content = regions_definition().content
    known = {region: dict(_shipped().get((region, indicator.code), {})) for region in REGIONS}
    delivered = OfficialFigure.objects.filter(
        datenstand=datenstand, area=None, indicator=indicator.code, value__isnull=False
    )
    has_areas = OfficialFigure.objects.filter(
        datenstand=datenstand, area__isnull=False, indicator=indicator.code
    ).exists()
    for own in delivered.order_by("reference_date"):
        # Beside areas the whole city is a line of its own already.
        if own.value is not None and not (own.region == "city" and has_areas):
            _override(known[own.region], own.reference_date, _Known(own.value, own.source))
    known["city"] = _without_years(known["city"], _years_of_withheld_city(datenstand, indicator))
    sources: dict[str, int] = {}
    rows = tuple(
        ComparisonRow(
            region,
            content["labels"][region],
            content["short_labels"][region],
            _values(indicator, region, values, sources),
        )
        for region, values in known.items()
        if values
    )
    return rows, tuple(sources)


def _years_of_withheld_city(datenstand: Datenstand, indicator: Indicator) -> set[int]:
    """In which years the city's own figure is withheld for its areas; one from elsewhere tells as much."""
    withheld = Figure.objects.filter(
        datenstand__area_set=datenstand.area_set_id,
        indicator=indicator.code,
        area=None,
        district=None,
        state=FigureState.PROTECTED,
    )
    return {date.year for date in withheld.values_list("datenstand__reference_date", flat=True).distinct()}


def _without_years(values: Mapping[dt.date, _Known], years: set[int]) -> dict[dt.date, _Known]:
    return {date: known for date, known in values.items() if date.year not in years}


def _override(values: dict[dt.date, _Known], date: dt.date, known: _Known) -> None:
    for same_year in [other for other in values if other.year == date.year]:
        del values[same_year]
    values[date] = known


def _values(
    indicator: Indicator, region: str, values: Mapping[dt.date, _Known], sources: dict[str, int]
) -> tuple[ComparisonValue, ...]:
    decimals = RATE_DECIMALS if indicator.unit == "%" else indicator_rules()[indicator.code].decimals
    dates = sorted(values)
    changes = [
        "",
        *(
            _change(values, dates[at - 1], dates[at], region, indicator, decimals)
            for at in range(1, len(dates))
        ),
    ]
    return tuple(
        ComparisonValue(
            date,
            values[date].value,
            with_unit(german_number(values[date].value, decimals), indicator.unit),
            change,
            sources.setdefault(values[date].source, len(sources) + 1),
        )
        for date, change in zip(dates, changes, strict=True)
    )


def _change(
    values: Mapping[dt.date, _Known],
    before: dt.date,
    after: dt.date,
    region: str,
    indicator: Indicator,
    decimals: int,
) -> str:
    breaks = [own.for_region(region) for own in breaks_of(indicator.code)]
    crossed = breaks_between(breaks, before.year, after.year)
    return change_words(values[before].value, values[after].value, crossed, decimals)


def change_words(before: float, after: float, crossed: Sequence[Break], decimals: int) -> str:
    """A change in words: raw alone only where the method stayed the same."""
    change = change_across(before, after, crossed)
    if change.raw is None or change.adjusted is None:
        return BROKEN
    raw = signed_number(change.raw, decimals)
    return f"roh {raw}, bereinigt {signed_number(change.adjusted, decimals)}" if change.crosses else raw
