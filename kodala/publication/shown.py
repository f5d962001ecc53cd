"""The shapes in which figures leave the house: what map, table, legend, export and sentence share.

Everything a person sees of a figure is in these objects, made once by
`kodala.publication.selectors`. Roof code reads them and computes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from kodala.publication.shown_series import BreakMark, ComparisonRow


class FigureState(StrEnum):
    """Why a figure has, or has not, a value. Never turned into 0."""

    VALUE = "value"
    ZERO = "zero"  # a true zero, allowed to be shown
    PROTECTED = "protected"
    NOT_DELIVERED = "not_delivered"
    UNRELIABLE = "unreliable"
    NOT_MEANINGFUL = "not_meaningful"


@dataclass(frozen=True)
class ShownFigure:
    """One figure, ready for every channel.

    value:         rounded as published, None unless state is value or zero
    text:          "13,1 %", "geschützt", "nicht geliefert"
    label:         "13,1", "geschützt": the short form on the map
    interval_text: "12,8 bis 13,5 %" or ""
    class_code:    "a" … "e", or "protected", "missing"
    class_letter:  "A" … "E", "•" protected, "…" no data
    spoken:        whole sentence for screen readers, without the area's name
    mark:          "unsicher" beside a value that rests on too little, else ""
    joined:        "gemeinsam mit Augustinusviertel" if it is the figure of several areas, else ""
    """

    state: FigureState
    value: float | None
    lower: float | None
    upper: float | None
    text: str
    label: str
    interval_text: str
    class_code: str
    class_letter: str
    spoken: str
    mark: str = ""
    joined: str = ""


@dataclass(frozen=True)
class AreaFigure:
    """The figure of one area. spoken begins with the area's name.

    is_counted: False for every area but one of those that show a joint figure; what counts areas or adds
                them up takes that one alone
    """

    area_number: int
    area_name: str
    figure: ShownFigure
    compared: str  # "+4,5" against the whole city, "" where that cannot be said
    spoken: str
    is_counted: bool = True


@dataclass(frozen=True)
class DistrictFigure:
    """The figure of a statistical district, one of several that make an area; never counted or classed.

    spoken: "Statistischer Bezirk 3, Hafengebiet: 12,1 %"
    """

    area_number: int
    number: int
    name: str
    figure: ShownFigure
    spoken: str


@dataclass(frozen=True)
class Indicator:
    """What a figure means; comes from indicators.toml."""

    code: str
    label: str
    short_label: str
    group: str
    kind: str  # "share" and "score" are drawn as areas, "count" as circles
    unit: str  # "%", "Personen", "Punkte" …
    description: str  # one German sentence
    direction: str  # "Dunkler = höher."
    difference_unit: str  # "Prozentpunkte", "Punkte", "Personen"
    is_modelled: bool  # shows the tag "Modellwert"
    numerator: str
    denominator: str
    source: str
    method: str  # name and version of the method
    caution: str  # one German sentence: how not to read it


@dataclass(frozen=True)
class IndicatorGroup:
    """One branch of the tree on the left of the map."""

    label: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class LegendClass:
    """One of the fixed classes.

    text:     "bis 7,0", "> 7,0 bis 9,0", "über 14,0"
    areas:    number of areas shown in it, areas with a joint figure counted once
    """

    code: str
    letter: str
    text: str
    areas: int


@dataclass(frozen=True)
class LegendTick:
    """A stroke above the classes; position 0 … 100 along the legend."""

    area_number: int
    position: float


@dataclass(frozen=True)
class DatenstandLine:
    """One line of the Datenstand selector, and the head of every page."""

    pk: int
    label: str  # "01.10.2025 · V4"
    reference_date: dt.date
    version: int
    is_invented: bool
    is_current: bool
    area_set_label: str
    area_set_pk: int
    area_count: int
    source: str


@dataclass(frozen=True)
class IndicatorView:
    """Map, legend and table of one indicator in one Datenstand: one set of values.

    protected_areas, missing_areas: names; areas with a joint figure stand in one name
    joined: "Hammfeld und Augustinusviertel": the areas that show one figure together
    districts: of areas that are made of several, by area and number; legend and classes know areas only
    """

    datenstand: DatenstandLine
    indicator: Indicator
    areas: tuple[AreaFigure, ...]  # alphabetical
    city: ShownFigure
    city_label: str  # "Neuss gesamt"
    city_position: float | None
    classes: tuple[LegendClass, ...]
    ticks: tuple[LegendTick, ...]
    protected_areas: tuple[str, ...]
    missing_areas: tuple[str, ...]
    class_note: str  # "Klassengrenzen fest seit 22.11.2026, gemeinsam für 4 Datenstände"
    provenance: str  # "Stand 31.12.2024, Quelle: Stadt" of an official figure, else ""
    method: str  # the indicator's method with the version of its definitions in this Datenstand
    joined: tuple[str, ...] = ()
    districts: tuple[DistrictFigure, ...] = ()

    def districts_of(self, number: int) -> tuple[DistrictFigure, ...]:
        """The districts of one area, empty if it is not parted."""
        return tuple(one for one in self.districts if one.area_number == number)

    def area(self, number: int) -> AreaFigure | None:
        """The figure of one area, None if the area set has no such number."""
        return next((area for area in self.areas if area.area_number == number), None)


@dataclass(frozen=True)
class HistoryPoint:
    """Area and whole city at one reference date.

    chained, chained_text: the area's value as if counted by a newer method, None and "" = nothing to chain;
                           the value that a chain leads to has no text, because it is the value itself
    version: of the Datenstand that shows it, None for official figures, which have dates of their own
    """

    reference_date: dt.date
    area: ShownFigure
    city: ShownFigure
    chained: float | None = None
    chained_text: str = ""
    version: int | None = None


@dataclass(frozen=True)
class NamedFigure:
    """A figure with its indicator, for lists inside an area's panel."""

    indicator: Indicator
    figure: ShownFigure
    city: ShownFigure


@dataclass(frozen=True)
class AreaView:
    """Everything the area panel (Blickpunkt) shows for one indicator.

    facts:      "5.139 Einwohner · 2.544 Haushalte · 0,8 km²"
    comparison: one sentence against the whole city, "" if it cannot be said
    reliability: "Unterschied belastbar" / "Unterschied nicht belastbar" / ""
    breaks:     years inside the history in which the method changed
    change:     one sentence on the last two points, "" if nothing can be said
    rows:       published values of other regions, never modelled here
    sources:    of the rows, in the order of their marks
    types:      eight type shares in the order of the definition
    groups:     three group shares
    seniors:    offline seniors, offline share, participation
    """

    number: int
    name: str
    facts: str
    figure: ShownFigure
    comparison: str
    reliability: str
    history: tuple[HistoryPoint, ...]
    history_note: str
    breaks: tuple[BreakMark, ...]
    change: str
    rows: tuple[ComparisonRow, ...]
    sources: tuple[str, ...]
    types: tuple[NamedFigure, ...]
    groups: tuple[NamedFigure, ...]
    type_sentence: str
    seniors: tuple[NamedFigure, ...]
    previous_number: int
    next_number: int


@dataclass(frozen=True)
class Criterion:
    """One feature of the risk filter: an indicator and the chosen class codes."""

    indicator: str
    classes: frozenset[str]


@dataclass(frozen=True)
class FilterMatch:
    """An area to which all criteria apply, with the figures of the criteria in their order."""

    area_number: int
    area_name: str
    figures: tuple[ShownFigure, ...]
    type_sentence: str
    debtors: ShownFigure


@dataclass(frozen=True)
class FilterResult:
    """What the risk filter found; withheld areas are named, never guessed.

    protected_areas, missing_areas: names; areas that could not be tested for want of one figure that they
                                    show together stand in one name
    protected_numbers, missing_numbers: their area numbers, each of its own
    """

    matches: tuple[FilterMatch, ...]
    protected_areas: tuple[str, ...]
    missing_areas: tuple[str, ...]
    area_count: int
    criteria: tuple[Criterion, ...] = field(default=())
    protected_numbers: frozenset[int] = frozenset()
    missing_numbers: frozenset[int] = frozenset()
