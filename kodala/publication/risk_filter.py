"""The risk filter: which areas lie in the chosen fixed classes of several indicators."""

from __future__ import annotations

from collections.abc import Sequence

from kodala.publication.area_panel import type_sentence
from kodala.publication.definitions import indicators
from kodala.publication.shown import Criterion, FigureState, FilterMatch, FilterResult, ShownFigure
from kodala.publication.values import Values
from microcells.models import ObservationArea


def match_areas(values: Values, criteria: Sequence[Criterion], context_code: str) -> FilterResult:
    """Areas to which every criterion applies, alphabetically.

    An area with a withheld figure in any criterion is named under `protected_areas`, whatever its other
    figures say, so that nothing follows from being or not being a match.
    """
    codes = [criterion.indicator for criterion in criteria] or [context_code]
    matches, protected, missing = [], [], []
    for area in values.areas:
        figures = tuple(values.shown(indicators()[code], area.number) for code in codes)
        classes = {figure.class_code for figure in figures}
        if "protected" in classes:
            protected.append(area.name)
        elif "missing" in classes:
            missing.append(area.name)
        elif _applies(figures, criteria):
            matches.append(_match(values, area, figures))
    return FilterResult(tuple(matches), tuple(protected), tuple(missing), len(values.areas), tuple(criteria))


def _applies(figures: tuple[ShownFigure, ...], criteria: Sequence[Criterion]) -> bool:
    return all(figure.class_code in own.classes for figure, own in zip(figures, criteria, strict=False))


def _why_no_type(values: Values, area_number: int) -> str:
    """Say that types are withheld or joint; a dash would look like "none stands out"."""
    figure = values.shown(indicators()["type_1"], area_number)
    if figure.state == FigureState.PROTECTED:
        return "Die Typen sind geschützt."
    return f"Die Typen stehen nur {figure.joined}." if figure.joined else ""


def _match(values: Values, area: ObservationArea, figures: tuple[ShownFigure, ...]) -> FilterMatch:
    return FilterMatch(
        area.number,
        area.name,
        figures,
        type_sentence(values, area.number) or _why_no_type(values, area.number),
        values.shown(indicators()["debtors"], area.number),
    )
