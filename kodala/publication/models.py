"""Datenstände, their protected figures, and the fixed classes of the map."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kodala.publication.shown import FigureState
from microcells.models import AreaSet, Delivery, ObservationArea


class Datenstand(models.Model):
    """One immutable set of protected figures with its provenance."""

    class State(models.TextChoices):
        DRAFT = "draft", "Entwurf"
        AUDITED = "audited", "geprüft"
        RELEASED = "released", "freigegeben"
        WITHDRAWN = "withdrawn", "zurückgenommen"

    version = models.PositiveIntegerField(unique=True)  # the number people see: V4
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="datenstaende")
    area_set = models.ForeignKey(AreaSet, on_delete=models.PROTECT, related_name="datenstaende")
    reference_date = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    definitions = models.JSONField(default=dict)  # room -> version and hash
    source = models.CharField(max_length=300)
    figures_hash = models.CharField(max_length=64)
    certificate = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    # A released Datenstand is shown from this moment on; both clocks are the database's.
    visible_from = models.DateTimeField(null=True)
    release_note = models.TextField(blank=True)
    withdrawal_note = models.TextField(blank=True)
    # Deliveries of official figures that went in beside the microcells, by number.
    statistics_deliveries = models.JSONField(default=list)
    # What changes against the Datenstand shown when the draft was made: counts only, made by the worker.
    comparison = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-reference_date", "-released_at", "-pk"]
        permissions: ClassVar = [("release_datenstand", "Darf einen Datenstand freigeben")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="released")
                | (
                    Q(released_by__isnull=False)
                    & Q(released_at__isnull=False)
                    & ~Q(released_by=F("requested_by"))
                ),
                name="datenstand_released_by_a_second_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference_date:%d.%m.%Y} · V{self.version}"


class Figure(models.Model):
    """One published figure; withheld ones have a state and no value at all."""

    datenstand = models.ForeignKey(Datenstand, on_delete=models.CASCADE, related_name="figures")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, null=True, related_name="+")
    indicator = models.CharField(max_length=40)
    state = models.CharField(max_length=14, choices=[(state.value, state.value) for state in FigureState])
    value = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["datenstand", "indicator", "area"], nulls_distinct=False, name="figure_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["value", "zero", "unreliable"], value__isnull=False)
                | Q(
                    state__in=["protected", "not_delivered", "not_meaningful"],
                    value__isnull=True,
                    lower__isnull=True,
                    upper__isnull=True,
                ),
                name="figure_without_state_value_has_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.area_id or 'Stadt'}: {self.state}"


class TypeLabel(models.Model):
    """Which groups and types may be called leading in an area; only where its types are shown."""

    datenstand = models.ForeignKey(Datenstand, on_delete=models.CASCADE, related_name="type_labels")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, related_name="+")
    leading_groups = models.JSONField(default=list)
    marking_types = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["datenstand", "area"], name="type_label_once")
        ]

    def __str__(self) -> str:
        return f"{self.area_id}: {self.marking_types}"


class ClassScheme(models.Model):
    """The fixed class limits of one indicator, the same for all Datenstände of an area set."""

    area_set = models.ForeignKey(AreaSet, on_delete=models.CASCADE, related_name="class_schemes")
    indicator = models.CharField(max_length=40)
    limits = models.JSONField()  # inner upper limits, ascending; a limit belongs to the lower class
    method = models.CharField(max_length=40)
    based_on = models.JSONField(default=list)  # versions of the Datenstände whose values were pooled
    fixed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area_set", "indicator"], name="class_scheme_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.limits}"
