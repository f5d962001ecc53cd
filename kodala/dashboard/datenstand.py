"""Which Datenstand a page shows: the one in its address, else the current one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from kodala.publication import selectors
from kodala.publication.hidden import find_hidden, say_hidden
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
        except (WithdrawnDatenstand, HiddenDatenstand):
            raise
        except Http404:
            if selectors.list_datenstaende():
                raise
            if selectors.is_protecting_again():
                return say_wait(request, status=200)
            return render(request, "help/nothing_released.html")
        request.shown_version = datenstand.version  # type: ignore[attr-defined]
        return view(request, datenstand, *args, **kwargs)

    found.__name__ = getattr(view, "__name__", "found")
    return found


def say_wait(request: HttpRequest, datenstand: Datenstand | None = None, status: int = 503) -> HttpResponse:
    """The page in place of figures that must be protected again; None: of all of them."""
    sentence = say_hidden(datenstand) if datenstand else ""
    return render(request, "help/protecting_again.html", {"sentence": sentence}, status=status)


class WithdrawnDatenstand(Http404):
    """An address asks for a Datenstand that was shown once and has been taken back since."""

    def __init__(self, version: int, moment: dt.datetime) -> None:
        super().__init__(f"Datenstand V{version} was withdrawn")
        self.version, self.moment = version, moment


class HiddenDatenstand(Http404):
    """An address asks for a Datenstand that must be protected again before it is shown."""

    def __init__(self, datenstand: Datenstand) -> None:
        super().__init__(f"Datenstand V{datenstand.version} is being protected again")
        self.datenstand = datenstand


def find_datenstand(version: str) -> Datenstand:
    """The released Datenstand with this version, the current one for "".

    Raises Http404, WithdrawnDatenstand for one that is shown no more, HiddenDatenstand for one that is not
    shown for now.
    """
    if version and not (version.isdecimal() and len(version) <= 9):
        raise Http404("no such Datenstand")
    try:
        return selectors.get_datenstand(int(version) if version else None)
    except Datenstand.DoesNotExist as error:
        moment = selectors.get_withdrawal(int(version)) if version else None
        if moment:
            raise WithdrawnDatenstand(int(version), moment) from error
        hidden = find_hidden(int(version)) if version else None
        if hidden:
            raise HiddenDatenstand(hidden) from error
        raise Http404("no such Datenstand") from error
