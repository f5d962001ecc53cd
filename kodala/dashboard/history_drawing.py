"""Where strokes and words of the history stand: an area over time, the city and other regions. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kodala.publication.shown import HistoryPoint
from kodala.publication.shown_series import BreakMark, ComparisonRow
from kodala.statistics.method_breaks import Break, stretches

Scale = Callable[[float], float]
Timed = tuple[dt.date, float | None]
LEFT, RIGHT, TOP = 40.0, 268.0, 14.0
LOW, HIGH = 104, 148  # heights of the drawing, without and with other regions
FOOT = 22.0  # room for the years below the lines
LABEL_GAP = 13.0
MOST_DATES = 6
NBSP = "\N{NO-BREAK SPACE}"
DRAWN_REGIONS = ("district", "state", "country")


@dataclass(frozen=True)
class HistoryMark:
    """One point in the drawing, with its words."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class HistoryLine:
    """A line of a kind ("area", "chained", "city", "district", "state", "country") and its lone points."""

    kind: str
    points: tuple[str, ...]
    dots: tuple[HistoryMark, ...]


@dataclass(frozen=True)
class HistoryLabel:
    """What stands at the right end of a line."""

    kind: str
    y: float
    text: str


@dataclass(frozen=True)
class HistoryDrawing:
    """A line drawing 344 wide; a withheld value and a change of method leave a gap in a line.

    breaks: a stroke for each change of method, words at the first one only
    """

    height: int
    floor: float
    lines: tuple[HistoryLine, ...]
    area_marks: tuple[HistoryMark, ...]
    labels: tuple[HistoryLabel, ...]
    breaks: tuple[HistoryMark, ...]
    dates: tuple[HistoryMark, ...]
    levels: tuple[HistoryMark, ...]
    sentence: str


def draw_history(
    name: str,
    history: Sequence[HistoryPoint],
    *,
    has_city: bool,
    breaks: Sequence[BreakMark] = (),
    rows: Sequence[ComparisonRow] = (),
) -> HistoryDrawing | None:
    """Draw an area over time; None with fewer than two shown values.

    has_city: also draw city and regions; not for counts, beside which the area would lie flat on the ground
    """
    series = _series(history, rows) if has_city else _series(history, ())[:2]
    own = [
        value for kind, timed in series if kind in ("area", "city") for _, value in timed if value is not None
    ]
    values = [value for _, timed in series for _, value in timed if value is not None]
    if len(history) < 2 or len(own) < 2:
        return None
    height = HIGH if len(series) > 3 else LOW
    x_of = _scale(history[0].reference_date.toordinal(), history[-1].reference_date.toordinal(), LEFT, RIGHT)
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or max(abs(high), 1.0) * 0.1
    y_of = _scale(low - room, high + room, height - FOOT, TOP)
    years = [mark.year for mark in breaks]
    texts = {"area": history[-1].area.label, "city": f"Stadt {history[-1].city.label}"} | {
        row.region: f"{row.short_label} {row.values[-1].text.split(NBSP)[0]}"
        for row in rows
        if row.region in DRAWN_REGIONS
    }
    return HistoryDrawing(
        height=height,
        floor=height - 4.0,
        lines=tuple(_line(kind, timed, years, x_of, y_of) for kind, timed in series),
        area_marks=tuple(
            HistoryMark(x_of(point.reference_date.toordinal()), y_of(point.area.value), point.area.label)
            for point in history
            if point.area.value is not None
        ),
        labels=_labels(series, history, texts, y_of, height - FOOT),
        breaks=_strokes(years, x_of),
        dates=_dates(history, x_of, height - 4.0),
        levels=tuple(HistoryMark(LEFT, y_of(level), _label_of(level)) for level in _levels(low, high)),
        sentence=_sentence(name, history, breaks, rows if has_city else ()),
    )


def _series(history: Sequence[HistoryPoint], rows: Sequence[ComparisonRow]) -> list[tuple[str, list[Timed]]]:
    """What is drawn: the area, what is chained, the city, and regions with values in the same years."""
    dates = [point.reference_date for point in history]
    found: list[tuple[str, list[Timed]]] = [
        ("area", _parted(history, [point.area.value for point in history])),
        ("chained", _parted(history, [point.chained for point in history])),
        ("city", [(point.reference_date, point.city.value) for point in history]),
    ]
    for row in rows:
        inside: list[Timed] = [
            (one.reference_date, one.value)
            for one in row.values
            if dates and dates[0] <= one.reference_date <= dates[-1]
        ]
        if row.region in DRAWN_REGIONS and inside:
            found.append((row.region, inside))
    return found


def _parted(history: Sequence[HistoryPoint], values: Sequence[float | None]) -> list[Timed]:
    """The values with a gap where the area's figure becomes a joint one, or its own again."""
    timed: list[Timed] = []
    for at, (point, value) in enumerate(zip(history, values, strict=True)):
        if at and point.area.joined != history[at - 1].area.joined:
            timed.append((point.reference_date, None))
        timed.append((point.reference_date, value))
    return timed


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    width = (high - low) or 1.0
    return lambda value: round(start + (value - low) / width * (end - start), 1)


def _line(kind: str, timed: Sequence[Timed], years: Sequence[int], x_of: Scale, y_of: Scale) -> HistoryLine:
    """Connected points; chained values lead across a change of method, all others stop there."""
    breaks = [] if kind == "chained" else [Break(year) for year in years]
    runs: list[list[HistoryMark]] = []
    for stretch in stretches([date.year for date, _ in timed], breaks):
        runs.append([])
        for date, value in (timed[at] for at in stretch):
            if value is None:
                runs.append([])
            else:
                runs[-1].append(HistoryMark(x_of(date.toordinal()), y_of(value), ""))
    lines = tuple(" ".join(f"{mark.x},{mark.y}" for mark in run) for run in runs if len(run) > 1)
    return HistoryLine(kind, lines, tuple(run[0] for run in runs if len(run) == 1))


def _labels(
    series: Sequence[tuple[str, list[Timed]]],
    history: Sequence[HistoryPoint],
    texts: dict[str, str],
    y_of: Scale,
    lowest: float,
) -> tuple[HistoryLabel, ...]:
    """The end of each line in words; the area and the city only where their last value is shown."""
    last = {"area": history[-1].area.value, "city": history[-1].city.value}
    found = []
    for kind, timed in series:
        value = last[kind] if kind in last else next((v for _, v in reversed(timed) if v is not None), None)
        if value is not None and kind in texts:
            found.append(HistoryLabel(kind, y_of(value), texts[kind]))
    return tuple(_part(found, lowest))


def _part(labels: Iterable[HistoryLabel], lowest: float) -> list[HistoryLabel]:
    """Move labels apart where they would cover each other: downwards, then up again from the floor."""
    placed: list[HistoryLabel] = []
    for label in sorted(labels, key=lambda one: one.y):
        above = placed[-1].y + LABEL_GAP if placed else label.y
        placed.append(HistoryLabel(label.kind, max(label.y, above), label.text))
    below = lowest + LABEL_GAP
    for at in range(len(placed) - 1, -1, -1):
        y = min(placed[at].y, below - LABEL_GAP)
        placed[at] = HistoryLabel(placed[at].kind, round(y, 1), placed[at].text)
        below = y
    return placed


def _strokes(years: Sequence[int], x_of: Scale) -> tuple[HistoryMark, ...]:
    places = [min(max(x_of(dt.date(year, 1, 1).toordinal()), LEFT), RIGHT) for year in years]
    return tuple(HistoryMark(x, TOP - 4.0, "" if at else "Methodenwechsel") for at, x in enumerate(places))


def _dates(history: Sequence[HistoryPoint], x_of: Scale, y: float) -> tuple[HistoryMark, ...]:
    """The years below the lines, not more than fit; the last one is always there."""
    step = -(-len(history) // MOST_DATES)
    chosen = [point for at, point in enumerate(reversed(history)) if at % step == 0]
    return tuple(
        HistoryMark(x_of(point.reference_date.toordinal()), y, str(point.reference_date.year))
        for point in reversed(chosen)
    )


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


def _sentence(
    name: str, history: Sequence[HistoryPoint], breaks: Sequence[BreakMark], rows: Sequence[ComparisonRow]
) -> str:
    steps = "; ".join(
        f"{point.reference_date:%d.%m.%Y}: {point.area.text}, Stadt gesamt {point.city.text}"
        for point in history
    )
    ends = "; ".join(
        f"{row.label} {row.values[-1].reference_date.year}: {row.values[-1].text}" for row in rows
    )
    regions = f" Veröffentlichte Vergleichswerte: {ends}." if ends else ""
    return " ".join([f"Verlauf {name}. {steps}.{regions}", *(mark.text for mark in breaks)])
