"""The risk filter asked for sets, their complements and intersections, and what follows from the answers.

Asking for all sets of classes of all 18 features, five at a time, would take years. Asked are, in every
Datenstand, each single class, each complement of one and all classes of a feature; each pair of features, in
one Datenstand each, with a pair of classes that changes from pair to pair; and many sets of three to five
features drawn by lot. If all of these follow from the single classes, so does every other set. Answers come
as fragments, as files and, for a few, under the address of a saved filter.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import combinations

from django.test import Client

from tests.attack.crawler import CITY, CONFIG, PURPOSE, Number

CLASSES = "abcde"
CROWDS = 50  # of each size
OPTION = re.compile(r'<option value="([a-z]\w+)">')
FEATURE = re.compile(
    r'<input type="hidden" name="merkmal" value="(\w+)">\s*<div class="crit__cells">(.*?)</fieldset>', re.S
)
COUNTED = re.compile(r'value="(\w)".*?class="crit__range">(.*?)</span><span class="crit__count">(\d+) ', re.S)
UNTESTED = re.compile(r"Nicht geprüft: \d+ geschützt(?: \((.*?)\))?, \d+ ohne Daten(?: \((.*?)\))?\.")
HIT = re.compile(
    r'data-hit="(\d+)".*?>(.*?)</a><br><span class="tiny muted">(.*?)</span></th>(.*?)</tr>', re.S
)
FOOT = re.compile(r'class="crit__foot tiny muted"><span>[^:]*: (.*?)<br>')
UNDER_DEBT = " überschuldet"
Criteria = tuple[tuple[str, str], ...]  # feature and its chosen classes, such as "ade"


@dataclass(frozen=True)
class Query:
    """What is chosen in one Datenstand."""

    version: int
    criteria: Criteria

    @property
    def form(self) -> dict[str, list[str] | str]:
        """The fields of the page's form, and those of the file."""
        chosen = {f"klassen-{code}": list(classes) for code, classes in self.criteria}
        return {**PURPOSE, "merkmal": [code for code, _ in self.criteria], **chosen}


@dataclass(frozen=True)
class Answer:
    """The numbers of the areas listed, in their order; names that could not be tested; texts of numbers."""

    query: Query
    hits: tuple[int, ...]
    names: tuple[str, ...]
    protected: tuple[str, ...]
    missing: tuple[str, ...]
    numbers: tuple[Number, ...]
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)  # feature and class -> areas


Features = Mapping[str, str]  # code -> the classes there are


def list_features(client: Client, version: int) -> list[str]:
    """Codes of everything the filter offers: the first feature and the list of others."""
    page = client.get(f"/filter/?stand={version}").content.decode()
    return [*(code for code, _ in FEATURE.findall(page)), *OPTION.findall(page.split('id="neu"')[1])]


def singles(features: Features, version: int) -> Iterator[Query]:
    """Each class of each feature alone."""
    yield from (Query(version, ((code, one),)) for code, classes in features.items() for one in classes)


def complements(features: Features, version: int) -> Iterator[Query]:
    """All classes but one of each feature."""
    for code, classes in features.items():
        for one in classes if len(classes) > 1 else "":
            yield Query(version, ((code, classes.replace(one, "")),))


def wholes(codes: Iterable[str], version: int) -> Iterator[Query]:
    """All classes of each feature, those too that it may not have."""
    yield from (Query(version, ((code, CLASSES),)) for code in codes)


def pairs(features: Features, versions: Sequence[int]) -> Iterator[Query]:
    """Each pair of features in one Datenstand: a class of one beside a class, or all, of the other."""
    for at, (one, other) in enumerate(combinations(features, 2)):
        first = features[one][at % len(features[one])]
        second = features[other] if at % 4 > 1 else features[other][at % len(features[other])]
        yield Query(versions[at % len(versions)], ((one, first), (other, second)))


def crowds(features: Features, versions: Sequence[int]) -> Iterator[Query]:
    """Sets of three, four and five features, each with some of its classes, drawn by lot."""
    lot = random.Random(0)  # noqa: S311
    for size in (3, 4, 5):
        for _ in range(CROWDS):
            codes = lot.sample(sorted(features), size)
            # Mostly all classes but one: sets of single classes would hardly list an area.
            chosen = [features[code].replace(lot.choice(CLASSES), "") or CLASSES for code in codes]
            yield Query(lot.choice(versions), tuple(zip(codes, chosen, strict=True)))


@dataclass(frozen=True)
class Asked:
    """The answers as files and as pages."""

    files: Mapping[Query, bytes]
    pages: Mapping[Query, bytes]


def ask_everything(client: Client, versions: Sequence[int]) -> Asked:
    """All of it, as a person who has the right to."""
    pages, queries = {}, []
    for version in versions:
        pages |= ask_pages(client, wholes(list_features(client, version), version))
        features = _features(pages, version)
        queries += [*singles(features, version), *complements(features, version)]
    queries += [*pairs(features, versions), *crowds(features, versions)]
    return Asked(ask_files(client, dict.fromkeys(queries)), pages)


def ask_shortly(client: Client, version: int, most: int | None = None) -> Asked:
    """Each class of each feature, or of some, and all of them."""
    pages = ask_pages(client, wholes(list_features(client, version)[:most], version))
    return Asked(ask_files(client, singles(_features(pages, version), version)), pages)


def _features(pages: Mapping[Query, bytes], version: int) -> dict[str, str]:
    found = {}
    for query, content in pages.items():
        (code, _), cells = query.criteria[0], FEATURE.search(content.decode())
        classes = "".join(one for one, _, _ in COUNTED.findall(cells[2])) if cells else ""
        if query.version == version and classes:
            found[code] = classes
    return found


def ask_files(client: Client, queries: Iterable[Query]) -> dict[Query, bytes]:
    """The file of each answer."""
    return {own: client.post(f"/filter/export/?stand={own.version}", own.form).content for own in queries}


def ask_pages(client: Client, queries: Iterable[Query]) -> dict[Query, bytes]:
    """The fragment of each answer, as the browser asks for it."""
    return {own: client.post(f"/filter/ergebnis/?stand={own.version}", own.form).content for own in queries}


def ask_saved(client: Client, query: Query, versions: Iterable[int]) -> dict[Query, bytes]:
    """Save a filter and open it in each Datenstand: POST, then GET under its opaque address."""
    form = {**query.form, "name": "Suche"}
    address = client.post(f"/filter/speichern/?stand={query.version}", form).url.split("?")[0]
    return {
        Query(version, query.criteria): client.get(f"{address}?stand={version}").content
        for version in versions
    }


def read_file(query: Query, content: bytes) -> Answer:
    """What a file says. Raises ValueError if it counts more areas than it lists."""
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";") if row]
    said = {row[0]: row for row in rows}
    start = next(at for at, row in enumerate(rows) if row[0] == "Gebiet-Nr.")
    hits = rows[start + 1 :]
    numbers = [
        Number("filter file", query.version, code, int(row[0]), *_said(row[2 + 3 * at]))
        for row in hits
        for at, (code, _) in enumerate(query.criteria)
    ]
    protected, missing = (said[f"Nicht geprüft, {why}"] for why in ("geschützt", "ohne Daten"))
    if int(said["Treffer"][1].split()[0]) != len(hits) or int(protected[1]) != len(_names(protected[2])):
        raise ValueError("the file counts more than it lists")
    return Answer(
        query,
        tuple(int(row[0]) for row in hits),
        tuple(row[1] for row in hits),
        _names(protected[2]),
        _names(missing[2]),
        tuple(numbers),
    )


def read_page(query: Query, content: bytes) -> Answer | None:
    """What a page says in its list, beside its classes and on its map; None if no area shows the feature."""
    text = content.decode()
    if "Noch keine Klasse" in text:
        return None
    protected, missing = UNTESTED.search(text).groups(default="")  # type: ignore[union-attr]
    hits = HIT.findall(text)
    shown = json.loads(CONFIG.search(text)[1])["areas"]  # type: ignore[index]
    numbers = [*_listed(query, hits), *_of_city(query, text), *_on_map(query, shown)]
    counts = {
        (code, one): int(count)
        for code, cells in FEATURE.findall(text)
        for one, _, count in COUNTED.findall(cells)
    }
    listed, names = tuple(int(own[0]) for own in hits), tuple(unescape(own[1]) for own in hits)
    return Answer(query, listed, names, _names(protected), _names(missing), tuple(numbers), counts)


def _names(text: str) -> tuple[str, ...]:
    return tuple(unescape(text).split("; ")) if text else ()


def _said(label: str) -> tuple[str, str]:
    """A number, and whose it is if it belongs to several areas; marks of doubt are left out."""
    number, _, marks = label.partition(" (")
    return number, marks if "gemeinsam" in marks else ""


def _listed(query: Query, hits: Sequence[Sequence[str]]) -> Iterator[Number]:
    for number, _, people, cells in hits:
        said = re.sub(r"^Zahl der Überschuldeten: ", "", unescape(people)).split(UNDER_DEBT)[0]
        yield Number("filter list", query.version, "debtors", int(number), " ".join(said.split()))
        figures = re.findall(r'<td class="num">([^<]*)(.*?)</td>', cells, re.S)
        for (code, _), (figure, marks) in zip(query.criteria, figures, strict=True):
            joined = "gemeinsam" if "gemeinsam" in marks else ""
            yield Number("filter list", query.version, code, int(number), figure.strip(), joined)


def _of_city(query: Query, text: str) -> Iterator[Number]:
    feet = FOOT.findall(text)
    for (code, _), said in zip(query.criteria, feet, strict=True):
        yield Number("filter city", query.version, code, CITY, " ".join(unescape(said).split()))


def _on_map(query: Query, areas: Sequence[Mapping[str, object]]) -> Iterator[Number]:
    code = query.criteria[0][0]
    for area in areas:
        said = " ".join(str(area["text"]).split())
        if not said.startswith("nicht geprüft"):
            joined = str(area["joined"])
            yield Number("filter map", query.version, code, int(str(area["number"])), said, joined)


def learn_classes(answers: Sequence[Answer], numbers: Mapping[str, int]) -> dict[tuple[str, int], str]:
    """The classes that remain possible for each feature and area, from who is listed and who is not.

    numbers: name -> number of all areas
    """
    codes = {code for own in answers for code, _ in own.query.criteria}
    possible = {(code, area): set(CLASSES) for code in codes for area in numbers.values()}
    for _ in range(2):  # what one answer says of a feature makes another one speak of the next
        for own in answers:
            untested = {
                numbers[name] for line in (*own.protected, *own.missing) for name in split_names(line)
            }
            for area in set(numbers.values()) - untested:
                _learn(possible, own, area)
    return {key: "".join(sorted(own)) for key, own in possible.items()}


def _learn(possible: dict[tuple[str, int], set[str]], answer: Answer, area: int) -> None:
    criteria = answer.query.criteria
    for code, chosen in criteria:
        if area in answer.hits:
            possible[code, area] &= set(chosen)
        elif all(possible[other, area] <= set(own) for other, own in criteria if other != code):
            possible[code, area] -= set(chosen)


def split_names(line: str) -> list[str]:
    """ "A, B und C" as names."""
    return re.split(r", | und ", line)


def learn_order(answer: Answer) -> list[int]:
    """Areas of a list that does not go by name: what stands between two numbers lies between them."""
    return [] if list(answer.names) == sorted(answer.names) else list(answer.hits)
