"""The same questions again and again: other people, sessions, orders, formats and zoom levels, and the mean.

A number that is drawn anew for each answer gives way to patience: the mean of n answers lies within its
standard error, and from some n on only one whole number lies within it. Files are CSV; a workbook of figures
and a page for printing do not exist, print is a style of the same page.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.test import Client

from kodala.dashboard.access import COUNSELLOR, PLANNER
from kodala.publication.models import Datenstand
from kodala.publication.protecting_again import protect_again
from tests.attack.crawler import PURPOSE, Crawl, read_numbers
from tests.attack.site import SMALL, Site
from tests.builders import TILE

SURE = 2.0  # standard errors
PAGES = tuple(
    f"/karte/{code}/{part}"
    for code in ("debtors", "debt_rate_hard", "type_1")
    for part in ("?stand=1&zellen=1", f"blickpunkt/{SMALL}/?stand=1&zellen=1", "export/?stand=1")
)
ZOOMS = (10, 12, 13, 14, 16)
TILES = tuple(
    f"/tiles/1/debt_rate/{z}/{TILE[1] * 2**z // 2 ** TILE[0]}/{TILE[2] * 2**z // 2 ** TILE[0]}.mvt"
    for z in ZOOMS
)
FILTER = "/filter/export/?stand=1"
FORM = {
    **PURPOSE,
    "merkmal": ["debtors", "type_1"],
    "klassen-debtors": list("abcde"),
    "klassen-type_1": list("abcde"),
}


@dataclass(frozen=True)
class Repeats:
    """Rounds of answers by address: of a planner, of a planner after protecting anew, of a counsellor."""

    planner: Sequence[Crawl]
    anew: Sequence[Crawl]
    counsellor: Sequence[Crawl]


def ask_again(standing: Site, rounds: int = 2) -> Repeats:
    """Everything several times, then after each Datenstand was protected once more from its raw data."""
    planner = [_ask(standing, PLANNER, at) for at in range(rounds)]
    counsellor = [_ask(standing, COUNSELLOR, at) for at in range(rounds)]
    Datenstand.objects.update(certificate={"open_leaks": 0})
    if protect_again() != len(standing.deliveries):
        raise RuntimeError("not every Datenstand was protected again")
    return Repeats(planner, [_ask(standing, PLANNER, at) for at in range(rounds)], counsellor)


def ask_often(standing: Site, times: int = 50) -> list[Crawl]:
    """One file many times, by two people in turn, each time in a new session."""
    address = "/karte/debtors/export/?stand=1"
    return [
        Crawl({f"POST {address}": _fetch(_session(standing, (PLANNER, COUNSELLOR)[at % 2]), address)})
        for at in range(times)
    ]


def _session(standing: Site, role: str) -> Client:
    client = Client()
    client.force_login(standing.people[role])
    return client


def _ask(standing: Site, role: str, shift: int) -> Crawl:
    """All addresses in a new session; each round begins at another one."""
    addresses = [*PAGES, *TILES, FILTER]
    turned = addresses[shift * 5 :] + addresses[: shift * 5]
    client = _session(standing, role)
    return Crawl({f"POST {own}" if "export" in own else own: _fetch(client, own) for own in turned})


def _fetch(client: Client, address: str) -> bytes:
    if address == FILTER:
        return client.post(address, FORM).content
    if "/export/" in address:
        return client.post(address, PURPOSE).content
    return client.get(address).content


def collect_texts(rounds: Iterable[Crawl]) -> dict[tuple[str, int], list[str]]:
    """Every text that any answer gives for a figure."""
    said: dict[tuple[str, int], list[str]] = defaultdict(list)
    for number in {(at, own) for at, crawl in enumerate(rounds) for own in read_numbers(crawl)}:
        said[number[1].code, number[1].place].append(number[1].text)
    return said


def estimate(texts: Sequence[str]) -> tuple[float, float] | None:
    """Mean and standard error of the numbers among the texts; None for fewer than two."""
    numbers = [own for own in map(_as_number, texts) if own is not None]
    if len(numbers) < 2:
        return None
    return float(np.mean(numbers)), float(np.std(numbers, ddof=1)) / math.sqrt(len(numbers))


def _as_number(text: str) -> float | None:
    plain = text.split()[0].replace("\N{MINUS SIGN}", "-").replace(".", "").replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return None


def recover_by_mean(
    said: Mapping[tuple[str, int], Sequence[str]], withheld: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """The whole numbers to which the means of withheld counts can be pinned."""
    found = {}
    for key in withheld:
        own = estimate(said.get(key, ()))
        if own and math.ceil(own[0] - SURE * own[1] - 0.5) == math.floor(own[0] + SURE * own[1] + 0.5):
            found[key] = round(own[0])
    return found
