"""Raw data of a delivery: until when they stay, and the order to delete them earlier."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kodala.core.errors import StateError
from kodala.dashboard.access import DELETE_CELLS, requires, signed_in
from kodala.dashboard.release_forms import DeletionForm
from microcells.models import Delivery
from microcells.retention import contract_of, request_deletion
from microcells.selectors import get_delivery


@require_http_methods(["GET", "HEAD", "POST"])
@requires(DELETE_CELLS)
def show_raw_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would be deleted and what stays; a confirmed order goes to the worker."""
    delivery = _get(pk)
    form = DeletionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _order(request, delivery, form.cleaned_data["reason"])
    context = {
        "delivery": delivery,
        "contract": contract_of(delivery.kind),
        "orders": delivery.deletion_requests.select_related("requested_by"),
        "is_ordered": delivery.deletion_requests.filter(carried_out_at=None).exists(),
        "form": form,
    }
    return render(request, "releases/raw_data.html", context, status=400 if form.errors else 200)


def _order(request: HttpRequest, delivery: Delivery, reason: str) -> HttpResponse:
    try:
        request_deletion(delivery, reason, signed_in(request))
    except StateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Die Löschung ist beauftragt. Der Arbeitsprozess führt sie in Kürze aus.")
    return redirect("delivery-raw-data", delivery.pk)


def _get(pk: int) -> Delivery:
    try:
        return get_delivery(pk)
    except Delivery.DoesNotExist as error:
        raise Http404("no such delivery") from error
