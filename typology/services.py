"""Debt rates and types of a delivery: load the cells of each area, classify, store."""

from __future__ import annotations

from functools import reduce
from operator import add

from django.db import transaction

from kodala.core.runs import Step
from kodala.statistics.aggregation import Estimate
from microcells.models import Delivery
from microcells.results import Found, as_row
from microcells.selectors import list_areas, load_cells
from typology.definitions import typology_definition, typology_rules
from typology.domain.classification import NEEDED_COLUMNS, OPTIONAL_COLUMNS, classify_area
from typology.domain.counts import Method, TypeSums
from typology.domain.labels import LabelSet, label_area
from typology.domain.rates import RateSums, estimate_rates, sum_rates
from typology.domain.rules import TypologyRules
from typology.domain.shares import group_estimates, mixture, share_estimates, type_shares
from typology.models import AreaLabel, AreaType
from typology.selectors import delivers_type_shares

GROUP_INDICATORS = {"N": "group_lasting", "T": "group_temporary", "P": "group_periodic"}
RATE_INDICATORS = {
    "debt_rate": "total",
    "debt_rate_hard": "hard",
    "debt_rate_soft": "soft",
    "debtors": "debtors",
}


def assign_types(step: Step) -> None:
    """Compute rates and types of every area and of the city, and write them as a new run."""
    delivery = Delivery.objects.get(pk=step.delivery_id)
    rules = typology_rules()
    step.note(definition_version=typology_definition().version, input_hash=delivery.canonical_digest)
    rates, types = _sum_areas(delivery, rules, step)
    # The city: the sums of all areas added up.
    city_rates, city_types = reduce(add, rates.values()), reduce(add, types.values())
    found = [one for area_id in rates for one in _found(area_id, rates[area_id], types[area_id], rules)]
    found += _found(None, city_rates, city_types, rules)
    labels = [_label(step, area_id, own, city_types, rules) for area_id, own in types.items()]
    with transaction.atomic():
        AreaType.objects.bulk_create(as_row(AreaType, step.run, one) for one in found)
        AreaLabel.objects.bulk_create(labels)


def _sum_areas(
    delivery: Delivery, rules: TypologyRules, step: Step
) -> tuple[dict[int, RateSums], dict[int, TypeSums]]:
    """Rates and type counts by area id, one area in memory at a time."""
    has_shares = delivers_type_shares(delivery.pk)
    method: Method = "delivered" if has_shares else "replica"
    step.note(method=method)
    columns = (*NEEDED_COLUMNS, *OPTIONAL_COLUMNS) if has_shares else NEEDED_COLUMNS
    area_ids = [area.pk for area in list_areas(delivery.area_set_id)]
    year = delivery.date.year
    rates: dict[int, RateSums] = {}
    types: dict[int, TypeSums] = {}
    for place, cells in enumerate(load_cells(delivery.pk, tuple(dict.fromkeys(columns)), area_ids), 1):
        rates[cells.area_id] = sum_rates(cells.columns)
        types[cells.area_id] = classify_area(cells.columns, rules, year, method).sums
        step.tell(place / len(area_ids), f"{place} von {len(area_ids)} Gebieten")
    return rates, types


def _found(area_id: int | None, rates: RateSums, types: TypeSums, rules: TypologyRules) -> list[Found]:
    """Every indicator of this room for one area or the city."""
    estimates = estimate_rates(rates)
    found = [Found(code, area_id, getattr(estimates, name)) for code, name in RATE_INDICATORS.items()]
    groups: tuple[Estimate, ...] = group_estimates(types, rules)
    found += [
        Found(GROUP_INDICATORS[group.code], area_id, own)
        for group, own in zip(rules.groups, groups, strict=True)
    ]
    shares = share_estimates(types, rules)
    found += [
        Found(f"type_{kind.number}", area_id, own) for kind, own in zip(rules.types, shares, strict=True)
    ]
    return found


def _label(step: Step, area_id: int, own: TypeSums, city: TypeSums, rules: TypologyRules) -> AreaLabel:
    labels = label_area(own, city, rules)
    groups = [group.code for group in rules.groups]
    kinds = [kind.code for kind in rules.types]
    return AreaLabel(
        run=step.run,
        area_id=area_id,
        leading_groups=_codes(labels.group, groups),
        marking_types=_codes(labels.type, kinds),
        mixture=mixture(type_shares(own)) if own.counts.sum() > 0 else None,
    )


def _codes(found: LabelSet | None, codes: list[str]) -> list[str]:
    return [codes[index] for index in found.members] if found else []
