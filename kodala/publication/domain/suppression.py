"""The cheapest cells to withhold, proved: integer programming with cuts from the attackers' programmes.

The master problem chooses cells; each attacker is asked how far every protected cell can be moved; an answer
that is too short gives an inequality that every safe choice fulfils. When no attacker objects, the choice is
the cheapest one, because the master problem never asked for more than safety needs.

Source: Fischetti and Salazar 2001, Management Science 47, 1008-1027; single contributors as in Salazar 2008.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import highspy
import numpy as np

from kodala.publication.domain.attacker import Attacker, Reach, quiet_solver
from kodala.publication.domain.demands import Demand, list_demands
from kodala.publication.domain.patching import touch
from kodala.publication.domain.tables import OUTSIDER, Bools, Floats, Insider, Ints32, Table, split

SHORT = 1e-6  # a distance counts as reached if less than this part of it is missing
HALF = 0.5
NEARLY = 0.999  # of a cell withheld in the programme with parts of cells


def ask_what_is_possible(table: Table) -> Table:
    """The table asking for no more than is possible if everything is withheld that may be."""
    attacker = Attacker(table)
    attacker.open((table.always_hidden | table.may_hide).astype(np.float64), OUTSIDER)
    down, up = table.need_down.copy(), table.need_up.copy()
    for cell in np.flatnonzero(table.unsafe).tolist():
        for need, direction in ((down, -1), (up, 1)):
            if need[cell] > 0:
                possible = attacker.reach(cell, direction).distance * (1 - SHORT)
                need[cell] = min(need[cell], possible) if possible > SHORT else 0.0
    return replace(table, need_down=down, need_up=up)


class UnprotectableError(ValueError):
    """No choice of cells protects these keys, even if everything that may be withheld is."""

    def __init__(self, keys: list[object]) -> None:
        """keys: names of the cells that stay open"""
        super().__init__(f"{len(keys)} cells cannot be protected, the first is {keys[0]}")
        self.keys = keys


@dataclass(frozen=True)
class Pattern:
    """Which cells are withheld.

    hidden: shape (n,), with the unsafe cells; cells that are not public are not among them
    cost:   price of the public cells that are withheld for others
    bound:  no safe choice is cheaper; equal to `cost` if the choice is proved to be the cheapest
    rounds, cuts: how often the master problem was solved, and how many inequalities it got
    """

    hidden: Bools
    cost: float
    bound: float
    rounds: int = 0
    cuts: int = 0

    @property
    def is_proved(self) -> bool:
        """Whether no cheaper choice exists."""
        return self.bound >= self.cost * (1 - SHORT)


@dataclass(frozen=True)
class Effort:
    """How much work the proof may take; in steps, not in seconds, so that a busy machine changes nothing.

    rounds: how often the master problem may be solved with whole cells, per group of linked cells
    nodes:  branch-and-bound nodes each time
    cells:  in larger groups it is not solved with whole cells at all: one node may take minutes there
    """

    rounds: int = 60
    nodes: int = 5_000
    cells: int = sys.maxsize


USUAL = Effort()
Tell = Callable[[int, float, float], object]  # rounds so far, price of the best safe choice, bound


def suppress(table: Table, effort: Effort = USUAL, tell: Tell = lambda *_: None) -> Pattern:
    """Withhold the unsafe cells and the cheapest others, so that every attacker stays as unsure as asked.

    effort: what the proof that nothing cheaper exists may cost; beyond it a safe choice is given without
            that proof, whose distance to the best one is known
    tell:   hears of every safe choice and bound, per group of linked cells
    Raises UnprotectableError if no choice is safe.
    """
    hidden = np.zeros(len(table), dtype=np.bool_)
    cost = bound = 0.0
    rounds = cuts = 0
    for cells in split(table):
        part = table.take(cells)
        if not part.unsafe.any():
            continue
        found = _Search(part, effort).solve(tell)
        hidden[cells] = found.hidden
        cost, bound = cost + found.cost, bound + found.bound
        rounds, cuts = rounds + found.rounds, cuts + found.cuts
    return Pattern(hidden & table.is_public, cost, bound, rounds, cuts)


def refuse_hopeless(table: Table) -> None:
    """Raise UnprotectableError if some unsafe cells stay open even with everything withheld that may be."""
    for cells in split(table):
        part = table.take(cells)
        if part.unsafe.any():
            _Search(part, USUAL)


@dataclass(frozen=True)
class Cut:
    """What an attacker objects to: price @ y must reach the demand's distance, if its cell is withheld."""

    price: Floats
    demand: Demand
    who: Insider


class _Search:
    """The master problem of one table whose cells hang together."""

    def __init__(self, table: Table, effort: Effort) -> None:
        self.table, self.effort = table, effort
        self.attacker = Attacker(table)
        self.fixed = table.always_hidden
        self.price = np.where(self.fixed, 0.0, table.weight)
        self.rounds = self.cuts = 0
        self._refuse_hopeless()
        self.master = self._make_master()

    def _refuse_hopeless(self) -> None:
        everything = (self.fixed | self.table.may_hide).astype(np.float64)
        open_cells = {cut.demand.cell for cut in self._object(everything, self.table.unsafe)}
        if open_cells:
            raise UnprotectableError([self.table.keys[cell] for cell in sorted(open_cells)])

    def _make_master(self) -> highspy.Highs:
        master = quiet_solver()
        n = len(self.table)
        master.addVars(
            n, self.fixed.astype(np.float64), (self.fixed | self.table.may_hide).astype(np.float64)
        )
        master.changeColsCost(n, np.arange(n, dtype=np.int32), self.price)
        master.setOptionValue("mip_rel_gap", 0.0)
        master.setOptionValue("mip_abs_gap", 0.0)
        for start, cells, signs in _bridges(self.table):
            master.addRows(
                len(start),
                np.zeros(len(start)),
                np.full(len(start), highspy.kHighsInf),
                len(cells),
                start,
                cells,
                signs,
            )
        return master

    def solve(self, tell: Tell) -> Pattern:
        """Cut with parts of cells, which is quick; take a safe choice from there; look for a better one."""
        while True:
            share = self._solve_master()
            if not self._add(self._object(share, self.table.unsafe)):
                break
        bound = float(self.price @ share)
        best = self._shrink(self._patch(share))
        cost = float(self.price @ best)
        tell(self.rounds, cost, bound)
        if len(self.table) <= self.effort.cells and self._ask_for_less_than(cost):
            best, bound = self._improve(best, bound, tell)
        return Pattern(best, float(self.price @ best), bound, self.rounds, self.cuts)

    def _patch(self, share: Floats) -> Bools:
        """A safe choice: what the programme with parts of cells withholds, and what attackers object to."""
        hidden = self.fixed | (share > NEARLY)
        price = self.price * (1.0 - share)
        while objections := list(self._object(hidden.astype(np.float64), hidden)):
            for cut in objections:
                hidden = hidden | touch(self.table, price, hidden, cut.demand, cut.who)
        return hidden

    def _shrink(self, hidden: Bools) -> Bools:
        """Show every cell again that need not be withheld, the dearest first."""
        for cell in np.argsort(-self.price, kind="stable"):
            if hidden[cell] and not self.fixed[cell]:
                less = hidden.copy()
                less[cell] = False
                if next(self._object(less.astype(np.float64), less), None) is None:
                    hidden = less
        return hidden

    def _ask_for_less_than(self, cost: float) -> bool:
        """From now on whole cells, and together cheaper than what is known; False if nothing can be."""
        n = len(self.table)
        cells = np.arange(n, dtype=np.int32)
        self.master.changeColsIntegrality(
            n, cells, np.full(n, highspy.HighsVarType.kInteger.value, dtype=np.uint8)
        )
        self.master.addRow(-highspy.kHighsInf, cost * (1 - SHORT), n, cells, self.price)
        self.master.setOptionValue("mip_max_nodes", self.effort.nodes)
        return cost > 0

    def _improve(self, best: Bools, bound: float, tell: Tell) -> tuple[Bools, float]:
        """Look for the cheapest choice; the best one known and what no safe choice falls below."""
        for _ in range(self.effort.rounds):
            share = self._solve_master()
            status = self.master.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                return best, float(self.price @ best)
            if status != highspy.HighsModelStatus.kOptimal:
                return best, max(bound, self.master.getInfo().mip_dual_bound)
            hidden = share > HALF
            bound = float(self.price @ hidden)
            if not self._add(self._object(hidden.astype(np.float64), hidden)):
                return hidden, bound
            tell(self.rounds, float(self.price @ best), bound)
        return best, bound

    def _solve_master(self) -> Floats:
        self.master.run()
        self.rounds += 1
        share: Floats = np.clip(np.array(self.master.getSolution().col_value), 0.0, 1.0)
        share[share < SHORT] = 0.0
        return share

    def _object(self, share: Floats, hidden: Bools) -> Iterator[Cut]:
        """What the attackers object to: one cut for every demand that is not met.

        share: how much of each cell is withheld; hidden: the cells for which something is asked
        """
        demands = list(list_demands(self.table, hidden))
        cells, directions, distances = (
            np.array([getattr(one, name) for one in demands]) for name in ("cell", "direction", "distance")
        )
        for who in self.table.attackers:
            self.attacker.open(share, who)
            is_met = np.array([not one.concerns(who) for one in demands], dtype=np.bool_)
            for place, demand in enumerate(demands):
                if is_met[place]:
                    continue
                answers = self._ask(demand)
                if sum(one.distance for one in answers) < demand.distance * (1 - SHORT):
                    yield Cut(_strengthen(answers, demand, who), demand, who)
                    continue
                for one in answers:  # a change found for one cell is an answer for others too
                    is_met |= (directions != 0) & (directions * one.change[cells] >= distances)

    def _ask(self, demand: Demand) -> list[Reach]:
        directions = (1, -1) if demand.direction == 0 else (demand.direction,)
        return [self.attacker.reach(demand.cell, direction) for direction in directions]

    def _add(self, cuts: Iterable[Cut]) -> int:
        """Give the master problem new inequalities; tells how many."""
        n_new = 0
        for cut in list(cuts):
            row = cut.price / cut.demand.distance
            least = 1.0
            if not self.table.unsafe[cut.demand.cell]:
                row, least = row.copy(), 0.0
                row[cut.demand.cell] = -1.0
            cells = np.flatnonzero(row).astype(np.int32)
            self.master.addRow(least, highspy.kHighsInf, len(cells), cells, row[cells])
            n_new += 1
        self.cuts += n_new
        return n_new


def _strengthen(answers: list[Reach], demand: Demand, who: Insider) -> Floats:
    """No cell counts for more than the whole distance; what the attacker knows counts for nothing."""
    price: Floats = np.minimum(np.add.reduce([one.price for one in answers]), demand.distance)
    price[list(who.knows)] = 0.0
    if demand.direction == 0:
        price[demand.cell] = 0.0
    return price


def _bridges(table: Table) -> Iterator[tuple[Ints32, Ints32, Floats]]:
    """In every equation a cell is withheld only with another one: alone it would follow at once.

    Yields rows of the master problem, equation by equation: starts, cells, coefficients; sum >= 0
    """
    can_move = (table.always_hidden | table.may_hide) & (table.room_down + table.room_up > 0)
    for row in range(table.equations.shape[0]):
        cells = table.equations.indices[table.equations.indptr[row] : table.equations.indptr[row + 1]]
        cells = cells[can_move[cells]].astype(np.int32)
        n = len(cells)
        asked = np.flatnonzero(table.is_public[cells])
        signs = np.ones((len(asked), n))
        signs[np.arange(len(asked)), asked] = -1.0
        yield (np.arange(len(asked), dtype=np.int32) * n, np.tile(cells, len(asked)), signs.ravel())
