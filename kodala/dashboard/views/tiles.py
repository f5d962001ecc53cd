"""Vector tiles of display cells, for those who may see them."""

from __future__ import annotations

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kodala.dashboard.access import VIEW_DISPLAY_CELLS, requires
from kodala.dashboard.datenstand import find_datenstand
from kodala.dashboard.tiles import is_drawn, render_tile
from kodala.dashboard.views.map import ONE_YEAR
from kodala.publication import selectors

LAYER = "display_cells"
COLUMNS = {"class": F("class_code"), "number": F("display_cell__number")}
CONTENT_TYPE = "application/vnd.mapbox-vector-tile"


@require_safe
@requires(VIEW_DISPLAY_CELLS)
def show_tile(_request: HttpRequest, version: int, code: str, z: int, x: int, y: int) -> HttpResponse:
    """One tile of a released Datenstand; it never changes under this address."""
    if not is_drawn(z, x, y):
        raise Http404("no such tile")
    datenstand = find_datenstand(str(version))
    try:
        rows = selectors.list_display_shapes(datenstand, code)
    except KeyError as error:
        raise Http404("no display cells of this indicator") from error
    tile = render_tile(rows, "display_cell__outline", COLUMNS, LAYER, (z, x, y))
    return HttpResponse(tile, content_type=CONTENT_TYPE, headers={"Cache-Control": ONE_YEAR})
