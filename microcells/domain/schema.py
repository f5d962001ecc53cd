"""What may stand in a delivery: columns, groups, relations, limits and sentences of one kind of file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kodala.core.definitions import Definition
from kodala.core.errors import Severity

SMALLEST_CELL = 4  # households; the contract's floor, methods §0, which no definition may lower
SQL_TYPES = {"text": "text", "date": "date", "integer": "smallint", "decimal": "double precision"}
LARGEST_SMALLINT = 32_767


@dataclass(frozen=True)
class Column:
    """One column of a delivery; the keys are explained at the head of definitions.toml."""

    header: str
    name: str
    label: str
    type: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    minimum_code: str = "E-BEREICH"
    required: bool = False
    required_for: tuple[str, ...] = ()
    missing_allowed: bool = False
    added: bool = False
    weight: str = ""
    pattern: str = ""
    zero_is_missing: bool = False
    check_outliers: bool = False
    description: str = ""

    @property
    def sql(self) -> str:
        """The type of the PostgreSQL column; decimals keep full precision (methods G3)."""
        return SQL_TYPES[self.type]

    @property
    def is_number(self) -> bool:
        """Whether values are read as float64."""
        return self.type in ("integer", "decimal")

    @property
    def needs_value(self) -> bool:
        """Whether every row must hold a value."""
        return self.required and not self.missing_allowed


@dataclass(frozen=True)
class Group:
    """Percent columns that are given together; `sum_minimum` None: the rest to 100 is not delivered."""

    label: str
    columns: tuple[str, ...]
    sum_maximum: float
    sum_minimum: float | None = None


@dataclass(frozen=True)
class Relation:
    """The sum of `parts` may be at most `whole` + `tolerance`; `rule` is the key of its sentence."""

    rule: str
    parts: tuple[str, ...]
    whole: str
    tolerance: float = 0.0


@dataclass(frozen=True)
class Limits:
    """Thresholds of reading and validation, explained in definitions.toml."""

    rejected_rows_share: float
    lost_households_share: float
    outline_tolerance_m: float
    outlier_z: float
    outlier_rows: int
    outlier_steps: int
    outliers_listed: int
    scale_tolerance: float
    largest_number: float
    earliest_date: dt.date
    listed_per_rule: int
    municipality_key: str
    invented_prefix: str


@dataclass(frozen=True)
class Sentence:
    """What a finding says; `rule` is what is asked for, `summary` the sentence about all of its rows."""

    severity: Severity
    text: str
    suggestion: str
    summary: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Mistaken:
    """A heading that gives away the other kind of file, and what is said then."""

    header: str
    text: str
    suggestion: str


class HasColumns:
    """Something whose columns are looked up by name."""

    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by their English name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def by_header(self) -> dict[str, Column]:
        """Columns by their heading in the house's own files."""
        return {column.header: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that English name. Raises KeyError."""
        return self.by_name[name]


@dataclass(frozen=True)
class Schema(HasColumns):
    """Everything about one kind of delivery, "microcells", "houses" or "statistics".

    any_of: at least one column of each choice must be there; only area statistics have such choices
    """

    kind: str
    version: str
    name: str
    label: str
    key: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[str, ...], ...]
    groups: tuple[Group, ...]
    relations: tuple[Relation, ...]
    limits: Limits
    mistaken: Mistaken
    texts: Mapping[str, Sentence] = field(repr=False)
    any_of: tuple[tuple[str, ...], ...] = ()

    @property
    def has_cells(self) -> bool:
        """Whether a row is a cell or a house, with households and a place; not so in area statistics."""
        return self.kind != "statistics"


def read_schemas(definition: Definition) -> dict[str, Schema]:
    """Build the schemas of "microcells" and "houses" from the signed definition file.

    Raises ValueError if the file contradicts itself or allows cells below the contract's minimum.
    """
    extract = _columns(definition["microcells"]["columns"])
    own = _columns(definition["houses"]["columns"])
    schemas = {
        "microcells": _schema("microcells", definition, extract),
        "houses": _schema("houses", definition, own + _adopted(definition["houses"], extract)),
    }
    for schema in schemas.values():
        _refuse_contradictions(schema)
    if (schemas["microcells"].column("households").minimum or 0) < SMALLEST_CELL:
        raise ValueError(f"the definition allows cells of fewer than {SMALLEST_CELL} households")
    return schemas


def _columns(entries: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(
        Column(**{**entry, "required_for": tuple(entry.get("required_for", ()))}) for entry in entries
    )


def _adopted(houses: Mapping[str, Any], extract: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns that a house list shares with the extract; its attributes are all optional."""
    names = [column.name for column in extract]
    optional = extract[names.index(houses["adopted_optional_from"]) :]
    base = [column for column in extract if column.name in houses["adopted"]]
    attributes = [column for column in optional if column.name not in houses["adopted"]]
    return (*base, *(replace(column, required=False, required_for=()) for column in attributes))


def _schema(kind: str, definition: Definition, columns: tuple[Column, ...]) -> Schema:
    content = definition[kind]
    mistaken = Mistaken(content["mistaken_header"], content["mistaken_text"], content["mistaken_suggestion"])
    return Schema(
        kind=kind,
        version=definition.version,
        name=content["name"],
        label=content["label"],
        key=content["key"],
        columns=columns,
        one_of=tuple(tuple(names) for names in content["one_of"]),
        groups=tuple(
            Group(**{**entry, "columns": tuple(entry["columns"])}) for entry in definition["groups"]
        ),
        relations=_relations(definition["relations"], {column.name for column in columns}),
        limits=Limits(**definition["limits"]),
        mistaken=mistaken,
        texts=read_sentences(definition["texts"]),
    )


def read_sentences(entries: Mapping[str, Mapping[str, str]]) -> dict[str, Sentence]:
    """The sentences of a definition file by the key of their rule."""
    return {key: _sentence(entry) for key, entry in entries.items()}


def _relations(entries: Sequence[Mapping[str, Any]], names: set[str]) -> tuple[Relation, ...]:
    relations = (Relation(**{**entry, "parts": tuple(entry["parts"])}) for entry in entries)
    return tuple(relation for relation in relations if {*relation.parts, relation.whole} <= names)


def _sentence(entry: Mapping[str, str]) -> Sentence:
    return Sentence(
        Severity(entry["severity"]),
        entry["text"],
        entry["suggestion"],
        entry.get("summary", ""),
        entry.get("rule", ""),
    )


def _refuse_contradictions(schema: Schema) -> None:
    """Raise ValueError for a name, type, rule or bound that cannot work."""
    if len(schema.by_name) != len(schema.columns) or len(schema.by_header) != len(schema.columns):
        raise ValueError(f"{schema.name} names a column twice")
    named = {name for group in schema.groups for name in group.columns}
    named |= {schema.key} | {name for choice in schema.one_of for name in choice}
    if unknown := named - schema.by_name.keys():
        raise ValueError(f"{schema.name} speaks of unknown columns: {', '.join(sorted(unknown))}")
    rules = {relation.rule for relation in schema.relations} | {
        column.minimum_code for column in schema.columns
    }
    if unknown := rules - schema.texts.keys():
        raise ValueError(f"{schema.name} has no sentence for {', '.join(sorted(unknown))}")
    for column in schema.columns:
        if column.type not in SQL_TYPES:
            raise ValueError(f"column {column.header} has the unknown type {column.type}")
        if column.type == "integer" and (column.maximum or 0) > LARGEST_SMALLINT:
            raise ValueError(f"column {column.header} does not fit into a smallint")
