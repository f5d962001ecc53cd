"""Vector tiles of display cells, for those who may see them."""

from __future__ import annotations

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page, require_safe

from kodala.dashboard.access import VIEW_DISPLAY_CELLS, requires
from kodala.dashboard.datenstand import find_datenstand
from kodala.dashboard.tiles import is_drawn, render_tile
from kodala.publication import selectors

LAYER = "display_cells"
COLUMNS = {"class": F("class_code"), "number": F("display_cell__number")}
CONTENT_TYPE = "application/vnd.mapbox-vector-tile"
# Stricter rules change what stands in a tile, so a browser asks each time whether its copy still holds.
ASK_FIRST = "private, no-cache"


@require_safe
@conditional_page
@requires(VIEW_DISPLAY_CELLS)
def show_tile(_request: HttpRequest, version: int, code: str, z: int, x: int, y: int) -> HttpResponse:
    """One tile of a released Datenstand; whoever has it already gets a short answer."""
    if not is_drawn(z, x, y):
        raise Http404("no such tile")
    datenstand = find_datenstand(str(version))
    try:
        rows = selectors.list_display_shapes(datenstand, code)
    except KeyError as error:
        raise Http404("no display cells of this indicator") from error
    tile = render_tile(rows, "display_cell__outline", COLUMNS, LAYER, (z, x, y))
    return HttpResponse(tile, content_type=CONTENT_TYPE, headers={"Cache-Control": ASK_FIRST})
