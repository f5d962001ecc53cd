"""What a Datenstand showed and withheld before it is protected again, so that nothing is told twice.

Whoever kept a page from before knows what it showed. So what was withheld then stays withheld, and what is
withheld only now stays marked as known, for drafts to come. Values of withheld figures are not kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q, QuerySet

from kodala.publication.definitions import official_indicators, protection_definitions
from kodala.publication.domain.figure_table import WHOLE_AREA
from kodala.publication.domain.kept_back import FigureKey
from kodala.publication.domain.rules import CITY
from kodala.publication.models import Datenstand, DisplayCellFigure, Figure, OfficialFigure
from kodala.publication.shown import FigureState
from microcells.models import Delivery

# What tells the rows of one Datenstand apart, by model.
ROW_KEYS: dict[type[Model], tuple[str, ...]] = {
    Figure: ("indicator", "area_id", "district"),
    OfficialFigure: ("indicator", "area_id", "region", "reference_date"),
    DisplayCellFigure: ("indicator", "display_cell_id"),
}
_SHOWN = Q(state__in=[FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE]) | Q(was_shown=True)


@dataclass(frozen=True)
class Former:
    """What is remembered of a Datenstand under its former rules; empty for a new draft.

    not_yet:  Datenstände still under the former rules, whose figures are no measure of what is public
    withheld: figures that were withheld; cells: (indicator, display cell) that were withheld
    shown:    rows that were shown at any time, by model and `ROW_KEYS`
    """

    not_yet: Collection[int] = ()
    withheld: frozenset[FigureKey] = frozenset()
    cells: frozenset[tuple[str, int]] = frozenset()
    shown: dict[type[Model], frozenset[tuple[object, ...]]] = field(default_factory=dict)


NOTHING = Former()


def remember(datenstand: Datenstand, not_yet: Collection[int]) -> Former:
    """Read what a Datenstand shows and withholds now, before its rows are replaced."""
    hidden_cells = DisplayCellFigure.objects.filter(datenstand=datenstand, state=FigureState.PROTECTED)
    return Former(
        not_yet,
        frozenset(_withheld(datenstand)),
        frozenset(hidden_cells.values_list("indicator", "display_cell_id")),
        {
            model: frozenset(model._default_manager.filter(_SHOWN, datenstand=datenstand).values_list(*names))
            for model, names in ROW_KEYS.items()
        },
    )


def _withheld(datenstand: Datenstand) -> set[FigureKey]:
    own, official = _protected(datenstand=datenstand)
    return _keys(own, official, datenstand.delivery.date)


def list_withheld_before(main: Delivery) -> frozenset[FigureKey]:
    """What other Datenstände of the same areas withhold of the same dates; somebody has seen each of them.

    A correction may make such a figure safe, or choose others to protect it. Shown, it would complete what
    was shown of it before; where nothing of it was, it may be shown.
    """
    seen = {"datenstand__area_set": main.area_set_id}
    own, official = _protected(**seen)
    content = protection_definitions().content
    shown = {
        (quantity, date)
        for rows in (
            Figure.objects.filter(_SHOWN, **seen).values_list("indicator", "datenstand__reference_date"),
            OfficialFigure.objects.filter(_SHOWN, **seen).values_list("indicator", "reference_date"),
        )
        for code, date in rows.distinct()
        for quantity in content.of(code)
    }
    withheld = _keys(own.filter(datenstand__reference_date=main.date), official, main.date)
    return frozenset(key for key in withheld if any((own, key[3]) in shown for own in content.of(key[0])))


def _protected(**of: Any) -> tuple[QuerySet[Figure], QuerySet[OfficialFigure]]:
    """Withheld figures of the cells, and official ones of areas and city."""
    codes = [one.code for one in official_indicators()]
    own = Figure.objects.filter(state=FigureState.PROTECTED, **of).exclude(indicator__in=codes)
    places = Q(area__isnull=False) | Q(region="city")
    return own, OfficialFigure.objects.filter(places, state=FigureState.PROTECTED, **of)


def _keys(own: QuerySet[Figure], official: QuerySet[OfficialFigure], day: dt.date) -> set[FigureKey]:
    return {
        (code, area or CITY, district or WHOLE_AREA, day)
        for code, area, district in own.values_list("indicator", "area__number", "district")
    } | {
        (code, area or CITY, WHOLE_AREA, date)
        for code, area, date in official.values_list("indicator", "area__number", "reference_date")
    }


def mark_shown(datenstand: Datenstand, former: Former) -> None:
    """Mark what is withheld now and was shown at any time before."""
    for model, names in ROW_KEYS.items():
        hidden = model._default_manager.filter(datenstand=datenstand).exclude(_SHOWN)
        shown = former.shown.get(model, frozenset())
        known = [pk for pk, *key in hidden.values_list("pk", *names) if tuple(key) in shown]
        model._default_manager.filter(pk__in=known).update(was_shown=True)
