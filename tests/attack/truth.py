"""What the figures of a site really are: read behind the wall, to judge attackers, never to help them.

Only denominators of persons (adults, seniors) are given to attackers: they count as known to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from microcells.models import AreaTotal
from seniors.models import AreaScore
from typology.models import AreaType

CITY = 0
SCORE = "participation"
Place = tuple[str, int]  # indicator, area (0 = city, minus a district)


@dataclass(frozen=True)
class Truth:
    """Numerators (points times persons for scores) and denominators of all figures."""

    numerators: Mapping[Place, float]
    denominators: Mapping[Place, float]

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
    return Truth(numerators, denominators)
