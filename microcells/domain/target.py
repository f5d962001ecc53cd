"""Fitting the target size, so that the cells of a city have the wished mean."""

from __future__ import annotations

from dataclasses import replace

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import Walk
from microcells.domain.partition import cut_walk
from microcells.domain.repair import connect_cells

CLOSE_ENOUGH = 0.01  # households; the mean moves in small jumps, because houses are whole
HALVINGS = 10


def fit_target(walk: Walk, graph: HouseGraph, rules: BundlingRules) -> BundlingRules:
    """Choose the target of cells of several houses so that the mean of all cells comes close to `rules.mean`.

    A house that is large enough is a cell of its own, whatever its size. So a city of blocks of flats
    needs a smaller target for the rest than a city of small houses. The target stays as far from the
    given one as the minimum at most; where the houses do not allow the mean, it ends at that limit.

    returns: the rules with the fitted target and without a wish, by halving between the limits
    """
    if rules.mean is None or len(walk) == 0:
        return rules
    low, high = float(rules.minimum), 2.0 * rules.target - rules.minimum
    tried: list[tuple[float, BundlingRules]] = []
    target = float(rules.target)
    for _ in range(HALVINGS):
        fitted = replace(rules, target=target, mean=None)
        off = _mean_households(walk, graph, fitted) - rules.mean
        tried.append((abs(off), fitted))
        if abs(off) <= CLOSE_ENOUGH:
            break
        low, high = (target, high) if off < 0 else (low, target)
        target = (low + high) / 2
    return min(tried, key=lambda one: one[0])[1]


def _mean_households(walk: Walk, graph: HouseGraph, rules: BundlingRules) -> float:
    """Mean size of the cells; swaps would not change their number."""
    cell = connect_cells(walk, cut_walk(walk, graph, rules), graph, rules)
    return float(walk.households.sum() / (cell.max() + 1))
