"""Deliveries: hand in a file, watch its way, read what is wrong with it."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kodala import pipeline
from kodala.core.errors import InputError
from kodala.dashboard.access import ADD_DELIVERY, VIEW_DELIVERY, requires, signed_in
from kodala.dashboard.delivery_page import SEVERITIES, build_delivery_page
from kodala.dashboard.forms import DeliveryForm
from kodala.publication.selectors import describe_releases
from microcells import selectors, services
from microcells.models import Delivery


@require_http_methods(["GET", "HEAD", "POST"])
@requires(VIEW_DELIVERY)
def list_deliveries(request: HttpRequest) -> HttpResponse:
    """All deliveries and the form for a new one."""
    if request.method == "POST":
        return _receive(request)
    return _render_list(request, DeliveryForm())


@requires(ADD_DELIVERY)
def _receive(request: HttpRequest) -> HttpResponse:
    form = DeliveryForm(request.POST, request.FILES)
    delivery = _take_in(form, signed_in(request)) if form.is_valid() else None
    if delivery is None:
        return _render_list(request, form, status=400)
    if delivery.state in (Delivery.State.REJECTED, Delivery.State.COMPUTED):
        messages.info(request, f"Genau diese Datei liegt schon vor. Sie ist {delivery.state_text}.")
        return redirect("delivery", delivery.pk)
    pipeline.start(delivery.pk)
    messages.success(request, f"Die Datei „{delivery.file_name}“ ist angenommen und wird jetzt geprüft.")
    return redirect("delivery", delivery.pk)


def _take_in(form: DeliveryForm, person: User) -> Delivery | None:
    """Receive the file of a valid form; None if something is wrong, and the form says what."""
    given = form.cleaned_data
    file = given["file"]
    try:
        return services.receive_delivery(
            file.chunks(), file.name, given["kind"], given["area_set"], given["reference_date"], person
        )
    except InputError as error:
        for finding in error.findings:
            form.add_error("file", f"{finding.text} {finding.suggestion}")
        return None


@require_safe
@requires(VIEW_DELIVERY)
def show_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: its way through the house and the findings."""
    return render(request, "deliveries/page.html", _page(request, pk))


@require_safe
@requires(VIEW_DELIVERY)
def show_status(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a delivery as a fragment; it stops asking when nothing runs any more."""
    return render(request, "deliveries/_status.html", {**_page(request, pk), "is_fragment": True})


@require_safe
@requires(VIEW_DELIVERY)
def show_findings(request: HttpRequest, pk: int) -> HttpResponse:
    """One page of findings as a fragment."""
    return render(request, "deliveries/_findings.html", _page(request, pk))


@require_safe
@requires(VIEW_DELIVERY)
def export_findings(_request: HttpRequest, pk: int) -> HttpResponse:
    """All findings as a file for the supplier: row, column, rule and suggestion, no values."""
    delivery = _get(pk)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Art", "Zeile", "Spalte", "Kennung", "Befund", "Vorschlag"])
    for one in selectors.iterate_findings(delivery):
        word = SEVERITIES.get(one.severity, one.severity)
        writer.writerow([word, one.row or "", one.column, one.code, one.text, one.suggestion])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="kodala_befunde_lieferung_{pk}.csv"'
    return answer


@require_POST
@requires(ADD_DELIVERY)
def resume_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the stage that failed once more."""
    delivery = _get(pk)
    if delivery.state == Delivery.State.FAILED:
        pipeline.resume(delivery.pk)
        messages.success(request, "Die Verarbeitung wird an der angehaltenen Stelle fortgesetzt.")
    return redirect("delivery", pk)


def _get(pk: int) -> Delivery:
    try:
        return selectors.get_delivery(pk)
    except Delivery.DoesNotExist as error:
        raise Http404("no such delivery") from error


def _page(request: HttpRequest, pk: int) -> dict[str, object]:
    return build_delivery_page(_get(pk), request.GET.get("art", ""), request.GET.get("seite", "1"))


def _render_list(request: HttpRequest, form: DeliveryForm, status: int = 200) -> HttpResponse:
    releases = describe_releases()
    deliveries = [(delivery, releases.get(delivery.pk, "")) for delivery in selectors.list_deliveries()]
    context = {"deliveries": deliveries, "form": form}
    return render(request, "deliveries/list.html", context, status=status)
