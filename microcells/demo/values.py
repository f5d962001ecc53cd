"""What the supplier would say about each microcell of the invented city, at four reference dates."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from microcells.demo.background import Background, draw_course
from microcells.demo.debts import debt_columns, deprivation_at, district_ratios, make_features, solve_debtors
from microcells.demo.facts import city, stream
from microcells.demo.structure import structure_columns

FAMILIES: dict[str, tuple[str, ...]] = {
    "debts": ("creditors_per_debtor", "mean_debt_eur", "debt_duration_years"),
    "income": ("purchasing_power_eur",),
    "age": ("mean_adult_age",),
    "work": ("unemployment_percent",),
    "education": ("education_low_percent", "education_high_percent"),
    "kinds": ("single_households_percent", "family_households_percent"),
    "reasons": (
        "reason_unemployment",
        "reason_illness",
        "reason_separation",
        "reason_housekeeping",
        "reason_self_employment",
        "reason_low_income",
        "reason_other",
    ),
    "payment": tuple(f"payment_index_{k}" for k in range(1, 10)),
    "digital": ("digital_access", "digital_use", "digital_skills", "digital_openness"),
}


def make_deliveries(ground: Background) -> dict[date, pd.DataFrame]:
    """Make what is delivered at the four reference dates (1 October), one row per microcell.

    Columns in the names of the canonical extract; missing values are NaN. The cells are the same
    at all dates; the debtors of the city add up to the set totals.
    """
    courses = {
        name: draw_course(ground, name) for name in (*city()["features"], "rate", "work", *city()["pillars"])
    }
    debtors = solve_debtors(ground, courses["rate"])
    drives = [deprivation_at(ground, ratio) for ratio in district_ratios()]
    base = [entry["year"] for entry in city()["datenstand"]].index(city()["course"]["constants_year"])
    features = make_features(ground, drives, courses, debtors[base], base)
    deliveries = {}
    for step, entry in enumerate(city()["datenstand"]):
        now = {name: values[step] for name, values in features.items()}
        columns = debt_columns(debtors[step], now, entry["year"])
        columns |= structure_columns(
            ground, drives[step], {n: c[step] for n, c in courses.items()}, entry["year"]
        )
        table = ground.cells.assign(**columns)
        deliveries[date(entry["year"], 10, 1)] = _leave_gaps(table, entry["year"])
    return deliveries


def _leave_gaps(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Lose a small part of each family of columns, whole groups at a time."""
    rng = stream(f"gaps {year}")
    for names in FAMILIES.values():
        is_lost = rng.random(len(table)) < city()["course"]["missing_share"]
        table.loc[is_lost, list(names)] = np.nan
    return table
