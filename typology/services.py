"""Debt rates and types of a delivery: take up each area, classify, store."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add

from kodala.core.runs import Step
from kodala.statistics.aggregation import Estimate, take_cells
from microcells.display_cells import store_part_sums, write_part_sums
from microcells.models import Delivery
from microcells.results import CITY, Found, Measured, Place, as_row
from microcells.selectors import AreaCells
from typology.definitions import typology_definition, typology_rules
from typology.domain.classification import NEEDED_COLUMNS, OPTIONAL_COLUMNS, classify_area
from typology.domain.counts import Method, TypeSums
from typology.domain.labels import LabelSet, label_area
from typology.domain.rates import RateSums, estimate_rates, find_debtors, sum_rates
from typology.domain.rules import TypologyRules
from typology.domain.shares import group_estimates, mixture, share_estimates, type_shares
from typology.domain.written import read_rates, read_types, write_rates, write_types
from typology.models import AreaLabel, AreaType
from typology.selectors import delivers_type_shares

PARTS = "debt_rate"  # the indicator that is summed up over display cells, too
GROUP_INDICATORS = {"N": "group_lasting", "T": "group_temporary", "P": "group_periodic"}
RATE_INDICATORS = {
    "debt_rate": "total",
    "debt_rate_hard": "hard",
    "debt_rate_soft": "soft",
    "debtors": "debtors",
}


class TypeAssignment:
    """Rates and types of every area, its districts and the city, found while the areas go by."""

    def __init__(self, delivery: Delivery) -> None:
        has_shares = delivers_type_shares(delivery.pk)
        self._rules = typology_rules()
        self._year = delivery.date.year
        self._method: Method = "delivered" if has_shares else "replica"
        self.columns = tuple(
            dict.fromkeys((*NEEDED_COLUMNS, *OPTIONAL_COLUMNS) if has_shares else NEEDED_COLUMNS)
        )
        self.facts = {"typology": typology_definition().version, "typology_method": self._method}

    def measure(self, cells: AreaCells) -> Measured:
        """Sum and classify one area; its districts share the classification."""
        districts = cells.districts
        found = classify_area(cells.columns, self._rules, self._year, self._method, tuple(districts.values()))
        rates = write_rates(sum_rates(cells.columns))
        whole = (None, {**rates, **write_types(found.sums), **_sum_parts(cells)})
        return [whole] + [
            (district, {**write_rates(sum_rates(take_cells(cells.columns, own))), **write_types(types)})
            for (district, own), types in zip(districts.items(), found.parts, strict=True)
        ]

    def store(self, step: Step, payloads: Mapping[Place, Mapping[str, str]]) -> None:
        """Add the areas up to the city and write all results."""
        rules = self._rules
        rates = {place: read_rates(payload) for place, payload in payloads.items()}
        types = {place: read_types(payload) for place, payload in payloads.items()}
        areas = [place for place in payloads if place[1] is None]
        rates[CITY] = reduce(add, (rates[place] for place in areas))
        types[CITY] = reduce(add, (types[place] for place in areas))
        found = [one for place in rates for one in _found(place, rates[place], types[place], rules)]
        AreaType.objects.bulk_create(as_row(AreaType, step.run, one) for one in found)
        whole = {place[0]: payloads[place] for place in areas if place[0] is not None}
        store_part_sums(step.run, {(PARTS, area_id): own.get(PARTS) for area_id, own in whole.items()})
        AreaLabel.objects.bulk_create(
            _label(step, area_id, types[area_id, None], types[CITY], rules)
            for area_id, _ in areas
            if area_id is not None
        )


def _sum_parts(cells: AreaCells) -> dict[str, str]:
    """Debtors and adults of every display cell of an area; nothing where it has none."""
    parts = cells.parts
    if parts is None:
        return {}
    debtors, adults = find_debtors(cells.columns)
    coverage = parts.coverage(debtors, cells.columns["households"])
    return {PARTS: write_part_sums(parts.sum(debtors), parts.sum(adults), coverage)}


def _found(place: Place, rates: RateSums, types: TypeSums, rules: TypologyRules) -> list[Found]:
    """Every indicator of this room for one area or district, or for the city."""
    estimates = estimate_rates(rates)
    found = [Found(code, place, getattr(estimates, name)) for code, name in RATE_INDICATORS.items()]
    groups: tuple[Estimate, ...] = group_estimates(types, rules)
    found += [
        Found(GROUP_INDICATORS[group.code], place, own)
        for group, own in zip(rules.groups, groups, strict=True)
    ]
    shares = share_estimates(types, rules)
    found += [Found(f"type_{kind.number}", place, own) for kind, own in zip(rules.types, shares, strict=True)]
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
