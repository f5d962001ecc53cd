"""Digital participation of a delivery: take up each area, sum, score, store."""

from __future__ import annotations

from collections.abc import Mapping

from kodala.core.runs import Step
from microcells.models import Delivery
from microcells.results import Found, as_row
from microcells.selectors import AreaCells
from seniors.definitions import senior_definition, senior_rules
from seniors.domain.participation import SeniorScore, score_areas
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
    """Participation and offline seniors of every area and of the city, found while the areas go by."""

    def __init__(self, delivery: Delivery) -> None:
        is_second = delivers_second_age_set(delivery.pk)
        self._rules = senior_rules()
        self._year = delivery.date.year
        self._age_set = self._rules.age_sets[1] if is_second else self._rules.age_sets[0]
        ages = ALTERNATIVE_AGE_COLUMNS if is_second else AGE_COLUMNS
        self.columns = tuple(name for name in NEEDED_COLUMNS if name not in AGE_COLUMNS) + ages
        self.facts = {"seniors": senior_definition().version}

    def measure(self, cells: AreaCells) -> dict[str, str]:
        """Sum one area; all areas use the same age groups."""
        return write_seniors(sum_area(cells.columns, self._rules, self._age_set))

    def store(self, step: Step, payloads: Mapping[int, Mapping[str, str]]) -> None:
        """Score areas and city, and write all results."""
        sums = {area_id: read_seniors(payload, self._age_set) for area_id, payload in payloads.items()}
        scores, city = score_areas(list(sums.values()), self._rules, self._year)
        step.note(reference_year=city.reference_year, access_is_modelled=city.access_is_modelled)
        found = [one for area_id, own in zip(sums, scores, strict=True) for one in _found(area_id, own)]
        found += _found(None, city)
        AreaScore.objects.bulk_create(as_row(AreaScore, step.run, one) for one in found)


def _found(area_id: int | None, score: SeniorScore) -> list[Found]:
    return [Found(code, area_id, getattr(score, name)) for code, name in INDICATORS.items()]
