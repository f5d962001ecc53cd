"""Display cells of a draft: sums from behind the wall become protected classes, and nothing else."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import pandas as pd
from django.db.models import Q

from kodala.core.models import Run
from kodala.core.runs import get_result_run
from kodala.publication.definitions import indicators, protection_definitions
from kodala.publication.display_definitions import display_indicators, display_rules, display_scale
from kodala.publication.domain.display_audit import audit_display_cells
from kodala.publication.domain.display_cells import class_codes, protect_display_cells
from kodala.publication.domain.figure_table import WHOLE_AREA
from kodala.publication.former import NOTHING, Former
from kodala.publication.models import ClassScheme, Datenstand, DisplayCellFigure
from kodala.publication.shown import FigureState
from microcells.models import AreaResult, AreaTotal, Delivery, DisplayCellSum
from seniors.models import AreaScore
from typology.models import AreaType

STAGE, TOTALS_STAGE = "areas.compute_figures", "microcells.total_areas"
RESULTS: dict[str, tuple[type[AreaResult], str]] = {
    "households": (AreaTotal, TOTALS_STAGE),
    "persons": (AreaTotal, TOTALS_STAGE),
    "adults": (AreaTotal, TOTALS_STAGE),
    "seniors": (AreaTotal, TOTALS_STAGE),
    "debt_rate": (AreaType, STAGE),
    "offline_share": (AreaScore, STAGE),
}
SHOWN = (FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE)
NO_CELLS = "Der Datenstand enthält keine Mikrozellen."
NOT_SUMMED = "Die Lieferung wurde berechnet, bevor es Anzeigezellen gab."
ELSEWHERE = "Zum selben Stichtag gibt es schon Anzeigezellen in einem anderen Gebietsstand."
OTHER_CLASSES = "Die Klassengrenzen der Karte sind andere als die festgelegten."
# Areas are summed up in another order and partly to six decimals; a lost cell is four households or more.
SAME_REL, SAME_ABS = 1e-6, 1e-3


def store_display_cells(
    datenstand: Datenstand, delivery: Delivery | None, figures: pd.DataFrame, former: Former = NOTHING
) -> None:
    """Store the protected classes of all display cells of a draft, and their part of its certificate.

    figures: the protected figures of areas and districts: indicator, area (number), district, state
    former:  what the Datenstand showed and withheld under its former rules
    Belongs into the transaction of the draft. Raises ValueError if display cells do not add up to their
    area, or if the audit finds a withheld cell that could be narrowed down: no proof, no figure.
    """
    reason = _why_none(datenstand, delivery)
    proof: dict[str, Any] = {"reason": reason, "indicators": {}}
    if delivery is not None and not reason:
        run = get_result_run(STAGE, delivery.pk)
        sums = _load_sums(run)
        check_sums(sums, _load_results(delivery))
        for code in display_indicators():
            proof["indicators"][code] = _store_indicator(datenstand, code, sums, figures, former)
    datenstand.certificate = {**datenstand.certificate, "display_cells": proof}
    datenstand.save(update_fields=["certificate"])


def _why_none(datenstand: Datenstand, delivery: Delivery | None) -> str:
    """Why a Datenstand has no display cells at all, a German sentence; "" if it has."""
    if delivery is None or delivery.kind == Delivery.Kind.STATISTICS:
        return NO_CELLS
    reason = str(get_result_run(STAGE, delivery.pk).parameters.get("no_display_cells", NOT_SUMMED))
    if reason:
        return reason
    elsewhere = DisplayCellFigure.objects.filter(
        datenstand__reference_date=datenstand.reference_date,
        datenstand__area_set__is_invented=datenstand.area_set.is_invented,
    ).exclude(datenstand__area_set=datenstand.area_set)
    rejected = Q(datenstand__state=Datenstand.State.WITHDRAWN, datenstand__released_at=None)
    # Two partitions of the same households could be subtracted from each other.
    return ELSEWHERE if elsewhere.exclude(rejected).exists() else ""


def _load_sums(run: Run) -> pd.DataFrame:
    """All sums of a run over display cells: indicator, id, number, area (number), numerator, denominator …"""
    names = {
        "indicator": "indicator",
        "display_cell_id": "id",
        "display_cell__number": "number",
        "display_cell__area__number": "area",
        "numerator": "numerator",
        "denominator": "denominator",
        "coverage": "coverage",
    }
    rows = DisplayCellSum.objects.filter(run=run).order_by("display_cell__number").values_list(*names)
    table = pd.DataFrame(list(rows), columns=list(names.values()))
    return table.astype({"numerator": float, "denominator": float})


def _load_results(delivery: Delivery) -> dict[tuple[str, int], tuple[float, float]]:
    """(Indicator, area number) -> numerator and denominator of the areas' own results."""
    found = {}
    for indicator, (model, stage) in RESULTS.items():
        rows = model._default_manager.filter(
            run=get_result_run(stage, delivery.pk), indicator=indicator, area__isnull=False, district=None
        )
        for area, above, below in rows.values_list("area__number", "numerator", "denominator"):
            found[indicator, area] = (above, below)
    return {key: (above or 0.0, below or 0.0) for key, (above, below) in found.items() if above is not None}


def check_sums(sums: pd.DataFrame, results: dict[tuple[str, int], tuple[float, float]]) -> None:
    """Make sure that every area is the sum of its display cells. Raises ValueError naming where it is not.

    sums: indicator, area, numerator, denominator of every display cell; results: as `_load_results`
    """
    added = sums.groupby(["indicator", "area"])[["numerator", "denominator"]].sum()
    for (indicator, area), own in zip(added.index, added.to_numpy().tolist(), strict=True):
        wanted = results.get((indicator, area))
        if wanted is not None and not all(map(_is_same, own, wanted)):
            raise ValueError(f"display cells of area {area} do not add up to {indicator}")
    summed = set(added.index)
    lost = {
        (code, area)
        for code, area in results
        if (("households", area) in summed) and (code, area) not in summed
    }
    if lost:
        raise ValueError(f"no sums over display cells for {sorted(lost)}")


def _is_same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=SAME_REL, abs_tol=SAME_ABS)


def _store_indicator(
    datenstand: Datenstand, code: str, sums: pd.DataFrame, figures: pd.DataFrame, former: Former
) -> dict[str, Any]:
    """Protect and store one indicator; gives its part of the certificate."""
    scale, rules = display_scale(code), display_rules()
    scheme = ClassScheme.objects.filter(area_set=datenstand.area_set, indicator=code).first()
    has_others = scheme is not None and tuple(scheme.limits) != scale.limits
    if has_others or _had_other_limits(datenstand, code):
        return {"reason": OTHER_CLASSES}
    areas = figures[figures["district"] == WHOLE_AREA]
    cells, totals = _candidates(datenstand, code, sums, former), _shown_totals(code, sums, areas)
    divided = _areas_of_shown_districts(code, figures)
    protected = protect_display_cells(cells, totals, scale, rules, divided)
    narrow = audit_display_cells(protected.cells, totals, scale, rules, divided)
    if narrow:
        raise ValueError(f"{len(narrow)} withheld display cells could be narrowed down")
    _store_rows(datenstand, code, protected.cells)
    counts = protected.cells["state"].value_counts()
    return {
        "reason": "",
        "label": indicators()[code].label,
        "limits": list(scale.limits),
        "cells": len(protected.cells),
        "shown": int(counts.get(FigureState.VALUE, 0)),
        "protected": int(counts.get(FigureState.PROTECTED, 0)),
        "missing": int(counts.get(FigureState.NOT_DELIVERED, 0)),
        "smallest_interval": protected.smallest_interval,
        "areas_closed": protected.areas_closed,
        "sha256": _digest(protected.cells),
    }


def _same_date(datenstand: Datenstand) -> Any:
    """Other Datenstände of the same date that somebody has seen or may still see."""
    others = Datenstand.objects.filter(
        area_set=datenstand.area_set, reference_date=datenstand.reference_date
    ).exclude(pk=datenstand.pk)
    return others.exclude(state=Datenstand.State.WITHDRAWN, released_at=None)


def _had_other_limits(datenstand: Datenstand, code: str) -> bool:
    """Whether the same cells were shown in other classes before: both together would say more."""
    limits = list(display_scale(code).limits)
    before = (
        own.certificate.get("display_cells", {}).get("indicators", {}).get(code, {}).get("limits", limits)
        for own in _same_date(datenstand)
    )
    return any(own != limits for own in before)


def _candidates(datenstand: Datenstand, code: str, sums: pd.DataFrame, former: Former) -> pd.DataFrame:
    """The display cells of one indicator with their households, and what other Datenstände did with them."""
    cells = sums[sums["indicator"] == code].reset_index(drop=True)
    households = sums[sums["indicator"] == "households"].set_index("id")["numerator"]
    before = DisplayCellFigure.objects.filter(datenstand__in=_same_date(datenstand), indicator=code)
    shown = before.filter(Q(state=FigureState.VALUE) | Q(was_shown=True)).exclude(
        datenstand__in=former.not_yet
    )
    # Of what was withheld later the class is not kept; another class than now is of a corrected cell.
    told = {(pk, code) for pk, code in shown.values_list("display_cell", "class_code")}
    now = zip(cells["id"], class_codes(cells, display_scale(code)), strict=True)
    withheld = set(before.filter(state=FigureState.PROTECTED).values_list("display_cell", flat=True))
    withheld |= {cell for indicator, cell in former.cells if indicator == code}
    return cells.assign(
        households=cells["id"].map(households).fillna(0.0),
        was_shown=[(pk, own) in told or (pk, "protected") in told for pk, own in now],
        was_withheld=cells["id"].isin(withheld),
    )


def _shown_totals(code: str, sums: pd.DataFrame, figures: pd.DataFrame) -> dict[int, float | None]:
    """Numerator of every area whose figure is shown, None where there is none; protected ones are absent."""
    own = figures[(figures["indicator"] == code) & (figures["state"] != FigureState.PROTECTED)]
    added = sums[sums["indicator"] == code].groupby("area")["numerator"].sum()
    return {
        int(area): float(added[area]) if state in SHOWN else None
        for area, state in zip(own["area"], own["state"], strict=True)
        if area in added.index
    }


def _areas_of_shown_districts(code: str, figures: pd.DataFrame) -> frozenset[int]:
    """Areas with a shown figure of a district that gives away the same numerator."""
    content = protection_definitions().content
    told = set(content.of(code))
    same = figures["indicator"].map(lambda other: bool(told & set(content.of(other)))).astype(bool)
    own = figures[same & (figures["district"] != WHOLE_AREA) & figures["state"].isin(SHOWN)]
    return frozenset(own["area"].astype(int))


def _store_rows(datenstand: Datenstand, code: str, cells: pd.DataFrame) -> None:
    rows = zip(cells["id"].tolist(), cells["state"], cells["class_code"], strict=True)
    DisplayCellFigure.objects.bulk_create(
        (
            DisplayCellFigure(
                datenstand=datenstand, display_cell_id=pk, indicator=code, state=state, class_code=class_code
            )
            for pk, state, class_code in rows
        ),
        batch_size=5_000,
    )


def _digest(cells: pd.DataFrame) -> str:
    return hashlib.sha256(cells[["number", "class_code"]].to_csv(index=False).encode()).hexdigest()
