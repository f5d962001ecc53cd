"""The steps „Format“ and „Spalten“: what a person says about a file that waits."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kodala import pipeline
from kodala.core.errors import StateError
from kodala.dashboard.access import ADD_DELIVERY, requires, signed_in
from kodala.dashboard.column_table import ColumnTable
from kodala.dashboard.delivery_page import build_columns_page
from kodala.dashboard.format_form import FormatForm
from kodala.dashboard.views.deliveries import get_or_404
from kodala.dashboard.wizard import is_asking
from microcells.confirming import NOT_WAITING, confirm_format, confirm_plan
from microcells.models import Delivery

LONGEST_NAME = 120  # of a supplier profile
READ_ANEW = "Die Datei ist inzwischen anders gelesen worden. Bitte noch einmal prüfen."


@require_POST
@requires(ADD_DELIVERY)
def confirm_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what a person says about a waiting file; what is to be mended is said before anything is kept."""
    delivery = get_or_404(pk)
    if not is_asking(delivery):
        messages.info(request, NOT_WAITING)
        return redirect("delivery", pk)
    form, table = FormatForm(delivery, request.POST), ColumnTable(delivery, request.POST)
    if request.POST.get("headings") != table.headings_mark:
        messages.info(request, READ_ANEW)
        return redirect("delivery", pk)
    name = " ".join(request.POST.get("profile", "").split())[:LONGEST_NAME]
    try:
        is_kept = form.is_valid() and _confirm(request, delivery, form, table, name)
    except StateError as error:
        messages.info(request, str(error))
        return redirect("delivery", pk)
    if not is_kept:
        context = build_columns_page(delivery, table, form, name)
        return render(request, "deliveries/page.html", context, status=400)
    pipeline.start(delivery.pk)
    return redirect("delivery", pk)


def _confirm(
    request: HttpRequest, delivery: Delivery, form: FormatForm, table: ColumnTable, name: str
) -> bool:
    """Keep the plan if nothing is to be mended in it; a new way of writing is tried out first."""
    person, plan = signed_in(request), form.changed_plan()
    if request.POST.get("action") == "format" or form.has_new_structure():
        confirm_format(delivery, plan, person)
        messages.success(request, "Die Datei wird mit diesem Format noch einmal gelesen.")
        return True
    try:
        settled = table.settle(plan)
    except ValueError as error:
        raise SuspiciousOperation("the posted plan names what is not there") from error
    if table.problems:
        return False
    confirm_plan(delivery, settled, person, name)
    messages.success(request, "Die Zuordnung ist bestätigt. Die Datei wird jetzt geprüft.")
    return True
