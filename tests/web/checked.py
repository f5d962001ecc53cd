"""Findings for the pages that show the check of a delivery."""

from __future__ import annotations

from kodala.core.errors import Finding, Severity

# The rows of the fixture `many` in their order; 130 twice: two rules.
IN_ORDER = [9, *range(20, 29), *range(100, 131), *range(130, 160)]


def finding(row, code="W-NULLWERT", column="kaufkraft_eur_ew", severity=Severity.WARNING, text="Null."):
    return Finding(row, column, code, severity, text, "Bitte klären.", "größer als 0")
