"""A client that follows every address it finds, and reads every number out of what it gets.

It knows what anybody can know who has an account: the addresses in pages, forms and page data. Pages that
differ only in what is scrolled into view (`ansicht`) are fetched once, and the panel of an area by itself,
as the browser does.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.test import Client

from tests.builders import TILE

CITY = 0
LINK = re.compile(r'(?:href|action)="(/[^"#]*)"')
CONFIG = re.compile(r'<script id="map-config" type="application/json">(.*?)</script>', re.DOTALL)
VERSION = re.compile(r'<option value="(\d+)"')
LEFT_OUT = ("/static/", "/abmelden/", "/anmelden/", "/freigaben/", "/filter/")
PURPOSE = {"purpose": "planning"}


@dataclass(frozen=True)
class Number:
    """What one channel says of one place: its text, and who shares the figure."""

    channel: str
    version: int
    code: str
    place: int  # area, 0 = city, minus the number of a district
    text: str
    joined: str = ""


@dataclass
class Crawl:
    """Every answer by address, the export files by indicator and Datenstand."""

    answers: dict[str, bytes] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    versions: set[int] = field(default_factory=set)


def crawl(client: Client) -> Crawl:
    """Fetch everything that can be reached from the start page, and every file."""
    found, waiting = Crawl(), deque(["/karte/", "/hilfe/anonym/", "/freigaben/", "/filter/"])
    while waiting:
        address = waiting.popleft()
        if address in found.answers:
            continue
        answer = client.get(address, follow=True)
        found.answers[address] = answer.content
        if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            text = answer.content.decode()
            found.versions |= {int(number) for number in VERSION.findall(text) if "js-datenstand" in text}
            waiting.extend(new for new in _addresses(address, text) if new not in found.answers)
    found.codes = {own[1] for own in (re.match(r"/karte/(\w+)/\?", one) for one in found.answers) if own}
    for version in sorted(found.versions):
        for address in (f"/freigaben/{version}/", f"/freigaben/{version}/vergleich/"):
            found.answers[address] = client.get(address).content
    for code in sorted(found.codes):
        for version in sorted(found.versions):
            address = f"/karte/{code}/export/?stand={version}"
            found.answers[f"POST {address}"] = client.post(address, PURPOSE).content
    return found


def _addresses(here: str, text: str) -> Iterator[str]:
    """What a page leads to: links, every Datenstand of its list, outlines, panels and tiles of its data."""
    for link in LINK.findall(text):
        link = unescape(link)
        if not link.startswith(LEFT_OUT) and "/export/" not in link:
            yield _canonical(urljoin(here, link))
    own = urlsplit(here)
    if "js-datenstand" in text and own.path.startswith(("/karte/", "/hilfe/")):
        for version in VERSION.findall(text):
            yield _canonical(f"{own.path}?{urlencode({**dict(parse_qsl(own.query)), 'stand': version})}")
    config = CONFIG.search(text)
    if config and "panel" in config[1]:
        yield from _from_config(json.loads(config[1]))


def _from_config(config: Mapping[str, object]) -> Iterator[str]:
    query = urlencode({"stand": config["version"], "zellen": 1})
    yield str(config["geometry"])
    for area in config["areas"]:  # type: ignore[attr-defined]
        yield f"{config['panel']}{area['number']}/?{query}"
    cells = config["cells"]
    if cells:
        yield str(cells["tiles"]).format(z=TILE[0], x=TILE[1], y=TILE[2])  # type: ignore[index]


def _canonical(address: str) -> str:
    """A map page in one form: with display cells, without chosen area and view."""
    own = urlsplit(address)
    query = dict(parse_qsl(own.query))
    if re.fullmatch(r"/karte/\w+/", own.path):
        return f"{own.path}?{urlencode({'stand': query.get('stand', 1), 'zellen': 1})}"
    return f"{own.path}?{urlencode(query)}" if query else own.path


def read_numbers(crawl: Crawl) -> list[Number]:
    """Every number of every channel."""
    found: list[Number] = []
    for address, content in crawl.answers.items():
        own = re.match(r"(POST )?/karte/(\w+)/(?:(blickpunkt|export)/(\d*)/?)?\?stand=(\d+)", address)
        if own is None:
            continue
        posted, code, part, area, version = own.groups()
        text = content.decode("utf-8-sig")
        if posted:
            read = _read_file(text)
        elif part == "blickpunkt":
            read = _read_panel(text, code, int(area))
        else:
            read = [*_read_table(text), *_read_config(text)]
        found += [Number(channel, int(version), own_code or code, place, said, joined)
                  for channel, own_code, place, said, joined in read]  # fmt: skip
    return found


def what_is_said(crawl: Crawl) -> set[Number]:
    """One number per place and Datenstand, as the page data have them."""
    return {number for number in read_numbers(crawl) if number.channel == "page data"}


Read = tuple[str, str, int, str, str]  # channel, code ("" = of the page), place, text, joined


def _plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _read_table(text: str) -> Iterator[Read]:
    body = text[text.index('id="tabelle"') :]
    for number, row in re.findall(r'<tr data-area="(\d+)".*?>(.*?)</tr>', body, re.DOTALL):
        cell = re.search(r"<strong>(.*?)</strong>.*?</td>", row, re.DOTALL)
        joined = re.search(r'muted">(gemeinsam.*?)</span>', row)
        yield "table", "", int(number), _plain(cell[1]), joined[1] if joined else ""  # type: ignore[index]
    foot = re.search(r'<tfoot>.*?<td class="num">(.*?)</td>', body, re.DOTALL)
    yield "table", "", CITY, _plain(foot[1]), ""  # type: ignore[index]


def _read_config(text: str) -> Iterator[Read]:
    config = json.loads(CONFIG.search(text)[1])  # type: ignore[index]
    for area in config["areas"]:
        yield "page data", "", area["number"], _plain(area["text"]), area["joined"]
    for district in config["districts"]:
        yield "page data", "", -district["district"], _plain(district["text"]), ""
    yield "page data", "", CITY, _plain(config["city"].split(": ", 1)[1]), ""


def _read_panel(text: str, code: str, area: int) -> Iterator[Read]:
    big = re.search(r'focus__big">(.*?)</p>', text, re.DOTALL)
    yield "panel", "", area, _plain(big[1]) if big else _withheld_words(text), ""
    for number, row in re.findall(r'<tr data-district="(\d+)">(.*?)</tr>', text, re.DOTALL):
        yield "panel", "", -int(number), _plain(re.search(r"<strong>(.*?)</strong>", row)[1]), ""  # type: ignore[index]
    for other, cell, city in re.findall(
        r'<th scope="row"><a data-code="(\w+)".*?</th><td class="num">(.*?)</td><td class="num">(.*?)</td>',
        text,
        re.DOTALL,
    ):
        yield "panel of others", other, area, _plain(cell.split("<br>")[0]), ""
        yield "panel of others", other, CITY, _plain(city.split("<br>")[0]), ""
    facts = re.search(r'focus__name".*?muted">(.*?)</p>', text, re.DOTALL)
    for words, other in (("Einwohner", "persons"), ("Haushalte", "households")):
        said = re.search(rf"([\d.]+) {words}|{words}: ([^·(]+)", _plain(facts[1]))  # type: ignore[index]
        unit = {"persons": "Personen", "households": "Haushalte"}[other]
        yield "facts", other, area, f"{said[1]} {unit}" if said[1] else said[2].split(" laut")[0].strip(), ""  # type: ignore[index]


def _withheld_words(text: str) -> str:
    if "Dieser Wert ist geschützt" in text:
        return "geschützt"
    return _plain(re.search(r"focus__note.*?<strong>(.*?)\.</strong>", text, re.DOTALL)[1]).lower()  # type: ignore[index]


def _read_file(text: str) -> Iterator[Read]:
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    start = next(at for at, row in enumerate(rows) if row and row[0] == "Gebiet-Nr.")
    for row in rows[start + 1 :]:
        if len(row) < 9 or row[0] == "Gebiet-Nr.":
            continue
        is_number = row[2][:1].isdigit()
        said = f"{row[2]} {row[3]}" if is_number else row[2]
        is_district = row[8].startswith("statistischer Bezirk")
        place = -int(row[5]) if is_district else int(row[0] or CITY)
        yield "file", "", place, said, "" if is_district else row[8]
