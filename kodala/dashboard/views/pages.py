"""Start, health and the pages that explain."""

from __future__ import annotations

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
from kodala.publication.models import Datenstand
from microcells.definitions import schema_of
from microcells.domain.description import describe_columns
from microcells.models import Delivery


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
    """ "Ist das anonym?", with the figures of the shown Datenstand's own check."""
    line = selectors.get_datenstand_line(datenstand)
    return render(request, "help/anonymous.html", {"datenstand": datenstand, "line": line})


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
    """Every column of a kind of delivery, from the definition file that also checks it."""
    if kind not in Delivery.Kind.values:
        raise Http404("no such kind of delivery")
    schema = schema_of(kind)
    context = {
        "schema": schema,
        "columns": describe_columns(schema),
        "kinds": Delivery.Kind.choices,
        "kind": kind,
    }
    return render(request, "help/delivery.html", context)
