"""What suppression and audit of a table proved, as a record that can be kept and shown."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass

import numpy as np

from kodala.publication.domain.audit import Audit
from kodala.publication.domain.suppression import Pattern
from kodala.publication.domain.tables import Bools, Table


@dataclass(frozen=True)
class Proof:
    """Counts and hashes; holds no value of a cell.

    is_cheapest:    whether the pattern holds and no safe one is cheaper; never said of one that leaks
    cost, bound:    price of what is withheld for others, and what no safe choice falls below
    narrowest:      width of the outsider's narrowest interval, None if nothing limits or nothing is withheld
    table_sha256:   of keys, values, equations and needs; pattern_sha256: of which cells are withheld
    """

    cells: int
    equations: int
    unsafe: int
    secondary: int
    cost: float
    bound: float
    is_cheapest: bool
    attackers: int
    programmes: int
    leaks: int
    narrowest: float | None
    table_sha256: str
    pattern_sha256: str

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def prove(table: Table, pattern: Pattern, found: Audit) -> Proof:
    """Put together what is known of a table whose pattern was audited."""
    narrowest = found.smallest_width
    return Proof(
        cells=len(table),
        equations=table.equations.shape[0],
        unsafe=int(table.unsafe.sum()),
        secondary=int((pattern.hidden & ~table.unsafe).sum()),
        cost=pattern.cost,
        bound=pattern.bound,
        is_cheapest=pattern.is_proved and not found.leaks,
        attackers=found.attackers,
        programmes=found.programmes,
        leaks=len(found.leaks),
        narrowest=narrowest if math.isfinite(narrowest) else None,
        table_sha256=_hash_table(table),
        pattern_sha256=hash_pattern(pattern.hidden),
    )


def price(table: Table, hidden: Bools) -> Pattern:
    """A pattern that somebody else chose, with its cost and without any proof that it is cheap."""
    return Pattern(hidden, float(table.weight[hidden & ~table.unsafe & table.is_public].sum()), 0.0)


def _hash_table(table: Table) -> str:
    digest = hashlib.sha256("\n".join(map(str, table.keys)).encode())
    equations = table.equations.tocsr().sorted_indices()
    for array in (table.value, table.unsafe, table.need_down, table.need_up, table.room_down, table.room_up):
        digest.update(np.ascontiguousarray(array).tobytes())
    for part in (equations.indptr, equations.indices, equations.data):
        digest.update(np.asarray(part, dtype=np.float64).tobytes())
    return digest.hexdigest()


def hash_pattern(hidden: Bools) -> str:
    """SHA-256 of which cells are withheld, in the order of the table."""
    return hashlib.sha256(np.packbits(hidden).tobytes()).hexdigest()
