"""Which areas rows without a place lie nearest to: a hint for a person."""

from __future__ import annotations

from collections import Counter

import numpy as np

from microcells.domain.area_index import NO_AREA, AreaIndex
from microcells.domain.rows import Hit, Ints, Rows
from microcells.domain.written import Written

PLACELESS = {"E-GEBIET", "E-BEREICH.stadt"}
LOOKED_FOR = 1000  # rows without a place for which the nearest area is looked for
FAR_M = 1e6


class NearestAreas:
    """Looks for the first rows without a place, until enough of them lie near an area."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()  # area -> rows nearest to it
        self._blocks: list[Ints] = []  # what was found for the rows of each block, NO_AREA among them

    def add(self, rows: Rows, hits: list[Hit], areas: AreaIndex) -> None:
        """Look for the rows of a block in which no area could be found."""
        if self._room <= 0 or not {"x", "y"} <= rows.numbers.keys():
            return
        at = np.unique(np.concatenate([[], *(one.at for one in hits if one.rule in PLACELESS)])).astype(int)
        if len(at):
            at = at[: self._room]
            self._take(areas.locate(rows.numbers["x"][at], rows.numbers["y"][at], FAR_M))

    def merge(self, other: NearestAreas) -> None:
        """Take over what another one found in the blocks behind, as far as there is room."""
        for block in other._blocks:
            if self._room > 0:
                self._take(block[: self._room])

    def write(self) -> Written:
        """All that was found, for `read`."""
        found = np.concatenate([np.empty(0, dtype=np.int64), *self._blocks])
        return Written([len(block) for block in self._blocks], {"found": found})

    def read(self, written: Written) -> None:
        """Take over what `write` gave."""
        for block in np.split(written.arrays["found"], np.cumsum(written.words)[:-1].astype(int)):
            self._take(block)

    @property
    def _room(self) -> int:
        return LOOKED_FOR - self.counts.total()

    def _take(self, found: Ints) -> None:
        self._blocks.append(found)
        self.counts.update(found[found != NO_AREA].tolist())
