"""What the map page draws: one indicator, its areas, and the chosen area beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404
from django.urls import reverse

from kodala.dashboard.address import MapState
from kodala.dashboard.display_page import count_cells, describe_cells, describe_tiles
from kodala.dashboard.drawings import LegendDrawing, TypePart, draw_legend, draw_types
from kodala.dashboard.history_drawing import HistoryDrawing, draw_history
from kodala.publication import selectors
from kodala.publication.models import Datenstand
from kodala.publication.shown import (
    AreaFigure,
    AreaView,
    DistrictFigure,
    FigureState,
    HistoryPoint,
    IndicatorGroup,
    IndicatorView,
    NamedFigure,
)
from kodala.publication.shown_display import DisplayView
from microcells.models import ObservationArea

LONG_GROUP = 8
COUNT = "count"
JOINT_MARK = "gem."
SHOWN_STATES = (FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE)


@dataclass(frozen=True)
class AreaPanel:
    """The panel beside the map (Blickpunkt).

    alternatives: shown figures of the same area, offered where the chosen one is withheld
    districts: the statistical districts of an area that is made of several
    elsewhere: the same figure where another Datenstand shows it, newest first
    """

    view: AreaView
    figure: AreaFigure
    history: HistoryDrawing | None
    types: tuple[TypePart, ...]
    alternatives: tuple[NamedFigure, ...]
    is_withheld: bool
    districts: tuple[DistrictFigure, ...] = ()
    elsewhere: tuple[HistoryPoint, ...] = ()


def get_view(datenstand: Datenstand, code: str) -> IndicatorView:
    """The figures of one indicator. Raises Http404 if it is not known."""
    try:
        return selectors.get_indicator_view(datenstand, code)
    except KeyError as error:
        raise Http404("no such indicator") from error


def get_panel(datenstand: Datenstand, view: IndicatorView, number: int) -> AreaPanel:
    """The panel of one area. Raises Http404 if the area set has no such area."""
    figure = view.area(number)
    try:
        area = selectors.get_area_view(datenstand, view.indicator.code, number)
    except ObservationArea.DoesNotExist as error:
        raise Http404("no such area") from error
    if figure is None:
        raise Http404("no such area")
    others = [*area.seniors, *area.groups]
    return AreaPanel(
        view=area,
        figure=figure,
        history=draw_history(
            area.name,
            area.history,
            has_city=view.indicator.kind != COUNT,
            breaks=area.breaks,
            rows=area.rows,
        ),
        types=draw_types(area.types),
        alternatives=tuple(named for named in others if named.figure.state in SHOWN_STATES),
        is_withheld=area.figure.state not in SHOWN_STATES,
        districts=view.districts_of(number),
        elsewhere=_elsewhere(datenstand, area),
    )


def _elsewhere(datenstand: Datenstand, area: AreaView) -> tuple[HistoryPoint, ...]:
    others = (point for point in area.history if point.version not in (None, datenstand.version))
    return tuple(point for point in others if point.area.value is not None)[::-1]


def describe_map(view: IndicatorView, state: MapState, display: DisplayView | None = None) -> dict[str, Any]:
    """What the browser needs to colour the areas: classes and finished words, no more."""
    shown = display if display and not display.reason else None
    return {
        "geometry": reverse("geometry", args=[view.datenstand.area_set_pk]),
        "panel": reverse("map", args=[view.indicator.code]) + "blickpunkt/",
        "code": view.indicator.code,
        "version": state.version,
        "chosen": state.area,
        "view": state.view,
        "indicator": view.indicator.label,
        "datenstand": f"Datenstand {view.datenstand.label}",
        "city": f"Kein Gebiet gewählt. {view.city_label}: {view.city.text}",
        "areas": [{**describe_area(area, view), **describe_cells(shown, area)} for area in view.areas],
        "cells": describe_tiles(shown, state) if shown else None,
        "districts": [describe_district(district) for district in view.districts],
    }


def describe_district(district: DistrictFigure) -> dict[str, Any]:
    """One statistical district beside the areas: finished words, no class and no place on the map."""
    return {
        "level": "statistischer Bezirk",
        "area": district.area_number,
        "district": district.number,
        "name": district.name,
        "text": district.figure.text,
        "spoken": district.spoken,
    }


def describe_area(area: AreaFigure, view: IndicatorView, is_dimmed: bool = False) -> dict[str, Any]:
    """One area for the map: class, letter, words, circle; a dimmed one carries no value."""
    compared = (
        f"{area.compared} {view.indicator.difference_unit} zu {view.city_label}" if area.compared else ""
    )
    return {
        "number": area.area_number,
        "name": area.area_name,
        "class": area.figure.class_code,
        "letter": area.figure.class_letter,
        "label": "" if is_dimmed else _map_label(area),
        "text": area.figure.text,
        "joined": area.figure.joined,
        "compared": compared,
        "spoken": area.spoken,
        "dimmed": is_dimmed,
        "circle": _circle(area, view, is_dimmed),
    }


def _map_label(area: AreaFigure) -> str:
    """The short form; the legend explains the mark of a joint figure."""
    return f"{area.figure.label} {JOINT_MARK}" if area.figure.joined else area.figure.label


def _circle(area: AreaFigure, view: IndicatorView, is_dimmed: bool) -> float | None:
    """Radius of the circle of a published number as a share of the largest one's, 0 … 1, three decimals.

    None: the indicator is drawn as coloured areas, or the area has no value. A joint number has one circle.
    """
    if view.indicator.kind != COUNT or area.figure.value is None:
        return None
    if is_dimmed or area.figure.value <= 0 or not area.is_counted:
        return 0.0
    largest = max(one.figure.value for one in view.areas if one.figure.value is not None)
    return round(math.sqrt(area.figure.value / largest), 3)


def build_map_page(datenstand: Datenstand, state: MapState) -> dict[str, Any]:
    """The context of the map page's template."""
    view = get_view(datenstand, state.code)
    is_known = state.area is not None and view.area(state.area) is not None
    shown = state if is_known else replace(state, area=None)
    display = selectors.get_display_view(datenstand, view) if state.cells else None
    return {
        "state": shown,
        "view": view,
        "groups": _open_groups(datenstand, state.code),
        "legend": _legend(view, shown),
        "panel": get_panel(datenstand, view, shown.area) if shown.area is not None else None,
        "map_config": describe_map(view, shown, display),
        "has_display_cells": selectors.has_display_cells(state.code),
        **count_cells(display, shown.area),
    }


def build_area_parts(datenstand: Datenstand, state: MapState, number: int) -> dict[str, Any]:
    """The context of what changes when an area is chosen: panel and legend."""
    view = get_view(datenstand, state.code)
    shown = replace(state, area=number)
    display = selectors.get_display_view(datenstand, view) if state.cells else None
    return {
        "state": shown,
        "view": view,
        "legend": _legend(view, shown),
        "panel": get_panel(datenstand, view, number),
        **count_cells(display, number),
    }


def _open_groups(datenstand: Datenstand, code: str) -> list[tuple[IndicatorGroup, bool]]:
    """The branches of the tree; a long one is closed unless it holds the shown indicator."""
    groups = selectors.list_indicator_groups(datenstand, code)
    return [(group, len(group.indicators) < LONG_GROUP or _holds(group, code)) for group in groups]


def _holds(group: IndicatorGroup, code: str) -> bool:
    return any(indicator.code == code for indicator in group.indicators)


def _legend(view: IndicatorView, state: MapState) -> LegendDrawing:
    return draw_legend(view, state.area)
