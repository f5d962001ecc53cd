"""Where strokes and words of the small drawings stand: legend, history and type bar. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kodala.publication.shown import HistoryPoint, IndicatorView, NamedFigure

Scale = Callable[[float], float]
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
class HistoryMark:
    """One shown value in the drawing."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class HistoryDrawing:
    """A line drawing 344 wide and 104 high; a withheld value leaves a gap in its line."""

    area_lines: tuple[str, ...]
    city_lines: tuple[str, ...]
    area_marks: tuple[HistoryMark, ...]
    last_area: HistoryMark | None
    last_city: HistoryMark | None
    dates: tuple[HistoryMark, ...]
    levels: tuple[HistoryMark, ...]
    sentence: str


LEFT, RIGHT, TOP, BOTTOM = 40.0, 268.0, 10.0, 82.0
LABEL_GAP = 13.0


def draw_history(name: str, history: Sequence[HistoryPoint], *, has_city: bool) -> HistoryDrawing | None:
    """Draw an area over time; None with fewer than two shown values.

    has_city: also draw the whole city; not for counts, beside which the area would lie flat on the ground
    """
    drawn = [(point.area, point.city) if has_city else (point.area,) for point in history]
    values = [figure.value for figures in drawn for figure in figures if figure.value is not None]
    if len(history) < 2 or len(values) < 2:
        return None
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or max(abs(high), 1.0) * 0.1
    x_of = _scale(history[0].reference_date.toordinal(), history[-1].reference_date.toordinal(), LEFT, RIGHT)
    y_of = _scale(low - room, high + room, BOTTOM, TOP)
    area = [_mark(x_of, y_of, point.reference_date, point.area.value, point.area.label) for point in history]
    city = [
        _mark(x_of, y_of, point.reference_date, point.city.value if has_city else None, point.city.label)
        for point in history
    ]
    last_area, last_city = _part_labels(area[-1], city[-1])
    return HistoryDrawing(
        area_lines=_lines(area),
        city_lines=_lines(city),
        area_marks=tuple(mark for mark in area if mark),
        last_area=last_area,
        last_city=last_city,
        dates=tuple(
            HistoryMark(x_of(p.reference_date.toordinal()), 100.0, str(p.reference_date.year))
            for p in history
        ),
        levels=tuple(HistoryMark(LEFT, y_of(level), _label_of(level)) for level in _levels(low, high)),
        sentence=_history_sentence(name, history),
    )


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    width = (high - low) or 1.0
    return lambda value: round(start + (value - low) / width * (end - start), 1)


def _mark(x_of: Scale, y_of: Scale, date: dt.date, value: float | None, text: str) -> HistoryMark | None:
    return None if value is None else HistoryMark(x_of(date.toordinal()), y_of(value), text)


def _lines(marks: Sequence[HistoryMark | None]) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for mark in marks:
        if mark is None:
            runs.append([])
        else:
            runs[-1].append(f"{mark.x},{mark.y}")
    return tuple(" ".join(run) for run in runs if len(run) > 1)


def _part_labels(
    area: HistoryMark | None, city: HistoryMark | None
) -> tuple[HistoryMark | None, HistoryMark | None]:
    """Move the two end labels apart where they would cover each other."""
    if area is None or city is None or abs(area.y - city.y) >= LABEL_GAP:
        return area, city
    middle, sign = (area.y + city.y) / 2, 1 if area.y > city.y else -1
    half = sign * LABEL_GAP / 2
    return HistoryMark(area.x, middle + half, area.text), HistoryMark(city.x, middle - half, city.text)


def _levels(low: float, high: float) -> list[float]:
    """Two to four round values between low and high."""
    step = 10.0 ** (len(str(int(max(high - low, 1e-9)))) - 1) if high - low >= 1 else 0.1
    while (high - low) / step > 4:
        step *= 2 if str(step).lstrip("0.")[:1] in "15" else 2.5
    first = -(-low // step) * step
    return [round(first + i * step, 6) for i in range(5) if first + i * step <= high + step * 0.01]


def _label_of(level: float) -> str:
    digits = 0 if float(level).is_integer() else 1
    return f"{level:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def _history_sentence(name: str, history: Sequence[HistoryPoint]) -> str:
    steps = "; ".join(
        f"{point.reference_date:%d.%m.%Y}: {point.area.text}, Stadt gesamt {point.city.text}"
        for point in history
    )
    return f"Verlauf {name}. {steps}."


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
