"""A safe choice of cells without proof that it is the cheapest, for when that proof takes too long.

Every demand that an attacker would object to is met, one after the other, by the change of the table that
touches the cheapest cells; what it touches is withheld.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import hstack

from kodala.publication.domain.demands import Demand, list_demands
from kodala.publication.domain.tables import Bools, Floats, Insider, Table

MOVED = 1e-7
FREE = 1e-6  # price of touching a cell that is withheld anyway, so that short changes are preferred


def patch(table: Table, hidden: Bools) -> Bools:
    """Add cells to `hidden` until every demand is met; cells once added stay.

    Raises ArithmeticError if a demand cannot be met, which `suppress` has ruled out before.
    """
    chosen = hidden | table.always_hidden
    while True:
        before = chosen.copy()
        for who, demand in product(table.attackers, list(list_demands(table, before))):
            if demand.concerns(who):
                chosen |= _touched(table, chosen, demand, who)
        if (chosen == before).all():
            return chosen


def _touched(table: Table, hidden: Bools, demand: Demand, who: Insider) -> Bools:
    """The cells of the cheapest changes that meet a demand; a width is asked for upwards, then downwards."""
    if demand.direction:
        return np.abs(_change(table, hidden, demand, who, exactly=True)) > MOVED
    up = _change(table, hidden, Demand(demand.cell, 1, demand.distance), who, exactly=False)
    rest = demand.distance - up[demand.cell]
    down = (
        _change(table, hidden, Demand(demand.cell, -1, rest), who, exactly=True) if rest > MOVED else 0 * up
    )
    return (np.abs(up) > MOVED) | (np.abs(down) > MOVED)


def _change(table: Table, hidden: Bools, demand: Demand, who: Insider, *, exactly: bool) -> Floats:
    """The cheapest change that moves the demand's cell so far; as far as possible up to it if not `exactly`."""
    can_move = table.may_hide | hidden
    can_move[list(who.knows)] = False
    price = np.where(hidden, FREE, table.weight + FREE)
    reward = 0.0 if exactly else -(price.sum() + 1.0)
    n, cell, direction = len(table), demand.cell, demand.direction
    costs = np.concatenate([price, price])
    forward = cell if direction > 0 else n + cell
    backward = n + cell if direction > 0 else cell
    costs[forward] += reward
    limits = np.concatenate([np.where(can_move, table.room_up, 0), np.where(can_move, table.room_down, 0)])
    lowest = np.zeros(2 * n)
    lowest[forward] = demand.distance if exactly else 0.0
    limits[forward] = min(demand.distance, limits[forward])
    limits[backward] = 0.0
    both_ways = hstack([table.equations, -table.equations])
    found = milp(costs, constraints=LinearConstraint(both_ways, 0.0, 0.0), bounds=Bounds(lowest, limits))
    if found.status != 0:
        raise ArithmeticError(f"no change of the table meets what is asked for {table.keys[cell]}")
    return np.asarray(found.x[:n] - found.x[n:])
