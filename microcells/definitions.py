"""The room's definition files, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from kodala.core.definitions import Definition, read_definition
from microcells.domain.schema import Schema, read_schemas

ROOM = Path(__file__).parent


def extract_definition() -> Definition:
    """The signed file that defines extract and house list."""
    return read_definition(ROOM / "definitions.toml")


@lru_cache(maxsize=1)
def _schemas() -> dict[str, Schema]:
    return read_schemas(extract_definition())


def extract_schema() -> Schema:
    """The columns of a delivery of microcells (KoDaLa-Extrakt 1)."""
    return _schemas()["microcells"]


def schema_of(kind: str) -> Schema:
    """The columns of a delivery of the given kind, "microcells" or "houses"."""
    return _schemas()[kind]
