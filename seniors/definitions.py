"""The room's definition file, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from kodala.core.definitions import Definition, read_definition
from seniors.domain.rules import SeniorRules
from seniors.domain.rules import senior_rules as parse_rules


def senior_definition() -> Definition:
    """The signed file with reference tables, slopes and weights."""
    return read_definition(Path(__file__).parent / "definitions.toml")


@lru_cache(maxsize=1)
def senior_rules() -> SeniorRules:
    """Reference tables, slopes and weights as the domain needs them."""
    return parse_rules(senior_definition().content)
