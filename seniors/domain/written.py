"""Sums of an area's seniors as text: what one worker hands to another, exact to the bit."""

from __future__ import annotations

from collections.abc import Mapping

from kodala.statistics.exact import read_sums, write_sums
from seniors.domain.rules import AgeSet
from seniors.domain.sums import SeniorSums

GROUPS = ("group_0", "group_1", "group_2")
PILLARS = ("pillar_0", "pillar_1", "pillar_2", "pillar_3")


def write_seniors(sums: SeniorSums) -> dict[str, str]:
    """Name -> text of each of the sums, and which age groups they count."""
    named = {"seniors": sums.seniors, "education": sums.education, "income": sums.income}
    named |= dict(zip(GROUPS, sums.groups, strict=True)) | dict(zip(PILLARS, sums.pillars, strict=True))
    return {"age_set": sums.age_set.code, **{name: write_sums(own) for name, own in named.items()}}


def read_seniors(texts: Mapping[str, str], age_set: AgeSet) -> SeniorSums:
    """The sums of `write_seniors`. Raises ValueError if they count other age groups."""
    if texts["age_set"] != age_set.code:
        raise ValueError(f"the sums count {texts['age_set']}, not {age_set.code}")
    return SeniorSums(
        age_set,
        read_sums(texts["seniors"]),
        tuple(read_sums(texts[name]) for name in GROUPS),
        read_sums(texts["education"]),
        read_sums(texts["income"]),
        tuple(read_sums(texts[name]) for name in PILLARS),
    )
