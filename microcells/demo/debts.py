"""People in debt and their features: the part of the invented values that feeds rates and types."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microcells.demo.background import Background
from microcells.demo.facts import city, districts, stream
from microcells.demo.solving import logistic, solve_level, sum_by_group

Floats = NDArray[np.float64]


def district_ratios() -> list[Floats]:
    """Give the debt rate of each district relative to the city, at each date."""
    table, course, rng = districts(), city()["course"], stream("districts")
    is_planted = (table["number"] == course["planted_district"]).to_numpy()
    walk = np.zeros(len(table))
    ratios = []
    for entry in city()["datenstand"]:
        planted = np.where(is_planted, np.log(entry["planted"]), walk)
        ratios.append(table["debt_ratio"].to_numpy(np.float64) * np.exp(planted))
        walk = walk + course["district_walk_sd"] * rng.standard_normal(len(table))
    return ratios


def solve_debtors(ground: Background, course: list[Floats]) -> list[Floats]:
    """Solve the debtors of each cell so that districts keep their ratio and the city its total."""
    rules = city()["debt"]
    adults_of = np.bincount(ground.district, ground.adults)
    solved = []
    for entry, ratio, noise in zip(city()["datenstand"], district_ratios(), course, strict=True):
        target = adults_of * ratio
        target *= entry["debtors"] / target.sum()
        inside = rules["deprivation"] * ground.deprivation + rules["noise"] * noise[:, 1]
        solved.append(_meet_targets(ground, inside, target))
    return solved


def _meet_targets(ground: Background, inside: Floats, target: Floats) -> Floats:
    """Lift the logits of each district until its debtors meet the target; returns debtors per cell."""

    def debtors(level: Floats) -> Floats:
        return ground.adults * logistic(level[ground.district] + inside)

    return debtors(
        solve_level(lambda level: sum_by_group(ground.district, debtors(level), len(target)), target)
    )


def deprivation_at(ground: Background, ratio: Floats) -> Floats:
    """Add the level of the district to the deprivation inside it."""
    level: Floats = np.log(ratio) / city()["debt"]["deprivation"]
    return ground.deprivation + level[ground.district]


def make_features(
    ground: Background, drives: list[Floats], courses: dict[str, list[Floats]], debtors: Floats, base: int
) -> dict[str, list[Floats]]:
    """Make the typology features of all dates; mean and spread are met in the base year.

    debtors: of the base year, the weight of mean and spread
    """
    made: dict[str, list[Floats]] = {}
    for name, rules in city()["features"].items():
        raw = [
            np.column_stack([drive, ground.age, noise]) @ np.array(rules["load"])
            for drive, noise in zip(drives, courses[name], strict=True)
        ]
        made[name] = [_like(values, raw[base], debtors) for values in raw]
    made |= _reason_features(made, debtors, base)
    return {
        name: [rules["mean"] + rules["sd"] * values for values in made[name]]
        for name, rules in city()["features"].items()
    }


def _like(values: Floats, reference: Floats, weight: Floats) -> Floats:
    """Standardise values by the weighted mean and spread of a reference."""
    mean = np.average(reference, weights=weight)
    return np.asarray((values - mean) / np.sqrt(np.average((reference - mean) ** 2, weights=weight)))


def _reason_features(made: dict[str, list[Floats]], debtors: Floats, base: int) -> dict[str, list[Floats]]:
    """Tie the reasons together: where poverty is the reason, others are it less often."""
    rules, poverty = city()["reasons"], made["reason_poverty"]
    correlations = {"reason_fate": rules["poverty_to_fate"], "reason_other": rules["poverty_to_other"]}
    tied = {}
    for name, correlation in correlations.items():
        slope = np.average(made[name][base] * poverty[base], weights=debtors)
        free = [own - slope * poor for own, poor in zip(made[name], poverty, strict=True)]
        free = [_like(values, free[base], debtors) for values in free]
        rest = np.sqrt(1 - correlation**2)
        tied[name] = [correlation * poor + rest * own for own, poor in zip(free, poverty, strict=True)]
    return tied


def debt_columns(debtors: Floats, feature: dict[str, Floats], year: int) -> dict[str, Floats]:
    """Turn features into the columns of debts, income, age and reasons."""
    course = city()["course"]
    reference = course["income_reference"] * course["income_growth"] ** (year - course["constants_year"])
    income = reference * np.exp(feature["log_income"])
    hard = debtors * logistic(feature["hard_logit"])
    return {
        "debtors_hard": hard,
        "debtors_soft": debtors - hard,
        "creditors_per_debtor": np.exp(feature["log_creditors"]),
        "mean_debt_eur": income * np.exp(feature["log_debt_ratio"]),
        "debt_duration_years": np.exp(feature["log_duration"]),
        "purchasing_power_eur": income,
        "mean_adult_age": feature["adult_age"],
        **_reasons(feature),
    }


def _reasons(feature: dict[str, Floats]) -> dict[str, Floats]:
    """Turn the centred log ratios of four groups of reasons into seven percentages that add up to 100."""
    fate, poverty, other = (feature[f"reason_{name}"] for name in ("fate", "poverty", "other"))
    groups = np.exp(np.column_stack([fate, poverty, other, -(fate + poverty + other)]))
    fate, poverty, other, housekeeping = 100 * groups.T / groups.sum(axis=1)
    within = city()["reasons"]["within"]
    return {
        "reason_unemployment": poverty * within["unemployment"],
        "reason_illness": fate * within["illness"],
        "reason_separation": fate * (1 - within["illness"]),
        "reason_housekeeping": housekeeping,
        "reason_self_employment": other * within["self_employment"],
        "reason_low_income": poverty * (1 - within["unemployment"]),
        "reason_other": other * (1 - within["self_employment"]),
    }
