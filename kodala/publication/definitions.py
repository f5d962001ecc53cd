"""The signed files of the exit: which indicators exist, and which rules protect them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kodala.core.definitions import Definition, read_definition
from kodala.publication.domain.figure_table import Content, Protection, Relation
from kodala.publication.domain.joining import Interval, JoinedAreas, JointFormula, check_joined
from kodala.publication.domain.official import official_content
from kodala.publication.domain.protection import Definitions
from kodala.publication.domain.rules import Rules
from kodala.publication.shown import Indicator
from kodala.statistics.method_breaks import Break
from microcells.definitions import official_catalogue
from microcells.domain.statistics_catalogue import OfficialIndicator
from typology.definitions import typology_rules

ROOM = Path(__file__).parent
OFFICIAL_KINDS = {"count": "count", "share": "share", "mean": "score"}
TYPE_CODES = tuple(f"type_{number}" for number in range(1, 9))
GROUP_CODES = ("group_lasting", "group_temporary", "group_periodic")
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
    interval: Interval = "bound"  # of a figure that several areas show together


@dataclass(frozen=True)
class MethodBreak:
    """A year from which values come from another method, and what is known of its effect.

    effect_region: the region whose numbers `bridge.effect` is about; "" = the factor holds everywhere
    """

    year: int
    indicators: tuple[str, ...]
    reason: str
    source: str
    bridge: Break
    effect_region: str

    def for_region(self, region: str) -> Break:
        """The break for a region, or for areas and city (""); an effect holds for its own region only."""
        is_known = not self.effect_region or self.effect_region == region
        return self.bridge if is_known else Break(self.year)


def indicator_definition() -> Definition:
    """The signed list of indicators."""
    return read_definition(ROOM / "indicators.toml")


def rules_definition() -> Definition:
    """The signed rules of disclosure control."""
    return read_definition(ROOM / "definitions.toml", one_signature=True)


@lru_cache(maxsize=1)
def indicators() -> dict[str, Indicator]:
    """All indicators by code: those of the definition in its order, then the official figures."""
    entries: list[dict[str, Any]] = indicator_definition()["indicator"]
    own = {entry["code"]: Indicator(**{name: entry[name] for name in SHOWN_FIELDS}) for entry in entries}
    return own | {one.code: _official_indicator(one) for one in official_indicators()}


@lru_cache(maxsize=1)
def indicator_rules() -> dict[str, IndicatorRules]:
    """Rounding and protection of every indicator by code."""
    entries: list[dict[str, Any]] = indicator_definition()["indicator"]
    own = {
        entry["code"]: IndicatorRules(
            entry["kind"],
            entry["room"],
            entry["decimals"],
            entry.get("round_to", 1),
            entry["zero_is_public"],
            entry["is_filter"],
            tuple(entry.get("class_limits", ())),
            entry.get("interval", "bound"),
        )
        for entry in entries
    }
    return own | {
        one.code: IndicatorRules(
            OFFICIAL_KINDS[one.kind],
            "microcells",
            one.decimals,
            1,
            one.protection == "none",
            one.is_filter,
            (),
        )
        for one in official_indicators()
    }


def official_indicators() -> tuple[OfficialIndicator, ...]:
    """The official figures that areas can have, in the order of their catalogue."""
    return tuple(one for one in official_catalogue().indicators.values() if not one.regions_only)


def _official_indicator(one: OfficialIndicator) -> Indicator:
    return Indicator(
        code=one.code,
        label=one.label,
        short_label=one.short_label,
        group=official_catalogue().group,
        kind=OFFICIAL_KINDS[one.kind],
        unit=one.unit,
        description=one.description,
        direction="Dunkler = höher.",
        difference_unit="Prozentpunkte" if one.kind == "share" else one.unit,
        is_modelled=False,
        numerator=one.numerator,
        denominator=one.denominator,
        source=official_catalogue().deliverers[one.deliverer],
        method="amtliche Zahl, wie geliefert oder aus Zähler und Nenner"
        if one.numerator_parts
        else "amtliche Zahl, wie geliefert",
        caution=one.caution,
    )


def protection_rules() -> Rules:
    """The primary rules."""
    return protection_definitions().rules


@lru_cache(maxsize=1)
def protection_definitions() -> Definitions:
    """Everything signed that decides what may be shown."""
    content = rules_definition()
    return Definitions(
        _primary_rules(content["rules"]), _content(content), _protection(content["protection"])
    )


def _primary_rules(given: dict[str, Any]) -> Rules:
    low, high = given["share_band"]
    return Rules(
        area_persons_min=given["area_persons_min"],
        count_min=given["count_min"],
        base_min=given["base_min"],
        small_unit_households=given["small_unit_households"],
        share_low=low,
        share_high=high,
        alike_fall=given["alike_fall"],
    )


def _content(given: Definition) -> Content:
    """What the room's own and the official figures are made of."""
    own = {code: tuple(quantities) for code, quantities in given["reveals"].items()}
    sums = tuple(Relation(one["total"], tuple(one["parts"]), one.get("rest", False)) for one in given["sum"])
    official = official_content(official_catalogue())
    # What is signed here wins: the catalogue knows a debt rate too, of which it has no numerator.
    return Content({**official.reveals, **own}, sums + official.relations)


def _protection(given: dict[str, Any]) -> Protection:
    return Protection(
        interval=given["interval"],
        insiders=given["insiders"],
        by_people={"people": True, "figures": False}[given["prices"]],
        city_weight=given["city_weight"],
        hides_city=given["city_may_be_withheld"],
    )


def district_indicators() -> frozenset[str]:
    """Indicators that are shown for single statistical districts too."""
    return frozenset(rules_definition()["districts"]["indicators"])


@lru_cache(maxsize=1)
def joined_areas() -> tuple[JoinedAreas, ...]:
    """Which areas show which indicators together. Raises ValueError if that would give a figure away.

    Official figures and scores cannot be joined: a score has no numerator, an official figure its own dates.
    """
    entries: list[dict[str, Any]] = rules_definition().content.get("joined", [])
    joined = tuple(
        JoinedAreas(tuple(sorted(entry["areas"])), frozenset(entry["indicators"])) for entry in entries
    )
    official = {one.code for one in official_indicators()}
    joinable = {
        code for code, own in indicator_rules().items() if own.kind != "score" and code not in official
    }
    check_joined(joined, joinable)
    return joined


@lru_cache(maxsize=1)
def joint_formulas() -> dict[str, JointFormula]:
    """How the joint figure of an indicator is judged; types as the typology judges an area."""
    least = typology_rules().label
    return {
        code: JointFormula(own.interval, least.least_debtors, least.least_cells)
        if code in (*GROUP_CODES, *TYPE_CODES)
        else JointFormula(own.interval)
        for code, own in indicator_rules().items()
    }


@lru_cache(maxsize=1)
def method_breaks() -> tuple[MethodBreak, ...]:
    """All known method breaks, oldest first."""
    entries: list[dict[str, Any]] = read_definition(ROOM / "method_breaks.toml")["method_break"]
    breaks = [
        MethodBreak(
            own["year"],
            tuple(own["indicators"]),
            own["reason"],
            own["source"],
            Break(own["year"], _factor(own), own.get("effect")),
            own.get("effect_region", ""),
        )
        for own in entries
    ]
    return tuple(sorted(breaks, key=lambda own: own.year))


def _factor(entry: dict[str, Any]) -> float | None:
    """New method over old method at the same moment, None if nobody published both."""
    return entry["value_new"] / entry["value_old"] if "value_old" in entry else None


def breaks_of(code: str) -> tuple[MethodBreak, ...]:
    """The method breaks of an indicator, oldest first."""
    return tuple(own for own in method_breaks() if code in own.indicators)
