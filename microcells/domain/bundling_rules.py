"""What a good microcell is: the sizes, weights and steps of bundling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class BundlingRules:
    """What a good cell is: sizes in households, weights of the three kinds of cost.

    minimum:        fewest households of a cell, at least 1
    least_house:    fewest households of a house, at least 1; a microcell that is joined further holds more
    target:         wished households of a cell of several houses
    mean:           wished mean of all cells, to which the target is fitted (`fit_target`); None = not fitted
    scale_m2:       spread (square metres per household) that costs one unit of weight_place
    max_households: most households of a cell of several houses
    max_houses:     most houses of a cell
    near_m:         longest step between two houses of a connected cell
    swap_passes:    how often all neighbouring cells are looked through for swaps
    """

    minimum: int = 4
    least_house: int = 1
    target: float = 6
    weight_size: float = 1.0
    weight_place: float = 0.35
    weight_street: float = 3.0
    scale_m2: float = 400.0
    max_households: int = 24
    max_houses: int = 14
    near_m: float = 60.0
    swap_passes: int = 3
    mean: float | None = None

    def __post_init__(self) -> None:
        """Refuse rules that no partition can follow."""
        if min(self.minimum, self.least_house, self.max_houses) < 1 or self.max_households < self.minimum:
            raise ValueError(f"the size limits contradict each other: {self}")
        weights = (self.weight_size, self.weight_place, self.weight_street)
        if min(weights) < 0 or max(weights) == 0 or self.scale_m2 <= 0 or self.near_m <= 0:
            raise ValueError(f"weights must be >= 0, not all 0, scale and step > 0: {self}")

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> BundlingRules:
        """Build the rules from one table of the definition file bundling.toml."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in table.items() if name in known})

    @property
    def unit(self) -> float:
        """The largest weight: costs are added up in this unit, so that a common factor changes nothing."""
        return max(self.weight_size, self.weight_place, self.weight_street)

    @property
    def longest_needed(self) -> int:
        """Most houses that a cell must be allowed so that every area can be cut: two cells but one house."""
        return 2 * math.ceil(self.minimum / self.least_house) - 1

    @property
    def longest_useful(self) -> int:
        """Most houses of a cell that no two cells in its place could undercut, at most `max_houses`.

        Cutting a cell of a + b households in two, both >= minimum, lowers the size cost by
        2ab - target² and never raises the others. n houses hold at least n · least_house households, so a
        cut in the middle has ab >= floor(n / 2) · ceil(n / 2) · least_house².
        """
        n = self.longest_needed
        while n < self.max_houses and self._middle_cut(n + 1) * 2 < self.target**2:
            n += 1
        return min(n, self.max_houses)

    def _middle_cut(self, n: int) -> int:
        """The least product of the households on both sides of a cut through the middle of n houses."""
        return (n // 2) * ((n + 1) // 2) * self.least_house**2
