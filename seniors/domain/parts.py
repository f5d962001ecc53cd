"""Offline seniors of parts of an area: its own probabilities, applied to the seniors of each part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from kodala.statistics.aggregation import Cells, column
from seniors.domain.online import income_reference, model_area
from seniors.domain.reference import online_table
from seniors.domain.rules import AgeSet, SeniorRules
from seniors.domain.sums import SeniorSums

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


def find_groups(cells: Cells, age_set: AgeSet) -> Matrix:
    """Seniors of each cell by age group, (3, n); NaN in all three where one of them is missing."""
    groups = np.array([column(cells, name) for name in age_set.columns])
    return np.where(np.isfinite(groups.sum(axis=0)), groups, np.nan)


def count_offline(
    areas: Sequence[SeniorSums], counts: Sequence[Matrix], rules: SeniorRules, year: int
) -> list[Vector]:
    """Expected offline seniors of every part of every area; the parts add up to the area's own figure.

    areas:  sums of all areas of one delivery, as in `score_areas`
    counts: seniors by part and age group, (parts, 3), for each area
    returns: (parts,) for each area, O = Σ N_g·(1 − p_g) with the area's probabilities. Source: methods §5.3.
    """
    city = reduce(add, areas)
    table, income = online_table(rules, city.age_set, year), income_reference(city)
    models = [model_area(sums, table, income, rules) for sums in areas]
    return [own @ (1.0 - model.probabilities) for model, own in zip(models, counts, strict=True)]
