"""Primary rules: which figures are unsafe for their own sake."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

CITY = 0  # area number that stands for the whole city


@dataclass(frozen=True)
class Rules:
    """The numbers of the disclosure rules; source: definitions.toml of this room."""

    area_persons_min: int
    count_min: int
    base_min: int
    small_unit_households: int
    share_low: float
    share_high: float
    alike_fall: float


def breaks_primary_rule(table: pd.DataFrame, rules: Rules) -> pd.Series:
    """Mark figures that are unsafe for their own sake; a delivered figure only, NaN is no secret."""
    delivered = table["value"].notna()
    is_count, is_share, is_score = (table["kind"] == kind for kind in ("count", "share", "score"))
    small_count = is_count & (table["value"] < rules.count_min)
    open_zero = is_count & (table["value"] == 0) & table["zero_is_public"]
    small_base = (is_share | is_score) & (table["denominator"] < rules.base_min)
    rest = table["denominator"] - table["numerator"]
    small_part = is_share & ((table["numerator"] < rules.count_min) | (rest < rules.count_min))
    is_small = ~(table["households"] >= rules.small_unit_households)  # also where nobody knows how many
    outside_band = is_share & is_small & ~table["value"].between(rules.share_low, rules.share_high)
    small_area = is_score & (table["persons"] < rules.area_persons_min)
    too_small = table["status"] == "too_small"
    # "Nobody there" says that a count is exactly 0, and a withheld 0 must look like a withheld 4.
    says_zero = table["value"].isna() & (table["denominator"] == 0) & ~table["zero_is_public"]
    unsafe = (small_count & ~open_zero) | small_base | small_part | outside_band | small_area
    if "is_free" in table:
        unsafe &= ~table["is_free"]
    return (delivered & unsafe) | too_small | says_zero


def fall_of_alike(table: pd.DataFrame, rules: Rules) -> pd.Series:
    """Persons by which a share above the band must be able to lie lower; 0 for every other figure.

    Whoever knows nothing but a range expects its middle. If the range reaches down from everybody by twice
    (`alike_fall`) the room above the band, its middle is at most the upper end of the band. Only the
    denominator counts, so the fall does not tell how large the share is.
    """
    is_above = (table["kind"] == "share") & (table["value"] > rules.share_high)
    is_above &= ~(table["households"] >= rules.small_unit_households)
    return (rules.alike_fall * (1 - rules.share_high) * table["denominator"]).where(is_above, 0.0)
