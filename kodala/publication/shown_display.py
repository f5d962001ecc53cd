"""The shapes in which display cells leave the house: classes counted, never a number of people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DisplayClass:
    """One class of the legend, or "protected" or "missing".

    text: "Klasse B (> 7 bis 9 %)", "geschützt", "keine Daten"
    """

    code: str
    letter: str
    text: str


@dataclass(frozen=True)
class DisplayRow:
    """Display cells of one area, or of the whole city (number None), counted in the order of the classes.

    spoken: "Anzeigezellen: 3 in Klasse A, 5 in Klasse B, 2 geschützt."
    """

    area_number: int | None
    area_name: str
    counts: tuple[int, ...]
    spoken: str


@dataclass(frozen=True)
class DisplayView:
    """The display cells of one indicator in one Datenstand.

    reason:    why there are none, a German sentence; "" = there are some
    classes:   classes of the map, then "protected", then "missing"
    areas:     alphabetical; areas without display cells have only zeros
    protected: "26 von 600 geschützt"
    households: least households of a display cell when it was made, but for areas that have fewer
    """

    reason: str
    classes: tuple[DisplayClass, ...]
    areas: tuple[DisplayRow, ...]
    city: DisplayRow
    protected: str
    households: int

    def area(self, number: int) -> DisplayRow | None:
        """The row of one area, None for an unknown number."""
        return next((row for row in self.areas if row.area_number == number), None)
