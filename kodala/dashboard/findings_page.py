"""What the check of a delivery shows: contract, findings in the chosen order, warnings to be accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from kodala import pipeline
from kodala.core.errors import Severity
from kodala.core.models import Run
from microcells.acceptance import list_warnings
from microcells.contract import list_checks
from microcells.definitions import schema_of
from microcells.domain.contract import Verdict
from microcells.findings import ORDERS, count_by_severity, list_groups, list_rows
from microcells.models import Delivery

SEVERITIES = {
    Severity.CONTRACT.value: "blockierend",
    Severity.ERROR.value: "Fehler",
    Severity.WARNING.value: "Warnung",
}
ORDER_WORDS = {"art": "Art", "zeile": "Zeile", "spalte": "Spalte", "regel": "Regel"}
LARGEST_PAGE = 10**6


@dataclass(frozen=True)
class Choice:
    """What a person asked for; anything unknown is as if it had not been asked.

    severity: "" = all; order: key of ORDERS; finding: the one whose rows are shown, None = groups
    """

    severity: str
    order: str
    finding: int | None
    is_single: bool
    page: int

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice from the address."""
        severity, order = query.get("art", ""), query.get("sortierung", "")
        return cls(
            severity=severity if severity in SEVERITIES else "",
            order=order if order in ORDERS else "art",
            finding=_number(query.get("befund", "")),
            is_single=query.get("ansicht") == "zeilen",
            page=_number(query.get("seite", "")) or 1,
        )

    def address(self, **changes: Any) -> str:
        """The part of an address behind the question mark for this choice with changes; page 1 again."""
        wanted = {
            "art": self.severity,
            "sortierung": self.order if self.order != "art" else "",
            "ansicht": "zeilen" if self.is_single else "",
            "befund": self.finding or "",
            **changes,
        }
        return urlencode({key: value for key, value in wanted.items() if value})


def _number(text: str) -> int | None:
    return min(int(text), LARGEST_PAGE) if text.isascii() and text.isdecimal() and len(text) < 12 else None


@dataclass(frozen=True)
class Link:
    """A choice a person may make: its words, its address, and whether it is the present one."""

    key: str
    label: str
    count: int | None
    address: str
    is_current: bool


def build_findings_context(delivery: Delivery, query: Mapping[str, str]) -> dict[str, Any]:
    """The context of `_findings.html`, `_contract.html` and `_acceptance.html`."""
    choice = Choice.from_query(query)
    tallies = count_by_severity(delivery)
    is_known = delivery.is_checked or bool(tallies)
    page = (
        list_rows(delivery, choice.severity, choice.order, choice.page, choice.finding)
        if choice.is_single or choice.finding
        else list_groups(delivery, choice.severity, choice.order, choice.page)
    )
    return {
        "findings": page,
        "choice": choice,
        "tallies": [
            (code, word, tallies.get(code, 0) if is_known else None) for code, word in SEVERITIES.items()
        ],
        "n_findings": sum(tallies.values()),
        "n_refusing": sum(tallies.get(one, 0) for one in (Severity.CONTRACT.value, Severity.ERROR.value)),
        "refusal": _refusal(delivery),
        "n_rules": len(schema_of(delivery.kind).texts) if delivery.is_checked else None,
        "kinds": _kinds(choice, tallies) if is_known else [],
        "orders": [
            Link(key, word, None, choice.address(sortierung=key), key == choice.order)
            for key, word in ORDER_WORDS.items()
        ],
        "views": _views(choice),
        "before": choice.address(seite=page.number - 1) if page.has_previous() else "",
        "after": choice.address(seite=page.number + 1) if page.has_next() else "",
        **build_contract_context(delivery),
    }


def _refusal(delivery: Delivery) -> str:
    """Why a delivery is refused: the words of the check, or those of a later stage."""
    if delivery.state != Delivery.State.REJECTED:
        return ""
    said = (run.message for run in pipeline.list_stages(delivery.pk) if run.state == Run.State.REJECTED)
    return delivery.message or next(said, "")


def build_contract_context(delivery: Delivery) -> dict[str, Any]:
    """The contract's checks and the warnings, open and accepted."""
    warnings = list_warnings(delivery) if delivery.state != Delivery.State.REJECTED else []
    checks = list_checks(delivery)
    return {
        "contract_checks": checks,
        "n_blocking_checks": sum(check["verdict"] == Verdict.BLOCKING for check in checks),
        "warnings": warnings,
        "n_open_warnings": sum(line.acceptance is None for line in warnings),
    }


def _kinds(choice: Choice, tallies: Mapping[str, int]) -> list[Link]:
    own = [
        Link(code, word.capitalize(), tallies.get(code, 0), choice.address(art=code, befund=""), False)
        for code, word in SEVERITIES.items()
    ]
    alle = Link("", "Alle", sum(tallies.values()), choice.address(art="", befund=""), False)
    return [_with_mark(link, choice.severity) for link in (alle, *own)]


def _with_mark(link: Link, chosen: str) -> Link:
    return Link(link.key, link.label, link.count, link.address, link.key == chosen)


def _views(choice: Choice) -> list[Link]:
    is_grouped = not (choice.is_single or choice.finding)
    return [
        Link("gruppen", "Zusammengefasst", None, choice.address(ansicht="", befund=""), is_grouped),
        Link("zeilen", "Zeile für Zeile", None, choice.address(ansicht="zeilen", befund=""), not is_grouped),
    ]
