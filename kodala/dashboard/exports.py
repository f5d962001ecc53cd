"""CSV files for spreadsheets: the same figures as on the page, with their provenance on top."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils import timezone

from kodala.core.german import MINUS
from kodala.dashboard.models import ExportRecord
from kodala.publication.domain.wording import WHY_PROTECTED
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
HYPHEN = "-"  # spreadsheets take a number with a real minus sign for text
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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
        "Hinweis",
    )
    rows = [
        (
            str(area.area_number),
            _as_text(area.area_name),
            *_figure_cells(area.figure, view.indicator.unit),
            area.compared.replace(MINUS, HYPHEN),
            STATE_WORDS[area.figure.state],
            area.figure.joined,
        )
        for area in view.areas
    ]
    city = (
        "",
        view.city_label,
        *_figure_cells(view.city, view.indicator.unit),
        "",
        STATE_WORDS[view.city.state],
        "",
    )
    table = [heading, *rows, city, *_district_rows(view)]
    return _write([view], record, f"kodala_{view.indicator.code}", [*_withheld_rows(view), [], *table])


def _district_rows(view: IndicatorView) -> list[Row]:
    """Statistical districts below the table of the areas, which already contains them; [] without any."""
    if not view.districts:
        return []
    heading = (
        "Gebiet-Nr.",
        "Statistischer Bezirk",
        view.indicator.label,
        "Einheit",
        "Unsicherheit",
        "Bezirk-Nr.",
        "",
        "Zustand",
        "Hinweis",
    )
    rows = [
        (
            str(district.area_number),
            _as_text(district.name),
            district.figure.label,
            view.indicator.unit,
            district.figure.interval_text,
            str(district.number),
            "",
            STATE_WORDS[district.figure.state],
            "statistischer Bezirk, im Gebiet enthalten",
        )
        for district in view.districts
    ]
    return [[], ["Darin: statistische Bezirke"], heading, *rows]


def export_matches(
    views: Sequence[IndicatorView], result: FilterResult, record: ExportRecord
) -> HttpResponse:
    """The areas the risk filter found, alphabetically, with the figures of its criteria."""
    heading = ["Gebiet-Nr.", "Gebiet"]
    for view in views:
        heading += [f"{view.indicator.label} ({view.indicator.unit})", "Unsicherheit", "Klasse"]
    rows = [
        [str(match.area_number), _as_text(match.area_name)]
        + [cell for figure in match.figures for cell in _match_cells(figure)]
        for match in result.matches
    ]
    rest = [
        ["Treffer", f"{len(result.matches)} von {result.area_count} Gebieten"],
        ["Nicht geprüft, geschützt", str(len(result.protected_areas)), "; ".join(result.protected_areas)],
        ["Nicht geprüft, ohne Daten", str(len(result.missing_areas)), "; ".join(result.missing_areas)],
    ]
    return _write(views, record, "kodala_risikofilter", [*rest, [], heading, *rows])


def _figure_cells(figure: ShownFigure, unit: str) -> tuple[str, str, str, str]:
    return figure.label, unit, figure.interval_text, figure.class_letter


def _match_cells(figure: ShownFigure) -> tuple[str, str, str]:
    marks = ", ".join(mark for mark in (figure.mark, figure.joined) if mark)
    shown = f"{figure.label} ({marks})" if marks else figure.label
    return shown, figure.interval_text, figure.class_letter


def _as_text(cell: str) -> str:
    """Keep a spreadsheet from reading a name as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _withheld_rows(view: IndicatorView) -> list[Row]:
    """How many areas are withheld and which, also where there are none."""
    return [
        [word, f"{len(names)} {'Gebiet' if len(names) == 1 else 'Gebiete'}", _as_text("; ".join(names))]
        for word, names in (("Geschützt", view.protected_areas), ("Keine Daten", view.missing_areas))
    ]


def _provenance(views: Sequence[IndicatorView], record: ExportRecord) -> list[Row]:
    view = views[0]
    modelled = [one.indicator.label for one in views if one.indicator.is_modelled]
    return [
        *([[INVENTED]] if view.datenstand.is_invented else []),
        ["Inhalt", record.content],
        ["Datenstand", view.datenstand.label],
        *([["Quelle", view.datenstand.source]] if not all(one.provenance for one in views) else []),
        *([one.indicator.label, f"Amtliche Zahl. {one.provenance}"] for one in views if one.provenance),
        ["Verfahren", "; ".join(dict.fromkeys(one.method for one in views))],
        *([["Modellwert", f"{', '.join(modelled)}; Unsicherheit als 95-%-Spanne"]] if modelled else []),
        ["Grenzen", view.datenstand.area_set_label],
        ["Zweck", record.get_purpose_display()],
        ["Kennung", record.identifier],
        ["Erstellt", f"{timezone.localtime(record.created_at):%d.%m.%Y, %H:%M} Uhr"],
        ["Hinweis", f"Nicht zur Veröffentlichung bestimmt. Geschützt heißt: {WHY_PROTECTED}."],
        [],
    ]


def _write(
    views: Sequence[IndicatorView], record: ExportRecord, name: str, rows: Iterable[Row]
) -> HttpResponse:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([*_provenance(views, record), *rows])
    # The byte order mark makes spreadsheets read the file as UTF-8.
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    file_name = f"{name}_v{views[0].datenstand.version}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    answer["Cache-Control"] = "no-store"
    return answer
