"""The forms of the release: confirm and release, reject, take back, delete raw data early."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from kodala.core.german import german_number

NOW, TOMORROW, LATER = "now", "tomorrow", "later"
MORNING = dt.time(6, 0)
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"  # as browsers send a field of type datetime-local


class ReleaseForm(forms.Form):
    """The two confirmations of the second person, from when it holds, and a note for the record."""

    is_compared = forms.BooleanField(
        label="Ich habe den Vergleich geprüft.",
        error_messages={"required": "Bitte bestätigen Sie, dass Sie den Vergleich geprüft haben."},
    )
    are_warnings_accepted = forms.BooleanField(
        error_messages={"required": "Bitte bestätigen Sie, dass die Warnungen begründet angenommen sind."},
    )
    valid_from = forms.ChoiceField(label="Gültig ab", widget=forms.Select(attrs={"class": "input"}))
    moment = forms.DateTimeField(
        label="Anderer Zeitpunkt",
        required=False,
        input_formats=[MOMENT_FORMAT, "%d.%m.%Y %H:%M"],
        error_messages={"invalid": "Bitte geben Sie Tag und Uhrzeit an, etwa 24.11.2026 06:00."},
        widget=forms.DateTimeInput(attrs={"class": "input", "type": "datetime-local"}, format=MOMENT_FORMAT),
    )
    note = forms.CharField(
        label="Bemerkung (erscheint im Protokoll)",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )
    compared_with = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, n_warnings: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["are_warnings_accepted"].label = _about_warnings(n_warnings)
        morning = f"morgen, {_tomorrow():%d.%m.%Y}, 06:00 Uhr"
        choices = [(NOW, "sofort"), (TOMORROW, morning), (LATER, "zu einem anderen Zeitpunkt")]
        self.fields["valid_from"].choices = choices  # type: ignore[attr-defined]
        self.fields["valid_from"].initial = NOW

    def clean(self) -> dict[str, Any] | None:
        """Another moment must be named, and lie ahead."""
        given = super().clean()
        if given and given.get("valid_from") == LATER and "moment" not in self.errors:
            moment = given.get("moment")
            if moment is None:
                self.add_error("moment", "Bitte geben Sie an, ab wann der Datenstand gelten soll.")
            elif moment <= timezone.now():
                self.add_error("moment", "Der Zeitpunkt liegt nicht in der Zukunft.")
        return given

    @property
    def confirmations(self) -> list[forms.BoundField]:
        """The boxes that must both be ticked."""
        return [self["is_compared"], self["are_warnings_accepted"]]

    @property
    def visible_from(self) -> dt.datetime | None:
        """From when the Datenstand is to be shown; None = at once."""
        chosen = self.cleaned_data["valid_from"]
        if chosen == TOMORROW:
            return _tomorrow()
        moment: dt.datetime | None = self.cleaned_data["moment"]
        return moment if chosen == LATER else None


def _tomorrow() -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(timezone.localdate() + dt.timedelta(days=1), MORNING))


def _about_warnings(number: int) -> str:
    if number == 0:
        return "Es gibt keine Warnungen, die zu begründen wären."
    if number == 1:
        return "1 Warnung ist begründet angenommen."
    return f"{german_number(number, 0)} Warnungen sind begründet angenommen."


class ReasonForm(forms.Form):
    """Why a draft is rejected."""

    reason = forms.CharField(
        label="Begründung (erscheint im Protokoll)",
        max_length=2000,
        error_messages={"required": "Bitte begründen Sie die Zurückweisung."},
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )


class NoteForm(forms.Form):
    """A note beside a step that needs none."""

    note = forms.CharField(required=False, max_length=2000)


class DeletionForm(forms.Form):
    """The order to delete raw data before their time."""

    reason = forms.CharField(
        label="Grund (erscheint im Protokoll)",
        max_length=2000,
        initial="Vertragsende",
        error_messages={"required": "Bitte nennen Sie den Grund, zum Beispiel das Ende des Vertrags."},
        widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
    )
    is_sure = forms.BooleanField(
        label="Mir ist klar, dass sich die Rohdaten nicht zurückholen lassen.",
        error_messages={"required": "Bitte bestätigen Sie, dass die Rohdaten gelöscht werden sollen."},
    )
