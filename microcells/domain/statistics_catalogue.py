"""The catalogue of official figures: what may stand in a delivery of area statistics, and its schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kodala.core.definitions import Definition
from microcells.domain.schema import Column, Limits, Mistaken, Schema, read_sentences

KINDS = ("count", "share", "mean")
PROTECTIONS = ("persons", "businesses", "none")
REGIONS = ("city", "district", "state", "country")
AREA = "area"  # what the column for regions says of a row about an observation area
NO_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class OfficialIndicator:
    """One official figure; the keys are explained at the head of area_statistics.toml.

    numerator_parts, denominator_parts:  codes whose sums give a share that was not delivered; may be empty
    """

    code: str
    header: str
    label: str
    short_label: str
    kind: str
    unit: str
    decimals: int
    minimum: float
    maximum: float
    deliverer: str
    is_public: bool
    protection: str
    is_filter: bool
    description: str
    numerator: str
    denominator: str
    caution: str
    regions_only: bool = False
    numerator_parts: tuple[str, ...] = ()
    denominator_parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatisticsLimits:
    """Thresholds of the check, explained in area_statistics.toml."""

    largest_file_rows: int
    sum_tolerance: float
    share_tolerance: float
    city_tolerance: float
    scale_rows: int


@dataclass(frozen=True)
class Whole:
    """Counts that together are all of one other count; subsets have a single part and leave a rest."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """All official figures by code, in the order of the definition, and the words of the file."""

    version: str
    group: str
    indicators: Mapping[str, OfficialIndicator]
    deliverers: Mapping[str, str]
    regions: Mapping[str, str]
    ages: Whole
    subsets: tuple[Whole, ...]
    limits: StatisticsLimits

    def find_indicator(self, word: str) -> OfficialIndicator | None:
        """The figure of that heading, code or label; upper and lower case and signs are alike."""
        return self._words.get(plain(word))

    def find_region(self, word: str, city_name: str = "") -> str:
        """ "city", "district", "state", "country", "area", or "" if the word means none of them."""
        key = plain(word)
        if city_name and key in (plain(city_name), plain(f"{city_name} gesamt"), plain(f"Stadt {city_name}")):
            return "city"
        return self.regions.get(key, "")

    @cached_property
    def _words(self) -> dict[str, OfficialIndicator]:
        words: dict[str, OfficialIndicator] = {}
        for own in self.indicators.values():
            words |= {plain(own.label): own, plain(own.code): own, plain(own.header): own}
        return words


def plain(word: str) -> str:
    """A name without case, spaces and signs, so that "Furth-Süd " is "furth süd"."""
    return NO_SIGNS.sub(" ", word.casefold()).strip()


def read_catalogue(definition: Definition) -> Catalogue:
    """Build the catalogue from the signed definition file. Raises ValueError if it contradicts itself."""
    catalogue = Catalogue(
        version=definition.version,
        group=definition["group"],
        indicators={entry["code"]: _indicator(entry) for entry in definition["indicator"]},
        deliverers=definition["deliverers"],
        regions={plain(word): code for code, words in definition["regions"].items() for word in words},
        ages=_whole(definition["whole"]),
        subsets=tuple(Whole(entry["whole"], (entry["part"],)) for entry in definition["subset"]),
        limits=StatisticsLimits(**definition["limits"]),
    )
    _refuse_contradictions(catalogue)
    return catalogue


def _indicator(entry: Mapping[str, Any]) -> OfficialIndicator:
    own = {key: value for key, value in entry.items() if key not in ("from", "over")}
    return OfficialIndicator(
        **own,
        numerator_parts=tuple(entry.get("from", ())),
        denominator_parts=tuple(entry.get("over", ())),
    )


def _whole(entry: Mapping[str, Any]) -> Whole:
    return Whole(entry["total"], tuple(entry["parts"]))


def _refuse_contradictions(catalogue: Catalogue) -> None:
    named = {catalogue.ages.total, *catalogue.ages.parts}
    for own in catalogue.indicators.values():
        named |= {*own.numerator_parts, *own.denominator_parts}
        if own.kind not in KINDS or own.protection not in PROTECTIONS:
            raise ValueError(f"{own.code} has an unknown kind or protection")
        if own.deliverer not in catalogue.deliverers:
            raise ValueError(f"{own.code} names the unknown deliverer {own.deliverer}")
    for subset in catalogue.subsets:
        named |= {subset.total, *subset.parts}
    if unknown := named - catalogue.indicators.keys():
        raise ValueError(f"the catalogue speaks of unknown figures: {', '.join(sorted(unknown))}")
    if unknown := set(catalogue.regions.values()) - {*REGIONS, AREA}:
        raise ValueError(f"the catalogue speaks of unknown regions: {', '.join(sorted(unknown))}")


def statistics_schema(definition: Definition, extract: Definition, catalogue: Catalogue) -> Schema:
    """The columns of a delivery of area statistics; limits and sentences are those of the extract, and more.

    Every figure may be a column of its own (one row per area), or a word in "indikator" (one row per figure).
    """
    own = tuple(Column(name=name, **entry) for name, entry in definition["columns"].items())
    figures = tuple(_figure_column(one) for one in catalogue.indicators.values())
    return Schema(
        kind="statistics",
        version=definition.version,
        name=definition["name"],
        label=definition["label"],
        key="indicator",
        columns=(*own, *figures),
        one_of=(),
        groups=(),
        relations=(),
        limits=Limits(**extract["limits"]),
        mistaken=Mistaken(
            definition["mistaken_header"], definition["mistaken_text"], definition["mistaken_suggestion"]
        ),
        texts=read_sentences({**extract["texts"], **definition["texts"]}),
        any_of=(tuple(definition["places"]), ("indicator", *(column.name for column in figures))),
    )


def _figure_column(own: OfficialIndicator) -> Column:
    return Column(
        header=own.header,
        name=own.code,
        label=own.label,
        type="decimal",
        unit=own.unit,
        minimum=own.minimum,
        maximum=own.maximum,
        missing_allowed=True,
        description=own.description,
    )
