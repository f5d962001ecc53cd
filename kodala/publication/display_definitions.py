"""What the signed files say of display cells: which indicators, in which classes, under which rules."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kodala.publication.definitions import indicator_definition, indicator_rules, rules_definition
from kodala.publication.domain.display_cells import DisplayRules, Scale
from microcells.display_cells import display_cell_sizes
from microcells.domain.display_partition import SMALLEST_DISPLAY_CELL


@lru_cache(maxsize=1)
def display_rules() -> DisplayRules:
    """The rules of display cells. Raises ValueError if they, or the cells' sizes, go below the floor."""
    given = rules_definition()["rules"]
    smallest = given["display_households_min"]
    if smallest < SMALLEST_DISPLAY_CELL or display_cell_sizes().minimum < smallest:
        raise ValueError(f"display cells may not be smaller than {SMALLEST_DISPLAY_CELL} households")
    low, high = given["share_band"]
    return DisplayRules(
        households_min=smallest,
        count_min=given["count_min"],
        base_min=given["base_min"],
        small_unit_households=given["small_unit_households"],
        share_low=low,
        share_high=high,
        alike_fall=given["alike_fall"],
    )


def display_scale(code: str) -> Scale:
    """The fixed classes of an indicator that is shown for display cells."""
    rules = indicator_rules()[code]
    return Scale(rules.class_limits, rules.decimals)


def display_indicators() -> list[str]:
    """Codes of the indicators that are shown for display cells, in their order.

    Raises ValueError if one is no share, or if its classes are not fixed by hand: classes that are computed
    anew would show the same cells in two sets of classes, which together say more than each.
    """
    entries: list[dict[str, Any]] = indicator_definition()["indicator"]
    codes = [entry["code"] for entry in entries if entry.get("display_cells", False)]
    for code in codes:
        if indicator_rules()[code].kind != "share" or not indicator_rules()[code].class_limits:
            raise ValueError(f"{code} needs to be a share with class_limits to be shown for display cells")
    return codes
