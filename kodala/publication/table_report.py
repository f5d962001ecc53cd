"""How the result of protecting or auditing a table is told: lines for people, a mapping for programs.

Names the true values' intervals, so it is for those who hold the table, never for a page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kodala.core.german import german_number
from kodala.publication.domain.audit import Audit, Leak
from kodala.publication.domain.proof import Proof
from kodala.publication.domain.tables import Bools, Table

OUTSIDER = "Außenstehende"


def as_lines(table: Table, hidden: Bools, found: Audit, proof: Proof) -> Iterator[str]:
    """The pattern with its intervals, its price, the leaks and the certificate, in German."""
    yield f"Tabelle          {proof.cells} Zellen, {proof.equations} Gleichungen"
    yield f"Unsicher         {proof.unsafe} Zellen"
    yield f"Für andere       {proof.secondary} Zellen, Preis {_number(proof.cost)} ({_proof_words(proof)})"
    for cell in (table.unsafe & table.is_public & ~hidden).nonzero()[0].tolist():
        yield f"  unsicher, aber gezeigt  {table.keys[cell]}"
    for cell in hidden.nonzero()[0].tolist():
        kind = "unsicher  " if table.unsafe[cell] else "für andere"
        yield f"  {kind}  {table.keys[cell]}  {_interval(found.low[cell], found.high[cell])}"
    yield f"Angreifer        {proof.attackers}, {proof.programmes} Optimierungen"
    yield f"Engste Spanne    {'–' if proof.narrowest is None else _number(proof.narrowest)}"
    for leak in found.leaks:
        yield f"  zu eng  {leak.key} für {leak.who or OUTSIDER}: {_interval(leak.low, leak.high)}"
    yield f"Prüfung          {'nicht bestanden' if found.leaks else 'bestanden'}"
    yield f"Tabelle SHA-256  {proof.table_sha256}"
    yield f"Muster SHA-256   {proof.pattern_sha256}"


def as_json(table: Table, hidden: Bools, found: Audit, proof: Proof) -> dict[str, Any]:
    """The same for programs: cost, cells with intervals (null = no limit), leaks, certificate."""
    cells = [
        {
            "key": table.keys[cell],
            "kind": "primary" if table.unsafe[cell] else "secondary",
            "value": float(table.value[cell]),
            "low": _finite(found.low[cell]),
            "high": _finite(found.high[cell]),
        }
        for cell in hidden.nonzero()[0].tolist()
    ]
    leaks = [_leak(own) for own in found.leaks]
    return {"cost": proof.cost, "withheld": cells, "leaks": leaks, "certificate": proof.as_dict()}


def _leak(own: Leak) -> dict[str, Any]:
    return {"key": own.key, "who": own.who or "outsider", "low": _finite(own.low), "high": _finite(own.high)}


def _proof_words(proof: Proof) -> str:
    if proof.leaks:
        return "nicht sicher"
    if proof.is_cheapest:
        return "bewiesen: keine sichere Wahl ist billiger"
    if proof.bound <= 0:
        return "sicher; nicht mit dem billigsten Muster verglichen"
    return f"sicher; {_gap_words(proof.cost, proof.bound)}"


def _gap_words(cost: float, bound: float) -> str:
    return f"höchstens {german_number(math.ceil(1000 * (cost / bound - 1)) / 10, 1)} % teurer als nötig"


def progress_line(rounds: int, cost: float, bound: float) -> str:
    """How far the search is in its group of linked cells: price so far, and what it cannot fall below."""
    gap = f" ({_gap_words(cost, bound)})" if 0 < bound < cost else ""
    return f"Runde {rounds}: sicheres Muster zum Preis {_number(cost)}, nötig sind {_number(bound)}{gap}"


def _interval(low: float, high: float) -> str:
    return f"[{_number(low)}; {_number(high)}]"


def _number(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return german_number(value, 0 if round(float(value), 6).is_integer() else 2)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
