"""Which display cells show their class: the rules of each cell, and what an outsider could work out.

Pure: sums of display cells go in, states and classes come out. Only classes are ever shown, no number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kodala.publication.domain.legend import CODES
from kodala.publication.shown import FigureState
from kodala.statistics.aggregation import CERTAIN_COVERAGE
from kodala.statistics.classes import RELATIVE_GUARD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ROUND_OFF = 1e-6  # persons; sums of thousands of decimals differ by less


@dataclass(frozen=True)
class DisplayRules:
    """The numbers of the disclosure rules for display cells; source: definitions.toml of this room."""

    households_min: int
    count_min: int
    base_min: int
    small_unit_households: int
    share_low: float
    share_high: float
    alike_fall: float


@dataclass(frozen=True)
class Scale:
    """How a share becomes a class: inner limits in per cent, ascending, and the decimals it is rounded to."""

    limits: tuple[float, ...]
    decimals: int

    def place(self, shares: Floats) -> Ints:
        """Class of each share in per cent, 0 = lowest, rounded as published; a limit is the lower class's."""
        factor = 10.0**self.decimals
        rounded = np.floor(shares * factor + 0.5 + RELATIVE_GUARD) / factor
        return np.searchsorted(np.array(self.limits), rounded * (1.0 - RELATIVE_GUARD), side="left")

    def bounds(self, place: Ints) -> tuple[Floats, Floats]:
        """Smallest and largest share in per cent that rounding brings into a class; the last ends at 100."""
        step = 10.0**-self.decimals
        inner = np.floor(np.array(self.limits) / step + RELATIVE_GUARD) * step + step / 2
        return np.append(0.0, inner)[place], np.append(inner, 100.0)[place]


@dataclass(frozen=True)
class Protection:
    """What may be shown of the display cells, and the proof.

    cells:             as given, with `state` and `class_code`
    smallest_interval: persons; the shortest range to which an outsider can narrow down a withheld cell of
                       an area that shows others; None if there is no such cell
    areas_closed:      areas that show nothing, because nothing less would have protected a cell
    """

    cells: pd.DataFrame
    smallest_interval: float | None
    areas_closed: int


def protect_display_cells(
    cells: pd.DataFrame,
    totals: Mapping[int, float | None],
    scale: Scale,
    rules: DisplayRules,
    divided: Collection[int] = (),
) -> Protection:
    """Decide which display cells show their class.

    cells:  one row per display cell, ascending by number: area, number, households, numerator, denominator,
            coverage (0 … 1); was_shown, was_withheld: in another Datenstand of the same date
    totals: numerator of each area whose own figure is shown; None if that is not delivered or has no
            meaning; areas that are absent have a protected figure
    scale:  fixed classes of the map
    divided: areas whose districts show figures as well: further sums of cells, which are not known here

    1. A cell is withheld if it has too few households, too small a base, numerator or rest, or lies outside
       the band; if it was withheld before; if its area's figure is protected.
    2. The outsider knows every denominator, each shown class, these rules, and the exact total of the area.
       What he can work out for a withheld numerator N must reach from N - count_min to N + count_min, cut at
       0 and at the denominator; where nearly all of few households have something, further down. Until it
       does, more cells of the area are withheld, the smallest denominators first: an order of numerators
       would itself tell that the withheld ones are small.
    3. In an area whose districts show figures all cells are withheld as soon as one is.
    Source: Hundepool et al. 2012, ch. 4 (interval protection of one linear table).
    """
    table = cells.reset_index(drop=True)
    withheld = breaks_cell_rule(table, rules) | table["was_withheld"].to_numpy(np.bool_)
    missing = ~withheld & (table["coverage"].to_numpy(np.float64) < CERTAIN_COVERAGE)
    low, high = shown_bounds(table, scale, rules)
    widths, n_closed = [], 0
    for area, rows in table.groupby("area", sort=True).indices.items():
        total = totals.get(int(area))  # type: ignore[call-overload]
        if area not in totals:
            withheld[rows], missing[rows] = True, False
        elif total is None:
            missing[rows] = ~withheld[rows]
        else:
            one = _Area(table.iloc[rows], low[rows], high[rows], total, rules)
            hidden = one.withhold(withheld[rows] | missing[rows])
            hidden |= int(area) in divided and bool(hidden.any())  # type: ignore[call-overload]
            n_closed += bool(hidden.all() and not (withheld | missing)[rows].all())
            withheld[rows] |= hidden & ~missing[rows]
            widths += one.widths(hidden)
    return Protection(_with_states(table, withheld, missing, scale), min(widths, default=None), n_closed)


def breaks_cell_rule(cells: pd.DataFrame, rules: DisplayRules) -> Bools:
    """Mark display cells that are unsafe for their own sake."""
    households, numerator, base = (
        cells[name].to_numpy(np.float64) for name in ("households", "numerator", "denominator")
    )
    share = np.divide(numerator, base, out=np.zeros(len(cells)), where=base > 0)
    outside_band = (households < rules.small_unit_households) & (
        (share < rules.share_low) | (share > rules.share_high)
    )
    small_part = (numerator < rules.count_min) | (base - numerator < rules.count_min)
    small = (households < rules.households_min) | (base < rules.base_min)
    is_missing = (cells["coverage"].to_numpy(np.float64) < CERTAIN_COVERAGE) & ~small
    return np.asarray((small | small_part | outside_band) & ~is_missing, dtype=np.bool_)


def needed_falls(cells: pd.DataFrame, rules: DisplayRules) -> Floats:
    """Persons by which an outsider must think each numerator possibly lower; shape (n,).

    Above the band it is so much that the middle of what he thinks possible is at most the band's upper end.
    """
    households, numerator, base = (
        cells[name].to_numpy(np.float64) for name in ("households", "numerator", "denominator")
    )
    is_above = (households < rules.small_unit_households) & (numerator > rules.share_high * base)
    room_above = (1 - rules.share_high) * base
    return np.maximum(rules.count_min, np.where(is_above, rules.alike_fall * room_above, 0.0))


def shown_bounds(cells: pd.DataFrame, scale: Scale, rules: DisplayRules) -> tuple[Floats, Floats]:
    """Smallest and largest numerator that a shown cell's class and the rules leave open.

    A cell that was shown under looser rules may lie beyond today's; the bounds then reach as far as it does.
    """
    numerator = cells["numerator"].to_numpy(np.float64)
    base = cells["denominator"].to_numpy(np.float64)
    low, high = scale.bounds(_places(cells, scale))
    is_small = cells["households"].to_numpy(np.float64) < rules.small_unit_households
    low = np.maximum(low / 100.0, np.where(is_small, rules.share_low, 0.0)) * base
    high = np.minimum(high / 100.0, np.where(is_small, rules.share_high, 1.0)) * base
    low, high = np.maximum(low, rules.count_min), np.minimum(high, base - rules.count_min)
    return np.minimum(low, numerator), np.maximum(high, numerator)


def class_codes(cells: pd.DataFrame, scale: Scale) -> NDArray[np.object_]:
    """The code of each cell's class; cells: numerator, denominator."""
    return np.array(CODES, dtype=object)[_places(cells, scale)]


def _places(cells: pd.DataFrame, scale: Scale) -> Ints:
    base = cells["denominator"].to_numpy(np.float64)
    numerator = cells["numerator"].to_numpy(np.float64)
    return scale.place(100.0 * np.divide(numerator, base, out=np.zeros(len(cells)), where=base > 0))


def _with_states(table: pd.DataFrame, withheld: Bools, missing: Bools, scale: Scale) -> pd.DataFrame:
    return table.assign(
        state=np.select(
            [withheld, missing],
            [FigureState.PROTECTED.value, FigureState.NOT_DELIVERED.value],
            FigureState.VALUE.value,
        ),
        class_code=np.select([withheld, missing], ["protected", "missing"], class_codes(table, scale)),
    )


class _Area:
    """The display cells of one area as one equation: their numerators add up to its total."""

    def __init__(
        self, cells: pd.DataFrame, low: Floats, high: Floats, total: float, rules: DisplayRules
    ) -> None:
        self._own, self._base = (cells[name].to_numpy(np.float64) for name in ("numerator", "denominator"))
        self._was_shown = cells["was_shown"].to_numpy(np.bool_)
        self._low, self._high, self._total, self._margin = low, high, total, float(rules.count_min)
        self._lowest = np.maximum(self._own - needed_falls(cells, rules), 0.0)

    def withhold(self, hidden: Bools) -> Bools:
        """The given cells and as many more as protect them, at worst all."""
        hidden = hidden.copy()
        if not hidden.any():
            return hidden
        order = np.argsort(self._base, kind="stable")
        for place in order[~hidden[order]].tolist():
            if self._is_safe(hidden):
                break
            hidden[place] = True
        return hidden

    def reach(self, hidden: Bools) -> tuple[Floats, Floats]:
        """What an outsider can narrow down each numerator to, if it is one of the hidden ones."""
        is_open = hidden & ~self._was_shown  # what was shown before is still known
        low = np.where(is_open, 0.0, self._low)
        high = np.where(is_open, self._base, self._high)
        least = self._total - (high.sum() - high)
        most = self._total - (low.sum() - low)
        return np.maximum(low, least), np.minimum(high, most)

    def _is_safe(self, hidden: Bools) -> bool:
        least, most = self.reach(hidden)
        is_low = least <= self._lowest + ROUND_OFF
        is_high = most >= np.minimum(self._own + self._margin, self._base) - ROUND_OFF
        return bool((is_low & is_high)[hidden & ~self._was_shown].all())

    def widths(self, hidden: Bools) -> list[float]:
        """Lengths of the ranges of the hidden cells, if the area shows others."""
        if hidden.all():
            return []
        least, most = self.reach(hidden)
        return [float(width) for width in (most - least)[hidden & ~self._was_shown]]


def count_classes(cells: pd.DataFrame, n_classes: int) -> Mapping[str, int]:
    """How many display cells of a protected table fall into each class, and how many show none."""
    counts = cells["class_code"].value_counts()
    codes: Sequence[str] = (*CODES[:n_classes], "protected", "missing")
    return {code: int(counts.get(code, 0)) for code in codes}
