"""The risk filter: which areas lie in the chosen fixed classes of several indicators."""

from __future__ import annotations

from collections.abc import Sequence

from kodala.publication.area_panel import type_sentence
from kodala.publication.definitions import TYPE_CODES, indicators
from kodala.publication.domain.wording import names_in_a_row
from kodala.publication.shown import Criterion, FigureState, FilterMatch, FilterResult, ShownFigure
from kodala.publication.values import Values
from microcells.models import ObservationArea

REASONS = ("protected", "missing")  # why an area cannot be tested; the first one that holds is told
Units = dict[tuple[int, ...], list[ObservationArea]]


def match_areas(values: Values, criteria: Sequence[Criterion], context_code: str) -> FilterResult:
    """Areas to which every criterion applies, alphabetically.

    An area with a withheld figure in any criterion is named under `protected_areas`, whatever its other
    figures say, so that nothing follows from being or not being a match. Areas that show the wanting figure
    together count once there.
    """
    codes = [criterion.indicator for criterion in criteria] or [context_code]
    matches: list[FilterMatch] = []
    untested: dict[str, Units] = {reason: {} for reason in REASONS}
    for area in values.areas:
        figures = tuple(values.shown(indicators()[code], area.number) for code in codes)
        classes = {figure.class_code for figure in figures}
        reason = next((own for own in REASONS if own in classes), "")
        if reason:
            wanting = [code for code, own in zip(codes, figures, strict=True) if own.class_code == reason]
            untested[reason].setdefault(_unit(values, wanting, area.number), []).append(area)
        elif _applies(figures, criteria):
            matches.append(_match(values, area, figures))
    names = {reason: _unit_names(units) for reason, units in untested.items()}
    numbers = {
        reason: frozenset(area.number for own in units.values() for area in own)
        for reason, units in untested.items()
    }
    return FilterResult(
        matches=tuple(matches),
        protected_areas=names["protected"],
        missing_areas=names["missing"],
        area_count=len(values.areas),
        criteria=tuple(criteria),
        protected_numbers=numbers["protected"],
        missing_numbers=numbers["missing"],
    )


def _unit(values: Values, wanting: Sequence[str], number: int) -> tuple[int, ...]:
    """The areas that lack the same figure together; the area alone if it lacks one of its own too."""
    own = {tuple(sorted((number, *values.partners(indicators()[code], number)))) for code in wanting}
    return own.pop() if len(own) == 1 else (number,)


def _unit_names(units: Units) -> tuple[str, ...]:
    return tuple(names_in_a_row([area.name for area in own]) for own in units.values())


def _applies(figures: tuple[ShownFigure, ...], criteria: Sequence[Criterion]) -> bool:
    return all(figure.class_code in own.classes for figure, own in zip(figures, criteria, strict=False))


def _why_no_type(values: Values, area_number: int) -> str:
    """Say that types are withheld or joint; a dash would look like "none stands out".

    One withheld type of the area or of the city, against which it is told, is enough to say nothing.
    """
    own = [values.shown(indicators()[code], area_number) for code in TYPE_CODES]
    city = [values.shown(indicators()[code], None) for code in TYPE_CODES]
    if all(figure.state == FigureState.PROTECTED for figure in own):
        return "Die Typen sind geschützt."
    if any(figure.state == FigureState.PROTECTED for figure in own + city):
        return "Die Typen sind teilweise geschützt."
    joined = next((figure.joined for figure in own if figure.joined), "")
    return f"Die Typen stehen nur {joined}." if joined else ""


def _match(values: Values, area: ObservationArea, figures: tuple[ShownFigure, ...]) -> FilterMatch:
    return FilterMatch(
        area.number,
        area.name,
        figures,
        type_sentence(values, area.number) or _why_no_type(values, area.number),
        values.shown(indicators()["debtors"], area.number),
    )
