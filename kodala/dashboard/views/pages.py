"""Start, health and the pages that explain."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kodala.dashboard.access import VIEW_DELIVERY, VIEW_FIGURES, list_navigation, requires
from kodala.dashboard.datenstand import with_datenstand
from kodala.dashboard.map_page import get_view
from kodala.publication import selectors
from kodala.publication.definitions import protection_rules
from kodala.publication.models import Datenstand
from microcells.definitions import schema_of
from microcells.display_cells import display_cell_sizes
from microcells.domain.description import describe_columns
from microcells.models import Delivery
from microcells.selectors import list_area_sets


@require_safe
def go_home(request: HttpRequest) -> HttpResponse:
    """Lead to the first page this person may open."""
    items = list_navigation(request.user)
    return redirect(items[0].url_name if items else "help-anonymous")


@require_safe
@never_cache
@login_not_required
def show_health(_request: HttpRequest) -> HttpResponse:
    """Answer "ok" while the web process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@with_datenstand
def explain_anonymity(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """ "Ist das anonym?", with the proof of the shown Datenstand."""
    context = {
        **_proof_context(datenstand),
        "rules": protection_rules(),
        "cell_households": schema_of(Delivery.Kind.MICROCELLS).column("households").minimum,
        "display_households": display_cell_sizes().minimum,
    }
    return render(request, "help/anonymous.html", context)


@require_safe
@with_datenstand
def show_proof(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """The proof of a Datenstand as a fragment."""
    return render(request, "help/_proof.html", _proof_context(datenstand))


def _proof_context(datenstand: Datenstand) -> dict[str, Any]:
    return {
        "datenstand": datenstand,
        "line": selectors.get_datenstand_line(datenstand),
        "lines": selectors.list_datenstaende(),
    }


@require_safe
@requires(VIEW_FIGURES)
@with_datenstand
def explain_indicator(request: HttpRequest, datenstand: Datenstand, code: str) -> HttpResponse:
    """What an indicator counts, how it is computed, of when the shown figures are, how not to read it."""
    view = get_view(datenstand, code)
    return render(request, "help/indicator.html", {"indicator": view.indicator, "view": view})


@require_safe
@requires(VIEW_DELIVERY)
def explain_delivery(request: HttpRequest, kind: str) -> HttpResponse:
    """Every column of a kind of delivery, from the file that also checks it, and the numbers of the areas."""
    if kind not in Delivery.Kind.values:
        raise Http404("no such kind of delivery")
    schema = schema_of(kind)
    context = {
        "schema": schema,
        "columns": describe_columns(schema),
        "kinds": Delivery.Kind.choices,
        "kind": kind,
        "area_set": list_area_sets().filter(is_current=True).prefetch_related("areas").first(),
    }
    return render(request, "help/delivery.html", context)
