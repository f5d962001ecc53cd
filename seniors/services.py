"""Digital participation of a delivery: take up each area, sum, score, store."""

from __future__ import annotations

from django.db import transaction

from kodala.core.runs import Step
from microcells.models import Delivery
from microcells.results import Found, as_row
from microcells.selectors import AreaCells
from seniors.definitions import senior_definition, senior_rules
from seniors.domain.participation import SeniorScore, score_areas
from seniors.domain.sums import AGE_COLUMNS, ALTERNATIVE_AGE_COLUMNS, NEEDED_COLUMNS, SeniorSums, sum_area
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

    def __init__(self, step: Step) -> None:
        delivery = Delivery.objects.get(pk=step.delivery_id)
        is_second = delivers_second_age_set(delivery.pk)
        self._step = step
        self._rules = senior_rules()
        self._year = delivery.date.year
        self._age_set = self._rules.age_sets[1] if is_second else self._rules.age_sets[0]
        self._sums: dict[int, SeniorSums] = {}
        ages = ALTERNATIVE_AGE_COLUMNS if is_second else AGE_COLUMNS
        self.columns = tuple(name for name in NEEDED_COLUMNS if name not in AGE_COLUMNS) + ages
        step.note(seniors=senior_definition().version)

    def add(self, cells: AreaCells) -> None:
        """Sum one area; all areas use the same age groups."""
        self._sums[cells.area_id] = sum_area(cells.columns, self._rules, self._age_set)

    def store(self) -> None:
        """Score areas and city, and write all results."""
        scores, city = score_areas(list(self._sums.values()), self._rules, self._year)
        self._step.note(reference_year=city.reference_year, access_is_modelled=city.access_is_modelled)
        found = [one for area_id, own in zip(self._sums, scores, strict=True) for one in _found(area_id, own)]
        found += _found(None, city)
        with transaction.atomic():
            AreaScore.objects.bulk_create(as_row(AreaScore, self._step.run, one) for one in found)


def _found(area_id: int | None, score: SeniorScore) -> list[Found]:
    return [Found(code, area_id, getattr(score, name)) for code, name in INDICATORS.items()]
