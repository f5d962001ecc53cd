"""Which Datenstand a page shows: the one in its address, else the current one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from kodala.publication import selectors
from kodala.publication.models import Datenstand

ViewArguments = ParamSpec("ViewArguments")
DatenstandView = Callable[Concatenate[HttpRequest, Datenstand, ViewArguments], HttpResponse]
PlainView = Callable[Concatenate[HttpRequest, ViewArguments], HttpResponse]


def with_datenstand(view: DatenstandView[ViewArguments]) -> PlainView[ViewArguments]:
    """Give the view the shown Datenstand; before the first release the page says so instead."""

    def found(
        request: HttpRequest, /, *args: ViewArguments.args, **kwargs: ViewArguments.kwargs
    ) -> HttpResponse:
        if not selectors.list_datenstaende():
            return render(request, "help/nothing_released.html")
        datenstand = find_datenstand(request.GET.get("stand", ""))
        request.shown_version = datenstand.version  # type: ignore[attr-defined]
        return view(request, datenstand, *args, **kwargs)

    found.__name__ = getattr(view, "__name__", "found")
    return found


def find_datenstand(version: str) -> Datenstand:
    """The released Datenstand with this version, the current one for "". Raises Http404."""
    if version and not (version.isdecimal() and len(version) <= 9):
        raise Http404("no such Datenstand")
    try:
        return selectors.get_datenstand(int(version) if version else None)
    except Datenstand.DoesNotExist as error:
        raise Http404("no such Datenstand") from error
