"""From what a person chose in the table of columns to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from microcells.domain.plan import ColumnSource, ReadingPlan
from microcells.domain.plan_check import Problem
from microcells.domain.schema import Schema

OPEN, ASIDE, FORMULA = "", "-", "="  # beside the English name of a field


@dataclass(frozen=True)
class Conversion:
    """How a single column becomes a field: multiplied by a factor, and with or by another field."""

    label: str
    factor: float = 1.0
    times: str = ""
    per: str = ""


CONVERSIONS = {
    "": Conversion("wie geliefert"),
    "x100": Conversion("× 100 (Anteil → Prozent)", 100.0),
    "x001": Conversion("× 0,01 (Prozent → Anteil)", 0.01),
    "of_persons": Conversion("Prozent der Einwohner → Anzahl", 0.01, times="persons"),
    "of_households": Conversion("Prozent der Haushalte → Anzahl", 0.01, times="households"),
    "share_of_households": Conversion("Anzahl → Prozent der Haushalte", 100.0, per="households"),
    "per_person": Conversion("Summe → je Einwohner", per="persons"),
}


@dataclass(frozen=True)
class Choice:
    """What a person chose for one heading.

    field: English name, or OPEN (nothing yet), ASIDE (not taken over), FORMULA (stays in its computation)
    """

    heading: str
    field: str
    conversion: str = ""


def conversion_of(source: ColumnSource) -> str | None:
    """The key of the conversion that a source of one heading uses; None if none is like it."""
    if len(source.headings) != 1:
        return None
    wanted = (source.factor, source.times, source.per)
    return next((key for key, one in CONVERSIONS.items() if (one.factor, one.times, one.per) == wanted), None)


def choices_of(plan: ReadingPlan, headings: Sequence[str]) -> list[Choice]:
    """How a plan looks in the table of columns: one choice per heading."""
    return [_choice_of(heading, plan) for heading in headings]


def _choice_of(heading: str, plan: ReadingPlan) -> Choice:
    own = [source for source in plan.columns if heading in source.headings]
    if not own:
        return Choice(heading, ASIDE if heading in plan.unused else OPEN)
    conversion = conversion_of(own[0])
    if len(own) > 1 or conversion is None:
        return Choice(heading, FORMULA)
    return Choice(heading, own[0].name, conversion)


def list_formulas(plan: ReadingPlan) -> tuple[ColumnSource, ...]:
    """The sources that the table of columns cannot show as one heading for one field."""
    shared = {
        choice.heading
        for choice in choices_of(plan, sorted({one for source in plan.columns for one in source.headings}))
        if choice.field == FORMULA
    }
    return tuple(source for source in plan.columns if set(source.headings) & shared)


def plan_from_choices(
    plan: ReadingPlan, choices: Sequence[Choice], added: frozenset[str], schema: Schema
) -> tuple[ReadingPlan, list[Problem]]:
    """The plan that a person's choices give, and what is still open in them.

    plan:  the plan that was shown; its formulas stay while all their headings stay in them
    added: English names of fields whose several columns are to be added up
    """
    chosen = {choice.heading: choice for choice in choices}
    formulas = [
        source
        for source in list_formulas(plan)
        if all(chosen[heading].field == FORMULA for heading in source.headings if heading in chosen)
    ]
    sources = [*formulas, *_direct(choices, added)]
    order = {column.name: place for place, column in enumerate(schema.columns)}
    sources.sort(key=lambda source: order[source.name])
    unused = tuple(choice.heading for choice in choices if choice.field == ASIDE)
    held = {heading for source in formulas for heading in source.headings}
    problems = [
        Problem(f"Die Spalte „{choice.heading}“ ist noch offen. Bitte ein Feld wählen.", choice.heading)
        for choice in choices
        if choice.field == OPEN
    ]
    problems += [
        Problem(
            f"Die Spalte „{choice.heading}“ gehört zu einer Rechnung, der jetzt eine Spalte fehlt. "
            "Bitte ein Feld wählen oder „nicht übernehmen“.",
            choice.heading,
        )
        for choice in choices
        if choice.field == FORMULA and choice.heading not in held
    ]
    return replace(plan, columns=tuple(sources), unused=unused), problems


def _direct(choices: Sequence[Choice], added: frozenset[str]) -> list[ColumnSource]:
    """One source per heading; columns that a person wants added up share one if they are converted alike."""
    sources: list[ColumnSource] = []
    for choice in choices:
        if choice.field in (OPEN, ASIDE, FORMULA):
            continue
        way = CONVERSIONS[choice.conversion]
        source = ColumnSource(choice.field, (choice.heading,), way.factor, way.times, way.per)
        fellow = next((one for one in sources if choice.field in added and _is_alike(one, source)), None)
        if fellow is None:
            sources.append(source)
        else:
            sources[sources.index(fellow)] = replace(fellow, headings=(*fellow.headings, choice.heading))
    return sources


def _is_alike(one: ColumnSource, other: ColumnSource) -> bool:
    return (one.name, one.factor, one.times, one.per) == (other.name, other.factor, other.times, other.per)
