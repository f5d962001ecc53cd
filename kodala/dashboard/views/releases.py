"""Releases: compare a draft with what is shown now; a second person makes it visible or rejects it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kodala.core.errors import StateError
from kodala.dashboard.access import RELEASE, VIEW_LOG, requires, signed_in
from kodala.dashboard.datenstand import say_wait
from kodala.dashboard.release_forms import NoteForm, ReasonForm, ReleaseForm
from kodala.dashboard.release_page import build_comparison, build_release_page
from kodala.publication import releasing, selectors
from kodala.publication.hidden import list_hidden
from kodala.publication.models import Datenstand
from kodala.publication.rules_in_force import list_stale

LOG_LINES_PER_PAGE = 20


@require_safe
@requires(RELEASE)
def list_releases(request: HttpRequest) -> HttpResponse:
    """Drafts that wait for a second person, what is planned, released and taken back."""
    context = {
        "drafts": selectors.list_drafts(),
        "planned": selectors.list_planned(),
        "released": selectors.list_datenstaende(),
        "hidden": list_hidden(),
        "stale": list_stale(),
        "withdrawn": selectors.list_withdrawn(),
    }
    return render(request, "releases/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(RELEASE)
def show_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare a draft and release it; whoever asked for it sees no button."""
    draft = _get_draft(pk)
    if selectors.is_hidden_for_now(draft):
        return say_wait(request, draft)
    context = build_release_page(draft, request.user, request.GET.get("kennzahl", ""))
    previous = context["comparison"].previous
    form = ReleaseForm(
        request.POST if request.method == "POST" else None,
        n_warnings=context["n_warnings"],
        initial={"compared_with": previous.version if previous else None},
    )
    if request.method == "POST" and form.is_valid():
        return _release(request, draft, form)
    context |= {"form": form, "reason_form": ReasonForm()}
    return render(request, "releases/page.html", context, status=400 if form.errors else 200)


def _release(request: HttpRequest, draft: Datenstand, form: ReleaseForm) -> HttpResponse:
    step = partial(
        releasing.release_datenstand,
        draft.pk,
        signed_in(request),
        note=form.cleaned_data["note"],
        visible_from=form.visible_from,
        compared_with=form.cleaned_data["compared_with"],
    )
    return _decide(request, draft.pk, step, _say_released(draft, form.visible_from))


def _say_released(draft: Datenstand, moment: dt.datetime | None) -> str:
    name = f"Datenstand V{draft.version} ist freigegeben"
    if moment is None:
        return f"{name} und jetzt für alle sichtbar."
    return f"{name} und gilt ab {timezone.localtime(moment):%d.%m.%Y, %H:%M} Uhr."


@require_safe
@requires(RELEASE)
def show_comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """The comparison of one indicator as a fragment."""
    draft = _get_draft(pk)
    if selectors.is_hidden_for_now(draft):
        return say_wait(request, draft)
    if selectors.is_rejected(draft):
        raise Http404("the figures of a rejected draft are shown nowhere")
    context = build_comparison(draft, request.GET.get("kennzahl", ""))
    return render(request, "releases/_comparison.html", context)


@require_POST
@requires(RELEASE)
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a draft for good, with a reason."""
    draft = _get_draft(pk)
    step = partial(
        releasing.reject_datenstand, pk, signed_in(request), request.POST.get("reason", "").strip()[:2000]
    )
    return _decide(request, pk, step, f"Der Entwurf V{draft.version} ist zurückgewiesen.")


@require_POST
@requires(RELEASE)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a released Datenstand back; the one before it is shown again."""
    draft = _get_draft(pk)
    note = NoteForm(request.POST)
    step = partial(
        releasing.withdraw_datenstand,
        pk,
        signed_in(request),
        note.cleaned_data["note"] if note.is_valid() else "",
    )
    said = (
        f"Die geplante Freigabe von V{draft.version} ist abgesagt. Der Entwurf wartet wieder."
        if selectors.is_planned(draft)
        else f"Der Datenstand V{draft.version} ist zurückgenommen. Es gilt wieder der vorherige."
    )
    return _decide(request, pk, step, said)


@require_safe
@requires(VIEW_LOG)
def show_log(request: HttpRequest) -> HttpResponse:
    """Every Datenstand there ever was: who asked, who decided what and when, with which proof."""
    page = Paginator(selectors.list_log(), LOG_LINES_PER_PAGE).get_page(request.GET.get("seite", "1"))
    return render(request, "releases/log.html", {"lines": page, "stale": list_stale()})


def _decide(request: HttpRequest, pk: int, step: Callable[[], None], said: str) -> HttpResponse:
    """Carry out a decision and say how it went; a refused one leads back to its page."""
    try:
        step()
    except StateError as error:
        messages.error(request, str(error))
        return redirect("release", pk)
    messages.success(request, said)
    return redirect("release-list")


def _get_draft(pk: int) -> Datenstand:
    try:
        return selectors.get_draft(pk)
    except Datenstand.DoesNotExist as error:
        raise Http404("no such draft") from error
