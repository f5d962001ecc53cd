"""How sure one can be that somebody from a place is in debt, offline, or of some type.

What everything shown leaves of a share is a range; whoever knows no more expects its middle. That is the
chance that a person drawn from the place has the attribute. It is worked out for city, areas, districts and
joined areas from the linear programme, for display cells from their classes and the sum of their area.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio

from tests.attack.crawler import Crawl, Number
from tests.attack.site import CELLS, JOINED
from tests.attack.solver import (
    CITY,
    GROUPS,
    PLACES,
    TYPES,
    System,
    column,
    places_of,
    quantity_of,
    read_german,
)
from tests.attack.truth import Truth

OF_PERSONS = ("debt_rate", "debt_rate_hard", "debt_rate_soft", "offline_share")
OF_DEBTORS = (*GROUPS, *TYPES)
WHOLE = (CITY, *CELLS)  # districts have no types
HALF = 0.05  # per cent; what rounding hides
SURELY = ("0", "0,0", "100", "100,0", "nicht sinnvoll")  # texts that say something of everybody
SENTENCE = re.compile(r'mix__sentence">')
Unit = tuple[str, tuple[int, ...]]
Range = tuple[float, float]


def find_shares(system: System, truth: Truth) -> dict[Unit, Range]:
    """(Attribute, places) -> least and largest share that is possible, of every unit that pages speak of."""
    found: dict[Unit, Range] = {}
    for code in OF_PERSONS:
        for place in PLACES:
            base = truth.base(code, place)
            low, high = system.range_of({column(quantity_of(code), place): 1.0})
            found[code, (place,)] = low / base, min(high / base, 1.0)
    for code in OF_DEBTORS:
        for places in (*((place,) for place in WHOLE), JOINED):
            whole = {column("debtors", place): 1.0 for place in places}
            found[code, places] = system.share_of({column(code, place): 1.0 for place in places}, whole)
    return found


def expect(own: Range) -> float:
    """The chance of a person drawn by lot, all possible shares being equally likely."""
    return (own[0] + own[1]) / 2


def list_outside_band(numbers: Collection[Number], band: Sequence[float], least: float) -> set[Unit]:
    """Shown shares outside the band, of places that are shown to have fewer households than `least`."""
    households = {own.place: read_german(own.text) for own in numbers if own.code == "households"}
    found = set()
    for own in numbers:
        size = sum(households.get(place) or 0.0 for place in places_of(own))
        share = read_german(own.text) if own.code in (*OF_PERSONS, *OF_DEBTORS) else None
        if share is not None and size < least and not band[0] <= share / 100 <= band[1]:
            found.add((own.code, places_of(own)))
    return found


def list_certain(numbers: Collection[Number]) -> set[Unit]:
    """Shown figures that say something of everybody: nobody, all, or that there is nobody to speak of."""
    sensitive = (*OF_PERSONS, *OF_DEBTORS, "debtors", "offline_seniors")
    return {
        (own.code, places_of(own))
        for own in numbers
        if own.code in sensitive and (own.text in SURELY or own.text.split()[0] in SURELY)
    }


def list_labelled(crawl: Crawl) -> set[int]:
    """Areas of which a panel says in words which types mark them."""
    panels = (
        (re.match(r"/karte/\w+/blickpunkt/(\d+)/", at), text.decode("latin-1"))
        for at, text in crawl.answers.items()
    )
    return {int(own[1]) for own, text in panels if own and SENTENCE.search(text)}


@dataclass(frozen=True)
class ShownCell:
    """A display cell on the map: what its class leaves of its people, and all of them."""

    number: int
    low: float
    high: float
    base: float


def read_tile(tile: bytes, zxy: tuple[int, int, int], folder: Path) -> dict[int, str]:
    """Display cell number -> class of one tile."""
    z, x, y = zxy
    path = folder / str(z) / str(x) / f"{y}.pbf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tile)
    meta, _, _, fields = pyogrio.raw.read(path)
    columns = dict(zip(meta["fields"], fields, strict=True))
    return {int(number): code for number, code in zip(columns["number"], columns["class"], strict=True)}


def read_classes(words: Mapping[str, str]) -> dict[str, Range]:
    """Class -> least and largest share, from words such as "Klasse B (> 7 bis 9 %)"."""
    found = {}
    for code, said in words.items():
        limits = [float(own.replace(",", ".")) for own in re.findall(r"\d+(?:,\d+)?", said)]
        if not limits:
            found[code] = (0.0, 1.0)
            continue
        low = limits[0] - HALF if "> " in said or "über" in said else 0.0
        high = 100.0 if "über" in said else limits[-1] + HALF
        found[code] = (low / 100, high / 100)
    return found


def narrow_cells(cells: Sequence[ShownCell], total: Range) -> Iterator[tuple[int, Range]]:
    """Number and possible share of each display cell of an area, of whose people the sum is known."""
    low, high = (np.array([getattr(own, name) for own in cells]) for name in ("low", "high"))
    for at, own in enumerate(cells):
        least = max(own.low, total[0] - (high.sum() - high[at]))
        most = min(own.high, total[1] - (low.sum() - low[at]))
        yield own.number, (least / own.base, most / own.base)
