"""Classes of the map: letters, words, places along the legend. Limits are given, never computed here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kodala.core.german import german_number
from kodala.publication.shown import FigureState
from kodala.statistics.classes import class_of

CODES = ("a", "b", "c", "d", "e")
LEGEND_WIDTH = 100.0


def class_code(value: float | None, state: FigureState, limits: Sequence[float]) -> str:
    """The class of a published value: "a" … "e", "protected" or "missing"."""
    if state == FigureState.PROTECTED:
        return "protected"
    place = class_of(value, limits)
    return "missing" if place is None else CODES[place]


def class_letter(code: str) -> str:
    """What stands in the field of a class."""
    return {"protected": "•", "missing": "…"}.get(code, code.upper())


def class_texts(limits: Sequence[float], decimals: int) -> list[str]:
    """The ranges in words; an upper limit belongs to the lower class."""
    words = [german_number(limit, decimals) for limit in limits]
    if not words:
        return ["alle Werte"]
    between = [f"> {low} bis {high}" for low, high in pairwise(words)]
    return [f"bis {words[0]}", *between, f"über {words[-1]}"]


def position(value: float, limits: Sequence[float]) -> float:
    """Where a value lies along the legend, 0 … 100: classes are equally wide, inside linear.

    The open first and last class are as wide in value as their neighbours; values beyond stop at the edge.
    """
    if not limits:
        return LEGEND_WIDTH / 2
    field = LEGEND_WIDTH / (len(limits) + 1)
    step = limits[1] - limits[0] if len(limits) > 1 else abs(limits[0]) or 1.0
    last_step = limits[-1] - limits[-2] if len(limits) > 1 else step
    edges = [limits[0] - step, *limits, limits[-1] + last_step]
    index = class_of(value, limits) or 0
    low, high = edges[index], edges[index + 1]
    inside = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(field * (index + inside), 2)
