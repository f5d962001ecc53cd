"""Digital participation of a delivery: take up each area, sum, score, store."""

from __future__ import annotations

from collections.abc import Mapping

from kodala.core.runs import Step
from kodala.statistics.aggregation import Cells, take_cells
from microcells.models import Delivery
from microcells.one_pass import Measured
from microcells.results import CITY, Found, Place, as_row
from microcells.selectors import AreaCells
from seniors.definitions import senior_definition, senior_rules
from seniors.domain.participation import SeniorScore, score_areas, score_parts
from seniors.domain.sums import AGE_COLUMNS, ALTERNATIVE_AGE_COLUMNS, NEEDED_COLUMNS, sum_area
from seniors.domain.written import read_seniors, write_seniors
from seniors.models import AreaScore
from seniors.selectors import delivers_second_age_set

INDICATORS = {
    "participation": "participation",
    "offline_seniors": "offline",
    "offline_share": "offline_share",
    "online_share": "online_share",
}


class SeniorScoring:
    """Participation and offline seniors of areas, districts and city, found while the areas go by."""

    def __init__(self, delivery: Delivery) -> None:
        is_second = delivers_second_age_set(delivery.pk)
        self._rules = senior_rules()
        self._year = delivery.date.year
        self._age_set = self._rules.age_sets[1] if is_second else self._rules.age_sets[0]
        ages = ALTERNATIVE_AGE_COLUMNS if is_second else AGE_COLUMNS
        self.columns = tuple(name for name in NEEDED_COLUMNS if name not in AGE_COLUMNS) + ages
        self.facts = {"seniors": senior_definition().version}

    def measure(self, cells: AreaCells) -> Measured:
        """Sum one area and its districts; all use the same age groups."""
        places: list[tuple[int | None, Cells]] = [(None, cells.columns)]
        places += [(district, take_cells(cells.columns, part)) for district, part in cells.parts.items()]
        return [
            (district, write_seniors(sum_area(columns, self._rules, self._age_set)))
            for district, columns in places
        ]

    def store(self, step: Step, payloads: Mapping[Place, Mapping[str, str]]) -> None:
        """Score areas, districts and city, and write all results."""
        sums = {place: read_seniors(payload, self._age_set) for place, payload in payloads.items()}
        areas = {place: own for place, own in sums.items() if place[1] is None}
        districts = {place: own for place, own in sums.items() if place[1] is not None}
        order = list(areas)
        parts = [(order.index((area_id, None)), own) for (area_id, _), own in districts.items()]
        of_areas, city = score_areas(list(areas.values()), self._rules, self._year)
        of_districts = score_parts(list(areas.values()), parts, self._rules, self._year)
        step.note(reference_year=city.reference_year, access_is_modelled=city.access_is_modelled)
        places = [*areas, *districts, CITY]
        scores = [*of_areas, *of_districts, city]
        found = [one for place, own in zip(places, scores, strict=True) for one in _found(place, own)]
        AreaScore.objects.bulk_create(as_row(AreaScore, step.run, one) for one in found)


def _found(place: Place, score: SeniorScore) -> list[Found]:
    return [Found(code, place, getattr(score, name)) for code, name in INDICATORS.items()]
