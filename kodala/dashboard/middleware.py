"""What every answer of a page carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]


def keep_pages_out_of_caches(get_response: Answer) -> Answer:
    """Tell browser and proxies to keep no page, so that nothing is left on a shared machine after logout.

    A view that says otherwise (outlines, which never change) is left alone.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer
