"""All figures of one Datenstand in memory, and the view of one indicator made from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.conf import settings
from django.db.models import Q, QuerySet

from kodala.core.german import german_number
from kodala.publication.definitions import indicator_rules, indicators, official_indicators
from kodala.publication.domain.legend import CODES, class_code, class_letter, class_texts, position
from kodala.publication.domain.wording import (
    STATE_SENTENCES,
    STATE_WORDS,
    has_value,
    interval_words,
    joined_words,
    names_in_a_row,
    signed_number,
    with_unit,
)
from kodala.publication.models import ClassScheme, Datenstand, Figure, OfficialFigure, TypeLabel
from kodala.publication.shown import (
    AreaFigure,
    DatenstandLine,
    DistrictFigure,
    FigureState,
    Indicator,
    IndicatorView,
    LegendClass,
    LegendTick,
    ShownFigure,
)
from microcells.definitions import district_name
from microcells.models import ObservationArea

CITY = None  # area number of the whole city
CITY_LABEL = f"{settings.CITY_NAME} gesamt"


@dataclass(frozen=True)
class Values:
    """One Datenstand's figures by indicator and area number (None = whole city)."""

    datenstand: Datenstand
    areas: tuple[ObservationArea, ...]  # alphabetical
    figures: dict[tuple[str, int | None], Figure]
    districts: tuple[tuple[int, Figure], ...]  # area number and figure of each district, in their order
    schemes: dict[str, ClassScheme]
    labels: dict[int, TypeLabel]
    provenances: dict[str, str]  # official indicator -> date and source in words

    def limits(self, code: str) -> list[float]:
        """Fixed inner class limits of an indicator, empty if nothing was ever shown of it."""
        scheme = self.schemes.get(code)
        return list(scheme.limits) if scheme else []

    def shown(self, indicator: Indicator, area_number: int | None) -> ShownFigure:
        """One figure, rounded, classed and put into words."""
        figure = self.figures.get((indicator.code, area_number))
        return show_stored(indicator, figure, self.limits(indicator.code), self.names)

    @cached_property
    def names(self) -> dict[int, str]:
        """Area number -> name."""
        return {area.number: area.name for area in self.areas}

    def partners(self, indicator: Indicator, area_number: int) -> tuple[int, ...]:
        """The other areas that show the same joint figure, () where the area stands alone."""
        figure = self.figures.get((indicator.code, area_number))
        return tuple(figure.joined_with) if figure else ()


def load_values(datenstand: Datenstand) -> Values:
    """Read everything a page may need of a Datenstand, in five queries."""
    areas = tuple(
        ObservationArea.objects.filter(area_set=datenstand.area_set).defer("outline").order_by("name")
    )
    numbers = {area.pk: area.number for area in areas}
    placed = [
        (numbers.get(figure.area_id) if figure.area_id else CITY, figure)
        for figure in Figure.objects.filter(datenstand=datenstand).order_by("area__number", "district")
    ]
    return Values(
        datenstand,
        areas,
        {(figure.indicator, number): figure for number, figure in placed if figure.district is None},
        tuple((number, figure) for number, figure in placed if number and figure.district is not None),
        {scheme.indicator: scheme for scheme in _schemes(datenstand)},
        {numbers[label.area_id]: label for label in TypeLabel.objects.filter(datenstand=datenstand)},
        _provenances(datenstand),
    )


def _schemes(datenstand: Datenstand) -> QuerySet[ClassScheme]:
    """Class limits of what can be seen; a draft fixes limits from values that nobody may see before it."""
    visible = Datenstand.objects.visible().filter(area_set=datenstand.area_set).order_by().values("pk")
    seen = Figure.objects.filter(
        Q(datenstand=datenstand) | Q(datenstand__in=visible), area__isnull=False, value__isnull=False
    )
    return ClassScheme.objects.filter(area_set=datenstand.area_set, indicator__in=seen.values("indicator"))


def list_indicators(datenstand: Datenstand) -> list[Indicator]:
    """The indicators of a Datenstand in their order; official figures only as far as delivered."""
    own = Figure.objects.filter(datenstand=datenstand).exclude(state=FigureState.NOT_DELIVERED)
    delivered = set(own.values_list("indicator", flat=True).distinct())
    official = {one.code for one in official_indicators()}
    return [one for one in indicators().values() if one.code not in official or one.code in delivered]


def _provenances(datenstand: Datenstand) -> dict[str, str]:
    """Date and source of the newest official figures; several sources are named in alphabetical order."""
    rows = OfficialFigure.objects.filter(datenstand=datenstand, area__isnull=False)
    newest: dict[str, tuple[dt.date, list[str]]] = {}
    for code, date, source in (
        rows.values_list("indicator", "reference_date", "source")
        .distinct()
        .order_by("reference_date", "source")
    ):
        same = newest[code][1] if code in newest and newest[code][0] == date else []
        newest[code] = (date, [*same, source])
    return {code: f"Stand {date:%d.%m.%Y}, Quelle: {'; '.join(own)}" for code, (date, own) in newest.items()}


def show_stored(
    indicator: Indicator, figure: Figure | None, limits: list[float], names: Mapping[int, str]
) -> ShownFigure:
    """One stored figure, None = nothing of it was delivered; names: of the areas, for a joint figure."""
    state = FigureState(figure.state) if figure else FigureState.NOT_DELIVERED
    shown = show(indicator, state, figure, limits)
    others = [names[number] for number in figure.joined_with] if figure else []
    if not others:
        return shown
    joined = joined_words(others, indicator_rules()[indicator.code].kind)
    return replace(shown, joined=joined, spoken=f"{shown.spoken}, {joined}")


def show(indicator: Indicator, state: FigureState, figure: Figure | None, limits: list[float]) -> ShownFigure:
    """Put one figure into the shape every channel shares."""
    if figure is None or figure.value is None or not has_value(state):
        return _without_value(state)
    decimals = indicator_rules()[indicator.code].decimals
    number = german_number(figure.value, decimals)
    text = with_unit(number, indicator.unit)
    interval = interval_words(figure.lower, figure.upper, decimals, indicator.unit)
    code = class_code(figure.value, state, limits)
    mark = "unsicher" if state == FigureState.UNRELIABLE else ""
    spoken = f"{text}{' (unsicher)' if mark else ''}, Klasse {class_letter(code)}"
    return ShownFigure(
        state=state,
        value=figure.value,
        lower=figure.lower,
        upper=figure.upper,
        text=text,
        label=number,
        interval_text=interval,
        class_code=code,
        class_letter=class_letter(code),
        spoken=f"{spoken}, Spanne {interval}" if interval else spoken,
        mark=mark,
    )


def _without_value(state: FigureState) -> ShownFigure:
    code = class_code(None, state, [])
    words = STATE_WORDS[state]
    return ShownFigure(
        state, None, None, None, words, words, "", code, class_letter(code), STATE_SENTENCES[state]
    )


def build_indicator_view(values: Values, indicator: Indicator, line: DatenstandLine) -> IndicatorView:
    """Map, legend and table of one indicator: one set of values for all three."""
    city = values.shown(indicator, CITY)
    areas = tuple(_area_figure(values, indicator, area, city) for area in values.areas)
    limits = values.limits(indicator.code)
    return IndicatorView(
        datenstand=line,
        indicator=indicator,
        areas=areas,
        city=city,
        city_label=CITY_LABEL,
        city_position=_city_position(indicator, city, limits),
        classes=_legend_classes(areas, limits),
        ticks=tuple(
            LegendTick(area.area_number, position(area.figure.value, limits))
            for area in areas
            if area.figure.value is not None
        ),
        protected_areas=_names_in_class(values, indicator, areas, "protected"),
        missing_areas=_names_in_class(values, indicator, areas, "missing"),
        class_note=_class_note(values.schemes.get(indicator.code)),
        provenance=values.provenances.get(indicator.code, ""),
        method=_method(values, indicator),
        joined=tuple(
            _unit_name(values, indicator, area)
            for area in areas
            if area.is_counted and values.partners(indicator, area.area_number)
        ),
        districts=tuple(
            _district_figure(indicator, number, figure)
            for number, figure in values.districts
            if figure.indicator == indicator.code
        ),
    )


def _district_figure(indicator: Indicator, area_number: int, figure: Figure) -> DistrictFigure:
    """The figure of a district without class: the classes are those of the areas."""
    number = figure.district or 0
    name = district_name(number)
    shown = show_stored(indicator, figure, [], {})
    said = f"{shown.text}, {shown.mark}" if shown.mark else shown.text
    place = f"Statistischer Bezirk {number}" + ("" if name == f"Bezirk {number}" else f", {name}")
    return DistrictFigure(area_number, number, name, shown, f"{place}: {said}")


def _names_in_class(
    values: Values, indicator: Indicator, areas: tuple[AreaFigure, ...], code: str
) -> tuple[str, ...]:
    """Names of the areas in a class, areas with a joint figure in one name."""
    chosen = (area for area in areas if area.is_counted and area.figure.class_code == code)
    return tuple(_unit_name(values, indicator, area) for area in chosen)


def _unit_name(values: Values, indicator: Indicator, area: AreaFigure) -> str:
    others = [values.names[number] for number in values.partners(indicator, area.area_number)]
    return names_in_a_row([area.area_name, *others])


def _method(values: Values, indicator: Indicator) -> str:
    """The method and the version of the definitions it followed, as the Datenstand keeps them."""
    kept = values.datenstand.definitions
    is_official = indicator.code in {one.code for one in official_indicators()}
    room = "official" if is_official else indicator_rules()[indicator.code].room
    version = kept.get(room) or kept.get("indicators", "")
    return f"{indicator.method} ({version})" if version else indicator.method


def _city_position(indicator: Indicator, city: ShownFigure, limits: list[float]) -> float | None:
    """Where the city's mark stands; a city-wide count has no place among the areas."""
    is_count = indicator_rules()[indicator.code].kind == "count"
    return None if city.value is None or is_count else position(city.value, limits)


def _area_figure(
    values: Values, indicator: Indicator, area: ObservationArea, city: ShownFigure
) -> AreaFigure:
    figure = values.shown(indicator, area.number)
    rules = indicator_rules()[indicator.code]
    compared = ""
    if rules.kind != "count" and figure.value is not None and city.value is not None:
        compared = signed_number(figure.value - city.value, rules.decimals)
    is_counted = all(area.number < other for other in values.partners(indicator, area.number))
    return AreaFigure(area.number, area.name, figure, compared, f"{area.name}: {figure.spoken}", is_counted)


def _legend_classes(areas: tuple[AreaFigure, ...], limits: list[float]) -> tuple[LegendClass, ...]:
    if not any(area.figure.value is not None for area in areas) and not limits:
        return ()
    texts = class_texts(limits, _limit_decimals(limits))
    counted = [area.figure.class_code for area in areas if area.is_counted]
    counts = {code: counted.count(code) for code in CODES}
    return tuple(
        LegendClass(code, class_letter(code), text, counts[code])
        for code, text in zip(CODES, texts, strict=False)
    )


def _limit_decimals(limits: list[float]) -> int:
    """As many places as the limits need, so that a range in words is the range that is used."""
    return max((len(f"{limit:.4f}".rstrip("0").split(".")[1]) for limit in limits), default=0)


def _class_note(scheme: ClassScheme | None) -> str:
    if scheme is None:
        return ""
    if scheme.method == "manual":
        return f"Klassengrenzen fest nach Stadtstandard, seit {scheme.fixed_at:%d.%m.%Y}"
    number = len(scheme.based_on)
    common = "einen Datenstand" if number == 1 else f"{number} Datenstände gemeinsam"
    return f"Klassengrenzen fest seit {scheme.fixed_at:%d.%m.%Y}, für {common}"
