"""Released Datenstände with chosen figures, stored directly: pages read them without a pipeline run."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone

from kodala.publication.models import ClassScheme, Datenstand, DisplayCellFigure, Figure
from kodala.publication.rules_in_force import rules_for_certificate
from kodala.publication.shown import FigureState
from microcells.models import AreaSet, Delivery, DisplayCell

PROOF = {
    "figures": 2001,
    "states": {"protected": 61, "not_delivered": 4},
    "totals_withheld": 2,
    "open_leaks": 0,
    "numbers": 2257,
    "equations": 515,
    "withheld": 56,
    "is_cheapest": True,
    "count_min": 5,
    "base_min": 30,
    "protection_interval": 5,
    "insiders": 1,
    "programmes": 112,
    "areas": 24,
    "districts": 8,
    "dates": 5,
    "given_away": 0,
    "pattern_sha256": "9f3c41d7" * 8,
    "seconds": 3.21,
    "rules": "geheimhaltung-5",
    "rules_sha256": "ab12cd34" * 8,
}
DEBT_LIMITS = [6.0, 12.0, 18.0, 24.0]
DEBT_RATES = {1: 15.3, 2: 4.2, None: 10.1}
LASTING_LIMITS = [20.0, 40.0, 60.0, 80.0]
LASTING = {1: 55.0, 2: 30.0, 3: 41.0}


def make_draft(area_set: AreaSet, person: User, version: int = 1, year: int = 2023) -> Datenstand:
    """A checked draft: debt rates of areas 1 and 2, area 3 protected; lasting group everywhere."""
    delivery = Delivery.objects.create(
        kind=Delivery.Kind.MICROCELLS,
        area_set=area_set,
        reference_date=dt.date(year, 10, 1),
        file_name=f"lieferung_{year}.csv",
        size=1,
        sha256=f"{year}-{version}",
        received_by=person,
        state=Delivery.State.COMPUTED,
    )
    draft = Datenstand.objects.create(
        version=version,
        delivery=delivery,
        area_set=area_set,
        reference_date=delivery.reference_date,
        state=Datenstand.State.AUDITED,
        source="Probelieferung",
        figures_hash="0",
        certificate={
            "figures": 7,
            "states": {"protected": 1, "not_delivered": 0},
            "open_leaks": 0,
            **rules_for_certificate(),
        },
        requested_by=person,
    )
    store_figures(draft, "debt_rate", DEBT_RATES, protected=(3,))
    store_figures(draft, "group_lasting", LASTING)
    for code, limits in (("debt_rate", DEBT_LIMITS), ("group_lasting", LASTING_LIMITS)):
        ClassScheme.objects.get_or_create(
            area_set=area_set, indicator=code, defaults={"limits": limits, "method": "pretty"}
        )
    return draft


def store_figures(
    datenstand: Datenstand, code: str, values: dict[int | None, float], protected: tuple[int, ...] = ()
) -> None:
    """Store shown values by area number (None = whole city) and protected areas."""
    areas = {area.number: area for area in datenstand.area_set.areas.all()}
    for number, value in values.items():
        Figure.objects.create(
            datenstand=datenstand,
            area=areas.get(number),
            indicator=code,
            state=FigureState.VALUE,
            value=value,
            lower=value - 1,
            upper=value + 1,
        )
    for number in protected:
        Figure.objects.create(
            datenstand=datenstand, area=areas[number], indicator=code, state=FigureState.PROTECTED
        )


def add_display_cells(datenstand: Datenstand) -> None:
    """Twenty display cells in each area with classes of the debt rate in turn; all of area 3 protected."""
    for area in datenstand.area_set.areas.order_by("number"):
        left, bottom, _, _ = area.outline.extent
        for place in range(20):
            x, y = left + 250 * (place % 4), bottom + 200 * (place // 4)
            cell, _ = DisplayCell.objects.get_or_create(
                area_set=datenstand.area_set,
                area=area,
                number=20 * (area.number - 1) + place + 1,
                defaults={"outline": MultiPolygon(Polygon.from_bbox((x, y, x + 250, y + 200)), srid=25832)},
            )
            code = "protected" if area.number == 3 or place % 10 == 9 else "abcde"[place % 5]
            state = FigureState.PROTECTED if code == "protected" else FigureState.VALUE
            DisplayCellFigure.objects.create(
                datenstand=datenstand, display_cell=cell, indicator="debt_rate", state=state, class_code=code
            )
    proof = {"reason": "", "indicators": {"debt_rate": {"reason": "", "limits": DEBT_LIMITS}}}
    datenstand.certificate["display_cells"] = proof
    datenstand.save()


def make_released(
    area_set: AreaSet, asked: User, released: User, version: int = 1, year: int = 2023
) -> Datenstand:
    """A visible Datenstand, asked for by one person and released by another."""
    datenstand = make_draft(area_set, asked, version, year)
    Datenstand.objects.filter(pk=datenstand.pk).update(
        state=Datenstand.State.RELEASED, released_by=released, released_at=timezone.now()
    )
    datenstand.refresh_from_db()
    return datenstand
