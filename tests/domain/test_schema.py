"""The definition file of extract and house list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kodala.core.definitions import Definition, read_definition
from microcells.domain.description import describe_columns
from microcells.domain.schema import read_schemas
from tests.domain.delivery_files import CELL, HOUSE, ROOT, SCHEMAS

FILE = ROOT / "microcells/definitions.toml"


def test_the_extract_has_46_columns_the_other_age_groups_and_the_type_profile():
    headers = {column.header for column in SCHEMAS["microcells"].columns}

    assert len(CELL) == 46
    assert headers - set(CELL) == {"sen_60_64", "sen_65_74", "sen_75plus", *(f"typ_{n}" for n in range(1, 9))}


def test_the_required_columns_are_those_of_the_methods():
    required = [column.header for column in SCHEMAS["microcells"].columns if column.required]

    assert required[:5] == ["mz_id", "stichtag", "haushalte", "personen", "erwachsene"]
    assert required[-2:] == ["schuldner_hart", "schuldner_weich"]
    assert [header for header in required if header.startswith("sen_")] == [
        "sen_60_69",
        "sen_70_79",
        "sen_80plus",
        "sen_60_64",
        "sen_65_74",
        "sen_75plus",
    ]


def test_minus_one_is_legal_only_beyond_the_base_columns():
    allowed = [column.header for column in SCHEMAS["microcells"].columns if column.missing_allowed]

    assert allowed[0] == "alter_mittel_erw"
    assert len(allowed) == 46 - 14 + 8


def test_a_house_list_takes_the_attributes_of_the_extract_as_optional():
    houses = SCHEMAS["houses"]

    assert set(HOUSE) <= set(houses.by_header)
    assert houses.column("debtors_hard").required is False
    assert houses.column("persons").required is True
    assert houses.column("households").maximum == 400


def test_every_weight_is_one_that_exists():
    weights = {column.weight for column in SCHEMAS["microcells"].columns if column.weight}

    assert weights == {"households", "persons", "adults", "debtors", "seniors"}


def test_table_columns_follow_from_the_types():
    extract = SCHEMAS["microcells"]

    assert extract.column("cell_key").sql == "text"
    assert extract.column("households").sql == "smallint"
    assert extract.column("persons").sql == "double precision"
    assert extract.column("reference_date").sql == "date"


def test_no_sentence_can_hold_a_value():
    placeholders = {"label", "bounds", "outside", "minimum", "description", "tolerance", "earliest", "count"}
    placeholders |= {"largest", "outlier_z", "municipality_key", "target", "limit", "where", "earlier"}
    placeholders |= {"rows"}

    for sentence in SCHEMAS["microcells"].texts.values():
        for text in (sentence.text, sentence.suggestion, sentence.summary, sentence.rule):
            text.format(**dict.fromkeys(placeholders, ""))


def changed(path, value):
    """The definition with one entry replaced."""
    definition = read_definition(FILE)
    table, place, key = path
    entries = [dict(entry) for entry in definition["microcells"]["columns"]]
    entries[place][key] = value
    content = {**definition.content, table: {**definition["microcells"], "columns": entries}}
    return replace(definition, content=content)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("microcells", 7, "minimum"), 3, "fewer than 4 households"),
        (("microcells", 7, "maximum"), 40_000, "does not fit into a smallint"),
        (("microcells", 7, "type"), "blob", "unknown type blob"),
        (("microcells", 8, "header"), "haushalte", "names a column twice"),
        (("microcells", 7, "minimum_code"), "E-NEU", "no sentence for E-NEU"),
        (("microcells", 0, "name"), "key", "unknown columns: cell_key"),
    ],
)
def test_a_contradicting_definition_is_refused(path, value, message):
    definition: Definition = changed(path, value)

    with pytest.raises(ValueError, match=message):
        read_schemas(definition)


def test_every_column_is_described_in_german_words():
    described = {column.header: column for column in describe_columns(SCHEMAS["microcells"])}

    assert len(described) == len(SCHEMAS["microcells"].columns)
    assert described["haushalte"].kind == "ganze Zahl ab 4 bis 500"
    assert described["haushalte"].need == "Pflicht"
    assert described["schuldner_hart"].need == "Pflicht, −1 erlaubt"
    assert described["dauer_jahre"].kind == "Zahl ab 0,1 bis 60 Jahre"
    assert described["sen_75plus"].need == "Pflicht, einer der beiden Sätze"
    assert described["alq"].need == "freiwillig"
