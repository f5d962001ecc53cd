"""The cheapest way to meet a single demand: the change of the table that touches the cheapest cells.

Withholding what such changes touch, demand by demand, gives a safe choice without proof that it is the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import hstack

from kodala.publication.domain.demands import Demand
from kodala.publication.domain.tables import Bools, Floats, Insider, Table

MOVED = 1e-7
FREE = 1e-6  # price of touching a cell that is withheld anyway, so that short changes are preferred


def touch(table: Table, price: Floats, hidden: Bools, demand: Demand, who: Insider) -> Bools:
    """The cells of the cheapest changes of the table that meet a demand.

    price:  of touching a cell, shape (n,), >= 0; hidden: cells that cost nothing because they are withheld
    Raises ArithmeticError if the demand cannot be met even with everything withheld that may be.
    """
    can_move = table.may_hide | hidden
    can_move[list(who.knows)] = False
    return _Changes(table, np.where(hidden, 0.0, price), can_move).touched(demand)


@dataclass(frozen=True)
class _Changes:
    """Changes of a table with the price of touching each cell and the cells that may move at all."""

    table: Table
    price: Floats
    can_move: Bools

    def touched(self, demand: Demand) -> Bools:
        """Cells of the cheapest changes that meet a demand; a width is asked for upwards, then downwards."""
        if demand.direction:
            return np.abs(self._change(demand, is_whole=True)) > MOVED
        up = self._change(Demand(demand.cell, 1, demand.distance), is_whole=False)
        rest = demand.distance - up[demand.cell]
        if rest <= MOVED:
            return np.abs(up) > MOVED
        down = self._change(Demand(demand.cell, -1, rest), is_whole=True)
        return (np.abs(up) > MOVED) | (np.abs(down) > MOVED)

    def _change(self, demand: Demand, *, is_whole: bool) -> Floats:
        """The cheapest change that moves the demand's cell so far; if not `is_whole` as far as possible."""
        n, table = len(self.table), self.table
        forward = demand.cell + (0 if demand.direction > 0 else n)
        backward = demand.cell + (n if demand.direction > 0 else 0)
        costs = np.tile(self.price + FREE, 2)
        lowest = np.zeros(2 * n)
        highest = np.where(np.tile(self.can_move, 2), np.concatenate([table.room_up, table.room_down]), 0.0)
        if demand.direction < 0 and self.can_move[demand.cell]:
            highest[forward] = max(table.room_down[demand.cell], table.need_down[demand.cell])
        highest[forward] = min(demand.distance, highest[forward])
        highest[backward] = 0.0
        if is_whole:
            lowest[forward] = demand.distance
        else:
            costs[forward] -= costs.sum() + 1.0
        both_ways = hstack([table.equations, -table.equations])
        found = milp(costs, constraints=LinearConstraint(both_ways, 0.0, 0.0), bounds=Bounds(lowest, highest))
        if found.status != 0:
            raise ArithmeticError(f"no change of the table meets what is asked for {table.keys[demand.cell]}")
        return np.asarray(found.x[:n] - found.x[n:])
