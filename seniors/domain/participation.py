"""Digital participation of areas and city: seniors, online and offline share, four-pillar score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from kodala.statistics.aggregation import (
    Estimate,
    Status,
    Sums,
    estimate,
    without_value,
    worst,
)
from kodala.statistics.intervals import Z_95
from seniors.domain.online import (
    AreaModel,
    Offline,
    benchmark,
    benchmarked_errors,
    income_reference,
    model_area,
    model_part,
    offline,
)
from seniors.domain.reference import OnlineTable, online_table
from seniors.domain.rules import SeniorRules
from seniors.domain.sums import SeniorSums

ALL_AGES = (True, True, True)
OLDEST = (False, False, True)
ROUND_OFF = 1e-9


@dataclass(frozen=True)
class SeniorScore:
    """Figures of one area or of the city.

    seniors, offline, offline_oldest: persons       online_share, offline_share: 0 … 1
    participation:                    0 … 100       oldest_label: "80+" or "75+"
    access_is_modelled: the pillar access was not delivered and is 100 · online share
    reference_year:     year of the survey used
    """

    seniors: Estimate
    online_share: Estimate
    offline_share: Estimate
    offline: Estimate
    offline_oldest: Estimate
    participation: Estimate
    access_is_modelled: bool
    oldest_label: str
    reference_year: int


def score_areas(
    areas: Sequence[SeniorSums], rules: SeniorRules, year: int, city_online: float | None = None
) -> tuple[list[SeniorScore], SeniorScore]:
    """Scores of all areas in their order, and of the city.

    areas:        sums of all areas of one delivery, at least one, all with the same age groups
    year:         year of the reference date, chooses the survey
    city_online:  known online share of the city; all areas are brought into line with it

    The city's offline seniors are the sum over the areas. Its error takes the areas' own errors as
    independent and the survey's and the slopes' as the same everywhere.
    Source: methods §5.1–5.4.
    """
    city = reduce(add, areas)
    table = online_table(rules, city.age_set, year)
    income = income_reference(city)
    models = [model_area(sums, table, income, rules) for sums in areas]
    if city_online is not None:
        models = benchmark(models, city_online)
    everyone, oldest = (
        _count_offline(models, table, rules, city_online, ages) for ages in (ALL_AGES, OLDEST)
    )
    scores = [
        _score(sums, model.status, whole, old, table, rules)
        for sums, model, whole, old in zip(areas, models, everyone[0], oldest[0], strict=True)
    ]
    city_status = model_area(city, table, income, rules).status
    return scores, _score(city, city_status, everyone[1], oldest[1], table, rules)


def score_parts(
    areas: Sequence[SeniorSums], parts: Sequence[tuple[int, SeniorSums]], rules: SeniorRules, year: int
) -> list[SeniorScore]:
    """Scores of parts of areas, in their order; see `model_part` for who is taken to be online.

    areas: as in `score_areas`   parts: place of its area in `areas`, and the sums of the part
    """
    city = reduce(add, areas)
    table, income = online_table(rules, city.age_set, year), income_reference(city)
    found = []
    for place, sums in parts:
        model = model_part(model_area(areas[place], table, income, rules), sums)
        everyone, oldest = (offline(model, table, rules.adjustment, ages) for ages in (ALL_AGES, OLDEST))
        found.append(_score(sums, model.status, everyone, oldest, table, rules))
    return found


def _count_offline(
    models: Sequence[AreaModel],
    table: OnlineTable,
    rules: SeniorRules,
    city_online: float | None,
    chosen: Sequence[bool],
) -> tuple[list[Offline], Offline]:
    """Offline seniors of the chosen age groups in each area, and in the city."""
    areas = [offline(model, table, rules.adjustment, chosen) for model in models]
    city = reduce(add, areas)
    if city_online is None:
        return areas, city
    # After benchmarking the parts of the error can no longer be told apart; the bootstrap knows the whole.
    errors, city_error = benchmarked_errors(models, table, rules, city_online, chosen)
    known = [
        replace(area, shared=np.zeros(1), own=float(error) ** 2)
        for area, error in zip(areas, errors, strict=True)
    ]
    return known, replace(city, shared=np.zeros(1), own=city_error**2)


def _score(
    sums: SeniorSums,
    status: Status,
    everyone: Offline,
    oldest: Offline,
    table: OnlineTable,
    rules: SeniorRules,
) -> SeniorScore:
    seniors = sums.seniors.numerator
    share = everyone.count / seniors if seniors > 0 else 0.0
    share_se = everyone.se / seniors if seniors > 0 else 0.0
    online = _estimate(sums.seniors, 1.0 - share, share_se, seniors, 1.0, status)
    participation, is_modelled = _participation(sums, online, rules)
    return SeniorScore(
        seniors=estimate(sums.seniors),
        online_share=online,
        offline_share=_estimate(sums.seniors, share, share_se, seniors, 1.0, status),
        offline=_estimate(sums.seniors, everyone.count, everyone.se, None, seniors, status),
        offline_oldest=_estimate(
            sums.seniors, oldest.count, oldest.se, None, sums.groups[2].numerator, status
        ),
        participation=participation,
        access_is_modelled=is_modelled,
        oldest_label=sums.age_set.labels[2],
        reference_year=table.reference.year,
    )


def _estimate(
    sums: Sums, value: float, se: float, denominator: float | None, most: float, status: Status
) -> Estimate:
    """A value with its normal interval, kept within 0 and `most`."""
    if status is Status.NO_DATA:
        return without_value(sums, status)
    return Estimate(
        value=value,
        numerator=value if denominator is None else value * denominator,
        denominator=denominator,
        weight_sum=None,
        lower=max(0.0, value - Z_95 * se),
        upper=min(most, value + Z_95 * se),
        se=se,
        coverage=sums.coverage,
        n_cells=sums.n_cells,
        base=value if denominator is None else denominator,
        status=status,
    )


def _participation(sums: SeniorSums, online: Estimate, rules: SeniorRules) -> tuple[Estimate, bool]:
    """Weighted mean of the pillars that are there, and whether access had to be modelled.

    None if the pillars carry less than 70 % of the weight. The standard error of a pillar is the
    scatter of its cells, √(s²_w / n_eff); pillars are taken as fully correlated, because all of them
    follow age and education, so that the score's error is rather too large than too small.
    Source: methods §5.4.
    """
    pillars = [estimate(pillar) for pillar in sums.pillars]
    values = [pillar.value for pillar in pillars]
    errors = [pillar.scatter_se for pillar in sums.pillars]
    statuses = [pillar.status for pillar in pillars]
    is_modelled = values[0] is None
    if is_modelled and online.value is not None and online.se is not None:
        values[0], errors[0], statuses[0] = 100.0 * online.value, 100.0 * online.se, online.status
    weights = [pillar.weight for pillar in rules.pillars]
    used = [k for k, value in enumerate(values) if value is not None]
    total = sum(weights[k] for k in used)
    if total < rules.least_weight * sum(weights) - ROUND_OFF or total <= 0:
        return without_value(sums.seniors, Status.NO_DATA), is_modelled
    score = sum(weights[k] * (values[k] or 0.0) for k in used) / total
    se = sum(weights[k] * (errors[k] or 0.0) for k in used) / total
    rescaled = Status.OK if len(used) == len(weights) else Status.UNCERTAIN
    status = worst(rescaled, *(statuses[k] for k in used))
    seniors = sums.seniors.numerator
    whole = _estimate(sums.seniors, score, se, seniors, 100.0, status)
    coverage = min(sums.pillars[k].coverage for k in used if k > 0 or not is_modelled)
    return replace(
        whole, numerator=None, denominator=None, weight_sum=seniors, coverage=coverage
    ), is_modelled
