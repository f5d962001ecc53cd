"""The forms people fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from kodala.dashboard.models import ExportRecord
from microcells.models import Delivery
from microcells.selectors import list_area_sets


class SignInForm(AuthenticationForm):
    """Name and password; one sentence for every way in which signing in can fail."""

    error_messages = {  # noqa: RUF012
        "invalid_login": (
            "Die Anmeldung ist nicht gelungen. Bitte prüfen Sie Kennung und Passwort. "
            "Nach mehreren Versuchen ist die Anmeldung eine Viertelstunde gesperrt."
        ),
        "inactive": "Die Anmeldung ist nicht gelungen. Bitte prüfen Sie Kennung und Passwort.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Kennung"
        self.fields["password"].label = "Passwort"
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


class ExportForm(forms.Form):
    """What a table is taken out for."""

    purpose = forms.ChoiceField(
        label="Zweck (steht in der Datei)",
        choices=[("", "Bitte wählen"), *ExportRecord.Purpose.choices],
        error_messages={"required": "Bitte wählen Sie einen Zweck. Ohne Zweck gibt es keine Datei."},
        widget=forms.Select(attrs={"class": "input"}),
    )


class SaveFilterForm(forms.Form):
    """The name of a saved filter."""

    name = forms.CharField(
        max_length=80, label="Name des Filters", widget=forms.TextInput(attrs={"class": "input"})
    )


# What a file is that was handed in as something else.
MEANT: dict[str, str] = {
    Delivery.Kind.MICROCELLS: Delivery.Kind.HOUSES,
    Delivery.Kind.HOUSES: Delivery.Kind.MICROCELLS,
    Delivery.Kind.STATISTICS: Delivery.Kind.MICROCELLS,
}
ACCEPTED = ".csv,.txt,.tsv,.zip,.xlsx,.ods,.xls,.gpkg,.geojson,.json,.parquet"


class DeliveryForm(forms.Form):
    """A file and what must be known about it before it is read."""

    kind = forms.ChoiceField(
        label="Art der Lieferung",
        choices=Delivery.Kind.choices,
        widget=forms.Select(attrs={"class": "input"}),
    )
    area_set = forms.TypedChoiceField(
        label="Gebietsstand", coerce=int, widget=forms.Select(attrs={"class": "input"})
    )
    reference_date = forms.DateField(
        label="Stichtag (für Hauslisten; für Gebietsstatistiken ohne eigene Spalte)",
        required=False,
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
    )
    file = forms.FileField(
        label="Datei",
        widget=forms.FileInput(attrs={"class": "input", "accept": ACCEPTED}),
        error_messages={
            "required": "Bitte wählen Sie eine Datei.",
            "empty": "Die Datei ist leer. Bitte wählen Sie die Datei des Lieferanten.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sets = list_area_sets()
        area_set = self.fields["area_set"]
        area_set.choices = [(area_set.pk, str(area_set)) for area_set in sets]  # type: ignore[attr-defined]
        current = next((one.pk for one in sets if one.is_current), None)
        area_set.initial = self.initial.get("area_set") or current

    @staticmethod
    def facts_of(delivery: Delivery | None) -> dict[str, Any]:
        """What a new file has in common with the delivery that it replaces; a mistaken kind is mended."""
        if delivery is None:
            return {}
        is_mistaken = delivery.findings.filter(code="E-VERWECHSELT").exists()
        return {
            "kind": MEANT[delivery.kind] if is_mistaken else delivery.kind,
            "area_set": delivery.area_set_id,
            "reference_date": delivery.stated_date,
        }

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what is larger than the house takes."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
            raise forms.ValidationError(f"Die Datei ist zu groß. Erlaubt sind höchstens {limit}.")
        return file

    def clean(self) -> dict[str, Any] | None:
        """A house list says nothing about its day, so the form must."""
        given = super().clean()
        if given and given.get("kind") == Delivery.Kind.HOUSES and not given.get("reference_date"):
            self.add_error(
                "reference_date", "Eine Hausliste braucht einen Stichtag. Bitte tragen Sie ihn ein."
            )
        return given
