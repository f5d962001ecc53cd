"""Display cells as pages show them, and the rows of which tiles are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet

from kodala.core.german import german_number
from kodala.publication.definitions import indicator_definition
from kodala.publication.domain.legend import class_letter
from kodala.publication.models import ClassScheme, Datenstand, DisplayCellFigure
from kodala.publication.shown import IndicatorView
from kodala.publication.shown_display import DisplayClass, DisplayRow, DisplayView
from microcells.display_cells import display_cell_sizes

TOO_OLD = "Der Datenstand ist entstanden, bevor es Anzeigezellen gab."
NEW_CLASSES = "Die Klassengrenzen der Karte sind seither neu festgelegt worden."
WITHHELD = {"protected": "geschützt", "missing": "keine Daten"}


def is_for_display_cells(code: str) -> bool:
    """Whether an indicator is one that is shown for display cells."""
    entries: list[dict[str, Any]] = indicator_definition()["indicator"]
    return any(entry["code"] == code and entry.get("display_cells", False) for entry in entries)


def why_not_shown(datenstand: Datenstand, code: str) -> str:
    """Why a Datenstand shows no display cells of an indicator, a German sentence; "" if it does."""
    proof = datenstand.certificate.get("display_cells")
    if proof is None:
        return TOO_OLD
    own = proof["indicators"].get(code, {"reason": TOO_OLD})
    reason = str(proof["reason"] or own["reason"])
    if reason:
        return reason
    scheme = ClassScheme.objects.filter(area_set=datenstand.area_set_id, indicator=code).first()
    return "" if scheme and scheme.limits == own["limits"] else NEW_CLASSES


def select_shapes(datenstand: Datenstand, code: str) -> QuerySet[DisplayCellFigure]:
    """The classes of all display cells with their outlines. Raises KeyError if they are not shown."""
    if not is_for_display_cells(code) or why_not_shown(datenstand, code):
        raise KeyError(code)
    return DisplayCellFigure.objects.filter(datenstand=datenstand, indicator=code)


def build_display_view(datenstand: Datenstand, view: IndicatorView) -> DisplayView:
    """Count the display cells of an indicator by area and class."""
    reason = why_not_shown(datenstand, view.indicator.code)
    classes = _classes(view)
    counts = {} if reason else _count(datenstand, view.indicator.code)
    areas = tuple(
        _row(area.area_number, area.area_name, counts.get(area.area_number, {}), classes)
        for area in view.areas
    )
    everywhere = {one.code: sum(own.get(one.code, 0) for own in counts.values()) for one in classes}
    city = _row(None, view.city_label, everywhere, classes)
    n_cells = german_number(sum(everywhere.values()), 0)
    protected = f"{german_number(everywhere['protected'], 0)} von {n_cells} geschützt"
    return DisplayView(reason, classes, areas, city, protected, display_cell_sizes().minimum)


def _classes(view: IndicatorView) -> tuple[DisplayClass, ...]:
    unit = f"\N{NO-BREAK SPACE}{view.indicator.unit}"
    shown = (
        DisplayClass(one.code, one.letter, f"Klasse {one.letter} ({one.text}{unit})") for one in view.classes
    )
    withheld = (DisplayClass(code, class_letter(code), text) for code, text in WITHHELD.items())
    return (*shown, *withheld)


def _count(datenstand: Datenstand, code: str) -> dict[int, dict[str, int]]:
    """Area number -> class code -> number of display cells."""
    rows = (
        DisplayCellFigure.objects.filter(datenstand=datenstand, indicator=code)
        .values_list("display_cell__area__number", "class_code")
        .annotate(cells=Count("pk"))
    )
    counts: dict[int, dict[str, int]] = {}
    for area, class_code, cells in rows:
        counts.setdefault(area, {})[class_code] = cells
    return counts


def _row(
    number: int | None, name: str, counts: Mapping[str, int], classes: tuple[DisplayClass, ...]
) -> DisplayRow:
    words = [
        f"{german_number(counts[one.code], 0)} {WITHHELD.get(one.code) or f'in Klasse {one.letter}'}"
        for one in classes
        if counts.get(one.code)
    ]
    spoken = f"Anzeigezellen: {', '.join(words)}." if words else "Keine Anzeigezellen."
    return DisplayRow(number, name, tuple(counts.get(one.code, 0) for one in classes), spoken)
