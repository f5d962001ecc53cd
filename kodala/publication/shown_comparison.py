"""The shapes in which a draft stands beside the Datenstand that is shown now."""

from __future__ import annotations

from dataclasses import dataclass

from kodala.publication.shown import DatenstandLine, FigureState, Indicator, ShownFigure


@dataclass(frozen=True)
class ComparedFigure:
    """One figure of an area, or of the whole city, before and after a release.

    change:        "+0,9 Prozentpunkte", "" unless both values are shown and the methods can be compared
    short_change:  "+0,9", or "" as above
    adjusted:      "+0,4": the change without the effect of a new method, "" where no method changed
    size:          the difference without its sign, for the order only; None unless both values are shown
    changes_class: whether its colour on the map would change
    reliability:   "ja", "nein", "Methodenwechsel", or "" where it cannot be said
    is_counted:    False for every area but one of those that show a joint figure after the release
    """

    area_number: int | None
    area_name: str
    before: ShownFigure
    after: ShownFigure
    change: str
    short_change: str
    adjusted: str
    size: float | None
    changes_class: bool
    reliability: str
    is_counted: bool = True


@dataclass(frozen=True)
class ComparedIndicator:
    """One indicator before and after a release.

    areas:       the largest shift first; without one, by name at the end
    method_note: known changes of the supplier's method between the two dates, "" if there are none
    withheld:    number of areas whose value is protected, before and after
    basis_note:  what moved the figures without the city having moved, "" if nothing did
    """

    indicator: Indicator
    areas: tuple[ComparedFigure, ...]
    city: ComparedFigure
    method_note: str
    withheld: tuple[int, int]
    basis_note: str

    @property
    def changed_classes(self) -> tuple[ComparedFigure, ...]:
        """The areas that would get another colour; none if the map is the first or the last of its kind."""
        if not self.is_in_both:
            return ()
        return tuple(area for area in self.areas if area.changes_class)

    @property
    def is_in_both(self) -> bool:
        """Whether the indicator was delivered for any area before, and is after the release."""
        before = any(area.before.state != FigureState.NOT_DELIVERED for area in self.areas)
        return before and any(area.after.state != FigureState.NOT_DELIVERED for area in self.areas)

    @property
    def n_changed_classes(self) -> int:
        """How many figures would get another colour, areas with a joint figure counted once."""
        return sum(area.is_counted for area in self.changed_classes)

    @property
    def largest(self) -> ComparedFigure | None:
        """The largest shift, None if nothing moves or nothing can be compared."""
        first = self.areas[0] if self.areas else None
        return first if first and first.size else None

    @property
    def moves(self) -> bool:
        """Whether anything of it changes: a value, a class, or what is withheld."""
        has_new_colours = any(area.changes_class for area in self.areas)
        return bool(self.largest or self.city.size or has_new_colours) or len(set(self.withheld)) > 1


@dataclass(frozen=True)
class ComparedGroup:
    """The indicators of one branch of the tree."""

    label: str
    indicators: tuple[ComparedIndicator, ...]


@dataclass(frozen=True)
class ComparedCells:
    """How many microcells came, went and changed, or why that cannot be said.

    state: "counted", "same" (the same delivery), "pending" (the worker still counts), "deleted" (the older
           cells are gone by contract), "none" (nothing to compare with, or no cells)
    against: version of the Datenstand that they were counted against
    """

    state: str
    against: int | None = None
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    kept: int | None = None


@dataclass(frozen=True)
class DraftComparison:
    """What a release would change; without `previous` the draft stands alone.

    withheld: number of protected figures of all indicators, before and after
    """

    previous: DatenstandLine | None
    groups: tuple[ComparedGroup, ...]
    cells: ComparedCells
    withheld: tuple[int, int]

    @property
    def indicators(self) -> tuple[ComparedIndicator, ...]:
        """All indicators in the order of the tree."""
        return tuple(one for group in self.groups for one in group.indicators)

    def find(self, code: str) -> ComparedIndicator:
        """One indicator. Raises KeyError for an unknown code."""
        for one in self.indicators:
            if one.indicator.code == code:
                return one
        raise KeyError(code)
