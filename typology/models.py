"""Results of the typology: rates, type shares and type labels of areas."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from microcells.models import AreaResult, ObservationArea


class AreaType(AreaResult):
    """Debt rates, number of debtors, group and type shares of an area."""


class AreaLabel(models.Model):
    """Which groups and types may be called leading in an area, as a set (methods §4)."""

    run = models.ForeignKey("core.Run", on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, related_name="+")
    leading_groups = models.JSONField(default=list)
    marking_types = models.JSONField(default=list)
    mixture = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "area"], name="area_label_once_per_run")
        ]

    def __str__(self) -> str:
        return f"{self.area_id}: {self.leading_groups}"
