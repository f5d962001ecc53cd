"""The audit finds what the published numbers say of withheld ones, whoever withheld them."""

import numpy as np
import pytest

from kodala.publication.domain.audit import audit
from kodala.publication.domain.tables import Insider, make_table
from tests.domain.test_suppression import square


def hide(table, *keys):
    return np.array([key in keys for key in table.keys])


def test_a_single_gap_in_a_row_is_known_exactly():
    table = square([[3, 20], [20, 50]])

    found = audit(table, hide(table, (1, 1)))

    assert [(leak.key, leak.who, leak.low, leak.high) for leak in found.leaks] == [((1, 1), "", 3.0, 3.0)]


def test_a_rectangle_leaves_what_can_be_worked_out_by_hand():
    table = square([[3, 20], [20, 50]])

    found = audit(table, hide(table, (1, 1), (1, 2), (2, 1), (2, 2)))

    # The corner can fall to 0 and rise until a neighbour is 0.
    assert (found.low[4], found.high[4]) == pytest.approx((0, 23))
    assert found.leaks == ()
    assert found.smallest_width == pytest.approx(23)
    assert np.isnan(found.low[0])


def test_elimination_alone_would_miss_a_narrow_interval():
    # Nothing is determined, yet the 3 cannot rise: its neighbour in the column is 0 already.
    values = [[3, 20], [0, 50]]
    table = square(values, unsafe=hide(square(values), (1, 1)))

    found = audit(table, hide(table, (1, 1), (1, 2), (2, 1), (2, 2)))

    assert [(leak.key, leak.low, leak.high) for leak in found.leaks] == [((1, 1), 0, 3)]


def test_a_cell_without_limit_is_open_to_infinity():
    table = make_table(["total", "a", "b"], np.array([9.0, 4.0, 5.0]), [{0: -1.0, 1: 1.0, 2: 1.0}])

    found = audit(table, hide(table, "total", "a"))

    assert (found.low[1], found.high[1]) == (0, np.inf)


def test_whole_numbers_narrow_an_interval_that_fractions_leave_wide():
    # 2 a + 2 b + c = 7 with c at most 1.5: in whole numbers c = 1 and a is 3 at most, else 3.5.
    keys, value = ["total", "a", "b", "c"], np.array([7.0, 1.0, 2.0, 1.0])
    sums, hidden = [{0: -1.0, 1: 2.0, 2: 2.0, 3: 1.0}], np.array([False, True, True, True])
    room_up = np.array([np.inf, np.inf, np.inf, 0.5])

    free = audit(make_table(keys, value, sums, room_up=room_up), hidden)
    whole = audit(make_table(keys, value, sums, room_up=room_up, is_whole=np.ones(4, dtype=bool)), hidden)

    assert free.high[1] == pytest.approx(3.5)
    assert whole.high[1] == pytest.approx(3.0)


def test_an_insider_sees_more_and_is_named():
    table = square([[3, 20], [20, 50]], insiders=(Insider((8,), (8,), "the fifty"),))

    found = audit(table, hide(table, (1, 1), (1, 2), (2, 1), (2, 2)))

    assert [(leak.key, leak.who) for leak in found.leaks] == [((1, 1), "the fifty")]


def test_nobody_is_protected_from_what_is_their_own():
    table = square([[3, 20], [20, 50]], insiders=(Insider((8,), (4, 8), "both"),))

    assert audit(table, hide(table, (1, 1), (1, 2), (2, 1), (2, 2))).leaks == ()


def test_a_withheld_cell_that_everybody_knows_is_a_leak():
    room = np.array([np.inf, np.inf, 0.0])
    table = make_table(
        ["total", "a", "b"],
        np.array([9.0, 4.0, 5.0]),
        [{0: -1.0, 1: 1.0, 2: 1.0}],
        room_up=room,
        room_down=np.array([9.0, 4.0, 0.0]),
    )

    assert [leak.key for leak in audit(table, hide(table, "b")).leaks] == ["b"]


def test_a_number_that_two_versions_share_is_one_unknown():
    keys = [(version, key) for version in (1, 2) for key in ("total", "a", "b")]
    sums = [{0: -1.0, 1: 1.0, 2: 1.0}, {3: -1.0, 4: 1.0, 5: 1.0}, {1: -1.0, 4: 1.0}]
    value = np.array([9.0, 4.0, 5.0, 10.0, 4.0, 6.0])
    room_up = np.array([np.inf, np.inf, np.inf, np.inf, 2.0, np.inf])
    table = make_table(keys, value, sums, room_up=room_up)

    found = audit(table, hide(table, (1, "a"), (1, "b"), (2, "a"), (2, "b")))

    assert (found.low[1], found.high[1]) == (found.low[4], found.high[4]) == (0, 6)
    assert (found.low[2], found.high[2]) == (3, 9)
    assert (found.low[5], found.high[5]) == (4, 10)
    assert found.programmes == 6


def test_an_unsafe_cell_that_is_shown_is_known_exactly_and_a_leak():
    table = square([[3, 20, 30], [20, 50, 60], [30, 60, 90]])
    others = np.array([key in {(1, 2), (2, 1), (2, 2)} for key in table.keys])

    shown, hidden = audit(table, others), audit(table, others | table.unsafe)

    assert ((1, 1), "", 3, 3) in [(leak.key, leak.who, leak.low, leak.high) for leak in shown.leaks]
    assert len(shown.leaks) == 4  # what was withheld for it follows from it
    assert hidden.leaks == ()
