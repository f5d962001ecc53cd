"""Definition files are signed, fit the code, and drive the table of microcells."""

from pathlib import Path

import pytest
from django.db import connection

from kodala.core.definitions import read_definition
from kodala.publication.definitions import (
    district_indicators,
    indicator_rules,
    indicators,
    joined_areas,
    official_indicators,
    protection_definitions,
    rules_definition,
)
from microcells.cells_table import TABLE, stored_columns
from typology.definitions import typology_rules

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "path",
    [
        path
        for room in ("kodala", "microcells", "typology", "seniors")
        for path in sorted((ROOT / room).rglob("*.toml"))
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_definition_file_is_signed(path):
    assert read_definition(path).version


def test_an_unsigned_file_is_refused(tmp_path):
    path = tmp_path / "unsigned.toml"
    path.write_text('version = "1"\nsource = "x"\n')

    with pytest.raises(ValueError, match=r"unsigned\.toml lacks written_by, checked_by, next_review"):
        read_definition(path)


@pytest.mark.django_db
def test_the_table_has_exactly_the_columns_of_the_definition():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [TABLE]
        )
        present = dict(cursor.fetchall())

    assert present.pop("location") == "USER-DEFINED"
    assert present == stored_columns()


@pytest.mark.django_db
def test_the_database_itself_refuses_a_cell_of_three_households():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'microcell_not_too_small'"
        )
        assert cursor.fetchone()[0] == "CHECK ((households >= 4))"


def test_what_figures_give_away_speaks_of_known_indicators_only():
    given = rules_definition()
    content = protection_definitions().content
    known = set(indicators())
    # A share of several counts, such as all older people, is no figure but a number of its own.
    together = {one.total for one in content.relations if ":" in one.total}

    assert set(given["reveals"]) | set(content.reveals) <= known
    assert {part for own in content.reveals.values() for part in own} <= known | together
    assert {code for one in content.relations for code in (one.total, *one.parts)} <= known | together
    assert together <= {part for own in content.reveals.values() for part in own}
    assert set(indicator_rules()) == known


def test_places_that_are_shown_singly_or_together_speak_of_known_indicators_only():
    official = {one.code for one in official_indicators()}

    assert district_indicators() <= set(indicators()) - official
    assert {code for own in joined_areas() for code in own.indicators} <= set(indicators()) - official


def test_the_numerator_of_every_computed_share_adds_up_with_others():
    # Numerators that nobody named would be numbers without any equation, so nothing would protect them.
    content = protection_definitions().content
    in_sums = {code for one in content.relations for code in (one.total, *one.parts)}
    own_shares = {
        code
        for code, own in indicator_rules().items()
        if own.kind == "share" and code not in {one.code for one in official_indicators()}
    }

    assert {content.of(code)[0] for code in own_shares} <= in_sums
    # The catalogue of official figures has a rate of debtors too, for regions only.
    assert content.of("debt_rate") == ("debtors",)


def test_protection_is_at_least_as_strict_as_the_smallest_count():
    own = protection_definitions()

    assert own.protection.interval >= own.rules.count_min
    assert own.protection.insiders >= 1


def test_type_indicators_bear_the_names_of_the_typology():
    labels = [f"{kind.code} {kind.label}" for kind in typology_rules().types]

    assert [indicators()[f"type_{number}"].label for number in range(1, 9)] == labels


def test_what_a_figure_gives_away_is_what_is_signed_for_it():
    signed = {code: tuple(own) for code, own in rules_definition().content["reveals"].items()}

    assert signed["debt_rate"] == ("debtors",)
    assert {code: protection_definitions().content.of(code) for code in signed} == signed
