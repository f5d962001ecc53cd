"""The map page, its fragment and the outlines it draws."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kodala.dashboard.access import VIEW_FIGURES, requires
from kodala.dashboard.address import MapState, read_state
from kodala.dashboard.datenstand import with_datenstand
from kodala.dashboard.forms import ExportForm
from kodala.dashboard.map_page import build_area_parts, build_map_page
from kodala.publication import selectors
from kodala.publication.models import Datenstand
from microcells.models import AreaSet

FIRST_INDICATOR = "debt_rate"
ONE_YEAR = "private, max-age=31536000, immutable"


@require_safe
@requires(VIEW_FIGURES)
@with_datenstand
def start_map(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """Lead to the map of the first indicator, with a complete address."""
    state = read_state(request, FIRST_INDICATOR, datenstand.version)
    return redirect(state.url())


@require_safe
@requires(VIEW_FIGURES)
@with_datenstand
def show_map(request: HttpRequest, datenstand: Datenstand, code: str) -> HttpResponse:
    """Map, legend, table and panel of one indicator."""
    context = build_map_page(datenstand, read_state(request, code, datenstand.version))
    return render(request, "map/page.html", {**context, "export_form": ExportForm()})


@require_safe
@requires(VIEW_FIGURES)
@with_datenstand
def show_area(request: HttpRequest, datenstand: Datenstand, code: str, number: int) -> HttpResponse:
    """The parts of the page that change when an area is chosen."""
    state: MapState = read_state(request, code, datenstand.version)
    return render(request, "map/_area.html", build_area_parts(datenstand, state, number))


@require_safe
@requires(VIEW_FIGURES)
def show_geometry(_request: HttpRequest, area_set_pk: int) -> HttpResponse:
    """The outlines of an area set; they never change under this address."""
    try:
        outlines = selectors.get_area_geometry(area_set_pk)
    except AreaSet.DoesNotExist as error:
        raise Http404("no such area set") from error
    return HttpResponse(outlines, content_type="application/geo+json", headers={"Cache-Control": ONE_YEAR})
