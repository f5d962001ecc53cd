"""What attackers must not find out about a table with some cells withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kodala.publication.domain.tables import OUTSIDER, Bools, Insider, Table


@dataclass(frozen=True)
class Demand:
    """A distance that a cell must be able to lie from its value: up (1), down (-1) or both ends apart (0)."""

    cell: int
    direction: int
    distance: float

    def concerns(self, who: Insider) -> bool:
        """Whether it is asked for against this attacker.

        Nobody is protected from what is their own; cells withheld for others must only puzzle the outsider.
        """
        if self.direction == 0:
            return who is OUTSIDER
        return self.cell not in who.knows and self.cell not in who.shares


def list_demands(table: Table, hidden: Bools) -> Iterator[Demand]:
    """What is asked for: both directions of unsafe cells, the width of cells withheld for others."""
    for cell in np.flatnonzero(hidden & table.is_public | table.unsafe).tolist():
        if table.unsafe[cell]:
            yield from (
                Demand(cell, direction, float(need[cell]))
                for direction, need in ((1, table.need_up), (-1, table.need_down))
                if need[cell] > 0
            )
        elif table.need_width[cell] > 0:
            yield Demand(cell, 0, float(table.need_width[cell]))
