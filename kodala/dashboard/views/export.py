"""Taking the table of an indicator out of the house: purpose first, then the file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kodala.dashboard.access import EXPORT_FIGURES, requires, signed_in
from kodala.dashboard.address import read_state
from kodala.dashboard.datenstand import with_datenstand
from kodala.dashboard.exports import export_indicator
from kodala.dashboard.forms import ExportForm
from kodala.dashboard.map_page import get_view
from kodala.dashboard.models import ExportRecord
from kodala.publication.models import Datenstand


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EXPORT_FIGURES)
@with_datenstand
def export_map(request: HttpRequest, datenstand: Datenstand, code: str) -> HttpResponse:
    """Ask for the purpose, write it down, hand out the file."""
    view = get_view(datenstand, code)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "view": view, "state": read_state(request, code, datenstand.version)}
        return render(request, "map/export.html", context, status=400 if form.errors else 200)
    record = ExportRecord.objects.create(
        person=signed_in(request),
        purpose=form.cleaned_data["purpose"],
        content=f"{view.indicator.label}, {len(view.areas)} Gebiete",
        datenstand_version=datenstand.version,
    )
    return export_indicator(view, record)
