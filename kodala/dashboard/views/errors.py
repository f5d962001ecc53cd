"""The pages for what went wrong: what it means and the next step, never values or technicalities.

The names and unused arguments are those Django calls its error views with.
"""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from kodala.core.failures import full_disk_message
from kodala.dashboard.datenstand import HiddenDatenstand, WithdrawnDatenstand, say_wait


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The address or form could not be understood."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The person lacks the right to this page."""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form came back without its proof of origin, usually after signing out elsewhere."""
    return render(request, "403_form.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is nothing at this address, or nothing this person may know of; or there was, and is no more."""
    if isinstance(exception, WithdrawnDatenstand):
        return render(request, "releases/withdrawn.html", {"withdrawn": exception}, status=410)
    if isinstance(exception, HiddenDatenstand):
        return say_wait(request, exception.datenstand)
    return render(request, "404.html", status=404)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Something broke; the page asks no database, because that may be what broke."""
    error = sys.exc_info()[1]  # Django calls this while it handles the exception
    if error and full_disk_message(error):
        return HttpResponse(render_to_string("507.html"), status=507)
    return HttpResponse(render_to_string("500.html"), status=500)
