"""From rounded rates back to people: people are whole, so only few numerators give what is shown.

A shown rate, its interval and a known base leave a handful of whole numerators, often one. With them every
sum becomes an equation among whole numbers, and a withheld one is what is left.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from math import ceil

from kodala.core.german import german_number
from kodala.publication.domain.wording import round_published
from kodala.statistics.intervals import byar, wilson
from tests.attack.crawler import CITY, Crawl, Number
from tests.attack.solver import PLACES, System, column, places_of, quantity_of, read_german, set_up
from tests.attack.truth import Truth

RATES = ("debt_rate", "debt_rate_hard", "debt_rate_soft")
PEOPLE = ("debtors", *RATES[1:])  # quantities that are whole people
MOST = 1000  # people in debt, more than the whole city has
Spans = dict[tuple[str, int], str]


def read_spans(crawl: Crawl) -> Spans:
    """(Indicator, place) -> interval as files write it: "9,3 bis 13,8 %"."""
    found: Spans = {}
    for address, content in crawl.answers.items():
        own = re.match(r"POST /karte/(\w+)/export/", address)
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";") if own else ()
        for row in rows:
            if own and len(row) == 9 and row[0] != "Gebiet-Nr." and " bis " in row[4]:
                place = -int(row[5]) if row[8].startswith("statistischer Bezirk") else int(row[0] or CITY)
                found[own[1], place] = row[4]
    return found


def list_numerators(code: str, value: float, span: str, base: float) -> list[int]:
    """All whole numbers of people that are shown as this value with this interval."""
    most = ceil(base) if code in RATES else MOST
    return [
        people for people in range(most + 1) if _shown(code, people, base) == (value, span.split("\xa0")[0])
    ]


def _shown(code: str, people: int, base: float) -> tuple[float, str]:
    is_rate = code in RATES
    if people > base > 0.0:
        return -1.0, ""
    low, high = wilson(people / base, base) if is_rate else byar(people)
    scale, decimals, round_to = (100.0, 1, 1) if is_rate else (1.0, 0, 10)
    value = scale * people / base if is_rate else people
    ends = (german_number(round_published(scale * end, decimals, round_to), decimals) for end in (low, high))
    return round_published(value, decimals, round_to), " bis ".join(ends)


def set_up_whole(numbers: Collection[Number], spans: Spans, truth: Truth) -> System:
    """All bounds of the linear attacker, and between which whole numbers each shown numerator lies.

    Raises ValueError if no whole number is shown as a figure is.
    """
    system = set_up(numbers, truth)
    for own in sorted(numbers, key=str):
        value = read_german(own.text)
        if own.code not in (*RATES, "debtors") or value is None:
            continue
        place = own.place
        base = truth.base(own.code, place) if own.code in RATES else 0.0
        possible = list_numerators(own.code, value, spans[own.code, place], base)
        if not possible:
            raise ValueError(f"nothing is shown as {own}")
        system.between({column(quantity_of(own.code), place): 1.0}, possible[0], possible[-1])
    return system


def whole_columns() -> frozenset[int]:
    """The unknowns that are whole people."""
    return frozenset(column(quantity, place) for quantity in PEOPLE for place in PLACES)


def list_targets(numbers: Collection[Number]) -> list[tuple[str, tuple[int, ...]]]:
    """Withheld figures that give whole people away."""
    return sorted({
        (quantity_of(own.code), places_of(own))
        for own in numbers
        if own.text == "geschützt" and quantity_of(own.code) in PEOPLE
    })  # fmt: skip
