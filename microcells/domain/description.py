"""The columns of a delivery in German words, from the definition that also checks them."""

from __future__ import annotations

from dataclasses import dataclass

from kodala.core.german import german_number
from microcells.domain.schema import Column, Schema


@dataclass(frozen=True)
class DescribedColumn:
    """A column in German words, for people who make or check a file."""

    header: str
    label: str
    kind: str
    need: str
    description: str


KINDS = {"text": "Text", "date": "Datum", "integer": "ganze Zahl", "decimal": "Zahl"}


def describe_columns(schema: Schema) -> list[DescribedColumn]:
    """Every column of a kind of delivery as its definition has it."""
    alternatives = {name for choice in schema.one_of for name in choice}
    return [
        DescribedColumn(
            column.header,
            column.label,
            _kind_in_words(column),
            "mindestens eine davon"
            if any(column.name in choice for choice in schema.any_of)
            else _need_in_words(column, is_alternative=column.name in alternatives),
            column.description,
        )
        for column in schema.columns
    ]


def _kind_in_words(column: Column) -> str:
    bounds = [
        f"{word} {german_number(bound, 0 if bound == int(bound) else 1)}"
        for word, bound in (("ab", column.minimum), ("bis", column.maximum))
        if bound is not None
    ]
    return " ".join([KINDS[column.type], *bounds, column.unit]).strip()


def _need_in_words(column: Column, *, is_alternative: bool) -> str:
    if is_alternative:
        return "Pflicht, einer der beiden Sätze"
    if column.required:
        return "Pflicht, −1 erlaubt" if column.missing_allowed else "Pflicht"
    return "für Typologie oder Teilhabe" if column.required_for else "freiwillig"
