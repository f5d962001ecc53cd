"""The way a file is written, as a form: each setting with what proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict

from microcells.domain.crs import CRS_NAMES
from microcells.domain.missing import split_codes
from microcells.domain.plan import ReadingPlan
from microcells.domain.plan_check import (
    LAST_HEADER_LINE,
    LONGEST_CODE,
    MOST_CODES,
)
from microcells.models import Delivery

ENCODING_WORDS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 mit BOM",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1252": "Windows-1252",
    "iso-8859-15": "ISO-8859-15",
}
# A tab as the value of an option would not survive every browser.
SEPARATOR_TOKENS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
SEPARATOR_WORDS = {
    "semicolon": "Semikolon ;",
    "comma": "Komma ,",
    "tab": "Tabulator",
    "bar": "senkrechter Strich |",
}
DECIMAL_WORDS = {",": "Komma 12,5", ".": "Punkt 12.5"}
THOUSANDS_TOKENS = {"none": "", "point": ".", "comma": ",", "blank": " ", "apostrophe": "'"}
THOUSANDS_WORDS = {
    "none": "keines",
    "point": "Punkt 1.234",
    "comma": "Komma 1,234",
    "blank": "Leerzeichen 1 234",
    "apostrophe": "Apostroph 1'234",
}
DATE_WORDS = {"": "TT.MM.JJJJ, ISO", "us": "auch MM/TT/JJJJ", "serial": "auch Tageszahl"}
STRUCTURE = ("encoding", "separator", "table", "header_line")  # with another of these the headings change


FORM_ID = "zuordnung"  # the settings stand outside the form whose buttons send them


def _attributes(**more: str) -> dict[str, str]:
    return {"class": "input", "form": FORM_ID, **more}


@dataclass(frozen=True)
class FormatField:
    """One setting as the page shows it; `state` says how sure it is."""

    field: Any
    shown: str
    state: str
    is_open: bool


class FormatForm(forms.Form):
    """The settings that apply to one kind of file; `changed_plan` is the plan with what was chosen."""

    def __init__(self, delivery: Delivery, data: QueryDict | None = None) -> None:
        self._plan = ReadingPlan.from_json(delivery.plan)
        self._doubtful = set(delivery.proposal.get("doubtful", ()))
        self._is_confirmed = delivery.confirmed_plans.exists()
        super().__init__(data, prefix="format")
        self._add_text_settings()
        self._add_number_settings()
        self._add_common_settings(delivery)
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{self.add_prefix(name)}-stand"

    def _add_text_settings(self) -> None:
        if self._plan.file_kind != "csv":
            return
        plan = self._plan
        self._choose("encoding", "Zeichensatz", ENCODING_WORDS, plan.encoding)
        separator = next((key for key, sign in SEPARATOR_TOKENS.items() if sign == plan.separator), "")
        self._choose("separator", "Trennzeichen", SEPARATOR_WORDS, separator)

    def _add_number_settings(self) -> None:
        plan = self._plan
        self._choose("decimal", "Dezimalzeichen", DECIMAL_WORDS, plan.decimal or ",")
        thousands = next((key for key, sign in THOUSANDS_TOKENS.items() if sign == plan.thousands), "")
        self._choose("thousands", "Tausenderzeichen", THOUSANDS_WORDS, thousands)
        if plan.file_kind != "csv":
            for name in ("decimal", "thousands"):
                self.fields[name].help_text = "für Zahlen, die als Text gespeichert sind"

    def _add_common_settings(self, delivery: Delivery) -> None:
        plan, tables = self._plan, delivery.inspection.get("tables", [])
        self.fields["missing"] = forms.CharField(
            label="Fehlender Wert",
            required=False,
            initial="; ".join(plan.missing),
            max_length=(LONGEST_CODE + len("; ")) * MOST_CODES,
            help_text="zusätzlich zu leer und −1; mehrere mit Semikolon trennen",
            widget=forms.TextInput(attrs=_attributes(placeholder="zum Beispiel k. A.; x")),
        )
        self._choose("date_form", "Datumsform", DATE_WORDS, plan.date_form)
        if len(tables) > 1:
            self._choose("table", "Tabelle", {name: name for name in tables}, plan.table)
        if plan.file_kind in ("csv", "xlsx", "ods", "xls"):
            self.fields["header_line"] = forms.IntegerField(
                label="Kopfzeile",
                min_value=1,
                max_value=LAST_HEADER_LINE,
                initial=plan.header_line,
                widget=forms.NumberInput(attrs=_attributes()),
            )
        systems = CRS_NAMES if plan.crs in CRS_NAMES else {**CRS_NAMES, plan.crs: f"EPSG:{plan.crs}"}
        words = {str(code): name for code, name in systems.items()}
        self._choose("crs", "Koordinatensystem", words, str(plan.crs))

    def _choose(self, name: str, label: str, words: dict[str, str], initial: str) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=list(words.items()),
            initial=initial,
            required="" not in words,
            widget=forms.Select(attrs=_attributes()),
        )

    def rows(self) -> Iterator[FormatField]:
        """The settings with „sicher“, „bitte prüfen“ or „bestätigt“ under each."""
        for name in self.fields:
            is_open = name in self._doubtful
            settled = "bestätigt" if self._is_confirmed else "sicher"
            yield FormatField(self[name], self._shown(name), "bitte prüfen" if is_open else settled, is_open)

    def _shown(self, name: str) -> str:
        """The setting as words, for a page on which nothing is to be chosen."""
        field = self.fields[name]
        words = dict(getattr(field, "choices", ()))
        return str(words.get(field.initial, field.initial) or "leer und −1")

    def clean_missing(self) -> tuple[str, ...]:
        """The codes as a tuple; few and short, because each is looked for in every cell."""
        codes = split_codes(self.cleaned_data["missing"], self._plan.missing)
        if len(codes) > MOST_CODES or any(len(code) > LONGEST_CODE for code in codes):
            raise forms.ValidationError(
                f"Bitte höchstens {MOST_CODES} Zeichenfolgen mit je höchstens {LONGEST_CODE} Zeichen angeben."
            )
        return codes

    def changed_plan(self) -> ReadingPlan:
        """The delivery's plan with the settings of the valid form."""
        given = dict(self.cleaned_data)
        if "separator" in given:
            given["separator"] = SEPARATOR_TOKENS[given["separator"]]
        thousands, crs = THOUSANDS_TOKENS[given["thousands"]], int(given["crs"])
        return replace(self._plan, **{**given, "thousands": thousands, "crs": crs})

    def has_new_structure(self) -> bool:
        """Whether the file has to be looked at anew, because its headings may be others."""
        changed = self.changed_plan()
        return any(getattr(changed, name) != getattr(self._plan, name) for name in STRUCTURE)
