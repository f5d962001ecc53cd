"""The findings of a delivery for people: counted, grouped, row by row; always in one stable order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Func, IntegerField, QuerySet, Sum, TextField, When

from microcells.models import Delivery, StoredFinding

PER_PAGE = 50
READ_AT_ONCE = 2000
# The three words of severity stand in the alphabet as they weigh: contract, error, warning.
ORDERS = {
    "art": ("severity", "line", "code", "column", "pk"),
    "zeile": ("line", "code", "column", "pk"),
    "spalte": ("column", "line", "code", "pk"),
    "regel": ("code", "line", "column", "pk"),
}


@dataclass(frozen=True)
class FindingLine:
    """One line of the table: a finding in one row, or in `more` further rows as well."""

    pk: int
    severity: str
    row: int
    more: int
    column: str
    code: str
    text: str
    rule: str
    suggestion: str


class EachRow(Func):
    """One row of the answer for each entry of an array."""

    function = "unnest"
    set_returning = True
    output_field = IntegerField()


class EachText(Func):
    """The sentence of each row, beside `EachRow`; NULL where the group has only one."""

    function = "unnest"
    set_returning = True
    output_field = TextField()


class EachPlace(Func):
    """The place of each sentence, beside `EachText`, so that their order is kept."""

    template = "generate_subscripts(%(expressions)s, 1)"
    set_returning = True
    output_field = IntegerField()


def count_by_severity(delivery: Delivery) -> dict[str, int]:
    """How many findings there are of each severity, listed or not."""
    sums = StoredFinding.objects.filter(delivery=delivery).order_by().values("severity")
    return {one["severity"]: one["n"] for one in sums.annotate(n=Sum("n_rows"))}


def count_by_code(delivery: Delivery) -> dict[str, int]:
    """How many findings there are of each rule, listed or not, sorted by code."""
    sums = StoredFinding.objects.filter(delivery=delivery).order_by("code").values("code")
    return {one["code"]: one["n"] for one in sums.annotate(n=Sum("n_rows"))}


def list_groups(delivery: Delivery, severity: str, order: str, page: int) -> Page[FindingLine]:
    """A page of findings, the rows of each put together; `severity` "" = all, `order` a key of ORDERS."""
    groups = _filtered(delivery, severity).annotate(line=F("row")).order_by(*ORDERS[order])
    lines = groups.values_list("pk", "severity", "line", "n_rows", *TEXTS)
    found: Page[Any] = Paginator(lines, PER_PAGE).get_page(page)
    found.object_list = [
        FindingLine(pk, weight, row, n_rows - 1, *texts)
        for pk, weight, row, n_rows, *texts in found.object_list
    ]
    return found


def list_rows(
    delivery: Delivery, severity: str, order: str, page: int, finding: int | None
) -> Page[FindingLine]:
    """A page of findings row by row; `finding` narrows it to the rows of one group."""
    lines = _each_row(delivery, severity, order, finding)
    paginator = Paginator(lines, PER_PAGE)
    paginator.count = _count_listed(delivery, severity, finding)
    found: Page[Any] = paginator.get_page(page)
    found.object_list = [_single(line) for line in found.object_list]
    return found


def iterate_rows(delivery: Delivery, order: str = "zeile") -> Iterator[FindingLine]:
    """Every listed finding row by row, read bit by bit, for the error file."""
    for line in _each_row(delivery, "", order, None).iterator(READ_AT_ONCE):
        yield _single(line)


def list_unlisted(delivery: Delivery) -> list[FindingLine]:
    """Groups with more rows than are listed; `more` is how many are only counted."""
    groups = StoredFinding.objects.filter(delivery=delivery).annotate(n_listed=_n_listed())
    left = groups.filter(n_rows__gt=F("n_listed")).order_by("code", "column", "pk")
    return [
        FindingLine(pk, weight, 0, n_rows - n_listed, *texts)
        for pk, weight, n_rows, n_listed, *texts in left.values_list(
            "pk", "severity", "n_rows", "n_listed", *TEXTS
        )
    ]


TEXTS = ("column", "code", "text", "rule", "suggestion")


def _filtered(delivery: Delivery, severity: str) -> QuerySet[StoredFinding]:
    found = StoredFinding.objects.filter(delivery=delivery)
    return found.filter(severity=severity) if severity else found


def _each_row(delivery: Delivery, severity: str, order: str, finding: int | None) -> QuerySet[Any, Any]:
    found = _filtered(delivery, severity)
    if finding is not None:
        found = found.filter(pk=finding)
    several = ArrayField(IntegerField())
    single = Func(F("row"), template="ARRAY[%(expressions)s]::integer[]", output_field=several)
    rows = Case(When(rows=[], then=single), default=F("rows"), output_field=several)
    lines = found.annotate(line=EachRow(rows), own=EachText(F("texts")), place=EachPlace(F("texts")))
    return lines.order_by(*ORDERS[order], "place").values_list("pk", "severity", "line", "own", *TEXTS)


def _single(line: tuple[Any, ...]) -> FindingLine:
    pk, severity, row, own, *texts = line
    found = FindingLine(pk, severity, row, 0, *texts)
    return found if own is None else replace(found, text=own)


def _n_listed() -> Case:
    size = Func(F("rows"), function="cardinality", output_field=IntegerField())
    return Case(When(rows=[], then=1), default=size)


def _count_listed(delivery: Delivery, severity: str, finding: int | None) -> int:
    found = _filtered(delivery, severity)
    if finding is not None:
        found = found.filter(pk=finding)
    return int(found.aggregate(n=Sum(_n_listed()))["n"] or 0)
