"""Digital participation of a delivery: load the cells of each area, sum, score, store."""

from __future__ import annotations

from django.db import transaction

from kodala.core.runs import Step
from microcells.models import Delivery
from microcells.results import Found, as_row
from microcells.selectors import list_areas, load_cells
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


def score_seniors(step: Step) -> None:
    """Compute participation and offline seniors of every area and of the city, as a new run."""
    delivery = Delivery.objects.get(pk=step.delivery_id)
    rules = senior_rules()
    step.note(definition_version=senior_definition().version, input_hash=delivery.canonical_digest)
    sums = _sum_areas(delivery, step)
    scores, city = score_areas(list(sums.values()), rules, delivery.date.year)
    step.note(reference_year=city.reference_year, access_is_modelled=city.access_is_modelled)
    found = [one for area_id, score in zip(sums, scores, strict=True) for one in _found(area_id, score)]
    found += _found(None, city)
    with transaction.atomic():
        AreaScore.objects.bulk_create(as_row(AreaScore, step.run, one) for one in found)


def _sum_areas(delivery: Delivery, step: Step) -> dict[int, SeniorSums]:
    """Sums by area id, one area in memory at a time; all areas use the same age groups."""
    rules = senior_rules()
    is_second = delivers_second_age_set(delivery.pk)
    age_set = rules.age_sets[1] if is_second else rules.age_sets[0]
    ages = ALTERNATIVE_AGE_COLUMNS if is_second else AGE_COLUMNS
    columns = tuple(name for name in NEEDED_COLUMNS if name not in AGE_COLUMNS) + ages
    area_ids = [area.pk for area in list_areas(delivery.area_set_id)]
    sums = {}
    for place, cells in enumerate(load_cells(delivery.pk, columns, area_ids), 1):
        sums[cells.area_id] = sum_area(cells.columns, rules, age_set)
        step.tell(place / len(area_ids), f"{place} von {len(area_ids)} Gebieten")
    return sums


def _found(area_id: int | None, score: SeniorScore) -> list[Found]:
    return [Found(code, area_id, getattr(score, name)) for code, name in INDICATORS.items()]
