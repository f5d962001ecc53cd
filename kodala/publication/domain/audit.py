"""The audit: what can be computed about withheld cells, found independently of how they were chosen.

For each withheld cell and each attacker two programmes find the least and the largest value that everything
published allows: all equations, what everybody knows of each cell, whole numbers for small counts. An
interval that is too narrow is a leak. Knows nothing of prices, cuts or the search that chose the cells.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy.sparse import csc_array

from kodala.publication.domain.tables import OUTSIDER, Bools, Floats, Insider, Ints, Table, split

SMALL_COUNT = 30  # below it whole numbers are told from others (privacy rules of this project)
MISSING = 1e-6  # an interval counts as wide enough if less than this part of it is missing
NOT_WHOLE = 1e-6
MOST_NODES = 10_000  # of a programme with whole numbers; what it has found by then is a possible value


@dataclass(frozen=True)
class Leak:
    """A cell about which an attacker finds out too much.

    low, high: the ends between which the value must lie for this attacker; who: "" is the outsider
    """

    key: Hashable
    who: str
    low: float
    high: float


@dataclass(frozen=True)
class Audit:
    """What the attackers found.

    low, high:  shape (n,), the outsider's interval of each withheld cell, NaN elsewhere; may be infinite
    leaks:      too narrow intervals of any attacker; empty = passed
    attackers:  how many there were
    programmes: how many minimisations and maximisations they solved
    """

    low: Floats
    high: Floats
    leaks: tuple[Leak, ...]
    attackers: int
    programmes: int

    @property
    def smallest_width(self) -> float:
        """Width of the outsider's narrowest interval; inf if nothing is withheld."""
        widths = self.high - self.low
        return float(np.min(widths[~np.isnan(widths)], initial=np.inf))


def audit(table: Table, hidden: Bools) -> Audit:
    """Attack a table with these cells withheld, as the outsider and as every insider.

    hidden: shape (n,); cells that are not public count as withheld anyway
    Raises ArithmeticError if a programme cannot be solved: no proof, no figure.
    """
    notes = _Notes(table, np.full(len(table), np.nan), np.full(len(table), np.nan))
    asked = (hidden & table.is_public) | table.unsafe
    is_fixed = (table.room_down == 0) & (table.room_up == 0)
    unknown = np.flatnonzero((asked | ~table.is_public) & ~is_fixed)
    groups = list(_linked(table, unknown))
    for cell in np.flatnonzero(asked & is_fixed).tolist():
        notes.add(cell, OUTSIDER, table.value[cell], table.value[cell])
    for group in groups:
        _attack_group(table, group, asked, OUTSIDER, notes)
    for who in table.insiders:
        for group in groups:
            if not set(group.tolist()).isdisjoint(who.knows):
                for rest in _linked(table, np.setdiff1d(group, who.knows)):
                    _attack_group(table, rest, asked, who, notes)
    return Audit(notes.low, notes.high, tuple(notes.leaks), len(table.attackers), notes.programmes)


@dataclass
class _Notes:
    """What was found so far."""

    table: Table
    low: Floats
    high: Floats
    leaks: list[Leak] = field(default_factory=list)
    programmes: int = 0

    def add(self, cell: int, who: Insider, low: float, high: float) -> None:
        """Keep the outsider's interval, and whatever is too narrow for what concerns this attacker."""
        if who is OUTSIDER:
            self.low[cell], self.high[cell] = low, high
        concerns = who is OUTSIDER or (self.table.unsafe[cell] and cell not in who.shares)
        if concerns and self._is_narrow(cell, low, high):
            self.leaks.append(Leak(self.table.keys[cell], who.name, low, high))

    def _is_narrow(self, cell: int, low: float, high: float) -> bool:
        table = self.table
        if not table.unsafe[cell]:
            return bool(high - low < table.need_width[cell] * (1 - MISSING))
        above, below = high - table.value[cell], table.value[cell] - low
        return bool(
            above < table.need_up[cell] * (1 - MISSING) or below < table.need_down[cell] * (1 - MISSING)
        )


def _linked(table: Table, cells: Ints) -> Iterator[Ints]:
    """Groups of unknown cells that hang together; the others are known, so no group tells of another."""
    if len(cells):
        yield from (cells[group] for group in split(table.take(cells)))


def _attack_group(table: Table, group: Ints, asked: Bools, who: Insider, notes: _Notes) -> None:
    attack = _Attack(table, group)
    for place, cell in enumerate(group.tolist()):
        if asked[cell]:
            notes.add(cell, who, attack.end_of(place, -1), attack.end_of(place, 1))
            notes.programmes += 2


class _Attack:
    """Linear programmes over the unknown cells of a group: what can be added to the true values."""

    def __init__(self, table: Table, cells: Ints) -> None:
        self._value = table.value[cells]
        self._small = table.is_whole[cells] & (table.value[cells] < SMALL_COUNT)
        columns = table.equations[:, cells].tocsc()
        self._solver = _load(columns, -table.room_down[cells], table.room_up[cells])

    def end_of(self, place: int, direction: int) -> float:
        """The least (-1) or largest (1) value of a cell, infinite if nothing limits it."""
        self._solver.changeColCost(place, -float(direction))
        end = self._solve(place, direction)
        self._solver.changeColCost(place, 0.0)
        return end

    def _solve(self, place: int, direction: int) -> float:
        self._solver.run()
        status = self._solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return direction * np.inf  # the true values fulfil everything, so it is not infeasible
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError("an attacker's programme was not solved")
        found = np.array(self._solver.getSolution().col_value)
        small = found[self._small]
        if (np.abs(small - np.rint(small)) <= NOT_WHOLE).all():
            return float(self._value[place] + found[place])
        return self._solve_whole(place)

    def _solve_whole(self, place: int) -> float:
        """The same with whole numbers; a value that was found is possible, also if the search ends early."""
        self._ask_for(highspy.HighsVarType.kInteger)
        self._solver.run()
        found = np.array(self._solver.getSolution().col_value)
        is_possible = (
            self._solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        )
        self._ask_for(highspy.HighsVarType.kContinuous)
        return float(self._value[place] + (found[place] if is_possible else 0.0))

    def _ask_for(self, kind: highspy.HighsVarType) -> None:
        for small in np.flatnonzero(self._small).tolist():
            self._solver.changeColIntegrality(small, kind)


def _load(columns: csc_array, low: Floats, high: Floats) -> highspy.Highs:
    """A solver with the equations columns @ x = 0 and bounds of x, shape (n,)."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = columns.shape
    model.col_cost_ = np.zeros(len(low))
    model.col_lower_, model.col_upper_ = low, high
    model.row_lower_ = model.row_upper_ = np.zeros(columns.shape[0])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = columns.indptr, columns.indices
    model.a_matrix_.value_ = columns.data
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("presolve", "off")  # the next programme starts from the basis of the last
    solver.setOptionValue("simplex_strategy", 4)
    solver.setOptionValue("mip_max_nodes", MOST_NODES)
    solver.passModel(model)
    return solver
