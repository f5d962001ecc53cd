"""Digital participation of a delivery: take up each area, sum, score, store."""

from __future__ import annotations

from collections.abc import Mapping

from kodala.core.runs import Step
from kodala.statistics.aggregation import Cells, take_cells
from kodala.statistics.exact import read_numbers, write_numbers
from microcells.display_cells import store_part_sums, write_part_sums
from microcells.models import Delivery
from microcells.results import CITY, Found, Measured, Place, as_row
from microcells.selectors import AreaCells
from seniors.definitions import senior_definition, senior_rules
from seniors.domain.participation import SeniorScore, score_areas, score_parts
from seniors.domain.parts import count_offline, find_groups
from seniors.domain.sums import (
    AGE_COLUMNS,
    ALTERNATIVE_AGE_COLUMNS,
    NEEDED_COLUMNS,
    SeniorSums,
    sum_area,
)
from seniors.domain.written import read_seniors, write_seniors
from seniors.models import AreaScore
from seniors.selectors import delivers_second_age_set

PARTS = "offline_share"  # the indicator that is summed up over display cells, too
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
        places += [(district, take_cells(cells.columns, own)) for district, own in cells.districts.items()]
        whole, *districts = [
            (place, write_seniors(sum_area(columns, self._rules, self._age_set))) for place, columns in places
        ]
        return [(None, {**whole[1], **self._sum_parts(cells)}), *districts]

    def _sum_parts(self, cells: AreaCells) -> dict[str, str]:
        """Seniors of every display cell of an area by age group, and how far they are known."""
        parts = cells.parts
        if parts is None:
            return {}
        groups = find_groups(cells.columns, self._age_set)
        coverage = parts.coverage(groups[0], cells.columns["households"])
        return {PARTS: write_numbers([*(parts.sum(group) for group in groups), coverage])}

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
        texts = {place[0]: payloads[place].get(PARTS) for place in areas if place[0] is not None}
        self._store_parts(step, list(areas.values()), texts)

    def _store_parts(self, step: Step, sums: list[SeniorSums], parts: Mapping[int, str | None]) -> None:
        """Write offline and all seniors of every display cell."""
        rows = [
            read_numbers(text or "").reshape(len(self._age_set.columns) + 1, -1) for text in parts.values()
        ]
        offline = count_offline(sums, [own[:-1].T for own in rows], self._rules, self._year)
        texts = {
            (PARTS, area_id): write_part_sums(missing, own[:-1].sum(axis=0), own[-1])
            for area_id, own, missing in zip(parts, rows, offline, strict=True)
            if own.size
        }
        store_part_sums(step.run, texts)


def _found(place: Place, score: SeniorScore) -> list[Found]:
    return [Found(code, place, getattr(score, name)) for code, name in INDICATORS.items()]
