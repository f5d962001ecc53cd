"""The check of a delivery: findings page by page, the error file, and warnings that a person accepts."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kodala.core.errors import InputError, StateError
from kodala.dashboard.access import ADD_DELIVERY, VIEW_DELIVERY, requires, signed_in
from kodala.dashboard.finding_files import file_name, stream_csv, write_workbook
from kodala.dashboard.findings_page import build_contract_context, build_findings_context
from microcells.acceptance import accept_warnings
from microcells.models import Delivery
from microcells.selectors import get_delivery

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@requires(VIEW_DELIVERY)
def show_findings(request: HttpRequest, pk: int) -> HttpResponse:
    """One page of findings as a fragment; asked for without a choice, contract and warnings come along."""
    delivery = _get(pk)
    context = {
        "delivery": delivery,
        "is_answer": not request.GET,
        **build_findings_context(delivery, request.GET),
    }
    return render(request, "deliveries/_findings_answer.html", context)


@require_safe
@requires(VIEW_DELIVERY)
def export_findings(_request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All findings as text for the supplier: row, column, rule and suggestion, no values."""
    delivery = _get(pk)
    answer = StreamingHttpResponse(stream_csv(delivery), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name(delivery, "csv")}"'
    return answer


@require_safe
@requires(VIEW_DELIVERY)
def export_workbook(_request: HttpRequest, pk: int) -> FileResponse:
    """All findings as a workbook, with a sheet about the delivery."""
    delivery = _get(pk)
    name = file_name(delivery, "xlsx")
    return FileResponse(write_workbook(delivery), as_attachment=True, filename=name, content_type=WORKBOOK)


@require_POST
@requires(ADD_DELIVERY)
def accept(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Let the warnings of one rule stand, with a reason."""
    delivery, reason = _get(pk), request.POST.get("reason", "")
    error = ""
    try:
        accept_warnings(delivery, code, reason, signed_in(request))
    except InputError as refused:
        error = " ".join(f"{one.text} {one.suggestion}" for one in refused.findings)
    except StateError as refused:
        error = str(refused)
    if getattr(request, "htmx", False):
        given = {"failed_code": code, "failed_reason": reason, "failure": error} if error else {}
        context = {"delivery": delivery, **build_contract_context(delivery), **given}
        return render(request, "deliveries/_acceptance_answer.html", context)
    if error:
        messages.error(request, error)
    return redirect(f"{reverse('delivery', args=[pk])}?schritt=pruefung#warnungen")


def _get(pk: int) -> Delivery:
    try:
        return get_delivery(pk)
    except Delivery.DoesNotExist as error:
        raise Http404("no such delivery") from error
