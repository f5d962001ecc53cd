"""Divisions of the city into observation areas."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models

ETRS89_UTM32N = 25832


class AreaSet(models.Model):
    """One division of the city into observation areas (Gebietsstand), with its validity."""

    label = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    is_current = models.BooleanField(default=False)
    is_invented = models.BooleanField(default=False)
    is_approximate = models.BooleanField(default=False)
    checksum = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="area_set_one_is_current"
            )
        ]

    def __str__(self) -> str:
        return self.label


class ObservationArea(models.Model):
    """One of the areas for which figures are published."""

    area_set = models.ForeignKey(AreaSet, on_delete=models.CASCADE, related_name="areas")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    districts = models.JSONField(default=list)  # numbers of the statistical districts it is made of
    outline = models.MultiPolygonField(srid=ETRS89_UTM32N)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area_set", "number"], name="area_number_once_per_set")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
