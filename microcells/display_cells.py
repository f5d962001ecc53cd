"""Display cells of an area set: made once, then only added up, one delivery after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from django.db import connection, transaction
from django.db.models import Max
from numpy.typing import NDArray

from kodala.core.models import Run
from kodala.core.runs import Step
from kodala.statistics.exact import read_numbers, write_numbers
from microcells.areas import as_multi_polygon
from microcells.cells_table import partition_name
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.display_outlines import outline_cells
from microcells.domain.display_partition import Seeds, display_cell_rules, make_seeds
from microcells.house_lists import bundling_definition
from microcells.models import (
    AreaSet,
    Delivery,
    DisplayCell,
    DisplayCellSum,
    DisplaySeeds,
    ObservationArea,
)
from microcells.results import Measured, Place
from microcells.selectors import (
    AreaCells,
    list_areas,
    list_delivered_columns,
    load_cells,
    load_display_seeds,
    pack_seeds,
)

Floats = NDArray[np.float64]

FIRST_AGES = ("seniors_60_69", "seniors_70_79", "seniors_80plus")
SECOND_AGES = ("seniors_60_64", "seniors_65_74", "seniors_75plus")
TOTALS = ("households", "persons", "adults", "seniors")
PART_SUMS = 3  # numerator, denominator, coverage
NO_COORDINATES = "Die Lieferung nennt nicht zu jeder Mikrozelle Koordinaten."
TOO_MANY = "Die Lieferung hat zu viele Mikrozellen."


def display_cell_sizes() -> BundlingRules:
    """The sizes of display cells. Raises ValueError if the definition goes below the privacy rules."""
    return display_cell_rules(BundlingRules.from_table(bundling_definition()["display_cells"]))


def why_no_display_cells(delivery: Delivery) -> str:
    """The reason why a delivery is not added up over display cells, a German sentence; "" if it is."""
    if not {"x", "y"} <= list_delivered_columns(delivery.pk):
        return NO_COORDINATES
    if (delivery.n_cells or 0) > bundling_definition()["display_cells"]["most_cells"]:
        return TOO_MANY
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {partition_name(delivery.pk)} "  # noqa: S608
            "WHERE x IS NULL OR y IS NULL)"
        )
        return NO_COORDINATES if cursor.fetchone()[0] else ""


def prepare_display_cells(delivery: Delivery) -> str:
    """Make the display cells of every area that has none yet and has cells in this delivery.

    What is there is never changed, so that no two Datenstände can be subtracted. Gives the reason if the
    delivery has no display cells, else "".
    """
    reason = why_no_display_cells(delivery)
    if reason:
        return reason
    with transaction.atomic():
        AreaSet.objects.select_for_update().get(pk=delivery.area_set_id)  # one after the other
        known = load_display_seeds(delivery.area_set_id)
        areas = [area for area in list_areas(delivery.area_set_id) if area.pk not in known]
        number = _last_number(delivery.area_set_id) + 1
        for area, seeds in _make_seeds(delivery, areas):
            number += _store_area(delivery, area, seeds, number)
    return ""


def _last_number(area_set_id: int) -> int:
    cells = DisplayCell.objects.filter(area_set_id=area_set_id)
    last: int | None = cells.aggregate(last=Max("number"))["last"]
    return last or 0


def _make_seeds(
    delivery: Delivery, areas: Sequence[ObservationArea]
) -> Iterator[tuple[ObservationArea, Seeds]]:
    rules = display_cell_sizes()
    cells = load_cells(delivery.pk, ("x", "y", "households"), [area.pk for area in areas])
    for area, own in zip(areas, cells, strict=True):
        seeds = make_seeds(own.columns["x"], own.columns["y"], own.columns["households"], rules)
        if seeds is not None:
            yield area, seeds


def _store_area(delivery: Delivery, area: ObservationArea, seeds: Seeds, first: int) -> int:
    """Store seeds and outlines of one area, numbered from `first`; gives how many display cells it has."""
    outlines = outline_cells(seeds, shapely.from_wkb(bytes(area.outline.wkb)))
    DisplaySeeds.objects.create(
        area=area,
        made_from=delivery,
        definition_version=bundling_definition().version,
        seeds=pack_seeds(Seeds(seeds.x, seeds.y, seeds.number + first)),
    )
    DisplayCell.objects.bulk_create(
        DisplayCell(
            area_set_id=delivery.area_set_id,
            area=area,
            number=first + place,
            outline=as_multi_polygon(outline),
        )
        for place, outline in enumerate(outlines)
    )
    return len(outlines)


def write_part_sums(numerator: Floats, denominator: Floats, coverage: Floats) -> str:
    """Sums over the display cells of one area as text, exact to the bit; each of shape (n_parts,)."""
    return write_numbers(np.column_stack([numerator, denominator, coverage]))


def store_part_sums(run: Run, sums: Mapping[tuple[str, int], str | None], has_base: bool = True) -> None:
    """Store what rooms summed up: (indicator, area id) -> text of `write_part_sums`, None = no display cells.

    has_base: whether the second number is a denominator
    """
    ids = _list_ids({area_id for _, area_id in sums})
    DisplayCellSum.objects.bulk_create(
        DisplayCellSum(
            run=run,
            display_cell_id=cell_id,
            indicator=indicator,
            numerator=row[0],
            denominator=row[1] if has_base else None,
            coverage=row[2],
        )
        for (indicator, area_id), text in sums.items()
        if text is not None
        for cell_id, row in zip(ids[area_id], read_numbers(text).reshape(-1, PART_SUMS).tolist(), strict=True)
    )


def _list_ids(area_ids: set[int]) -> dict[int, list[int]]:
    """Area id -> ids of its display cells in the order of their numbers."""
    ids: dict[int, list[int]] = {}
    rows = DisplayCell.objects.filter(area__in=area_ids).order_by("number").values_list("area_id", "pk")
    for area_id, cell_id in rows:
        ids.setdefault(area_id, []).append(cell_id)
    return ids


class DisplayCellTotals:
    """Households, persons, adults and seniors of every display cell, found while the areas go by."""

    def __init__(self, delivery: Delivery) -> None:
        delivered = list_delivered_columns(delivery.pk)
        self._ages = tuple(set(ages) <= delivered for ages in (FIRST_AGES, SECOND_AGES))
        ages = (*(FIRST_AGES if self._ages[0] else ()), *(SECOND_AGES if self._ages[1] else ()))
        self.columns = ("households", "persons", "adults", *ages)
        self.facts = {"display_cells": bundling_definition().version}

    def measure(self, cells: AreaCells) -> Measured:
        """Sum up over the display cells of one area; districts have no sums here."""
        return [(None, self._sum(cells))]

    def _sum(self, cells: AreaCells) -> dict[str, str]:
        if cells.parts is None:
            return {}
        households = cells.columns["households"]
        values = {name: cells.columns[name] for name in TOTALS[:-1]} | {"seniors": self._seniors(cells)}
        return {
            name: write_part_sums(
                cells.parts.sum(own), cells.parts.sum(own), cells.parts.coverage(own, households)
            )
            for name, own in values.items()
        }

    def _seniors(self, cells: AreaCells) -> Floats:
        """All of 60 and over: a row holds one of two sets of age groups, and both begin at 60."""
        found = np.full(len(cells.columns["households"]), np.nan)
        for is_there, ages in zip(self._ages, (FIRST_AGES, SECOND_AGES), strict=True):
            if is_there:
                summed = cells.columns[ages[0]] + cells.columns[ages[1]] + cells.columns[ages[2]]
                found = np.where(np.isfinite(found), found, summed)
        return found

    def store(self, step: Step, payloads: Mapping[Place, Mapping[str, str]]) -> None:
        """Write the totals of all display cells."""
        whole = {
            place[0]: own for place, own in payloads.items() if place[0] is not None and place[1] is None
        }
        sums = {(name, area_id): own.get(name) for area_id, own in whole.items() for name in TOTALS}
        store_part_sums(step.run, sums, has_base=False)


def display_works(delivery: Delivery) -> tuple[DisplayCellTotals, ...]:
    """What the one pass through the cells does for display cells: nothing if the delivery has none."""
    return () if why_no_display_cells(delivery) else (DisplayCellTotals(delivery),)
