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
from scipy.sparse import csc_array, csgraph, csr_array

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

    hidden: shape (n,); cells that are not public count as withheld anyway; an unsafe public cell that is
            not among them is known to everybody, which is a leak whatever else holds
    Raises ArithmeticError if a programme cannot be solved: no proof, no figure.
    """
    notes = _Notes(table, np.full(len(table), np.nan), np.full(len(table), np.nan))
    asked = (hidden & table.is_public) | table.unsafe
    is_fixed = (table.room_down == 0) & (table.room_up == 0)
    is_shown = table.unsafe & table.is_public & ~hidden
    unknown = np.flatnonzero((asked | ~table.is_public) & ~is_fixed & ~is_shown)
    groups = list(_linked(table, unknown))
    for cell in np.flatnonzero(is_shown).tolist():
        notes.add_shown(cell)
    for cell in np.flatnonzero(asked & is_fixed & ~is_shown).tolist():
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

    def add_shown(self, cell: int) -> None:
        """An unsafe cell that is published: everybody reads its value."""
        value = self.table.value[cell]
        self.low[cell] = self.high[cell] = value
        self.leaks.append(Leak(self.table.keys[cell], OUTSIDER.name, value, value))

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
            below, above = attack.reach_of(place)
            notes.add(cell, who, table.value[cell] + below, table.value[cell] + above)
    notes.programmes += attack.programmes


class _Attack:
    """Linear programmes over the unknown cells of a group: what can be added to the true values.

    Cells that can only move together, such as a number two versions share, are one unknown.
    """

    def __init__(self, table: Table, cells: Ints) -> None:
        equations = table.equations[:, cells]
        self._unknown, n = _moving_together(equations)
        self._small = np.zeros(n, dtype=np.bool_)
        np.logical_or.at(
            self._small, self._unknown, table.is_whole[cells] & (table.value[cells] < SMALL_COUNT)
        )
        low, high = np.full(n, -np.inf), np.full(n, np.inf)
        np.maximum.at(low, self._unknown, -table.room_down[cells])
        np.minimum.at(high, self._unknown, table.room_up[cells])
        places = np.arange(len(cells))
        together = csr_array((np.ones(len(cells)), (places, self._unknown)), shape=(len(cells), n))
        self._solver = _load((equations @ together).tocsc(), low, high)
        self._reached: dict[int, tuple[float, float]] = {}

    @property
    def programmes(self) -> int:
        """How many minimisations and maximisations were solved."""
        return 2 * len(self._reached)

    def reach_of(self, place: int) -> tuple[float, float]:
        """The least and the largest change of a cell, infinite if nothing limits it."""
        unknown = int(self._unknown[place])
        if unknown not in self._reached:
            self._reached[unknown] = self._end_of(unknown, -1), self._end_of(unknown, 1)
        return self._reached[unknown]

    def _end_of(self, unknown: int, direction: int) -> float:
        self._solver.changeColCost(unknown, -float(direction))
        end = self._solve(unknown, direction)
        self._solver.changeColCost(unknown, 0.0)
        return end

    def _solve(self, unknown: int, direction: int) -> float:
        self._solver.run()
        status = self._solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return direction * np.inf  # the true values fulfil everything, so it is not infeasible
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError("an attacker's programme was not solved")
        found = np.array(self._solver.getSolution().col_value)
        small = found[self._small]
        if (np.abs(small - np.rint(small)) <= NOT_WHOLE).all():
            return float(found[unknown])
        return self._solve_whole(unknown)

    def _solve_whole(self, unknown: int) -> float:
        """The same with whole numbers; a change that was found is possible, also if the search ends early."""
        self._ask_for(highspy.HighsVarType.kInteger)
        self._solver.run()
        found = np.array(self._solver.getSolution().col_value)
        is_possible = (
            self._solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        )
        self._ask_for(highspy.HighsVarType.kContinuous)
        return float(found[unknown]) if is_possible else 0.0

    def _ask_for(self, kind: highspy.HighsVarType) -> None:
        for small in np.flatnonzero(self._small).tolist():
            self._solver.changeColIntegrality(small, kind)


def _moving_together(equations: csr_array) -> tuple[Ints, int]:
    """Which unknown each cell belongs to, shape (n,), and how many there are: x - y = 0 makes x and y one."""
    has_two = np.diff(equations.indptr) == 2
    pairs = equations[has_two]
    is_same = pairs.sum(axis=1) == 0
    one, other = pairs[is_same].indices.reshape(-1, 2).T
    n = equations.shape[1]
    links = csr_array((np.ones(len(one)), (one, other)), shape=(n, n))
    n_unknowns, unknown = csgraph.connected_components(links, directed=False)
    return unknown.astype(np.int64), n_unknowns


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
