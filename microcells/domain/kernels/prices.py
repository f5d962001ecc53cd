"""What a cell costs, methods §1, as the compiled loops need it."""

from __future__ import annotations

from typing import NamedTuple

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.kernels.compiling import part_of_loops

OVERSIZE = 1e6  # price of a cell beyond the upper limits, paid only where no other cut exists
APART = 1e6  # price of a cell that is not connected, likewise


class Prices(NamedTuple):
    """The rules of bundling as numbers; weights in units of the largest one.

    size: per squared household beside the target; place: per household and square metre; street: at once
    """

    size: float
    place: float
    street: float
    target: float
    minimum: int
    max_households: int
    max_houses: int


def prices_of(rules: BundlingRules) -> Prices:
    """Take the numbers out of the rules."""
    return Prices(
        size=rules.weight_size / rules.unit,
        place=rules.weight_place / rules.unit / rules.scale_m2,
        street=rules.weight_street / rules.unit,
        target=float(rules.target),
        minimum=rules.minimum,
        max_households=rules.max_households,
        max_houses=rules.max_houses,
    )


@part_of_loops
def price_cell(
    prices: Prices, households: int, is_several: bool, scatter: float, over_streets: bool
) -> float:
    """Price one cell.

    is_several: it has several houses
    scatter:    households × squared distance to the centre, added up, square metres
    """
    price = prices.place * scatter
    if is_several:
        price += prices.size * (households - prices.target) ** 2
    if over_streets:
        price += prices.street
    return price
