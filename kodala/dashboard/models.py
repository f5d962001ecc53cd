"""What the web process keeps for people: saved filters, the record of exports, and the page rights."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models


def new_token() -> str:
    """An address part that cannot be guessed: 22 characters, 128 bits."""
    return secrets.token_urlsafe(16)


class PageRight(models.Model):
    """Holds the rights to pages. It has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions: ClassVar = [
            ("view_figures", "Darf Karte und Kennzahlen sehen"),
            ("use_filter", "Darf den Risikofilter benutzen"),
            ("export_figures", "Darf Kennzahlen ausgeben"),
            ("view_display_cells", "Darf Klassen der Anzeigezellen sehen"),
        ]

    def __str__(self) -> str:
        return "Seitenrecht"


class SavedFilter(models.Model):
    """The criteria of the risk filter under an opaque address; only the owner may open it.

    name:     "" for the working copy, of which each person has at most one
    criteria: [{"indicator": "debt_rate", "classes": ["d", "e"]}, …]
    """

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(max_length=80, blank=True)
    criteria = models.JSONField(default=list)
    datenstand_version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_filter_name_once_per_owner")
        ]

    def __str__(self) -> str:
        return self.name or "Arbeitsstand"


class ExportRecord(models.Model):
    """Who took which figures out of the house, and what for. Never changed, never deleted."""

    class Purpose(models.TextChoices):
        PLANNING = "planning", "Sozialplanung und Berichterstattung"
        COUNSELLING = "counselling", "Planung der Schuldnerberatung"
        PREVENTION = "prevention", "Prävention und Projekte vor Ort"
        COUNCIL = "council", "Vorlage für ein politisches Gremium"
        SENIORS = "seniors", "Angebote für Ältere"

    identifier = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="export_records"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    content = models.CharField(max_length=300)
    datenstand_version = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.identifier}: {self.content}"
