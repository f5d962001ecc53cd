"""The rules of digital participation as read from their definition file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reference:
    """What one survey found. until: last year of delivery it is used for."""

    year: int
    until: int
    respondents: int
    online_total: float
    online_80plus: float
    source: str


@dataclass(frozen=True)
class AgeSet:
    """One set of three age groups; position: decades after 60–69."""

    code: str
    columns: tuple[str, str, str]
    labels: tuple[str, str, str]
    position: tuple[float, float, float]
    respondents_share: tuple[float, float, float]


@dataclass(frozen=True)
class Adjustment:
    """How education and purchasing power move the logit of being online, and how surely."""

    education_centre: float
    education_slope: float
    education_slope_se: float
    income_slope: float
    income_slope_se: float
    area_sd: float
    design_effect: float


@dataclass(frozen=True)
class Pillar:
    """One pillar of the participation score, values 0 … 100."""

    code: str
    label: str
    column: str
    weight: float


@dataclass(frozen=True)
class SeniorRules:
    """Everything the computation needs. The first pillar is access."""

    version: str
    references: tuple[Reference, ...]
    city_weights: tuple[float, float, float]
    age_sets: tuple[AgeSet, ...]
    adjustment: Adjustment
    pillars: tuple[Pillar, ...]
    least_weight: float
    benchmark_draws: int
    benchmark_seed: int


def senior_rules(content: Mapping[str, Any]) -> SeniorRules:
    """Rules from the content of the definition file.

    Raises ValueError if a weight is negative, all are 0 or the first pillar is not access;
    KeyError if a part is missing.
    """
    pillars = tuple(Pillar(**entry) for entry in content["pillar"])
    weights = [pillar.weight for pillar in pillars]
    if min(weights) < 0 or sum(weights) <= 0:
        raise ValueError(f"pillar weights are {weights}, must be >= 0 and not all 0")
    if pillars[0].code != "access":
        raise ValueError(f"the first pillar is {pillars[0].code}, must be access")
    adjustment = {key: value for key, value in content["adjustment"].items() if key != "source"}
    return SeniorRules(
        version=content["version"],
        references=tuple(Reference(**entry) for entry in content["reference"]),
        city_weights=_three(content["anchor"]["city_weights"]),
        age_sets=tuple(_age_set(entry) for entry in content["age_set"]),
        adjustment=Adjustment(**adjustment),
        pillars=pillars,
        least_weight=content["score"]["least_weight"],
        benchmark_draws=content["benchmark"]["draws"],
        benchmark_seed=content["benchmark"]["seed"],
    )


def _three(values: list[float]) -> tuple[float, float, float]:
    first, second, third = values
    return first, second, third


def _age_set(entry: Mapping[str, Any]) -> AgeSet:
    first, second, third = entry["columns"]
    young, middle, old = entry["labels"]
    return AgeSet(
        entry["code"],
        (first, second, third),
        (young, middle, old),
        _three(entry["position"]),
        _three(entry["respondents_share"]),
    )
