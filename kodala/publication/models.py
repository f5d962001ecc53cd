"""Datenstände, their protected figures, and the fixed classes of the map."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.utils import timezone

from kodala.publication.shown import FigureState
from microcells.models import AreaSet, Delivery, DisplayCell, ObservationArea

SHOWN_FROM = Coalesce("visible_from", "released_at")  # the moment from which a released one is shown


class DatenstandQuerySet(models.QuerySet["Datenstand"]):
    """Datenstände as people may see them, by the clock of the database."""

    def visible(self) -> DatenstandQuerySet:
        """What is released and whose moment has come; the current one of an area set first."""
        shown = self.filter(LessThanOrEqual(SHOWN_FROM, Now()), state=Datenstand.State.RELEASED)
        return shown.order_by("-reference_date", SHOWN_FROM.desc(), "-pk")

    def planned(self) -> DatenstandQuerySet:
        """What is released for a moment that is still to come, the next one first."""
        waiting = self.filter(GreaterThan(SHOWN_FROM, Now()), state=Datenstand.State.RELEASED)
        return waiting.order_by(SHOWN_FROM, "pk")


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
    # When the worker last failed to protect it under stricter rules; NULL while none of that stands.
    protecting_failed_at = models.DateTimeField(null=True)

    objects = DatenstandQuerySet.as_manager()

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
            ),
            # No certificate, or one that found a leak: nobody can release it, whatever a program tries.
            models.CheckConstraint(
                condition=~Q(state="released")
                # Without the key the comparison would be unknown, which a check lets pass.
                | Q(certificate__has_key="open_leaks", certificate__open_leaks=0),
                name="datenstand_released_with_a_passed_audit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference_date:%d.%m.%Y} · V{self.version}"

    @property
    def state_text(self) -> str:
        """How far the release is, in words for a line of a list."""
        if self.state == self.State.AUDITED:
            return "wartet auf Freigabe"
        if self.state == self.State.WITHDRAWN and self.released_at is None:
            return "zurückgewiesen"
        if self.state == self.State.RELEASED and self.visible_from and self.visible_from > timezone.now():
            return f"freigegeben ab {timezone.localtime(self.visible_from):%d.%m.%Y, %H:%M} Uhr"
        return self.get_state_display()


class Decision(models.Model):
    """One step of the release that a person took; rows are only added, so that every step stays known."""

    class Kind(models.TextChoices):
        RELEASED = "released", "freigegeben"
        REJECTED = "rejected", "zurückgewiesen"
        CANCELLED = "cancelled", "geplante Freigabe abgesagt"
        WITHDRAWN = "withdrawn", "zurückgenommen"

    datenstand = models.ForeignKey(Datenstand, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    visible_from = models.DateTimeField(null=True)  # of a release only
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"V{self.datenstand.version} {self.get_kind_display()}"


class Figure(models.Model):
    """One published figure; withheld ones have a state and no value at all.

    district: statistical district of the area that the figure is about; null = the whole area, or the city
    """

    datenstand = models.ForeignKey(Datenstand, on_delete=models.CASCADE, related_name="figures")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, null=True, related_name="+")
    district = models.PositiveSmallIntegerField(null=True)
    indicator = models.CharField(max_length=40)
    state = models.CharField(max_length=14, choices=[(state.value, state.value) for state in FigureState])
    value = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    joined_with = models.JSONField(default=list)  # numbers of the other areas it is the joint figure of
    was_shown = models.BooleanField(default=False)  # withheld now, shown before the rules were tightened

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["datenstand", "indicator", "area", "district"],
                nulls_distinct=False,
                name="figure_once",
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


class DisplayCellFigure(models.Model):
    """The class of one indicator in one display cell; there is no number, shown or withheld."""

    datenstand = models.ForeignKey(Datenstand, on_delete=models.CASCADE, related_name="display_cell_figures")
    display_cell = models.ForeignKey(DisplayCell, on_delete=models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=40)
    state = models.CharField(max_length=14, choices=[(state.value, state.value) for state in FigureState])
    class_code = models.CharField(max_length=10)  # "a" … "e", "protected", "missing"
    was_shown = models.BooleanField(default=False)  # withheld now, shown before the rules were tightened

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["datenstand", "indicator", "display_cell"], name="display_cell_figure_once"
            ),
            models.CheckConstraint(
                condition=Q(state="value", class_code__in=["a", "b", "c", "d", "e"])
                | Q(state="protected", class_code="protected")
                | Q(state="not_delivered", class_code="missing"),
                name="display_cell_figure_has_the_class_of_its_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.display_cell_id}: {self.class_code}"


class OfficialFigure(models.Model):
    """One official figure of an area, the city or a comparison region at one date, protected like the others.

    The newest of each indicator also stands among the figures of its Datenstand.
    """

    datenstand = models.ForeignKey(Datenstand, on_delete=models.CASCADE, related_name="official_figures")
    area = models.ForeignKey(ObservationArea, on_delete=models.PROTECT, null=True, related_name="+")
    region = models.CharField(
        max_length=20, blank=True
    )  # "city", "district", "state", "country"; "" = an area
    indicator = models.CharField(max_length=40)
    reference_date = models.DateField()
    state = models.CharField(max_length=14, choices=[(state.value, state.value) for state in FigureState])
    value = models.FloatField(null=True)
    was_shown = models.BooleanField(default=False)  # withheld now, shown before the rules were tightened
    source = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["datenstand", "area", "region", "indicator", "reference_date"],
                nulls_distinct=False,
                name="official_figure_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["value", "zero", "unreliable"], value__isnull=False)
                | Q(state__in=["protected", "not_delivered", "not_meaningful"], value__isnull=True),
                name="official_figure_without_state_value_has_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.area_id or self.region} {self.reference_date}: {self.state}"


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
