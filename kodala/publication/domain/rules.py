"""Primary rules, and what must fall with a withheld figure until the full audit exists.

Pure: a table of candidate figures goes in, the same table with states comes out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kodala.publication.domain.joining import areas_behind
from kodala.publication.shown import FigureState

CITY = 0  # area number that stands for the whole city


@dataclass(frozen=True)
class LinkedSet:
    """Indicators of one area that give each other away; `also` falls with them."""

    members: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """The numbers of the disclosure rules; source: definitions.toml of this room."""

    area_persons_min: int
    count_min: int
    base_min: int
    small_unit_households: int
    share_low: float
    share_high: float
    linked: tuple[LinkedSet, ...]


def protect(candidates: pd.DataFrame, rules: Rules, closed: Collection[str] = ()) -> pd.DataFrame:
    """Decide the state of every candidate figure and blank what may not be shown.

    candidates: one row per indicator and area (area 0 = whole city) with the columns indicator, area,
                kind ("count", "share", "score"), value, lower, upper, numerator, denominator, status,
                persons, households (of the area), zero_is_public, and, if anybody has it, is_free: a
                number of things that says nothing about people, e.g. shops; and joined: see `joining`
    closed:     indicators that may not be shown anywhere, because figures elsewhere would give them away
    returns:    the rows in their order with a column `state`; value, lower and upper are NaN wherever the
                state has no value

    Source: privacy rules of this project (count, base, band, area size); Hundepool et al. 2012, ch. 4.
    """
    table = candidates.reset_index(drop=True).copy()
    table["state"] = FigureState.VALUE.value
    table.loc[table["value"] == 0, "state"] = FigureState.ZERO.value
    table.loc[table["status"] == "uncertain", "state"] = FigureState.UNRELIABLE.value
    table.loc[table["value"].isna(), "state"] = FigureState.NOT_DELIVERED.value
    table.loc[table["value"].isna() & (table["denominator"] == 0), "state"] = FigureState.NOT_MEANINGFUL.value
    is_closed = table["indicator"].isin(closed) & table["value"].notna()
    table.loc[breaks_primary_rule(table, rules) | is_closed, "state"] = FigureState.PROTECTED.value
    table["state"] = _withhold_linked(table, rules)
    table["state"] = _withhold_totals(table)
    is_open = table["state"].isin([FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE])
    table.loc[~is_open, ["value", "lower", "upper"]] = np.nan
    return table


def breaks_primary_rule(table: pd.DataFrame, rules: Rules) -> pd.Series:
    """Mark figures that are unsafe for their own sake; a delivered figure only, NaN is no secret."""
    delivered = table["value"].notna()
    is_count, is_share, is_score = (table["kind"] == kind for kind in ("count", "share", "score"))
    small_count = is_count & (table["value"] < rules.count_min)
    open_zero = is_count & (table["value"] == 0) & table["zero_is_public"]
    small_base = (is_share | is_score) & (table["denominator"] < rules.base_min)
    rest = table["denominator"] - table["numerator"]
    small_part = is_share & ((table["numerator"] < rules.count_min) | (rest < rules.count_min))
    outside_band = (
        is_share
        & (table["households"] < rules.small_unit_households)
        & ~table["value"].between(rules.share_low, rules.share_high)
    )
    small_area = is_score & (table["persons"] < rules.area_persons_min)
    too_small = table["status"] == "too_small"
    # "Nobody there" says that a count is exactly 0, and a withheld 0 must look like a withheld 4.
    says_zero = table["value"].isna() & (table["denominator"] == 0) & ~table["zero_is_public"]
    unsafe = (small_count & ~open_zero) | small_base | small_part | outside_band | small_area
    if "is_free" in table:
        unsafe &= ~table["is_free"]
    return (delivered & unsafe) | too_small | says_zero


def _withhold_linked(table: pd.DataFrame, rules: Rules) -> pd.Series:
    """Withhold, area by area, what would give a withheld figure away."""
    hidden = table["state"] == FigureState.PROTECTED
    # Delivered anywhere: a share missing in one area alone says that its base is 0 there.
    delivered = table["value"].notna().groupby(table["indicator"]).transform("any")
    places = areas_behind(table)
    for linked in rules.linked:
        is_member = table["indicator"].isin(linked.members)
        falling = is_member | table["indicator"].isin(linked.also)
        hit_areas = {area for own in places[hidden & is_member] for area in own}
        is_hit = np.array([not hit_areas.isdisjoint(own) for own in places], dtype=bool)
        hidden |= falling & delivered & is_hit
    return table["state"].where(~hidden, FigureState.PROTECTED.value)


def _withhold_totals(table: pd.DataFrame) -> pd.Series:
    """Withhold the city's figure of an indicator that is withheld in any area."""
    hidden = table["state"] == FigureState.PROTECTED
    hit = table.loc[hidden & (table["area"] != CITY), "indicator"].unique()
    is_total = (table["area"] == CITY) & table["indicator"].isin(hit)
    return table["state"].where(~is_total, FigureState.PROTECTED.value)


def list_open_leaks(table: pd.DataFrame, rules: Rules) -> list[str]:
    """Find withheld figures that still follow from shown ones; independent of how they were withheld.

    table: result of `protect`
    returns: one German sentence per leak, empty if there is none. The city shown beside a withheld area is
             a leak, and so is a linked set with a withheld and a shown member.
    """
    shown = table["state"].isin([FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE])
    leaks = []
    for indicator, rows in table.assign(shown=shown).groupby("indicator", sort=True):
        city_shown = rows.loc[rows["area"] == CITY, "shown"].any()
        any_hidden = (rows.loc[rows["area"] != CITY, "state"] == FigureState.PROTECTED).any()
        if city_shown and any_hidden:
            leaks.append(f"{indicator}: Die Gesamtsumme steht neben einem geschützten Gebiet.")
    for linked in rules.linked:
        rows = table[table["indicator"].isin(linked.members)]
        for area, own in rows.groupby("area", sort=True):
            states = set(own["state"])
            if FigureState.PROTECTED in states and states & {
                FigureState.VALUE,
                FigureState.ZERO,
                FigureState.UNRELIABLE,
            }:
                leaks.append(f"Gebiet {area}: {', '.join(linked.members)} sind nur zum Teil geschützt.")
    return leaks
