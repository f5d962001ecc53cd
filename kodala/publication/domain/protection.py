"""From candidate figures to protected ones: primary rules, the cheapest secondary suppression, the audit.

Pure. All figures of a Datenstand – every indicator, place and date, with what was shown before – make one
table. The states that come out are the only thing that decides what anybody sees.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kodala.publication.domain.audit import Audit, audit
from kodala.publication.domain.figure_sums import Sums
from kodala.publication.domain.figure_table import (
    CELL,
    Content,
    Protection,
    add_rests,
    as_table,
    collect_cells,
    list_gaps,
    list_revealed,
)
from kodala.publication.domain.joining import areas_behind
from kodala.publication.domain.kept_back import FigureKey, completes_singles, is_kept_back
from kodala.publication.domain.rules import Rules, breaks_primary_rule, fall_of_alike
from kodala.publication.domain.suppression import (
    Effort,
    Pattern,
    UnprotectableError,
    ask_what_is_possible,
    refuse_hopeless,
    suppress,
)
from kodala.publication.domain.tables import Bools, Table, split
from kodala.publication.shown import FigureState

# A release waits a few seconds for the cheapest choice; a safe one takes a fraction of a second.
EFFORT = Effort(rounds=2, nodes=60, cells=2_000)
MOST_WORK = (
    200_000  # unsafe numbers times numbers that hang together; a city with many tables has some 60,000
)
NOTHING_SHOWN = pd.DataFrame(columns=["indicator", "area", "district", "date", "value", "kind", "joined"])


@dataclass(frozen=True)
class Definitions:
    """Everything signed that decides what may be shown."""

    rules: Rules
    content: Content
    protection: Protection


@dataclass(frozen=True)
class Guarded:
    """Protected figures and what proves them safe.

    figures:    the candidates in their order with a column state; value, lower and upper are NaN wherever the
                state has no value
    table, pattern, found: the numbers behind them, which of them are withheld, what the attackers found
    """

    figures: pd.DataFrame
    table: Table
    pattern: Pattern
    found: Audit

    @property
    def given_away(self) -> int:
        """Unsafe numbers that were public before and cannot be kept secret any more."""
        table = self.table
        return int((table.unsafe & (table.room_down + table.room_up == 0)).sum())


def protect(
    candidates: pd.DataFrame,
    definitions: Definitions,
    closed: Collection[str] = (),
    before: pd.DataFrame | None = None,
    kept_back: Collection[FigureKey] = (),
) -> Guarded:
    """Decide the state of every candidate figure and blank what may not be shown.

    candidates: one row per indicator, place and date: indicator, area (0 = whole city), district (0 = whole
                area), date, kind ("count", "share", "score"), value, lower, upper, numerator, denominator,
                status, persons, households (of the place), zero_is_public, is_free (says nothing about
                people), is_whole (a count in whole numbers), joined (all areas of a figure that they show
                together, else empty)
    closed:     indicators that may not be shown anywhere, because figures elsewhere would give them away
    before:     figures that other Datenstände showed: indicator, area, district, date, value, kind, joined
    kept_back:  figures that were withheld when these were protected under looser rules, or in another
                Datenstand of the date; shown now, they would complete what somebody kept from then

    Raises UnprotectableError if no choice of figures is safe.
    Source: privacy rules of this project; Hundepool et al. 2012, ch. 4; Fischetti and Salazar 2001.
    """
    figures = candidates.reset_index(drop=True)
    older = NOTHING_SHOWN if before is None else before
    figures["state"] = _first_states(figures)
    is_unsafe = breaks_primary_rule(figures, definitions.rules)
    is_unsafe |= _may_say_nobody(figures, is_unsafe)
    is_closed = figures["indicator"].isin(closed) | is_kept_back(figures, kept_back)
    is_closed = (is_closed | completes_singles(figures, older)) & figures["value"].notna()
    falls = fall_of_alike(figures, definitions.rules)
    told = list_revealed(figures.assign(is_unsafe=is_unsafe, fall=falls), definitions.content)
    cells, known = _cells(told, older, definitions)
    joined = sorted({tuple(own) for own in [*figures["joined"], *older["joined"]] if len(own)})
    sums = list(Sums(cells, definitions.content, joined))
    table, pattern, found = _withhold(cells, sums, known, definitions.protection)
    is_hidden = _figures_behind(told, cells[pattern.hidden], len(figures))
    figures.loc[is_hidden | is_unsafe | is_closed, "state"] = FigureState.PROTECTED.value
    is_open = figures["state"].isin([FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE])
    figures.loc[~is_open, ["value", "lower", "upper"]] = np.nan
    return Guarded(figures, table, pattern, found)


def _first_states(figures: pd.DataFrame) -> pd.Series[str]:
    """States before anything is withheld."""
    is_missing = figures["value"].isna()
    states = pd.Series(FigureState.VALUE.value, index=figures.index)
    states[figures["value"] == 0] = FigureState.ZERO.value
    states[figures["status"] == "uncertain"] = FigureState.UNRELIABLE.value
    states[is_missing] = FigureState.NOT_DELIVERED.value
    states[is_missing & (figures["denominator"] == 0)] = FigureState.NOT_MEANINGFUL.value
    return states


def _may_say_nobody(figures: pd.DataFrame, is_unsafe: pd.Series[bool]) -> pd.Series[bool]:
    """What is missing beside an unsafe figure, though other places have it: its base may be a withheld 0."""
    own = figures[["district", "date"]].assign(area=areas_behind(figures), small=is_unsafe).explode("area")
    beside = own.groupby(["area", "district", "date"])["small"].transform("any").groupby(level=0).any()
    is_had = figures["value"].notna().groupby(figures["indicator"]).transform("any")
    return figures["value"].isna() & ~figures["is_free"] & is_had & beside


def _cells(told: pd.DataFrame, before: pd.DataFrame, definitions: Definitions) -> tuple[pd.DataFrame, Bools]:
    """The cells of the table, also those that only older Datenstände show, and which were shown before."""
    cells, count_min = collect_cells(told, definitions.protection), definitions.rules.count_min
    if before.empty:
        cells = pd.concat([cells, list_gaps(cells, told, count_min)], ignore_index=True)
        cells = add_rests(cells, definitions.content, count_min)
        return cells, np.zeros(len(cells), dtype=np.bool_)
    shown = before.assign(
        is_unsafe=False, is_free=False, is_whole=False, numerator=np.nan, denominator=np.nan
    )
    # What a share gave away is known to others, but not here how much it was.
    shown = list_revealed(shown.assign(persons=np.nan), definitions.content)
    shown = shown.assign(is_vague=shown["amount"].isna(), amount=shown["amount"].fillna(0.0))
    older = collect_cells(shown, definitions.protection)
    both = pd.concat([cells, older]).drop_duplicates(CELL, ignore_index=True)
    both = pd.concat([both, list_gaps(both, told, count_min)], ignore_index=True)
    both = add_rests(both.sort_values(CELL, ignore_index=True), definitions.content, count_min)
    keys = pd.MultiIndex.from_frame(both[CELL])
    return both, np.asarray(keys.isin(pd.MultiIndex.from_frame(older[CELL])))


def _withhold(
    cells: pd.DataFrame, sums: list[Mapping[int, float]], known: Bools, protection: Protection
) -> tuple[Table, Pattern, Audit]:
    """The true table, what is withheld of it, and what attackers find.

    The choice looks at orders of size only, so that it says nothing of withheld numbers; should the audit
    object to that choice, the true numbers decide.
    """
    known = known | _given_away(cells, sums, known, protection)
    true = as_table(cells, sums, known, protection, is_true=True)
    closed = _hopelessly_many(true, known)
    rest = np.flatnonzero(~closed)
    part = true.take(rest)
    rough = ask_what_is_possible(as_table(cells, sums, known, protection, is_true=False).take(rest))
    pattern = suppress(rough, EFFORT)
    found = audit(part, pattern.hidden)
    if found.leaks:
        pattern = suppress(part, EFFORT)
        found = audit(part, pattern.hidden)
    hidden = closed & true.is_public
    hidden[rest] = pattern.hidden
    return true, replace(pattern, hidden=hidden), found


def _hopelessly_many(table: Table, known: Bools) -> Bools:
    """Numbers that hang together and of which so many are unsafe that looking for a choice takes too long.

    All of them are withheld. Then nothing that is shown speaks of them, so nothing can be computed.
    """
    closed = np.zeros(len(table), dtype=np.bool_)
    for group in split(table):
        if int(table.unsafe[group].sum()) * len(group) > MOST_WORK and not known[group].any():
            closed[group] = True
    return closed


def _given_away(
    cells: pd.DataFrame, sums: list[Mapping[int, float]], known: Bools, protection: Protection
) -> Bools:
    """Cells that follow from what was shown before, whatever is withheld now; without such, none."""
    lost = np.zeros(len(cells), dtype=np.bool_)
    while known.any():
        try:
            refuse_hopeless(as_table(cells, sums, known | lost, protection, is_true=True))
        except UnprotectableError as error:
            open_keys = set(error.keys)
            lost |= np.array([key in open_keys for key in cells[CELL].itertuples(index=False, name=None)])
        else:
            break
    return lost


def _figures_behind(told: pd.DataFrame, cells: pd.DataFrame, n_figures: int) -> Bools:
    """Which figures give away any of these cells."""
    keys = pd.MultiIndex.from_frame(told[CELL])
    hit = keys.isin(pd.MultiIndex.from_frame(cells[CELL]))
    return np.bincount(told.loc[hit, "figure"], minlength=n_figures) > 0
