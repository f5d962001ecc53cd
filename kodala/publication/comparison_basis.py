"""What moves figures between two Datenstände without anything having moved in the city."""

from __future__ import annotations

from kodala.core.german import german_number
from kodala.publication.definitions import indicator_rules
from kodala.publication.domain.wording import signed_number
from kodala.publication.models import Datenstand
from kodala.publication.shown import Indicator
from typology.definitions import typology_rules

TYPED = ("type_", "group_")  # indicators that come from how alike an area is to the types


def describe_basis(indicator: Indicator, before: Datenstand, after: Datenstand) -> str:
    """Sentences on other definitions and another income to compare with; "" where both are as they were."""
    room = indicator_rules()[indicator.code].room
    old, new = (own.definitions.get(room, "") for own in (before, after))
    if old and new and old != new:
        return f"Die Definitionen sind andere: vorher {old}, jetzt {new}. Ein Teil der Änderung kommt daher."
    is_known = new == typology_rules().version  # the income of former definitions is kept nowhere
    return _describe_income(before, after) if is_known and indicator.code.startswith(TYPED) else ""


def _describe_income(before: Datenstand, after: Datenstand) -> str:
    years = before.reference_date.year, after.reference_date.year
    if years[0] == years[1]:
        return ""
    incomes = [typology_rules().reference_income(year) for year in years]
    change = signed_number(100 * (incomes[1] / incomes[0] - 1), 1)
    told = [f"{german_number(income)} € für {year}" for year, income in zip(years, incomes, strict=True)]
    return (
        f"Das Einkommen wird am Bezugswert des Jahres gemessen: vorher {told[0]}, jetzt {told[1]} "
        f"({change}\u00a0%). Wo das Einkommen nicht ebenso stark steigt, rückt ein Gebiet schon deshalb zu "
        "den Typen mit geringem Einkommen."
    )
