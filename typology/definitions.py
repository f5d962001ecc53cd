"""The room's definition file, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from kodala.core.definitions import Definition, read_definition
from typology.domain.rules import TypologyRules
from typology.domain.rules import typology_rules as parse_rules


def typology_definition() -> Definition:
    """The signed file of the open replica."""
    return read_definition(Path(__file__).parent / "definitions.toml")


@lru_cache(maxsize=1)
def typology_rules() -> TypologyRules:
    """Prototypes, constants and noise as the domain needs them."""
    return parse_rules(typology_definition().content)


@lru_cache(maxsize=1)
def type_labels() -> dict[str, str]:
    """What people read for each type: code -> "N1 Notfall-Überschuldete"."""
    return {kind.code: f"{kind.code} {kind.label}" for kind in typology_rules().types}


@lru_cache(maxsize=1)
def type_approaches() -> dict[str, str]:
    """Which advice fits a type: code -> one German sentence."""
    return {kind.code: kind.approach for kind in typology_rules().types}
