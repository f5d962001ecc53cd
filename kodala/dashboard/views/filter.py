"""The risk filter: which areas all chosen classes apply to."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kodala.dashboard.access import EXPORT_FIGURES, USE_FILTER, requires, signed_in
from kodala.dashboard.datenstand import find_datenstand, with_datenstand
from kodala.dashboard.exports import export_matches
from kodala.dashboard.filter_page import (
    FIRST_CRITERION,
    FilterPage,
    build_filter_page,
    describe_matches,
    read_posted,
    read_stored,
    to_stored,
)
from kodala.dashboard.forms import ExportForm, SaveFilterForm
from kodala.dashboard.models import ExportRecord, SavedFilter, new_token
from kodala.publication.models import Datenstand
from kodala.publication.shown import Criterion

FIRST_ROW = (Criterion(FIRST_CRITERION, frozenset()),)


@require_safe
@requires(USE_FILTER)
@with_datenstand
def show_filter(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """An empty risk filter."""
    return _render(request, "filter/page.html", datenstand, build_filter_page(datenstand, FIRST_ROW))


@require_safe
@requires(USE_FILTER)
def open_filter(request: HttpRequest, token: str) -> HttpResponse:
    """A saved filter of this person, in the Datenstand it was made with or the one in the address."""
    saved = get_object_or_404(SavedFilter, token=token, owner=signed_in(request))
    datenstand = find_datenstand(request.GET.get("stand", str(saved.datenstand_version)))
    request.shown_version = datenstand.version  # type: ignore[attr-defined]
    page = build_filter_page(datenstand, read_stored(saved.criteria))
    return _render(request, "filter/page.html", datenstand, page, saved)


@require_POST
@requires(USE_FILTER)
@with_datenstand
def evaluate_filter(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """Keep the form's criteria and lead to their address; the way without JavaScript."""
    page = build_filter_page(datenstand, read_posted(request.POST))
    saved = _keep_working_copy(request, datenstand, page)
    return redirect(_address(saved, datenstand))


@require_POST
@requires(USE_FILTER)
@with_datenstand
def show_result(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """Criteria, list and map classes after a change, as a fragment; the address stays opaque."""
    page = build_filter_page(datenstand, read_posted(request.POST))
    saved = _keep_working_copy(request, datenstand, page)
    return _render(request, "filter/_work.html", datenstand, page, saved)


@require_POST
@requires(USE_FILTER)
@with_datenstand
def save_filter(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """Keep the criteria under a name; the same name replaces the earlier filter."""
    form = SaveFilterForm(request.POST)
    page = build_filter_page(datenstand, read_posted(request.POST))
    if not form.is_valid():
        messages.error(request, "Bitte geben Sie dem Filter einen Namen mit höchstens 80 Zeichen.")
        return redirect(_address(_keep_working_copy(request, datenstand, page), datenstand))
    saved = _store(request, datenstand, page, form.cleaned_data["name"])
    messages.success(request, f"Filter „{saved.name}“ ist gespeichert.")
    return redirect(_address(saved, datenstand))


@require_POST
@requires(USE_FILTER)
def delete_filter(request: HttpRequest, token: str) -> HttpResponse:
    """Remove a saved filter of this person."""
    saved = get_object_or_404(SavedFilter, token=token, owner=signed_in(request))
    saved.delete()
    messages.success(request, f"Filter „{saved}“ ist gelöscht.")
    return redirect("filter")


@require_POST
@requires(EXPORT_FIGURES)
@requires(USE_FILTER)
@with_datenstand
def export_filter(request: HttpRequest, datenstand: Datenstand) -> HttpResponse:
    """The list of matches as a file; without a purpose the page comes back and says so."""
    form = ExportForm(request.POST)
    page = build_filter_page(datenstand, read_posted(request.POST))
    if page.result is None or not form.is_valid():
        messages.error(
            request, "Bitte wählen Sie mindestens eine Klasse und einen Zweck. Es wurde keine Datei erstellt."
        )
        return redirect(_address(_keep_working_copy(request, datenstand, page), datenstand))
    record = ExportRecord.objects.create(
        person=signed_in(request),
        purpose=form.cleaned_data["purpose"],
        content=_summary(page),
        datenstand_version=datenstand.version,
    )
    return export_matches([row.view for row in page.active_rows], page.result, record)


def _summary(page: FilterPage) -> str:
    chosen = "; ".join(f"{row.view.indicator.short_label}: {row.summary}" for row in page.active_rows)
    found = f"{len(page.result.matches)} von {page.result.area_count}" if page.result else "0"
    return f"Risikofilter, {found} Gebieten: {chosen}"[:300]


def _keep_working_copy(request: HttpRequest, datenstand: Datenstand, page: FilterPage) -> SavedFilter:
    return _store(request, datenstand, page, name="")


def _store(request: HttpRequest, datenstand: Datenstand, page: FilterPage, name: str) -> SavedFilter:
    rows: Sequence[Criterion] = [Criterion(row.view.indicator.code, row.chosen) for row in page.rows]
    saved, _ = SavedFilter.objects.update_or_create(
        owner=signed_in(request),
        name=name,
        defaults={"criteria": to_stored(rows), "datenstand_version": datenstand.version},
        create_defaults={
            "criteria": to_stored(rows),
            "datenstand_version": datenstand.version,
            "token": new_token(),
        },
    )
    return saved


def _address(saved: SavedFilter, datenstand: Datenstand) -> str:
    return f"{reverse('filter-saved', args=[saved.token])}?stand={datenstand.version}"


def _render(
    request: HttpRequest,
    template: str,
    datenstand: Datenstand,
    page: FilterPage,
    saved: SavedFilter | None = None,
) -> HttpResponse:
    context = {
        "filter": page,
        "saved": saved if saved and saved.name else None,
        "saved_filters": SavedFilter.objects.filter(owner=signed_in(request)).exclude(name=""),
        "version": datenstand.version,
        "address": _address(saved, datenstand) if saved else "",
        "map_config": describe_matches(page),
        "export_form": ExportForm(),
        "save_form": SaveFilterForm(initial={"name": saved.name if saved else ""}),
    }
    return render(request, template, context)
