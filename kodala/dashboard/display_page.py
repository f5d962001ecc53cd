"""What the map page says of display cells: tiles and words for the browser, counts for the panel."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from kodala.dashboard.address import MapState
from kodala.publication.shown import AreaFigure
from kodala.publication.shown_display import DisplayView

ANY_TILE = "/0/0/0.mvt"


def describe_tiles(display: DisplayView, state: MapState) -> dict[str, Any]:
    """Where the browser finds the tiles, and what it says of a display cell of each class."""
    address = reverse("tile", args=[state.version, state.code, 0, 0, 0])
    return {
        "tiles": address.removesuffix(ANY_TILE) + "/{z}/{x}/{y}.mvt",
        "words": {one.code: one.text for one in display.classes},
    }


def describe_cells(display: DisplayView | None, area: AreaFigure) -> dict[str, str]:
    """What is said of the display cells of an area where no pointer picks a single one."""
    row = display.area(area.area_number) if display else None
    return {"cells": row.spoken, "spoken": f"{area.spoken}. {row.spoken}"} if row else {}


def count_cells(display: DisplayView | None, area: int | None) -> dict[str, Any]:
    """The display cells for table and legend, and for the panel those of the chosen area or of the city."""
    if display is None:
        return {"display": None}
    row = (display.area(area) if area is not None else None) or display.city
    return {
        "display": display,
        "cell_counts": list(zip(display.classes, row.counts, strict=True)),
        "cell_counts_of": row.area_name,
    }
