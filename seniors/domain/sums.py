"""What of an area's cells is needed for digital participation: one pass, sums that can be added."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kodala.statistics.aggregation import Cells, Sums, column, sum_mean, sum_total
from seniors.domain.rules import AgeSet, SeniorRules

AGE_COLUMNS = ("seniors_60_69", "seniors_70_79", "seniors_80plus")
ALTERNATIVE_AGE_COLUMNS = ("seniors_60_64", "seniors_65_74", "seniors_75plus")
PILLAR_COLUMNS = ("digital_access", "digital_use", "digital_skills", "digital_openness")
NEEDED_COLUMNS = (
    "households",
    "persons",
    "adults",
    *AGE_COLUMNS,
    "education_low_percent",
    "purchasing_power_eur",
    *PILLAR_COLUMNS,
)
OPTIONAL_COLUMNS = ALTERNATIVE_AGE_COLUMNS


@dataclass(frozen=True)
class SeniorSums:
    """Sums of one area; can be added over areas.

    seniors:    all of 60+          groups: the three age groups of the set
    education:  adults with low education in percent, weighted by adults
    income:     purchasing power in euro, weighted by persons
    pillars:    0 … 100, weighted by seniors, in the order of the rules
    """

    age_set: AgeSet
    seniors: Sums
    groups: tuple[Sums, ...]
    education: Sums
    income: Sums
    pillars: tuple[Sums, ...]

    def __add__(self, other: SeniorSums) -> SeniorSums:
        """Sums of both areas together. Raises ValueError if their age groups differ."""
        if self.age_set.code != other.age_set.code:
            raise ValueError(f"cannot add age groups {other.age_set.code} to {self.age_set.code}")
        return SeniorSums(
            self.age_set,
            self.seniors + other.seniors,
            tuple(mine + yours for mine, yours in zip(self.groups, other.groups, strict=True)),
            self.education + other.education,
            self.income + other.income,
            tuple(mine + yours for mine, yours in zip(self.pillars, other.pillars, strict=True)),
        )


def choose_age_set(cells: Cells, rules: SeniorRules) -> AgeSet:
    """The last set of age groups that the cells have; the first one if they have none."""
    for age_set in rules.age_sets[:0:-1]:
        if all(np.isfinite(column(cells, name)).any() for name in age_set.columns):
            return age_set
    return rules.age_sets[0]


def sum_area(cells: Cells, rules: SeniorRules, age_set: AgeSet | None = None) -> SeniorSums:
    """Sum the cells of one area.

    cells:    columns of NEEDED_COLUMNS and OPTIONAL_COLUMNS, shape (n,), NaN = missing; an absent
              column is missing everywhere; households are never missing
    age_set:  None: chosen by what the cells have
    A cell without one of its three age groups counts in none.
    """
    chosen = age_set or choose_age_set(cells, rules)
    households = cells["households"]
    groups = [column(cells, name) for name in chosen.columns]
    seniors = groups[0] + groups[1] + groups[2]
    complete = np.isfinite(seniors)
    if not complete.all():
        groups = [np.where(complete, group, np.nan) for group in groups]
    education, income = column(cells, "education_low_percent"), column(cells, "purchasing_power_eur")
    return SeniorSums(
        age_set=chosen,
        seniors=sum_total(seniors, households),
        groups=tuple(sum_total(group, households) for group in groups),
        education=sum_mean(education, column(cells, "adults"), households),
        income=sum_mean(income, column(cells, "persons"), households),
        pillars=tuple(
            sum_mean(column(cells, pillar.column), seniors, households) for pillar in rules.pillars
        ),
    )
