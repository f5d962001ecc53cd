"""The address of the map page: it holds everything the view shows, and nothing that is a figure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from kodala.dashboard.access import VIEW_DISPLAY_CELLS

VIEWS = ("karte", "tabelle", "blickpunkt")


@dataclass(frozen=True)
class MapState:
    """What the map page shows: indicator, Datenstand, chosen area, kind of view, and display cells or not."""

    code: str
    version: int
    area: int | None = None
    view: str = "karte"
    cells: bool = False

    @property
    def query(self) -> str:
        """The part behind the question mark."""
        area = {} if self.area is None else {"gebiet": self.area}
        cells = {"zellen": 1} if self.cells else {}
        return urlencode({"stand": self.version, **area, "ansicht": self.view, **cells})

    def url(self, **changes: Any) -> str:
        """The address of this view with some parts changed."""
        state = replace(self, **changes)
        return f"{reverse('map', args=[state.code])}?{state.query}"


def read_state(request: HttpRequest, code: str, version: int) -> MapState:
    """Read area, view and display cells from the address; what is not understood or allowed is left out."""
    area = request.GET.get("gebiet", "")
    view = request.GET.get("ansicht", VIEWS[0])
    return MapState(
        code=code,
        version=version,
        area=int(area) if area.isdecimal() and len(area) <= 6 else None,
        view=view if view in VIEWS else VIEWS[0],
        cells=request.GET.get("zellen") == "1" and request.user.has_perm(VIEW_DISPLAY_CELLS),
    )
