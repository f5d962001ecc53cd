"""What the release page shows: one indicator in full, all in one line each, and what stands for the draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AnonymousUser, User

from kodala import pipeline
from kodala.dashboard.access import VIEW_DELIVERY
from kodala.dashboard.outline_map import OutlineDrawing, OutlinePart, draw_outlines
from kodala.dashboard.wizard import CHECK, WizardStep, list_steps
from kodala.publication import selectors
from kodala.publication.models import Datenstand
from kodala.publication.shown_comparison import ComparedFigure, ComparedIndicator, DraftComparison
from microcells.acceptance import WarningLine, list_warnings
from microcells.findings import count_by_severity

FIRST_INDICATOR = "debt_rate"
CHECK_NUMBER = 4  # the last step on the delivery's own page
ROWS = 12  # largest shifts that stand open; the others fold out below


@dataclass(frozen=True)
class Segment:
    """One group of indicators as a part of the switch."""

    label: str
    code: str
    is_chosen: bool


@dataclass(frozen=True)
class MarkedPart:
    """One area of the small map, with its new class where that changes."""

    part: OutlinePart
    changed: ComparedFigure | None


def build_comparison(draft: Datenstand, code: str) -> dict[str, Any]:
    """The context of the comparison; an unknown indicator shows the first one."""
    comparison = selectors.compare_with_current(draft)
    chosen = _choose(comparison, code)
    n_open = min(sum(bool(area.size) for area in chosen.areas), ROWS)
    outlines = draw_outlines(draft.area_set_id)
    return {
        "draft": draft,
        "comparison": comparison,
        "chosen": chosen,
        "segments": _segments(comparison, chosen),
        "siblings": _siblings(comparison, chosen),
        "rows": chosen.areas[:n_open],
        "more_rows": chosen.areas[n_open:],
        "moved": [one for one in comparison.indicators if one.moves],
        "unmoved": [one for one in comparison.indicators if not one.moves],
        "outlines": outlines,
        "marked": _mark(outlines, chosen),
    }


def build_release_page(draft: Datenstand, person: User | AnonymousUser, code: str) -> dict[str, Any]:
    """Everything but the forms."""
    warnings = list_all_warnings(draft)
    return {
        **build_comparison(draft, code),
        "steps": _list_steps(draft, person),
        "runs": pipeline.list_stages(draft.delivery_id),
        "is_own": draft.requested_by_id == person.pk,
        "is_rejected": selectors.is_rejected(draft),
        "is_open": draft.state == Datenstand.State.AUDITED,
        "is_taken_back": draft.state == Datenstand.State.WITHDRAWN and draft.released_at is not None,
        "is_planned": selectors.is_planned(draft),
        "decisions": draft.decisions.select_related("person"),
        "warnings": warnings,
        "n_warnings": count_warnings(warnings),
        "open_warnings": [line for line in warnings if line.acceptance is None],
    }


def _list_steps(draft: Datenstand, person: User | AnonymousUser) -> list[WizardStep]:
    """The six steps of the delivery, the last one shown; links only for those who may follow them."""
    may_follow = person.has_perm(VIEW_DELIVERY)
    steps = list_steps(draft.delivery, CHECK, count_by_severity(draft.delivery), draft)
    return [
        replace(
            step,
            is_shown=step.number == len(steps),
            url=step.url if may_follow or step.number > CHECK_NUMBER else "",
        )
        for step in steps
    ]


def list_all_warnings(draft: Datenstand) -> list[WarningLine]:
    """The warnings of every delivery that went into a draft."""
    behind = selectors.list_deliveries_behind(draft)
    return [line for delivery in behind for line in list_warnings(delivery)]


def count_warnings(lines: list[WarningLine]) -> int:
    """How many warnings there are, not how many rules they come from."""
    return sum(line.count for line in lines)


def _choose(comparison: DraftComparison, code: str) -> ComparedIndicator:
    try:
        return comparison.find(code)
    except KeyError:
        return comparison.find(FIRST_INDICATOR)


def _segments(comparison: DraftComparison, chosen: ComparedIndicator) -> list[Segment]:
    return [
        Segment(group.label, group.indicators[0].indicator.code, chosen in group.indicators)
        for group in comparison.groups
    ]


def _siblings(comparison: DraftComparison, chosen: ComparedIndicator) -> tuple[ComparedIndicator, ...]:
    return next(group.indicators for group in comparison.groups if chosen in group.indicators)


def _mark(outlines: OutlineDrawing, chosen: ComparedIndicator) -> list[MarkedPart]:
    changed = {area.area_number: area for area in chosen.changed_classes}
    return [MarkedPart(part, changed.get(part.number)) for part in outlines.parts]
