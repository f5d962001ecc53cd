"""Households, persons, adults and seniors of every area and its districts, summed by the database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

from kodala.core.runs import Step
from microcells.cells_table import TABLE
from microcells.domain.districts import can_be_parted
from microcells.models import AreaTotal, Delivery, ObservationArea
from microcells.results import CITY, Place
from microcells.selectors import list_areas

SUMMED = {
    "households": "households",
    "persons": "persons",
    "adults": "adults",
    # A row holds one of the two sets of age groups; both begin at 60.
    "seniors": "coalesce(seniors_60_69 + seniors_70_79 + seniors_80plus, "
    "seniors_60_64 + seniors_65_74 + seniors_75plus)",
}
# Whole parts and millionths are added up as integers: that is exact, so the sum depends neither on the order
# of the rows nor on how many processes of the database take part. The checksum too knows six decimals.
Sums = tuple[Decimal, ...]  # number of cells, then the sums in the order of SUMMED
EXACT_SUM = "sum(floor({0})::bigint) + sum((({0} - floor({0})) * 1e6)::bigint) / 1e6"


def total_areas(step: Step) -> None:
    """Write the totals of areas, districts and city; an area without cells has no value, not 0."""
    delivery = Delivery.objects.get(pk=step.delivery_id)
    areas = list_areas(delivery.area_set_id)
    groups = _sum_groups(delivery.pk, areas)
    sums: dict[Place, Sums | None] = {}
    for area in areas:
        own = groups.get(area.pk, {})
        sums[area.pk, None] = _added(list(own.values()))
        if can_be_parted(own):
            sums |= {(area.pk, district): part for district, part in own.items()}
    sums[CITY] = _added([part for own in groups.values() for part in own.values()])
    rows = [
        _row(step, at, indicator, (own[0], own[place + 1]) if own else None)
        for place, indicator in enumerate(SUMMED)
        for at, own in sums.items()
    ]
    with step.closing():
        AreaTotal.objects.bulk_create(rows)


def _sum_groups(delivery_id: int, areas: Sequence[ObservationArea]) -> dict[int, dict[int | None, Sums]]:
    """Area id -> district -> sums; areas of one district, and cells without one, stand under None."""
    columns = ", ".join(f"{expression} AS {name}" for name, expression in SUMMED.items())
    sums = ", ".join(EXACT_SUM.format(name) for name in SUMMED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT area_id, district, count(*), {sums} FROM (SELECT area_id, {columns}, "  # noqa: S608
            "CASE WHEN area_id = ANY(%s) THEN district_number END AS district "
            f"FROM {TABLE} WHERE delivery_id = %s) AS cells "
            "GROUP BY area_id, district ORDER BY area_id, district",
            [[area.pk for area in areas if len(area.districts) > 1], delivery_id],
        )
        groups: dict[int, dict[int | None, Sums]] = {}
        for area_id, district, *own in cursor.fetchall():
            groups.setdefault(area_id, {})[district] = tuple(own)
    return groups


def _added(parts: Sequence[Sums]) -> Sums | None:
    """The sums of all parts together, exact; None without any."""
    return tuple(sum(column, Decimal()) for column in zip(*parts, strict=True)) if parts else None


def _row(step: Step, place: Place, indicator: str, found: tuple[Decimal, Decimal] | None) -> AreaTotal:
    """found: number of cells and sum, None without cells."""
    area_id, district = place
    value = float(found[1]) if found else None
    return AreaTotal(
        run=step.run,
        area_id=area_id,
        district=district,
        indicator=indicator,
        value=value,
        numerator=value,
        coverage=1.0 if found else 0.0,
        n_cells=int(found[0]) if found else 0,
        status=AreaTotal.Status.OK if found else AreaTotal.Status.NO_DATA,
    )
