"""What was received, how it is read, what was found in it, and what people said about it."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kodala.core.errors import StateError

from .areas import AreaSet


class Delivery(models.Model):
    """One received file with its reference date; its path through the house stands in the runs."""

    class Kind(models.TextChoices):
        MICROCELLS = "microcells", "Mikrozellen (KoDaLa-Extrakt)"
        HOUSES = "houses", "Hausliste (wird gebündelt, nicht gespeichert)"
        STATISTICS = "statistics", "Gebietsstatistik (amtliche Zahlen je Gebiet)"

    class State(models.TextChoices):
        RECEIVED = "received", "empfangen"
        RUNNING = "running", "in Verarbeitung"
        AWAITING = "awaiting", "wartet auf Angaben"
        REJECTED = "rejected", "zurückgewiesen"
        FAILED = "failed", "angehalten"
        COMPUTED = "computed", "berechnet"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    area_set = models.ForeignKey(AreaSet, on_delete=models.PROTECT, related_name="deliveries")
    stated_date = models.DateField(null=True)  # given with a house list, which carries no date itself
    reference_date = models.DateField(null=True)
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(auto_now_add=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deliveries"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    inspection = models.JSONField(default=dict)  # first look: how the file is written, what its columns hold
    plan = models.JSONField(default=dict)  # how it was read in the end
    proposal = models.JSONField(default=dict)  # column mapping offered to a person, and what is still open
    contract_checks = models.JSONField(default=list)  # name, verdict and measured value of each check
    counts = models.JSONField(default=dict)  # number of findings per code
    n_rows = models.PositiveIntegerField(null=True)
    n_cells = models.PositiveIntegerField(null=True)
    canonical_digest = models.CharField(max_length=64, blank=True)
    certificate = models.JSONField(default=dict)  # of the bundling, for house lists
    message = models.TextField(blank=True)
    keep_cells_until = models.DateField(null=True)  # by contract; the figures stay
    cells_deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            # A file that was refused because of the way it was read may come once more and be read otherwise.
            models.UniqueConstraint(
                fields=["area_set", "kind", "sha256", "stated_date"],
                condition=~models.Q(state="rejected"),
                nulls_distinct=False,
                name="delivery_same_file_once",
            )
        ]

    def __str__(self) -> str:
        return f"Lieferung {self.pk}: {self.file_name}"

    @property
    def is_checked(self) -> bool:
        """Whether the file was read to its end, so that its findings are complete."""
        return self.n_rows is not None

    @property
    def date(self) -> dt.date:
        """The reference date of a checked delivery. Raises StateError before the check has found it."""
        if self.reference_date is None:
            raise StateError("Der Stichtag der Lieferung steht noch nicht fest.")
        return self.reference_date

    @property
    def state_text(self) -> str:
        """The state in words."""
        return self.get_state_display()

    @property
    def is_running(self) -> bool:
        """Whether the page should keep asking for progress."""
        return self.state in (self.State.RECEIVED, self.State.RUNNING)


class ConfirmedPlan(models.Model):
    """How a person said a file is to be read; the newest of a delivery counts."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="confirmed_plans")
    plan = models.JSONField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Angaben zu Lieferung {self.delivery_id}"


class SupplierProfile(models.Model):
    """A plan that is offered again for the next file of the same supplier; the newest of a name counts."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Delivery.Kind.choices)
    plan = models.JSONField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class WarningAcceptance(models.Model):
    """Why the warnings of one rule may stand; without it a delivery is not released."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="acceptances")
    code = models.CharField(max_length=40)
    reason = models.TextField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "code"], name="warning_accepted_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="warning_accepted_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.code} in Lieferung {self.delivery_id} angenommen"


class DeletionRequest(models.Model):
    """An admin's order to delete the cells of a delivery before their time; the worker carries it out."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="deletion_requests")
    reason = models.TextField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    carried_out_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="deletion_requested_with_a_reason")
        ]

    def __str__(self) -> str:
        return f"Löschauftrag zu Lieferung {self.delivery_id}"


class StoredFinding(models.Model):
    """What one rule found in one column, without the values it is about; rows of the file that share it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="findings")
    row = models.PositiveIntegerField()  # the first one; 0 = the whole file
    column = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=10)
    text = models.TextField()
    rule = models.TextField(blank=True)
    suggestion = models.TextField()
    rows = ArrayField(models.IntegerField(), default=list)  # ascending, as many as the definition lists
    n_rows = models.PositiveIntegerField(default=1)  # all of them
    texts = ArrayField(models.TextField(), default=list)  # of each listed row; empty = `text` for all

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.code} in Zeile {self.row}"
