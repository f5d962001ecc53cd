"""Numbers and states in German words; the one place that rounds and writes them."""

from __future__ import annotations

import math

from kodala.core.german import german_number
from kodala.publication.shown import FigureState

NARROW = "\u00a0"  # keeps number and unit on one line
# Which of the two it is would say something about the figure.
WHY_PROTECTED = "zu klein oder nötig, um eine andere Zahl zu schützen"
STATE_WORDS = {
    FigureState.PROTECTED: "geschützt",
    FigureState.NOT_DELIVERED: "nicht geliefert",
    FigureState.NOT_MEANINGFUL: "nicht sinnvoll",
}
STATE_SENTENCES = {
    FigureState.PROTECTED: f"geschützt: {WHY_PROTECTED}",
    FigureState.NOT_DELIVERED: "nicht geliefert",
    FigureState.NOT_MEANINGFUL: "nicht sinnvoll, weil es hier niemanden gibt, auf den sich der Wert bezieht",
}


def has_value(state: FigureState) -> bool:
    """Whether a figure in this state carries a number."""
    return state in (FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE)


def signed_number(value: float, decimals: int) -> str:
    """A difference with its sign; "±0,0" if it rounds to nothing."""
    text = german_number(value, decimals)
    if not any(digit in "123456789" for digit in text):
        return f"±{text}"
    return text if text.startswith("−") else f"+{text}"


def with_unit(number: str, unit: str) -> str:
    """The number with its unit; per cent and points stand beside it, persons and households too."""
    return f"{number}{NARROW}{unit}" if unit else number


def round_published(value: float, decimals: int, round_to: int) -> float:
    """Round as published: to `decimals` places, or to a multiple of `round_to` for counts; halves go up."""
    if round_to > 1:
        return float(math.floor(value / round_to + 0.5) * round_to)
    factor = 10.0**decimals
    # The tiny addend keeps a stored 7.25, which is 7.2499…, from being rounded down.
    return math.floor(abs(value) * factor + 0.5 + 1e-9) / factor * (1.0 if value >= 0 else -1.0)


def interval_words(lower: float | None, upper: float | None, decimals: int, unit: str) -> str:
    """ "12,8 bis 13,5 %", or "" where there is no interval."""
    if lower is None or upper is None:
        return ""
    return f"{german_number(lower, decimals)} bis {with_unit(german_number(upper, decimals), unit)}"


def joined_words(names: tuple[str, ...] | list[str], kind: str) -> str:
    """ "gemeinsam mit A und B", "" for a figure of one area alone; a count says whose number it is."""
    if not names:
        return ""
    words = f"gemeinsam mit {names_in_a_row(names)}"
    if kind != "count":
        return words
    return f"{words}, Zahl für {'beide' if len(names) == 1 else 'alle'} zusammen"


def names_in_a_row(names: tuple[str, ...] | list[str]) -> str:
    """ "A, B und C"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} und {names[-1]}"
