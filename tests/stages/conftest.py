"""What several stages need: another signed file than the shipped one."""

from __future__ import annotations

import copy

import pytest

from kodala.core.definitions import Definition
from kodala.publication import definitions, display_definitions, rules_in_force
from kodala.publication.domain.strictness import checksum


@pytest.fixture
def file_says(monkeypatch):
    """Replace the signed file by one with other numbers."""
    own = definitions.rules_definition()

    def say(chapter, name, value, checked_by="somebody else", is_checked=True):
        content = copy.deepcopy(own.content) | {"checked_by": checked_by}
        content[chapter][name] = value
        if is_checked:
            content["checked_sha256"] = checksum(content)
        new = Definition("test-1", f"{chapter}-{name}-{value}", content)
        for module in (definitions, display_definitions, rules_in_force):
            monkeypatch.setattr(module, "rules_definition", lambda: new)
        _forget_the_file()

    yield say
    monkeypatch.undo()
    _forget_the_file()


def _forget_the_file():
    for kept in (
        definitions.protection_definitions,
        definitions.protection_rules,
        display_definitions.display_rules,
    ):
        getattr(kept, "cache_clear", lambda: None)()
