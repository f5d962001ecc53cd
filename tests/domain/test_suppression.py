"""The cheapest safe pattern: by hand, against every cheaper choice, and what happens at the edges."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from kodala.publication.domain.audit import audit
from kodala.publication.domain.demands import Demand
from kodala.publication.domain.patching import touch
from kodala.publication.domain.suppression import Effort, UnprotectableError, suppress
from kodala.publication.domain.tables import OUTSIDER, Insider, make_table, pair_up

COUNT_MIN = 5


def square(values, **given):
    """A table of rows and columns with margins; keys (row, column), 0 = total."""
    inner = np.asarray(values, dtype=float)
    full = np.zeros(np.add(inner.shape, 1))
    full[1:, 1:] = inner
    full[0], full[:, 0] = full.sum(axis=0), full.sum(axis=1)
    full[0, 0] = inner.sum()
    place = np.arange(full.size).reshape(full.shape)
    lines = [*place, *place.T]
    sums = [{int(line[0]): -1.0, **dict.fromkeys(line[1:].tolist(), 1.0)} for line in lines]
    keys = [(row, column) for row in range(full.shape[0]) for column in range(full.shape[1])]
    value = full.ravel()
    unsafe = given.pop("unsafe", (value > 0) & (value < COUNT_MIN))
    needs = {
        "need_down": np.where(unsafe, np.minimum(value, COUNT_MIN), 0.0),
        "need_up": np.where(unsafe, float(COUNT_MIN), 0.0),
    }
    return make_table(keys, value, sums, **{"unsafe": unsafe, **needs, **given})


def named(table, hidden):
    return {key for key, is_hidden in zip(table.keys, hidden, strict=True) if is_hidden}


def test_one_small_cell_takes_the_cheapest_rectangle_with_it():
    table = square([[3, 20, 30], [20, 50, 60], [30, 60, 90]])

    pattern = suppress(table)

    # The other corners of a rectangle: 20 + 20 + 50; with margins it would be 53 + 53 + 363.
    assert named(table, pattern.hidden) == {(1, 1), (1, 2), (2, 1), (2, 2)}
    assert pattern.cost == 90
    assert pattern.is_proved


def test_nothing_unsafe_withholds_nothing():
    pattern = suppress(square([[10, 20], [30, 40]]))

    assert not pattern.hidden.any()
    assert pattern.cost == 0


def test_two_small_cells_protect_each_other_only_if_they_can_move_far_enough():
    # The two add up to 5 beside the total: neither can rise by 5 unless the third is withheld too.
    unsafe = np.array([False, True, True, False])
    table = make_table(
        ["total", "two", "three", "forty"],
        np.array([45.0, 2.0, 3.0, 40.0]),
        [{0: -1.0, 1: 1.0, 2: 1.0, 3: 1.0}],
        unsafe=unsafe,
        need_down=np.array([0.0, 2.0, 3.0, 0.0]),
        need_up=np.where(unsafe, 5.0, 0.0),
    )

    assert named(table, suppress(table).hidden) == {"two", "three", "forty"}


def safe_by_hand(table, hidden):
    """Whether both ends of every unsafe cell are far enough, by linear programmes of its own."""
    low = np.where(hidden, -np.minimum(table.room_down, 1e6), 0.0)
    high = np.where(hidden, np.minimum(table.room_up, 1e6), 0.0)
    for cell in np.flatnonzero(table.unsafe):
        for sign, need in ((-1, table.need_up[cell]), (1, table.need_down[cell])):
            aim = np.zeros(len(table))
            aim[cell] = sign
            found = linprog(
                aim,
                A_eq=table.equations.toarray(),
                b_eq=np.zeros(table.equations.shape[0]),
                bounds=np.column_stack([low, high]),
            )
            if -found.fun < need - 1e-6:
                return False
    return True


@pytest.mark.parametrize("seed", range(6))
def test_no_cheaper_choice_is_safe(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 26, (2, 3))
    values[0, 0] = 3
    table = square(values, need_width=np.zeros(12))

    pattern = suppress(table)

    assert safe_by_hand(table, pattern.hidden)
    others = np.flatnonzero(~table.unsafe)
    for size in range(len(others) + 1):
        for chosen in combinations(others, size):
            if table.weight[list(chosen)].sum() < pattern.cost - 1e-9:
                hidden = table.unsafe.copy()
                hidden[list(chosen)] = True
                assert not safe_by_hand(table, hidden), f"{chosen} is cheaper than {pattern.cost}"


def test_prices_by_count_withhold_as_few_cells_as_possible():
    dear = [[3, 20, 30], [200, 50, 60], [30, 60, 90]]

    assert suppress(square(dear, weight=np.ones(16))).cost == 3
    assert suppress(square(dear)).cost == 20 + 30 + 60


def test_a_single_contributor_needs_more_than_an_outsider():
    table = square([[3, 20, 30], [20, 50, 60], [30, 60, 90]])
    corner = table.keys.index((1, 2))
    insider = Insider((corner,), (corner,), "the one in (1, 2)")
    guarded = square([[3, 20, 30], [20, 50, 60], [30, 60, 90]], insiders=(insider,))

    alone, with_insider = suppress(table), suppress(guarded)

    assert with_insider.cost > alone.cost
    assert [leak.who for leak in audit(guarded, alone.hidden).leaks] == ["the one in (1, 2)"] * 1
    assert audit(guarded, with_insider.hidden).leaks == ()


def test_two_who_talk_to_each_other_are_an_attacker_of_their_own():
    one, two = Insider((1,), (1, 0), "a"), Insider((2,), (2, 0), "b")

    assert pair_up([one, two])[2] == Insider((1, 2), (1, 0, 2, 0), "a + b")


def test_a_number_that_is_not_published_needs_no_price_and_is_protected_too():
    # Total and part are shown; what is left over is 3 and nobody publishes it.
    keys, value = ["total", "part", "rest"], np.array([40.0, 37.0, 3.0])
    is_public, unsafe = np.array([True, True, False]), np.array([False, False, True])
    need = np.where(unsafe, 3.0, 0.0)
    table = make_table(
        keys,
        value,
        [{0: -1.0, 1: 1.0, 2: 1.0}],
        is_public=is_public,
        unsafe=unsafe,
        need_down=need,
        need_up=need,
    )

    pattern = suppress(table)

    assert named(table, pattern.hidden) == {"part"}
    assert pattern.cost == 37


def test_what_must_stay_visible_can_make_protection_impossible():
    table = square([[3, 20], [20, 50]], may_hide=np.zeros(9, dtype=bool))

    with pytest.raises(UnprotectableError, match=r"1 cells cannot be protected, the first is \(1, 1\)"):
        suppress(table)


def test_a_cell_withheld_for_another_is_no_riddle_that_solves_itself():
    table = square([[3, 20, 30], [20, 50, 60], [30, 60, 90]], need_width=np.full(16, 8.0))

    found = audit(table, suppress(table).hidden)

    assert found.leaks == ()
    assert found.smallest_width >= 8


@pytest.mark.parametrize("effort", [Effort(rounds=0), Effort(cells=55)], ids=["no time", "too large"])
def test_without_a_proof_the_choice_is_still_safe(effort):
    rng = np.random.default_rng(2)
    table = square(rng.integers(1, 40, (6, 7)))

    hasty = suppress(table, effort)
    best = suppress(table)
    assert len(table) == 56

    assert audit(table, hasty.hidden).leaks == ()
    assert hasty.bound <= best.cost <= hasty.cost
    assert best.is_proved
    assert not hasty.is_proved


def test_the_search_tells_every_safe_price_and_what_it_cannot_fall_below():
    rng = np.random.default_rng(2)
    table, told = square(rng.integers(1, 40, (6, 7))), []

    pattern = suppress(table, Effort(rounds=3), lambda *step: told.append(step))

    assert len(told) >= 1
    assert all(bound <= cost for _, cost, bound in told)
    assert told[-1][1] >= pattern.cost


def test_a_single_demand_is_met_by_the_cheapest_rectangle():
    table = square([[3, 20, 30], [20, 50, 60], [30, 60, 90]])
    demand = Demand(table.keys.index((1, 1)), 1, 5.0)

    touched = touch(table, table.weight, table.unsafe, demand, OUTSIDER)

    assert named(table, touched) == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_tables_without_a_common_equation_are_solved_alone():
    one = square([[3, 20], [20, 50]])
    both = make_table(
        [*(("a", key) for key in one.keys), *(("b", key) for key in one.keys)],
        np.tile(one.value, 2),
        [
            {int(cell) + shift: sign for cell, sign in zip(row.indices, row.data, strict=True)}
            for shift in (0, 9)
            for row in (one.equations[[line]] for line in range(one.equations.shape[0]))
        ],
        **{name: np.tile(getattr(one, name), 2) for name in ("unsafe", "need_down", "need_up")},
    )

    assert suppress(both).hidden.tolist() == np.tile(suppress(one).hidden, 2).tolist()


def test_the_same_table_gives_the_same_pattern():
    rng = np.random.default_rng(5)
    values = rng.integers(1, 60, (9, 9))

    patterns = {suppress(square(values)).hidden.tobytes() for _ in range(3)}

    assert len(patterns) == 1


def test_a_sum_that_does_not_hold_is_refused():
    with pytest.raises(ValueError, match="the sum of total, part … is off by 1"):
        make_table(["total", "part"], np.array([10.0, 9.0]), [{0: -1.0, 1: 1.0}])


def test_a_key_that_occurs_twice_is_refused():
    with pytest.raises(ValueError, match="a key occurs twice"):
        make_table(["one", "one"], np.array([1.0, 1.0]), [])
