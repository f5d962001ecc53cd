"""The contract's checks with what they compare: profiles of earlier deliveries and official households."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db.models import QuerySet

from kodala.core.errors import InputError
from microcells.definitions import extract_definition, schema_of
from microcells.domain.area_profile import AreaProfiles
from microcells.domain.contract import ContractCheck, ContractRules, ContractVerdict, Earlier, Facts
from microcells.domain.contract_checks import bundled_cells, check_contract
from microcells.domain.personal import PersonalHeadings, find_personal_columns
from microcells.domain.rows import Floats, Ints
from microcells.domain.tally import ValidationResult
from microcells.models import AreaProfile, AreaStatistic, Delivery, ObservationArea
from microcells.selectors import list_areas

OFFICIAL_HOUSEHOLDS = "households_official"
NEAR_DAYS = 550  # an official number older or younger than a year and a half describes another city


@dataclass(frozen=True)
class EarlierRelease:
    """A released Datenstand as its room knows it: the delivery it was made from, and what people call it."""

    delivery_id: int
    label: str
    is_shown: bool


ListEarlier = Callable[[Delivery], Sequence[EarlierRelease]]


def no_earlier(_delivery: Delivery) -> Sequence[EarlierRelease]:
    """Where nothing is ever released, there is nothing to compare with."""
    return ()


@lru_cache(maxsize=1)
def contract_rules() -> ContractRules:
    """The limits of the contract from the signed definition."""
    return ContractRules(**extract_definition()["contract"])


@lru_cache(maxsize=1)
def _personal_headings() -> PersonalHeadings:
    entries = extract_definition()["personal"]
    together = tuple(frozenset(words) for words in entries["together"])
    return PersonalHeadings(frozenset(entries["headings"]), together)


def refuse_personal_columns(headings: Sequence[str], kind: str) -> None:
    """Raise InputError if a heading of a file sounds like data of single persons.

    headings: all of the file, also those that nobody needs
    Area statistics are tables of areas; their names are no names of persons.
    """
    if kind == Delivery.Kind.STATISTICS:
        return
    findings = find_personal_columns(headings, kind, _personal_headings())
    if findings:
        raise InputError(findings)


def judge_delivery(
    delivery: Delivery, result: ValidationResult, releases: Sequence[EarlierRelease]
) -> ContractVerdict:
    """Hold the validated rows of a delivery against the contract, earlier releases and official numbers."""
    areas = list_areas(delivery.area_set_id)
    date = delivery.stated_date or result.reference_date
    facts = Facts(
        kind=delivery.kind,
        reference_date=date,
        names={area.number: f"{area.number} {area.name}" for area in areas},
        earlier=_load_earlier(delivery, releases, areas),
        official=_official_households(delivery, date) if date else {},
        official_day=_nearest_official_day(delivery, date) if date else None,
    )
    return check_contract(result, facts, schema_of(delivery.kind), contract_rules())


def list_checks(delivery: Delivery) -> list[dict[str, str]]:
    """The contract's checks as stored; for houses also the sizes of their cells, from the certificate."""
    checks: list[ContractCheck] = []
    proof = delivery.certificate
    if delivery.kind == Delivery.Kind.HOUSES and "households_min" in proof:
        checks = bundled_cells(proof["households_min"], proof["households_mean"], contract_rules())
    return [*(check.as_json() for check in checks), *delivery.contract_checks]


def store_profile(delivery: Delivery, profile: AreaProfiles) -> None:
    """Replace the sums and means of a delivery's areas; the caller holds the transaction."""
    ids = {area.number: area.pk for area in list_areas(delivery.area_set_id)}
    AreaProfile.objects.filter(delivery=delivery).delete()
    rows = (
        AreaProfile(delivery=delivery, area_id=ids[number], column=name, value=value, n_cells=count)
        for name, values in profile.values.items()
        for number, value, count in zip(
            profile.numbers.tolist(), values.tolist(), profile.counts[name].tolist(), strict=True
        )
        if count
    )
    AreaProfile.objects.bulk_create(rows, batch_size=2000)


def _load_earlier(
    delivery: Delivery, releases: Sequence[EarlierRelease], areas: Sequence[ObservationArea]
) -> list[Earlier]:
    """The deliveries behind earlier releases; the same area set throughout, itself excluded."""
    found = []
    for release in releases:
        other = Delivery.objects.filter(pk=release.delivery_id, area_set=delivery.area_set_id)
        earlier = other.exclude(pk=delivery.pk).exclude(kind=Delivery.Kind.STATISTICS).first()
        if earlier is None or earlier.reference_date is None:
            continue
        profile = _load_profile(earlier, areas)
        found.append(
            Earlier(
                label=release.label,
                reference_date=earlier.reference_date,
                digest=earlier.canonical_digest,
                kind=earlier.kind,
                is_shown=release.is_shown,
                profile=profile,
            )
        )
    return found


def _load_profile(delivery: Delivery, areas: Sequence[ObservationArea]) -> AreaProfiles:
    numbers = np.array([area.number for area in areas], dtype=np.int64)
    place = {area.pk: at for at, area in enumerate(areas)}
    values: dict[str, Floats] = defaultdict(lambda: np.full(len(numbers), np.nan))
    counts: dict[str, Ints] = defaultdict(lambda: np.zeros(len(numbers), dtype=np.int64))
    stored = AreaProfile.objects.filter(delivery=delivery).values_list(
        "area_id", "column", "value", "n_cells"
    )
    for area_id, column, value, n_cells in stored:
        values[column][place[area_id]] = value
        counts[column][place[area_id]] = n_cells
    return AreaProfiles(numbers, counts["households"], dict(values), dict(counts), {})


def _official_households(delivery: Delivery, date: dt.date) -> dict[int, float]:
    """Area number -> official households of the day nearest to the delivery's, newest delivery first."""
    near = (date - dt.timedelta(NEAR_DAYS), date + dt.timedelta(NEAR_DAYS))
    numbers = _official_numbers(delivery).filter(reference_date__range=near)
    stored = numbers.values_list("area__number", "reference_date", "delivery_id", "value")
    nearest: dict[int, tuple[int, int, float]] = {}
    for number, day, delivery_id, value in stored:
        rank = (abs((day - date).days), -delivery_id, float(value or 0.0))
        if number not in nearest or rank < nearest[number]:
            nearest[number] = rank
    return {number: value for number, (_, _, value) in nearest.items()}


def _nearest_official_day(delivery: Delivery, date: dt.date) -> dt.date | None:
    """The day of the official households nearest to the delivery's, however far; None if there are none."""
    days = _official_numbers(delivery).values_list("reference_date", flat=True).distinct()
    return min(days, key=lambda day: (abs(day - date), day), default=None)


def _official_numbers(delivery: Delivery) -> QuerySet[AreaStatistic]:
    """Official households of single areas, of any day, for the delivery's division of the city."""
    return AreaStatistic.objects.filter(
        delivery__area_set=delivery.area_set_id,
        delivery__state=Delivery.State.COMPUTED,
        area__isnull=False,
        indicator=OFFICIAL_HOUSEHOLDS,
        value__isnull=False,
    )
