"""The worker's part of the comparison: cells that came, went and changed; pages see the counts only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kodala.publication.models import Datenstand
from microcells.cell_changes import count_cell_changes
from microcells.models import Delivery


def describe_changes(delivery: Delivery) -> dict[str, Any]:
    """How the cells of a delivery differ from those behind the Datenstand that is shown now."""
    previous = _get_shown(delivery.area_set_id)
    if previous is None:
        return {"against": None, "state": "none"}
    return {"against": previous.version, **_count(previous.delivery, delivery)}


def recount_changes() -> int:
    """Count again for every waiting draft beside which another Datenstand is shown by now; gives the number.

    Cheap while there is nothing to do: the scheduler calls it often.
    """
    waiting = Datenstand.objects.filter(state=Datenstand.State.AUDITED).select_related("delivery")
    stale = [draft for draft in waiting if not _is_counted(draft)]
    for draft in stale:
        Datenstand.objects.filter(pk=draft.pk).update(comparison=describe_changes(draft.delivery))
    return len(stale)


def _get_shown(area_set_id: int) -> Datenstand | None:
    shown = Datenstand.objects.visible().filter(area_set_id=area_set_id)
    return shown.select_related("delivery").first()


def _is_counted(draft: Datenstand) -> bool:
    previous = _get_shown(draft.area_set_id)
    counted_against = draft.comparison.get("against", -1)
    return bool(counted_against == (previous.version if previous else None))


def _count(before: Delivery, after: Delivery) -> dict[str, Any]:
    if Delivery.Kind.STATISTICS in (before.kind, after.kind):
        return {"state": "none"}
    changes = count_cell_changes(before, after)
    return {"state": "counted", **asdict(changes)} if changes else {"state": "deleted"}
