"""Writing estimates as rows of a run: the form all rooms share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from kodala.core.models import Run
from kodala.statistics.aggregation import Estimate
from microcells.models import AreaResult

Row = TypeVar("Row", bound=AreaResult)


Place = tuple[int | None, int | None]  # area id and district; no district = the whole area
CITY: Place = (None, None)
Payload = dict[str, Any]  # what one room measured in one place, as JSON
Measured = list[tuple[int | None, Payload]]  # the whole area (None), then each of its districts


@dataclass(frozen=True)
class Found:
    """One estimate of one indicator in one place."""

    indicator: str
    place: Place
    estimate: Estimate


def as_row(kind: type[Row], run: Run, found: Found) -> Row:
    """The database row of an estimate, in the room's own table."""
    values = found.estimate
    area_id, district = found.place
    return kind(
        run=run,
        area_id=area_id,
        district=district,
        indicator=found.indicator,
        value=values.value,
        numerator=values.numerator,
        denominator=values.denominator,
        weight_sum=values.weight_sum,
        lower=values.lower,
        upper=values.upper,
        coverage=values.coverage,
        n_cells=values.n_cells,
        status=values.status.value,
    )
