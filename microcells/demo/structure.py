"""The structure of the invented cells: work, education, households, payment, digital participation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from microcells.demo.background import Background
from microcells.demo.facts import city

Floats = NDArray[np.float64]


def structure_columns(
    ground: Background, drive: Floats, noise: dict[str, Floats], year: int
) -> dict[str, Floats]:
    """Make the columns of work, education, household kinds, payment and digital participation."""
    households = ground.cells["households"].to_numpy(np.float64)
    education = _shares(city()["education"], ground, drive, ground.adults)
    kinds = _shares(city()["household_kinds"], ground, drive, households)
    return {
        "unemployment_percent": _unemployment(ground, drive, noise["work"]),
        "education_low_percent": education[:, 0],
        "education_high_percent": education[:, 2],
        "single_households_percent": kinds[:, 0],
        "family_households_percent": kinds[:, 1],
        **_payment(drive),
        **_pillars(ground, drive, noise, year),
    }


def _unemployment(ground: Background, drive: Floats, noise: Floats) -> Floats:
    """Make the unemployment rate, with the set mean for the city."""
    rules = city()["unemployment"]
    percent = np.exp(rules["deprivation"] * drive + rules["noise"] * noise[:, 1])
    percent *= rules["mean"] / np.average(percent, weights=ground.adults)
    return np.asarray(np.minimum(percent, 60.0))


def _payment(drive: Floats) -> dict[str, Floats]:
    """Share out the households over nine payment classes: the poorer, the more in the last ones."""
    rules = city()["payment_index"]
    wish = np.exp(np.log(rules["share"]) + np.outer(rules["deprivation"] * drive, np.arange(9) - 4))
    percent = 100 * wish / wish.sum(axis=1, keepdims=True)
    return {f"payment_index_{k + 1}": percent[:, k] for k in range(9)}


def _pillars(ground: Background, drive: Floats, noise: dict[str, Floats], year: int) -> dict[str, Floats]:
    """Make the four pillars of digital participation of people of 60 and more, 0–100."""
    pillars = {}
    for name, rules in city()["pillars"].items():
        level = rules["mean"] + rules["per_year"] * (year - city()["course"]["constants_year"])
        surfaces = np.column_stack([drive, ground.age, noise[name]])
        pillars[name] = np.clip(level + surfaces @ np.array(rules["load"]), 0, 100)
    return pillars


def _shares(rules: dict[str, Any], ground: Background, drive: Floats, weight: Floats) -> Floats:
    """Share out 100 percent over the parts of a whole, with the set means for the city."""
    surfaces = np.column_stack([drive, ground.age, ground.building])
    loads = np.array([rules["deprivation"], rules["ageing"], rules["building"]])
    wish, share = np.exp(surfaces @ loads), np.array(rules["share"])
    level = share
    for _ in range(30):
        parts = wish * level / (wish * level).sum(axis=1, keepdims=True)
        level = level * share / np.average(parts, axis=0, weights=weight)
    return np.asarray(100 * parts)
