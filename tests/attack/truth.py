"""What the figures of a site really are: read behind the wall, to judge attackers, never to help them.

Only denominators of persons (adults, seniors) are given to attackers: they count as known to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from microcells.models import AreaTotal, DisplayCellSum
from seniors.models import AreaScore
from typology.models import AreaType

CITY = 0
SCORE = "participation"
Place = tuple[str, int]  # indicator, area (0 = city, minus a district)


@dataclass(frozen=True)
class Cell:
    """One display cell: its area, households, the people of a share and all of whom it is a share."""

    area: int
    households: float
    numerator: float
    base: float


@dataclass(frozen=True)
class Truth:
    """Numerators (points times persons for scores) and denominators of all figures."""

    numerators: Mapping[Place, float]
    denominators: Mapping[Place, float]
    cells: Mapping[tuple[str, int], Cell]  # indicator, number of a display cell

    def value(self, code: str, places: Sequence[int]) -> float:
        """A figure of one place, or of several together, as it would be shown without protection."""
        above = sum(self.numerators[code, place] for place in places)
        below = sum(self.base(code, place) for place in places)
        return above / below * (1.0 if code == SCORE else 100.0) if below else above

    def base(self, code: str, place: int) -> float:
        """The denominator of a figure; a score describes people from 60 on."""
        return self.numerators["seniors", place] if code == SCORE else self.denominators[code, place]


def load_truth(delivery: int) -> Truth:
    """Everything that was computed of a delivery."""
    numerators: dict[Place, float] = {}
    denominators: dict[Place, float] = {}
    for model in (AreaTotal, AreaType, AreaScore):
        rows = model._default_manager.filter(run__delivery_id=delivery).values_list(
            "indicator", "area__number", "district", "value", "numerator", "denominator"
        )
        for code, area, district, value, above, below in rows:
            key = code, -district if district else area or CITY
            numerators[key] = float((value if above is None else above) or 0.0)
            denominators[key] = float(below or 0.0)
    for code, place in list(numerators):
        if code == SCORE:
            numerators[code, place] *= numerators["seniors", place]
    return Truth(numerators, denominators, _load_cells(delivery))


def _load_cells(delivery: int) -> dict[tuple[str, int], Cell]:
    rows = list(
        DisplayCellSum.objects.filter(run__delivery_id=delivery).values_list(
            "indicator", "display_cell__number", "display_cell__area__number", "numerator", "denominator"
        )
    )
    households = {number: above for code, number, _, above, _ in rows if code == "households"}
    return {
        (code, number): Cell(area, float(households[number]), float(above), float(below or 0.0))
        for code, number, area, above, below in rows
    }
