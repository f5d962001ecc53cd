"""The area panel (Blickpunkt): what one area's figure means, against the city and over time."""

from __future__ import annotations

from collections.abc import Sequence

from kodala.core.german import german_number
from kodala.publication.comparison_regions import list_comparison_rows
from kodala.publication.definitions import GROUP_CODES, TYPE_CODES, indicator_rules, indicators
from kodala.publication.domain.wording import names_in_a_row, with_unit
from kodala.publication.history import build_history
from kodala.publication.models import Datenstand
from kodala.publication.shown import AreaView, Indicator, NamedFigure, ShownFigure
from kodala.publication.values import CITY, CITY_LABEL, Values
from microcells.models import ObservationArea
from typology.definitions import type_approaches, type_labels

SENIOR_CODES = ("offline_seniors", "offline_share", "participation")
M2_PER_KM2 = 1e6


def build_area_view(
    values: Values, indicator: Indicator, area_number: int, chain: Sequence[Datenstand]
) -> AreaView:
    """Everything the panel shows. Raises ObservationArea.DoesNotExist for an unknown number.

    chain: the Datenstände of the time series, oldest first
    """
    area = ObservationArea.objects.get(area_set=values.datenstand.area_set, number=area_number)
    figure, city = values.shown(indicator, area_number), values.shown(indicator, CITY)
    numbers = [one.number for one in values.areas]
    at = numbers.index(area_number)
    history = build_history(indicator, area, values.datenstand, chain, values.limits(indicator.code))
    rows, sources = list_comparison_rows(values.datenstand, indicator)
    return AreaView(
        number=area_number,
        name=area.name,
        facts=_facts(values, area),
        figure=figure,
        comparison=_comparison(indicator, figure, city),
        reliability=_reliability(indicator, figure, city),
        history=history.points,
        history_note=history.note,
        breaks=history.breaks,
        change=history.change,
        rows=rows,
        sources=sources,
        types=_named(values, TYPE_CODES, area_number),
        groups=_named(values, GROUP_CODES, area_number),
        type_sentence=type_sentence(values, area_number),
        seniors=_named(values, SENIOR_CODES, area_number),
        previous_number=numbers[at - 1],
        next_number=numbers[(at + 1) % len(numbers)],
    )


def _facts(values: Values, area: ObservationArea) -> str:
    shown = [
        (unit, values.shown(indicators()[code], area.number))
        for code, unit in (("persons", "Einwohner"), ("households", "Haushalte"))
    ]
    own = " · ".join(
        (f"{figure.label} {unit}" if figure.value is not None else f"{unit}: {figure.text}")
        + (f" ({figure.joined})" if figure.joined else "")
        for unit, figure in shown
    )
    size = with_unit(german_number(area.outline.area / M2_PER_KM2, 1), "km²")
    # Official numbers of persons and households stand on their own pages and differ.
    origin = " laut Mikrozellen" if any(figure.value is not None for _, figure in shown) else ""
    return f"{own}{origin} · {size}"


def _is_comparable(indicator: Indicator, figure: ShownFigure, city: ShownFigure) -> bool:
    is_count = indicator_rules()[indicator.code].kind == "count"
    return not is_count and figure.value is not None and city.value is not None


def _comparison(indicator: Indicator, figure: ShownFigure, city: ShownFigure) -> str:
    if figure.value is not None and city.value is None:
        return f"{CITY_LABEL}: {city.text}"
    if not _is_comparable(indicator, figure, city):
        return ""
    difference = (figure.value or 0.0) - (city.value or 0.0)
    size = german_number(abs(difference), indicator_rules()[indicator.code].decimals)
    if difference == 0 or not any(digit in "123456789" for digit in size):
        return f"gleich wie {CITY_LABEL} ({city.text})"
    word = "über" if difference > 0 else "unter"
    return f"{with_unit(size, indicator.difference_unit)} {word} {CITY_LABEL} ({city.text})"


def _reliability(indicator: Indicator, figure: ShownFigure, city: ShownFigure) -> str:
    """Whether the area's interval leaves the city's value out; said only if both are shown."""
    if not _is_comparable(indicator, figure, city) or figure.lower is None or figure.upper is None:
        return ""
    inside = figure.lower <= (city.value or 0.0) <= figure.upper
    return "Unterschied nicht belastbar" if inside else "Unterschied belastbar"


def _named(values: Values, codes: tuple[str, ...], area_number: int) -> tuple[NamedFigure, ...]:
    return tuple(
        NamedFigure(
            indicators()[code],
            values.shown(indicators()[code], area_number),
            values.shown(indicators()[code], CITY),
        )
        for code in codes
    )


def type_sentence(values: Values, area_number: int) -> str:
    """Which types mark an area, and the advice that fits a single one; "" where none can be said."""
    label = values.labels.get(area_number)
    if label is None or not label.marking_types:
        return ""
    names = type_labels()
    chosen = [names[code] for code in label.marking_types if code in names]
    if len(chosen) == 1:
        approach = type_approaches()[label.marking_types[0]]
        return f"Prägend gegenüber {CITY_LABEL}: {chosen[0]}. {approach}"
    return f"Nicht eindeutig; prägend gegenüber {CITY_LABEL} können sein: {names_in_a_row(chosen)}."
