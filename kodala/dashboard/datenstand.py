"""Which Datenstand a page shows: the one in its address, else the current one."""

from __future__ import annotations

import datetime as dt
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
        try:
            datenstand = find_datenstand(request.GET.get("stand", ""))
        except WithdrawnDatenstand:
            raise
        except Http404:
            if selectors.list_datenstaende():
                raise
            waiting = {"is_protecting_again": selectors.is_protecting_again()}
            return render(request, "help/nothing_released.html", waiting)
        request.shown_version = datenstand.version  # type: ignore[attr-defined]
        return view(request, datenstand, *args, **kwargs)

    found.__name__ = getattr(view, "__name__", "found")
    return found


class WithdrawnDatenstand(Http404):
    """An address asks for a Datenstand that was shown once and has been taken back since."""

    def __init__(self, version: int, moment: dt.datetime) -> None:
        super().__init__(f"Datenstand V{version} was withdrawn")
        self.version, self.moment = version, moment


def find_datenstand(version: str) -> Datenstand:
    """The released Datenstand with this version, the current one for "".

    Raises Http404, and WithdrawnDatenstand for one that is shown no more.
    """
    if version and not (version.isdecimal() and len(version) <= 9):
        raise Http404("no such Datenstand")
    try:
        return selectors.get_datenstand(int(version) if version else None)
    except Datenstand.DoesNotExist as error:
        moment = selectors.get_withdrawal(int(version)) if version else None
        if moment:
            raise WithdrawnDatenstand(int(version), moment) from error
        raise Http404("no such Datenstand") from error
