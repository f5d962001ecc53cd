"""Runs, their pieces, and leases: who works on what, and how it ended."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Run(models.Model):
    """One attempt at one stage of one delivery. A finished run is never changed."""

    class State(models.TextChoices):
        WAITING = "waiting", "wartet"
        RUNNING = "running", "läuft"
        SUCCEEDED = "succeeded", "fertig"
        REJECTED = "rejected", "zurückgewiesen"
        FAILED = "failed", "fehlgeschlagen"
        INTERRUPTED = "interrupted", "unterbrochen"  # taken up again by the scheduler, at most a few times

    stage = models.CharField(max_length=60)
    # A number, not a foreign key: the lowest storey does not know deliveries.
    delivery_id = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    progress = models.FloatField(default=0.0)
    progress_text = models.CharField(max_length=200, blank=True)
    remaining_s = models.PositiveIntegerField(null=True)  # estimate; None = cannot be told yet
    parameters = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64, blank=True)
    code_version = models.CharField(max_length=40, blank=True)
    definition_version = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    message = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(progress__gte=0, progress__lte=1), name="run_progress_is_a_share"
            ),
            models.UniqueConstraint(
                fields=["stage", "delivery_id"],
                condition=models.Q(state="running"),
                name="run_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.delivery_id}: {self.get_state_display()}"

    @property
    def seconds(self) -> float | None:
        """How long the run took, None while it goes on."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


class Retry(models.Model):
    """Somebody asked for a failed stage to be tried again: attempts count anew after the run it names.

    A row and not only a task, so that a flushed queue does not forget it.
    """

    delivery_id = models.BigIntegerField(db_index=True)
    after_run = models.BigIntegerField()
    asked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"delivery {self.delivery_id} again after run {self.after_run}"


class Lease(models.Model):
    """The right of one process to work on something, for a short while by the clock of the database."""

    key = models.CharField(max_length=120, primary_key=True)
    holder = models.UUIDField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Piece(models.Model):
    """A part of a run that any worker may take; its result stays until the run puts all of them together."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pieces")
    name = models.CharField(max_length=60)
    result = models.JSONField(null=True)  # None = still to do
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "name"], name="piece_once_per_run")]

    def __str__(self) -> str:
        return f"{self.name} of run {self.run_id}"
