"""Releases: compare a draft with what is shown now, then let a second person make it visible."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kodala.core.errors import StateError
from kodala.dashboard.access import RELEASE, requires, signed_in
from kodala.dashboard.forms import ReleaseForm
from kodala.publication import selectors, services
from kodala.publication.models import Datenstand


@require_safe
@requires(RELEASE)
def list_releases(request: HttpRequest) -> HttpResponse:
    """Drafts that wait for a second person, and what has been released."""
    context = {"drafts": selectors.list_drafts(), "released": selectors.list_datenstaende()}
    return render(request, "releases/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(RELEASE)
def show_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare a draft; whoever asked for it sees no button."""
    draft = _get_draft(pk)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _release(request, draft)
    context = {
        "draft": draft,
        "comparison": selectors.compare_with_current(draft),
        "form": form,
        "is_own": draft.requested_by_id == request.user.pk,
    }
    return render(request, "releases/page.html", context, status=400 if form.errors else 200)


def _release(request: HttpRequest, draft: Datenstand) -> HttpResponse:
    try:
        services.release_datenstand(draft.pk, signed_in(request))
    except StateError as error:
        messages.error(request, str(error))
        return redirect("release-list")
    messages.success(request, f"Datenstand V{draft.version} ist freigegeben und jetzt für alle sichtbar.")
    return redirect("release-list")


@require_POST
@requires(RELEASE)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a released Datenstand back; the one before it is shown again."""
    try:
        services.withdraw_datenstand(pk, signed_in(request))
    except Datenstand.DoesNotExist as error:
        raise Http404("no such Datenstand") from error
    except StateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Der Datenstand ist zurückgenommen. Es gilt wieder der vorherige.")
    return redirect("release-list")


def _get_draft(pk: int) -> Datenstand:
    try:
        return selectors.get_draft(pk)
    except Datenstand.DoesNotExist as error:
        raise Http404("no such draft") from error
