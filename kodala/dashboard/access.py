"""Who may open which page: the rights of the three groups, checked before every view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ViewArguments = ParamSpec("ViewArguments")
View = Callable[Concatenate[HttpRequest, ViewArguments], HttpResponseBase]

VIEW_FIGURES = "dashboard.view_figures"
USE_FILTER = "dashboard.use_filter"
EXPORT_FIGURES = "dashboard.export_figures"
VIEW_DISPLAY_CELLS = "dashboard.view_display_cells"
ADD_DELIVERY = "microcells.add_delivery"
VIEW_DELIVERY = "microcells.view_delivery"
RELEASE = "publication.release_datenstand"
VIEW_LOG = "publication.view_datenstand"
DELETE_CELLS = "microcells.delete_delivery"

PLANNER, COUNSELLOR, ADMIN = "Sozialplanung", "Schuldnerberatung", "Datenpflege"
INITIALS = {PLANNER: "SP", COUNSELLOR: "SB", ADMIN: "DP"}
GROUP_RIGHTS = {
    # Display cells lie below the areas: whoever advises people there must not see how their street counts.
    PLANNER: (VIEW_FIGURES, VIEW_DISPLAY_CELLS, USE_FILTER, EXPORT_FIGURES, RELEASE),
    COUNSELLOR: (VIEW_FIGURES, USE_FILTER, EXPORT_FIGURES),
    ADMIN: (VIEW_FIGURES, ADD_DELIVERY, VIEW_DELIVERY, RELEASE, VIEW_LOG, DELETE_CELLS),
}


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the main menu; `section` is the first part of its addresses."""

    label: str
    url_name: str
    section: str
    right: str


NAVIGATION = (
    NavigationItem("Karte", "map-start", "karte", VIEW_FIGURES),
    NavigationItem("Risikofilter", "filter", "filter", USE_FILTER),
    NavigationItem("Lieferungen", "delivery-list", "lieferungen", VIEW_DELIVERY),
    NavigationItem("Freigaben", "release-list", "freigaben", RELEASE),
)


def list_navigation(person: User | AnonymousUser) -> list[NavigationItem]:
    """The menu entries whose page this person may open."""
    return [item for item in NAVIGATION if person.has_perm(item.right)]


def requires(right: str) -> Callable[[View[ViewArguments]], View[ViewArguments]]:
    """Let only people with `right` reach the view; all others get the 403 page."""

    def guard(view: View[ViewArguments]) -> View[ViewArguments]:
        def guarded(
            request: HttpRequest, /, *args: ViewArguments.args, **kwargs: ViewArguments.kwargs
        ) -> HttpResponseBase:
            if not request.user.has_perm(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.required_right = right  # type: ignore[attr-defined]
        guarded.__name__ = getattr(view, "__name__", "guarded")
        guarded.__doc__ = view.__doc__
        return guarded

    return guard


def signed_in(request: HttpRequest) -> User:
    """The person behind a request. Raises PermissionDenied if nobody is signed in."""
    if isinstance(request.user, AnonymousUser):
        raise PermissionDenied
    return request.user


def create_groups() -> list[Group]:
    """Create the three groups, or set their rights anew.

    Raises Permission.DoesNotExist if the migrations have not created a right yet.
    """
    groups = []
    for name, rights in GROUP_RIGHTS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set([_get_permission(right) for right in rights])
        groups.append(group)
    return groups


def _get_permission(right: str) -> Permission:
    app_label, codename = right.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)
