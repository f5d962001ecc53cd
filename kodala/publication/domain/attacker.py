"""The attacker as a linear programme: how far can a withheld number lie from its true value?

Everything is counted from the true values: an attacker considers every change of the cells that keeps all
equations and stays inside the room that everybody knows.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from kodala.publication.domain.tables import Floats, Insider, Table

FAR_FACTOR = 1_000.0  # times the largest need: beyond that, "no limit" and a number make no difference
TINY = 1e-9


@dataclass(frozen=True)
class Reach:
    """How far one cell can be moved, and why not further.

    distance: in the asked direction, >= 0
    change:   a change of all cells that reaches it, shape (n,)
    price:    what each cell contributes to the limit per part withheld, shape (n,), >= 0: if a share y of
              each cell were withheld, the distance could not exceed price @ y
    """

    distance: float
    change: Floats
    price: Floats


def quiet_solver() -> highspy.Highs:
    """A HiGHS that prints nothing and always gives the same answer."""
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    return solver


class Attacker:
    """One linear programme for all questions to a table; every question starts from the last answer.

    Source: Fischetti and Salazar 2001, Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47: the attacker's subproblems (sec. 3).
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        largest = max(
            table.need_down.max(initial=0), table.need_up.max(initial=0), table.need_width.max(initial=0)
        )
        self.far = FAR_FACTOR * max(float(largest), TINY)
        self.down = np.minimum(table.room_down, self.far)
        self.up = np.minimum(table.room_up, self.far)
        is_known = (table.room_down == 0) & (table.room_up == 0)
        self.own_down = np.where(is_known, 0.0, np.maximum(self.down, table.need_down))
        self._share = np.zeros(len(table))
        self._transposed = table.equations.T.tocsr()
        self._cells = np.arange(len(table), dtype=np.int32)
        self._solver = self._make_solver()

    def _make_solver(self) -> highspy.Highs:
        columns = self.table.equations.tocsc()
        n_rows, n = columns.shape
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = n, n_rows
        model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(n)
        model.row_lower_ = model.row_upper_ = np.zeros(n_rows)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = columns.indptr
        model.a_matrix_.index_ = columns.indices
        model.a_matrix_.value_ = columns.data
        solver = quiet_solver()
        # Without presolve the next question starts from the basis of the last one.
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("simplex_strategy", 4)
        solver.passModel(model)
        return solver

    def open(self, hidden: Floats, who: Insider) -> None:
        """Withhold a share of each cell (0 … 1) from somebody; what the person knows stays shut."""
        self._share = np.clip(hidden, 0.0, 1.0)
        self._share[list(who.knows)] = 0.0
        low, high = -self.down * self._share, self.up * self._share
        self._solver.changeColsBounds(len(self.table), self._cells, low, high)

    def reach(self, cell: int, direction: int) -> Reach:
        """How far a cell can move up (1) or down (-1). Raises ArithmeticError if the solver gives up."""
        self._widen(cell, self.own_down[cell])
        self._solver.changeColCost(cell, -float(direction))
        self._solver.run()
        is_solved = self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        distance = -self._solver.getInfo().objective_function_value
        solution = self._solver.getSolution()
        change, dual = np.array(solution.col_value), np.array(solution.row_dual)
        self._solver.changeColCost(cell, 0.0)
        self._widen(cell, self.down[cell])
        if not is_solved:
            raise ArithmeticError("the attacker's programme was not solved")
        return Reach(distance, change, self._price(cell, direction, dual))

    def _widen(self, cell: int, down: float) -> None:
        if self.own_down[cell] > self.down[cell]:
            share = self._share[cell]
            self._solver.changeColBounds(cell, -down * share, self.up[cell] * share)

    def _price(self, cell: int, direction: int, dual: Floats) -> Floats:
        """By duality: whatever multipliers the equations get, the sum of these limits the distance."""
        left = -(self._transposed @ dual)
        left[cell] -= direction
        left[np.abs(left) < TINY] = 0.0
        price = np.where(left < 0, -left * self.up, left * self.down)
        if left[cell] > 0:
            price[cell] = left[cell] * self.own_down[cell]
        return price
