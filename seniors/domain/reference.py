"""What surveys say about older people online: probability by age group, with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seniors.domain.rules import AgeSet, Reference, SeniorRules

BISECTIONS = 200  # halves the bracket far below the spacing of float64
STEEPEST = 40.0


@dataclass(frozen=True)
class OnlineTable:
    """Probability of being online in the three age groups.

    probabilities: 0 … 1   logits: of these   logit_se: sampling error of the survey on that scale
    """

    reference: Reference
    age_set: AgeSet
    probabilities: tuple[float, ...]
    logits: tuple[float, ...]
    logit_se: tuple[float, ...]


def logit(p: float) -> float:
    """Log odds of a probability inside (0, 1)."""
    return math.log(p / (1.0 - p))


def expit(x: float) -> float:
    """Probability that belongs to log odds."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def solve_line(reference: Reference, weights: tuple[float, float, float]) -> tuple[float, float]:
    """Intercept a and slope b of logit p = a + b·g, g = 0, 1, 2 decades after 60–69.

    The line meets the published 80+ value (g = 2) and, with the weights, the published total.
    Raises ValueError if no line does. Source: methods §5.1.
    """
    oldest = logit(reference.online_80plus)

    def total(slope: float) -> float:
        return sum(w * expit(oldest + slope * (g - 2)) for g, w in enumerate(weights))

    low, high = -STEEPEST, STEEPEST  # the total falls with the slope
    if not total(high) < reference.online_total < total(low):
        raise ValueError(f"no line gives {reference.online_total} with {reference.online_80plus} at 80+")
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) > reference.online_total else (low, middle)
    slope = (low + high) / 2
    return oldest - 2 * slope, slope


def choose_reference(rules: SeniorRules, year: int) -> Reference:
    """Survey for a year of delivery: the earliest that may still be used."""
    usable = [reference for reference in rules.references if year <= reference.until]
    return min(usable, key=lambda reference: reference.until)


def online_table(rules: SeniorRules, age_set: AgeSet, year: int) -> OnlineTable:
    """Probabilities of a set of age groups for a year of delivery.

    The standard error of a logit is √(deff / (n_g·p·(1 − p))). Source: methods §5.1, §5.3.
    """
    reference = choose_reference(rules, year)
    intercept, slope = solve_line(reference, rules.city_weights)
    logits = tuple(intercept + slope * position for position in age_set.position)
    probabilities = tuple(expit(value) for value in logits)
    errors = tuple(
        math.sqrt(rules.adjustment.design_effect / (reference.respondents * share * p * (1 - p)))
        for share, p in zip(age_set.respondents_share, probabilities, strict=True)
    )
    return OnlineTable(reference, age_set, probabilities, logits, errors)
