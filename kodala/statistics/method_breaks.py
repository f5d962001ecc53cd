"""Changes and series across years in which the method changed: raw, adjusted, chained. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Break:
    """From this year on values come from another method.

    factor: value by the new method divided by the value by the old one, for the same moment; None = unknown
    effect: what the new method alone adds to a number, in its unit; None = unknown
    """

    year: int
    factor: float | None = None
    effect: float | None = None

    @property
    def is_bridged(self) -> bool:
        """Whether values on both sides can be compared."""
        return self.factor is not None or self.effect is not None


@dataclass(frozen=True)
class Change:
    """A change between two years; never raw alone across a break.

    raw:       after - before; None across a break that nothing bridges
    adjusted:  the same without the effect of the method; equals raw where there is no break
    is_broken: a break lies between that nothing bridges: status "methodenbruch"
    crosses:   a break lies between
    """

    raw: float | None
    adjusted: float | None
    is_broken: bool
    crosses: bool


def breaks_between(breaks: Sequence[Break], first_year: int, last_year: int) -> list[Break]:
    """The breaks that lie between two years: a value of the break's own year is already the new method's."""
    return [own for own in breaks if first_year < own.year <= last_year]


def change_across(
    before: float, after: float, crossed: Sequence[Break], *, is_backwards: bool = False
) -> Change:
    """The change from `before` to `after` across the breaks between them, by the older method.

    is_backwards: `after` describes the earlier year, as when an older delivery replaces a newer one
    Example: 8.48 to 8.15 per cent across the break of 2023 (8.15 instead of 8.51) is -0.33 raw and
    +0.03 adjusted.
    Source: methods §3.5 (i) and (iii).
    """
    if is_backwards:
        forwards = change_across(after, before, crossed)
        raw, adjusted = (None if own is None else -own for own in (forwards.raw, forwards.adjusted))
        return replace(forwards, raw=raw, adjusted=adjusted)
    if not all(own.is_bridged for own in crossed):
        return Change(None, None, is_broken=True, crosses=True)
    by_old_method = after
    for own in sorted(crossed, key=lambda one: -one.year):
        by_old_method = by_old_method / own.factor if own.factor else by_old_method - (own.effect or 0.0)
    return Change(after - before, by_old_method - before, is_broken=False, crosses=bool(crossed))


def chain(values: Mapping[int, float], breaks: Sequence[Break]) -> dict[int, float]:
    """The series as if counted by the newest method: years before a break are multiplied by its factor.

    values:  year -> value
    returns: year -> chained value; where a break has no factor the series falls apart, and each part is
             chained to its own newest year

    Source: methods §3.5 (iv).
    """
    years = sorted(values)
    chained = {}
    for part in stretches(years, [own for own in breaks if own.factor is None]):
        newest = years[part[-1]]
        for at in part:
            factor = 1.0
            for own in breaks_between(breaks, years[at], newest):
                factor *= own.factor or 1.0
            chained[years[at]] = values[years[at]] * factor
    return chained


def stretches(years: Sequence[int], breaks: Sequence[Break]) -> list[list[int]]:
    """Positions of the years, cut into stretches at every break, so that no line crosses one.

    years: ascending
    """
    runs: list[list[int]] = []
    for at, year in enumerate(years):
        if not runs or breaks_between(breaks, years[at - 1], year):
            runs.append([])
        runs[-1].append(at)
    return runs
