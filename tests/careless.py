"""What disclosure control would do if it forgot how numbers add up; attackers succeed on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kodala.publication.domain import protection
from kodala.publication.domain.audit import Audit, audit
from kodala.publication.domain.suppression import Pattern
from kodala.publication.domain.tables import Bools, Table


def hide_unsafe_only(table: Table, _effort: object = None) -> Pattern:
    """In place of `suppress`: nothing is withheld for others."""
    return Pattern(table.unsafe & table.is_public, 0.0, 0.0)


def look_away(table: Table, hidden: Bools) -> Audit:
    """In place of `audit`: whatever the attackers find is not told."""
    return replace(audit(table, hidden), leaks=())


def protect_carelessly(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on only unsafe figures are withheld, and nobody objects."""
    monkeypatch.setattr(protection, "suppress", hide_unsafe_only)
    monkeypatch.setattr(protection, "audit", look_away)
