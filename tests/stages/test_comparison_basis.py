"""What moves figures without the city having moved: other definitions, another income to compare with."""

from __future__ import annotations

import pytest

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication import selectors
from tests.web.published import make_draft, make_released
from typology.definitions import typology_rules

pytestmark = pytest.mark.django_db


def basis_note(area_set, people, indicator, years, versions):
    """The note of an indicator between two Datenstände of certain years and versions of definitions."""
    released = make_released(area_set, people[ADMIN], people[PLANNER], 1, years[0])
    draft = make_draft(area_set, people[ADMIN], 2, years[1])
    for datenstand, version in zip((released, draft), versions, strict=True):
        datenstand.definitions = {"typology": version, "seniors": version} if version else {}
        datenstand.save()
    return selectors.compare_with_current(draft).find(indicator).basis_note


NOW = typology_rules().version
BOTH_NOW = (NOW, NOW)


@pytest.mark.parametrize("indicator", ["group_lasting", "type_1"])
def test_types_name_the_income_of_both_years(area_set, people, indicator):
    note = basis_note(area_set, people, indicator, (2025, 2026), BOTH_NOW)

    # 25,000 euro of 2021, grown by 2 % a year: four times, and five times.
    assert "vorher 27.061 € für 2025, jetzt 27.602 € für 2026 (+2,0\u00a0%)" in note


def test_an_older_reference_date_is_told_as_it_is(area_set, people):
    assert "(−2,0\u00a0%)" in basis_note(area_set, people, "type_1", (2026, 2025), BOTH_NOW)


@pytest.mark.parametrize(
    ("indicator", "years", "versions"),
    [
        ("debt_rate", (2025, 2026), BOTH_NOW),  # a rate knows no income
        ("type_1", (2026, 2026), BOTH_NOW),
        ("type_1", (2025, 2026), ("typologie-0", "typologie-0")),  # its income is not known any more
        ("type_1", (2025, 2026), ("", "")),
    ],
)
def test_nothing_is_said_where_nothing_moves_by_itself_or_it_is_not_known(
    area_set, people, indicator, years, versions
):
    assert basis_note(area_set, people, indicator, years, versions) == ""


@pytest.mark.parametrize("indicator", ["debt_rate", "type_1"])
def test_other_definitions_are_named(area_set, people, indicator):
    note = basis_note(area_set, people, indicator, (2025, 2026), ("typologie-0", NOW))

    assert note == (
        f"Die Definitionen sind andere: vorher typologie-0, jetzt {NOW}. Ein Teil der Änderung kommt daher."
    )
