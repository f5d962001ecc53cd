"""Swaps at the borders of cells: by hand, against a slow and obvious reference, and what must hold always."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microcells.domain.bundling import bundle
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.certificate import total_cost
from microcells.domain.neighbours import connect_houses
from microcells.domain.ordering import walk_through
from microcells.domain.partition import cut_walk
from microcells.domain.repair import connect_cells
from microcells.domain.swaps import swap_houses
from tests.domain.houses import random_village, row_of_houses

RULES = BundlingRules()


def cost_of(walk, members, rules):
    """Price one cell straight from the formula of methods §1."""
    h, x, y = (values[members] for values in (walk.households, walk.x, walk.y))
    centre = (h * x).sum() / h.sum(), (h * y).sum() / h.sum()
    size = rules.weight_size * (h.sum() - rules.target) ** 2 if len(members) > 1 else 0.0
    place = (h * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2)).sum() / rules.scale_m2
    return (
        size
        + rules.weight_place * place
        + rules.weight_street * (len(set(walk.street[members].tolist())) > 1)
    )


class SlowSwaps:
    """The rule of `swap_houses` with lists and loops."""

    def __init__(self, walk, cell, graph, rules):
        self.walk, self.rules = walk, rules
        self.members = [np.flatnonzero(cell == number).tolist() for number in range(cell.max() + 1)]
        pairs = zip(graph.first.tolist(), graph.second.tolist(), strict=True)
        self.near = {frozenset(pair) for pair in pairs}

    def is_allowed(self, members, before):
        h = int(self.walk.households[members].sum())
        if len(members) > len(before):
            fits = len(members) <= self.rules.max_houses and h <= self.rules.max_households
        elif len(members) == len(before) > 1:
            fits = h <= max(self.rules.max_households, int(self.walk.households[before].sum()))
        else:
            fits = True
        return h >= self.rules.minimum and fits and self.is_connected(members)

    def is_connected(self, members):
        reached, edge = {members[0]}, [members[0]]
        while edge:
            here = edge.pop()
            new = {other for other in members if frozenset((here, other)) in self.near} - reached
            reached |= new
            edge += new
        return len(reached) == len(members)

    def changes(self, a, b):
        for house in self.members[a]:
            yield house, None
            if a < b:
                for partner in self.members[b]:
                    yield house, partner

    def first_gain(self, a, b):
        left, taken = self.members[a], self.members[b]
        before = sum(cost_of(self.walk, own, self.rules) for own in (left, taken))
        for house, partner in self.changes(a, b):
            new_left = sorted({*left} - {house} | ({partner} if partner is not None else set()))
            new_taken = sorted({*taken} - {partner} | {house})
            if not new_left or not self.is_allowed(new_left, left) or not self.is_allowed(new_taken, taken):
                continue
            after = sum(cost_of(self.walk, own, self.rules) for own in (new_left, new_taken))
            if after < before - 1e-9 * self.rules.unit:
                return new_left, new_taken
        return None

    def scan(self, unseen):
        owner = {house: number for number, own in enumerate(self.members) for house in own}
        touching = {tuple(owner[house] for house in pair) for pair in self.near}
        pairs = sorted({(a, b) for a, b in touching if a != b} | {(b, a) for a, b in touching if a != b})
        gains = {pair: self.first_gain(*pair) for pair in pairs if unseen & {*pair}}
        changed = set()
        while ready := [pair for pair in pairs if gains.get(pair)]:
            first, taken = {}, set()
            for pair in ready:
                if not taken & {*pair}:
                    first[pair] = gains[pair]
                taken |= {*pair}
            made_at = {cell: pair for pair in first for cell in pair}
            for (a, b), (left, right) in first.items():
                self.members[a], self.members[b] = left, right
            changed |= {*made_at}
            for pair in pairs:
                events = [made_at[cell] for cell in pair if cell in made_at]
                if events:
                    gains[pair] = self.first_gain(*pair) if pair >= min(events) else None
        return changed

    def run(self):
        unseen = {*range(len(self.members))}
        for _ in range(self.rules.swap_passes):
            unseen = self.scan(unseen)
        cell = np.empty(len(self.walk), dtype=np.int64)
        for number, own in enumerate(self.members):
            cell[own] = number
        return cell


def before_swaps(houses, rules):
    walk, _ = walk_through(houses)
    graph = connect_houses(walk, rules.near_m, rules.minimum)
    return walk, graph, connect_cells(walk, cut_walk(walk, graph, rules), graph, rules)


def test_a_house_moves_to_the_cell_that_lies_around_it():
    # Three houses in a row at the left, four at the right; the walk cuts after the fourth.
    houses = row_of_houses([2, 2, 2, 2, 2, 2, 2], [0, 5, 10, 50, 55, 60, 58])
    walk, _ = walk_through(houses)
    graph = connect_houses(walk, 60, 4)

    cell = swap_houses(walk, np.array([0, 0, 0, 0, 1, 1, 1]), graph, replace(RULES, target=7))

    assert cell.tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_two_houses_change_places_where_neither_could_just_move():
    houses = row_of_houses([2, 2, 2, 2], [0, 50, 1, 51])
    walk, _ = walk_through(houses)
    graph = connect_houses(walk, 60, 4)

    cell = swap_houses(walk, np.array([0, 0, 1, 1]), graph, RULES)

    assert cell.tolist() in ([0, 1, 0, 1], [1, 0, 1, 0])


def test_a_house_that_holds_its_cell_together_stays():
    # Without the middle house the outer ones would be 80 m apart.
    houses = row_of_houses([2, 1, 2, 4], [0, 40, 80, 41])
    walk, _ = walk_through(houses)
    graph = connect_houses(walk, 60, 4)

    cell = swap_houses(walk, np.array([0, 0, 0, 1]), graph, replace(RULES, weight_place=5.0))

    assert cell.tolist() == [0, 0, 0, 1]


def test_a_fixed_cell_neither_gives_nor_takes():
    houses = row_of_houses([2, 2, 2, 2], [0, 50, 1, 51])
    walk, _ = walk_through(houses)
    graph = connect_houses(walk, 60, 4)

    cell = swap_houses(walk, np.array([0, 0, 1, 1]), graph, RULES, fixed=np.array([True, False]))

    assert cell.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("seed", range(10))
def test_swaps_as_the_slow_reference_does(seed):
    rules = replace(RULES, max_houses=6, max_households=12) if seed % 2 else RULES
    walk, graph, cell = before_swaps(random_village(seed, 60, side_m=250, n_areas=1 + seed % 3), rules)

    swapped = swap_houses(walk, cell, graph, rules)

    assert swapped.tolist() == SlowSwaps(walk, cell, graph, rules).run().tolist()
    assert swapped.tolist() != cell.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_swaps_lower_the_cost_and_keep_number_size_and_limits(seed):
    houses = random_village(seed, 400, side_m=600)
    without, with_swaps = (bundle(houses, replace(RULES, swap_passes=n)) for n in (0, 3))

    size = np.bincount(with_swaps, houses["households"])

    assert total_cost(houses, with_swaps, RULES) < 0.85 * total_cost(houses, without, RULES)
    assert with_swaps.max() == without.max()
    assert size.min() >= 4
    assert size.sum() == houses["households"].sum()


def test_after_many_passes_no_single_change_would_help():
    walk, graph, cell = before_swaps(random_village(5, 80, side_m=250), RULES)
    rules = replace(RULES, swap_passes=50)

    settled = SlowSwaps(walk, swap_houses(walk, cell, graph, rules), graph, rules)

    n = range(len(settled.members))
    owner = {house: number for number in n for house in settled.members[number]}
    touching = {tuple(owner[house] for house in pair) for pair in settled.near}
    assert [pair for pair in touching if pair[0] != pair[1] and settled.first_gain(*pair)] == []
