"""CSV files for spreadsheets: the same figures as on the page, with their provenance on top."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils import timezone

from kodala.dashboard.models import ExportRecord
from kodala.publication.shown import FigureState, FilterResult, IndicatorView, ShownFigure

INVENTED = "Demodaten – erfunden"
STATE_WORDS = {
    FigureState.VALUE: "Wert",
    FigureState.ZERO: "Wert",
    FigureState.PROTECTED: "geschützt",
    FigureState.NOT_DELIVERED: "nicht geliefert",
    FigureState.UNRELIABLE: "unsicher",
    FigureState.NOT_MEANINGFUL: "nicht sinnvoll",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t")
Row = Sequence[str]


def export_indicator(view: IndicatorView, record: ExportRecord) -> HttpResponse:
    """The table of one indicator."""
    heading = (
        "Gebiet-Nr.",
        "Gebiet",
        view.indicator.label,
        "Einheit",
        "Unsicherheit",
        "Klasse",
        f"zu {view.city_label} ({view.indicator.difference_unit})",
        "Zustand",
    )
    rows = [
        (
            str(area.area_number),
            _as_text(area.area_name),
            *_figure_cells(area.figure, view.indicator.unit),
            area.compared,
            STATE_WORDS[area.figure.state],
        )
        for area in view.areas
    ]
    city = (
        "",
        view.city_label,
        *_figure_cells(view.city, view.indicator.unit),
        "",
        STATE_WORDS[view.city.state],
    )
    return _write(view, record, f"kodala_{view.indicator.code}", [heading, *rows, city])


def export_matches(
    context: IndicatorView, views: Sequence[IndicatorView], result: FilterResult, record: ExportRecord
) -> HttpResponse:
    """The areas the risk filter found, alphabetically, with the figures of its criteria."""
    heading = ["Gebiet-Nr.", "Gebiet"]
    for view in views:
        heading += [f"{view.indicator.label} ({view.indicator.unit})", "Klasse"]
    rows = [
        [str(match.area_number), _as_text(match.area_name)]
        + [cell for figure in match.figures for cell in _match_cells(figure)]
        for match in result.matches
    ]
    rest = [
        ["Nicht geprüft, geschützt", ", ".join(result.protected_areas) or "keine"],
        ["Nicht geprüft, ohne Daten", ", ".join(result.missing_areas) or "keine"],
    ]
    return _write(context, record, "kodala_risikofilter", [heading, *rows, [], *rest])


def _figure_cells(figure: ShownFigure, unit: str) -> tuple[str, str, str, str]:
    return figure.label, unit, figure.interval_text, figure.class_letter


def _match_cells(figure: ShownFigure) -> tuple[str, str]:
    return (f"{figure.label} ({figure.mark})" if figure.mark else figure.label), figure.class_letter


def _as_text(cell: str) -> str:
    """Keep a spreadsheet from reading a name as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _provenance(view: IndicatorView, record: ExportRecord) -> list[Row]:
    return [
        *([[INVENTED]] if view.datenstand.is_invented else []),
        ["Inhalt", record.content],
        ["Datenstand", view.datenstand.label],
        ["Quelle", view.datenstand.source],
        ["Verfahren", view.indicator.method],
        ["Grenzen", view.datenstand.area_set_label],
        ["Zweck", record.get_purpose_display()],
        ["Kennung", record.identifier],
        ["Erstellt", f"{timezone.localtime(record.created_at):%d.%m.%Y, %H:%M} Uhr"],
        ["Hinweis", "Nicht zur Veröffentlichung bestimmt. Geschützte Werte bleiben geschützt."],
        [],
    ]


def _write(view: IndicatorView, record: ExportRecord, name: str, rows: Iterable[Row]) -> HttpResponse:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([*_provenance(view, record), *rows])
    # The byte order mark makes spreadsheets read the file as UTF-8.
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    file_name = f"{name}_v{view.datenstand.version}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    answer["Cache-Control"] = "no-store"
    return answer
