"""Datenstände that everybody may see, but not now: the rules ask for more than they were protected by."""

from __future__ import annotations

from kodala.publication.models import Datenstand, DatenstandQuerySet
from kodala.publication.rules_in_force import list_stale
from kodala.publication.shown import DatenstandLine


def choose_current(rows: DatenstandQuerySet) -> Datenstand | None:
    """The one that a page without a choice shows: of the current area set if there is one, else the first."""
    return rows.filter(area_set__is_current=True).first() or rows.first()


def list_hidden() -> list[Datenstand]:
    """Visible Datenstände that are hidden until they have been protected again, the current one first."""
    stale = list_stale()
    shown = Datenstand.objects.visible().select_related("area_set")
    return list(shown.filter(pk__in=stale)) if stale else []


def find_hidden(version: int) -> Datenstand | None:
    """A visible Datenstand that is hidden for now, by its version."""
    return next((own for own in list_hidden() if own.version == version), None)


def say_hidden(datenstand: Datenstand) -> str:
    """That a Datenstand is hidden for now, in words; it names nothing but its version and date."""
    return f"Der Datenstand {_name(datenstand)} wird nach strengeren Regeln neu geprüft."


def say_older_is_shown(current: DatenstandLine | None, shown: DatenstandLine | None) -> str:
    """Why the current Datenstand is an older one than was released; "" if it is not.

    shown: the one on this page, which somebody may have chosen instead of the current one
    """
    due = choose_current(Datenstand.objects.visible()) if current and list_stale() else None
    if current is None or due is None or due.pk == current.pk:
        return ""
    is_shown = shown is not None and shown.pk == current.pk
    return f"{say_hidden(due)} Bis dahin {'sehen Sie' if is_shown else 'gilt'} {_name(current)}."


def _name(one: Datenstand | DatenstandLine) -> str:
    return f"V{one.version} ({one.reference_date:%d.%m.%Y})"
