"""Where strokes and words of the small drawings stand: legend and type bar. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kodala.publication.shown import IndicatorView, NamedFigure

NEAR_EDGE = 70.0  # beyond this share of the width a label is written to the left
TYPE_NAMES = ("n1", "n2", "n3", "t1", "t2", "p1", "p2", "p3")


@dataclass(frozen=True)
class LegendLabel:
    """A label above the classes: position 0 … 100, text, and which end of it stands there."""

    position: float
    text: str
    anchor: str  # "start", "end"


@dataclass(frozen=True)
class LegendDrawing:
    """The labels of the whole city and of the chosen area, None where there is nothing to mark."""

    city: LegendLabel | None
    area: LegendLabel | None
    chosen_area: int | None


def draw_legend(view: IndicatorView, chosen_area: int | None) -> LegendDrawing:
    """Place the labels so that they lead away from each other and stay inside."""
    tick = next((tick for tick in view.ticks if tick.area_number == chosen_area), None)
    figure = view.area(chosen_area) if chosen_area is not None else None
    area = None
    if tick and figure:
        text = f"{figure.area_name} {figure.figure.text}"
        is_left_of_city = view.city_position is not None and 30 < tick.position < view.city_position
        leads_left = tick.position > NEAR_EDGE or is_left_of_city
        area = LegendLabel(tick.position, text, "end" if leads_left else "start")
    city = None
    if view.city_position is not None:
        is_left_of_area = tick is not None and 30 < view.city_position <= tick.position
        leads_left = view.city_position > NEAR_EDGE or is_left_of_area
        text = f"{view.city_label} {view.city.text}"
        city = LegendLabel(view.city_position, text, "end" if leads_left else "start")
    return LegendDrawing(city, area, chosen_area)


@dataclass(frozen=True)
class TypePart:
    """One part of the type bar: start and width in percent of the bar, colour class, mark, name."""

    x: float
    width: float
    code: str
    mark: str
    name: str
    text: str


def draw_types(types: Sequence[NamedFigure]) -> tuple[TypePart, ...]:
    """Stack the eight shares; empty unless every one is shown, so that no gap tells a withheld one."""
    shares = [named.figure.value for named in types]
    if len(types) != len(TYPE_NAMES) or any(share is None for share in shares):
        return ()
    total = sum(share or 0.0 for share in shares)
    if total <= 0:
        return ()
    parts, x = [], 0.0
    for code, named in zip(TYPE_NAMES, types, strict=True):
        width = 100 * (named.figure.value or 0.0) / total
        mark = code.upper() if width >= 4.5 else ""
        parts.append(
            TypePart(round(x, 2), round(width, 2), code, mark, named.indicator.label, named.figure.text)
        )
        x += width
    return tuple(parts)
