"""The room's definition files, read once."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kodala.core.definitions import Definition, read_definition
from microcells.domain.schema import Schema, read_schemas
from microcells.domain.statistics_catalogue import Catalogue, read_catalogue, statistics_schema

ROOM = Path(__file__).parent


def extract_definition() -> Definition:
    """The signed file that defines extract and house list."""
    return read_definition(ROOM / "definitions.toml")


def statistics_definition() -> Definition:
    """The signed file that defines area statistics."""
    return read_definition(ROOM / "area_statistics.toml")


def definition_of(kind: str) -> Definition:
    """The signed file that a kind of delivery is checked with."""
    return statistics_definition() if kind == "statistics" else extract_definition()


@lru_cache(maxsize=1)
def district_names() -> dict[int, str]:
    """District number -> name, as far as the definition knows the city; empty for another one."""
    definition = read_definition(ROOM / "district_names.toml")
    if definition["city"] != settings.CITY_NAME:
        return {}
    return {int(number): name for number, name in definition["names"].items()}


def district_name(number: int) -> str:
    """How a statistical district is called: "Hafengebiet", or "Bezirk 3" if nobody named it."""
    return district_names().get(number, f"Bezirk {number}")


@lru_cache(maxsize=1)
def official_catalogue() -> Catalogue:
    """Every official figure that may be delivered, with its unit, bounds, deliverer and protection."""
    return read_catalogue(statistics_definition())


@lru_cache(maxsize=4)
def _schemas(municipality_key: str) -> dict[str, Schema]:
    """The schemas of all kinds for the city with this official key; "" = the one of the definition file."""
    definition, extract = statistics_definition(), extract_definition()
    statistics = statistics_schema(definition, extract, official_catalogue())
    schemas = {**read_schemas(extract), "statistics": statistics}
    if not municipality_key:
        return schemas
    if not re.fullmatch(r"[0-9]{8}", municipality_key):
        raise ImproperlyConfigured("KODALA_MUNICIPALITY_KEY must have 8 digits, the first may be 0")
    return {
        kind: replace(schema, limits=replace(schema.limits, municipality_key=municipality_key))
        for kind, schema in schemas.items()
    }


def extract_schema() -> Schema:
    """The columns of a delivery of microcells (KoDaLa-Extrakt 1)."""
    return _schemas(settings.MUNICIPALITY_KEY)["microcells"]


def schema_of(kind: str) -> Schema:
    """The columns of a delivery of the given kind, "microcells", "houses" or "statistics"."""
    return _schemas(settings.MUNICIPALITY_KEY)[kind]
