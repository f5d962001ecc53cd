"""What every page shows around its content: menu, person, Datenstand and the badge of invented data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from kodala.dashboard import access
from kodala.publication import selectors
from kodala.publication.hidden import say_older_is_shown
from kodala.publication.shown import DatenstandLine


@dataclass(frozen=True)
class Page:
    """The frame of a page. `datenstand` is the one the page shows, None before the first release."""

    city: str
    navigation: tuple[access.NavigationItem, ...]
    section: str
    role: str
    initials: str
    datenstaende: tuple[DatenstandLine, ...]
    datenstand: DatenstandLine | None
    may_export: bool
    may_see_cells: bool
    hidden_notice: str  # why an older Datenstand is the current one, "" if it is not
    is_invented: bool  # whether "Demodaten – erfunden" must be shown


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor; looks into the database only if the template draws the frame."""
    return {"page": SimpleLazyObject(lambda: build_page(request))}


def build_page(request: HttpRequest) -> Page:
    """Collect the frame for this request."""
    lines = tuple(selectors.list_datenstaende())
    person = getattr(request, "user", AnonymousUser())
    group = person.groups.first()
    role = group.name if group else ""
    shown = _find_shown(lines, str(getattr(request, "shown_version", request.GET.get("stand", ""))))
    return Page(
        city=settings.CITY_NAME,
        navigation=tuple(access.list_navigation(person)),
        section=request.path.strip("/").split("/")[0],
        role=role,
        initials=access.INITIALS.get(role, role[:2].upper()),
        datenstaende=lines if person.has_perm(access.VIEW_FIGURES) else (),
        datenstand=shown,
        may_export=person.has_perm(access.EXPORT_FIGURES),
        may_see_cells=person.has_perm(access.VIEW_DISPLAY_CELLS),
        hidden_notice=_say_hidden(lines, shown) if person.has_perm(access.VIEW_FIGURES) else "",
        is_invented=shown.is_invented if shown else selectors.is_invented_city(),
    )


def _say_hidden(lines: tuple[DatenstandLine, ...], shown: DatenstandLine | None) -> str:
    return say_older_is_shown(next((line for line in lines if line.is_current), None), shown)


def _find_shown(lines: tuple[DatenstandLine, ...], wanted: str) -> DatenstandLine | None:
    chosen = next((line for line in lines if str(line.version) == wanted), None)
    return chosen or next((line for line in lines if line.is_current), lines[0] if lines else None)
