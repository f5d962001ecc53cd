"""The signed files of the exit: which indicators exist, and which rules protect them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kodala.core.definitions import Definition, read_definition
from kodala.publication.domain.rules import LinkedSet, Rules
from kodala.publication.shown import Indicator

ROOM = Path(__file__).parent
SHOWN_FIELDS = tuple(Indicator.__dataclass_fields__)


@dataclass(frozen=True)
class IndicatorRules:
    """How one indicator is rounded and protected."""

    kind: str  # count, share, score
    room: str
    decimals: int
    round_to: int
    zero_is_public: bool
    is_filter: bool
    class_limits: tuple[float, ...]  # set by hand; empty = computed from the values


@dataclass(frozen=True)
class MethodBreak:
    """A year from which values come from another method."""

    year: int
    indicators: tuple[str, ...]
    reason: str
    source: str


def indicator_definition() -> Definition:
    """The signed list of indicators."""
    return read_definition(ROOM / "indicators.toml")


def rules_definition() -> Definition:
    """The signed rules of disclosure control."""
    return read_definition(ROOM / "definitions.toml")


@lru_cache(maxsize=1)
def indicators() -> dict[str, Indicator]:
    """All indicators by code, in the order of the definition."""
    entries: list[dict[str, Any]] = indicator_definition()["indicator"]
    return {entry["code"]: Indicator(**{name: entry[name] for name in SHOWN_FIELDS}) for entry in entries}


@lru_cache(maxsize=1)
def indicator_rules() -> dict[str, IndicatorRules]:
    """Rounding and protection of every indicator by code."""
    entries: list[dict[str, Any]] = indicator_definition()["indicator"]
    return {
        entry["code"]: IndicatorRules(
            entry["kind"],
            entry["room"],
            entry["decimals"],
            entry.get("round_to", 1),
            entry["zero_is_public"],
            entry["is_filter"],
            tuple(entry.get("class_limits", ())),
        )
        for entry in entries
    }


@lru_cache(maxsize=1)
def protection_rules() -> Rules:
    """The numbers of privacy rules as one object."""
    content = rules_definition()
    given = content["rules"]
    low, high = given["share_band"]
    return Rules(
        area_persons_min=given["area_persons_min"],
        count_min=given["count_min"],
        base_min=given["base_min"],
        small_unit_households=given["small_unit_households"],
        share_low=low,
        share_high=high,
        linked=tuple(LinkedSet(tuple(entry["members"]), tuple(entry["also"])) for entry in content["linked"]),
    )


@lru_cache(maxsize=1)
def method_breaks() -> tuple[MethodBreak, ...]:
    """All known method breaks, oldest first."""
    entries: list[dict[str, Any]] = rules_definition()["method_break"]
    breaks = [
        MethodBreak(own["year"], tuple(own["indicators"]), own["reason"], own["source"]) for own in entries
    ]
    return tuple(sorted(breaks, key=lambda own: own.year))
