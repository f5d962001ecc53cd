"""Households, persons, adults and seniors of every area, summed by the database."""

from __future__ import annotations

from django.db import connection

from kodala.core.runs import Step
from microcells.cells_table import TABLE
from microcells.models import AreaTotal, Delivery
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
EXACT_SUM = "sum(floor({0})::bigint) + sum((({0} - floor({0})) * 1e6)::bigint) / 1e6"


def total_areas(step: Step) -> None:
    """Write the totals of each area and of the city; an area without cells has no value, not 0."""
    delivery = Delivery.objects.get(pk=step.delivery_id)
    sums, areas = _sum_by_area(delivery.pk), list_areas(delivery.area_set_id)
    rows = []
    for place, indicator in enumerate(SUMMED):
        for area in areas:
            own = sums.get(area.pk)
            rows.append(_row(step, area.pk, indicator, own[place + 1] if own else None, own[0] if own else 0))
        total = sum(own[place + 1] for own in sums.values())
        n_cells = sum(int(own[0]) for own in sums.values())
        rows.append(_row(step, None, indicator, total if sums else None, n_cells))
    with step.closing():
        AreaTotal.objects.bulk_create(rows)


def _sum_by_area(delivery_id: int) -> dict[int, tuple[float, ...]]:
    """Area id -> number of cells, then the sums in the order of SUMMED."""
    columns = ", ".join(f"{expression} AS {name}" for name, expression in SUMMED.items())
    sums = ", ".join(EXACT_SUM.format(name) for name in SUMMED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT area_id, count(*), {sums} FROM (SELECT area_id, {columns} FROM {TABLE} "  # noqa: S608
            "WHERE delivery_id = %s) AS cells GROUP BY area_id ORDER BY area_id",
            [delivery_id],
        )
        return {area_id: tuple(float(value) for value in own) for area_id, *own in cursor.fetchall()}


def _row(step: Step, area_id: int | None, indicator: str, value: float | None, n_cells: float) -> AreaTotal:
    return AreaTotal(
        run=step.run,
        area_id=area_id,
        indicator=indicator,
        value=value,
        numerator=value,
        coverage=0.0 if value is None else 1.0,
        n_cells=int(n_cells),
        status=AreaTotal.Status.NO_DATA if value is None else AreaTotal.Status.OK,
    )
