"""Display cells: outlines that may be drawn, and, behind the wall, where they come from and their sums."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models

from .areas import ETRS89_UTM32N, AreaSet, ObservationArea
from .deliveries import Delivery


class DisplayCell(models.Model):
    """A union of neighbouring microcells of one area (Anzeigezelle); the same for all deliveries."""

    area_set = models.ForeignKey(AreaSet, on_delete=models.CASCADE, related_name="display_cells")
    area = models.ForeignKey(ObservationArea, on_delete=models.CASCADE, related_name="display_cells")
    number = models.PositiveIntegerField()
    outline = models.MultiPolygonField(srid=ETRS89_UTM32N)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area_set", "number"], name="display_cell_number_once_per_set")
        ]

    def __str__(self) -> str:
        return f"Anzeigezelle {self.number}"


class DisplaySeeds(models.Model):
    """Which places of an area belong to which display cell; a microcell goes with the nearest place."""

    area = models.OneToOneField(ObservationArea, on_delete=models.CASCADE, related_name="display_seeds")
    made_from = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, related_name="+")
    definition_version = models.CharField(max_length=60)
    seeds = models.BinaryField()  # packed rows: x, y (whole metres), number of the display cell

    def __str__(self) -> str:
        return f"Saatpunkte {self.area_id}"


class DisplayCellSum(models.Model):
    """What a run summed up in one display cell: raw and unprotected, it stays behind the wall.

    numerator and denominator are those of the area's result; coverage is the share of households behind it.
    """

    run = models.ForeignKey("core.Run", on_delete=models.CASCADE, related_name="+")
    display_cell = models.ForeignKey(DisplayCell, on_delete=models.CASCADE, related_name="+")
    indicator = models.CharField(max_length=40)
    numerator = models.FloatField()
    denominator = models.FloatField(null=True)
    coverage = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "display_cell", "indicator"], name="display_cell_sum_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.display_cell_id}"
