"""Addresses of the map page in templates."""

from __future__ import annotations

from typing import Any

from django import template

from kodala.dashboard.address import MapState

register = template.Library()


@register.simple_tag
def map_url(state: MapState, **changes: Any) -> str:
    """The address of the shown view with some parts changed, e.g. code="debtors" or area=8."""
    return state.url(**changes)
