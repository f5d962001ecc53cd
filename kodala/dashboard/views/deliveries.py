"""Deliveries: hand in a file, watch its way, see each of its steps."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kodala import pipeline
from kodala.core.errors import InputError
from kodala.dashboard.access import ADD_DELIVERY, VIEW_DELIVERY, requires, signed_in
from kodala.dashboard.column_table import ColumnTable
from kodala.dashboard.delivery_page import build_columns_page, build_delivery_page, build_frame
from kodala.dashboard.forms import DeliveryForm
from kodala.dashboard.wizard import COLUMNS, choose_part
from kodala.publication.selectors import describe_releases
from microcells import selectors, services
from microcells.models import Delivery

KNOWN_FILE = (Delivery.State.REJECTED, Delivery.State.COMPUTED, Delivery.State.AWAITING)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(VIEW_DELIVERY)
def list_deliveries(request: HttpRequest) -> HttpResponseBase:
    """All deliveries and the form for a new one."""
    if request.method == "POST":
        return _receive(request)
    corrected = _corrected(request.GET.get("korrektur", ""))
    return _render_list(request, DeliveryForm(initial=DeliveryForm.facts_of(corrected)), corrected)


def _corrected(number: str) -> Delivery | None:
    """The delivery that a new file is to replace, if the address names one."""
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        return None
    return Delivery.objects.filter(pk=int(number)).first()


@requires(ADD_DELIVERY)
def _receive(request: HttpRequest) -> HttpResponse:
    form = DeliveryForm(request.POST, request.FILES)
    delivery = _take_in(form, signed_in(request)) if form.is_valid() else None
    if delivery is None:
        return _render_list(request, form, status=400)
    if delivery.state in KNOWN_FILE:
        known = f"Genau diese Datei liegt schon vor, als „{delivery.file_name}“; das hier ist ihre Lieferung."
        state = describe_releases().get(delivery.pk, delivery.state_text)
        messages.info(request, f"{known} Stand: {state}.")
        return redirect("delivery", delivery.pk)
    pipeline.start(delivery.pk)
    messages.success(request, f"Die Datei „{delivery.file_name}“ ist angenommen und wird jetzt gelesen.")
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
    """One delivery: its way through the house, how its file is read, and the findings."""
    delivery = get_or_404(pk)
    if choose_part(delivery, request.GET.get("schritt", "")) == COLUMNS and delivery.proposal:
        table = ColumnTable(delivery, shows_all_conversions=request.GET.get("umrechnen") == "alle")
        context = build_columns_page(delivery, table)
    else:
        context = build_delivery_page(delivery, request.GET)
    return render(request, "deliveries/page.html", context)


@require_safe
@requires(VIEW_DELIVERY)
def show_status(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a delivery as a fragment.

    When nothing runs any more, or the findings have come since the page was drawn, it is drawn anew.
    """
    delivery = get_or_404(pk)
    answer = render(request, "deliveries/_status.html", build_frame(delivery, request.GET.get("schritt", "")))
    has_news = delivery.is_checked and request.GET.get("geprueft") == "nein"
    if (has_news or not pipeline.is_under_way(delivery)) and request.headers.get("HX-Request"):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@requires(ADD_DELIVERY)
def resume_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the stage that failed once more."""
    delivery = get_or_404(pk)
    if delivery.state == Delivery.State.FAILED:
        pipeline.resume(delivery.pk)
        messages.success(request, "Die Verarbeitung wird an der angehaltenen Stelle fortgesetzt.")
    return redirect("delivery", pk)


def get_or_404(pk: int) -> Delivery:
    """The delivery of an address. Raises Http404."""
    try:
        return selectors.get_delivery(pk)
    except Delivery.DoesNotExist as error:
        raise Http404("no such delivery") from error


def _render_list(
    request: HttpRequest, form: DeliveryForm, corrected: Delivery | None = None, status: int = 200
) -> HttpResponse:
    releases = describe_releases()
    deliveries = [(delivery, releases.get(delivery.pk, "")) for delivery in selectors.list_deliveries()]
    context = {"deliveries": deliveries, "form": form, "corrected": corrected}
    return render(request, "deliveries/list.html", context, status=status)
