"""The six steps of a delivery: how far each is, and which one the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from kodala import pipeline
from kodala.core.german import german_number
from kodala.dashboard.column_table import ColumnTable
from kodala.publication.models import Datenstand
from kodala.publication.selectors import describe_state
from microcells.models import Delivery

FILE, COLUMNS, CHECK = "datei", "spalten", "pruefung"
PARTS = (FILE, COLUMNS, CHECK)
WAITING_TEXT = "noch nicht gestartet"
FIRST_LOOK_TEXTS: dict[str, str] = {
    Delivery.State.RUNNING: "läuft",
    Delivery.State.REJECTED: "nicht lesbar",
    Delivery.State.FAILED: "angehalten",
}


@dataclass(frozen=True)
class WizardStep:
    """One step in the list; `state` is "done", "current", "stopped" or "" (still to come)."""

    number: int
    label: str
    state: str
    text: str
    url: str
    is_shown: bool


def choose_part(delivery: Delivery, wanted: str) -> str:
    """Which part of the page to show: the wanted one, or the one where something is to be done."""
    if wanted in PARTS:
        return wanted
    return COLUMNS if is_asking(delivery) else CHECK


def is_asking(delivery: Delivery) -> bool:
    """Whether a delivery waits for a person, and nobody has answered yet."""
    return delivery.state == Delivery.State.AWAITING and not pipeline.is_under_way(delivery)


def list_steps(
    delivery: Delivery, part: str, tallies: dict[str, int], datenstand: Datenstand | None
) -> list[WizardStep]:
    """The six steps with one line each.

    tallies:    number of findings by severity
    datenstand: what the delivery became, None so far
    """
    page = reverse("delivery", args=[delivery.pk])
    release = reverse("release", args=[datenstand.pk]) if datenstand else ""
    is_read = bool(delivery.proposal)
    states = _states(delivery, datenstand)
    texts = (
        "empfangen, Prüfsumme gebildet",
        _format_text(delivery),
        _columns_text(delivery) if is_read else WAITING_TEXT,
        _check_text(delivery, tallies),
        "mit dem gültigen Datenstand" if release else WAITING_TEXT,
        describe_state(datenstand) if datenstand else "vier Augen",
    )
    columns = f"{page}?{urlencode({'schritt': COLUMNS})}" if is_read else ""
    urls = (
        f"{page}?{urlencode({'schritt': FILE})}",
        f"{columns}#format" if columns else "",
        f"{columns}#spalten" if columns else "",
        f"{page}?{urlencode({'schritt': CHECK})}",
        f"{release}#vergleich" if release else "",
        f"{release}#freigabe" if release else "",
    )
    labels = ("Datei", "Format", "Spalten", "Prüfung", "Vergleich", "Freigabe")
    shown = {FILE: 1, COLUMNS: 3, CHECK: 4}[part]
    return [
        WizardStep(at, labels[at - 1], states[at - 1], texts[at - 1], urls[at - 1], at == shown)
        for at in range(1, 7)
    ]


def _states(delivery: Delivery, datenstand: Datenstand | None) -> tuple[str, ...]:
    """What is done, where it stands, and what is still to come."""
    kinds = Delivery.State
    is_open_format = bool(delivery.proposal.get("doubtful"))
    if delivery.state == kinds.AWAITING:
        return ("done", "current" if is_open_format else "done", "current", "", "", "")
    if delivery.state == kinds.COMPUTED:
        is_released = datenstand is not None and datenstand.state == Datenstand.State.RELEASED
        rest = ("done", "done") if is_released else ("done", "current") if datenstand else ("", "")
        return ("done", "done", "done", "done", *rest)
    here = "stopped" if delivery.state in (kinds.REJECTED, kinds.FAILED) else "current"
    if not delivery.plan.get("columns"):
        return ("done", here, "", "", "", "")
    return ("done", "done", "done", here, "", "")


def _format_text(delivery: Delivery) -> str:
    if not delivery.proposal:
        return FIRST_LOOK_TEXTS.get(delivery.state, WAITING_TEXT)
    n_open = len(delivery.proposal.get("doubtful", ()))
    if n_open and delivery.state == Delivery.State.AWAITING:
        return f"{n_open} {'Angabe' if n_open == 1 else 'Angaben'} bitte prüfen"
    return "erkannt"


def _columns_text(delivery: Delivery) -> str:
    table = ColumnTable(delivery)
    return f"{table.n_mapped} von {len(table.headings)} zugeordnet"


def _check_text(delivery: Delivery, tallies: dict[str, int]) -> str:
    if delivery.state in (Delivery.State.RECEIVED, Delivery.State.AWAITING):
        return WAITING_TEXT
    if not tallies and not delivery.is_checked:
        return "läuft" if delivery.state == Delivery.State.RUNNING and delivery.plan else WAITING_TEXT
    words = (
        ("contract", "blockierend", "blockierend"),
        ("error", "Fehler", "Fehler"),
        ("warning", "Warnung", "Warnungen"),
    )
    counts = ((tallies.get(severity, 0), one, many) for severity, one, many in words)
    parts = [
        f"{german_number(number)} {one if number == 1 else many}" for number, one, many in counts if number
    ]
    return ", ".join(parts) or "ohne Befund"
