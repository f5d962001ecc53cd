"""Unprotected numbers of areas; all of them stay behind the wall."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .areas import ObservationArea
from .deliveries import Delivery


class AreaResult(models.Model):
    """What a run computed for one indicator in one area, or in the whole city (area is null).

    Of an area that is made of several statistical districts there are further rows, one for each of its
    districts, where the delivery names the district of every cell; district is null for the whole area.
    Raw and unprotected: it stays behind the wall. value, numerator and denominator are as in
    methods §2; lower and upper bound the 95 % interval; coverage is the share of households behind it.
    """

    class Status(models.TextChoices):
        OK = "ok"
        UNCERTAIN = "uncertain"
        TOO_SMALL = "too_small"
        NO_DATA = "no_data"
        METHOD_BREAK = "method_break"

    run = models.ForeignKey("core.Run", on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, null=True, related_name="+")
    district = models.PositiveSmallIntegerField(null=True)
    indicator = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    weight_sum = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    coverage = models.FloatField()
    n_cells = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "area", "district", "indicator"],
                nulls_distinct=False,
                name="%(class)s_once_per_run",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.area_id or 'Stadt'}"


class AreaTotal(AreaResult):
    """Households, persons, adults and seniors of an area."""


class CellSeals(models.Model):
    """What the next house list needs to find the same cells again: no house, but raw; see `sealing`."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="cell_seals")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, related_name="+")
    seals = models.BinaryField()  # packed rows: centre, households, houses, seal

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "area"], name="cell_seals_once_per_area")
        ]

    def __str__(self) -> str:
        return f"Zellsiegel {self.area_id}"


class AreaProfile(models.Model):
    """Mean or sum of one delivered column in one area, to notice jumps; raw, it stays behind the wall."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, related_name="+")
    column = models.CharField(max_length=60)
    value = models.FloatField()
    n_cells = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "area", "column"], name="area_profile_once")
        ]

    def __str__(self) -> str:
        return f"{self.column} {self.area_id}"


class AreaStatistic(models.Model):
    """One official figure of an area or a comparison region; raw, it stays behind the wall."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, null=True, related_name="+")
    region = models.CharField(
        max_length=20, blank=True
    )  # "city", "district", "state", "country"; "" = an area
    indicator = models.CharField(max_length=40)
    reference_date = models.DateField()
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    source = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delivery", "area", "region", "indicator", "reference_date"],
                nulls_distinct=False,
                name="area_statistic_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.area_id or self.region} {self.reference_date}"
