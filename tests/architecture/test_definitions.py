"""Definition files are signed, fit the code, and drive the table of microcells."""

from pathlib import Path

import pytest
from django.db import connection

from kodala.core.definitions import read_definition
from kodala.publication.definitions import (
    indicator_rules,
    indicators,
    protection_definitions,
    protection_rules,
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


def test_linked_sets_speak_of_known_indicators_only():
    named = {code for linked in protection_rules().linked for code in (*linked.members, *linked.also)}

    assert named <= set(indicators())
    assert set(indicator_rules()) == set(indicators())


def test_type_indicators_bear_the_names_of_the_typology():
    labels = [f"{kind.code} {kind.label}" for kind in typology_rules().types]

    assert [indicators()[f"type_{number}"].label for number in range(1, 9)] == labels


def test_what_a_figure_gives_away_is_what_is_signed_for_it():
    signed = {code: tuple(own) for code, own in rules_definition().content["reveals"].items()}

    assert signed["debt_rate"] == ("debtors",)
    assert {code: protection_definitions().content.of(code) for code in signed} == signed
