"""What is noted of cells on their way: whether the cells of an area will lie together."""

from __future__ import annotations

import pyarrow as pa
import pytest

from microcells.copying import LONG_STRETCH, CopiedCells


def noted(*blocks):
    """What is noted of blocks of cells that come one after the other; a block: area of each cell."""
    copied = CopiedCells()
    for areas in blocks:
        copied.merge(CopiedCells.of(pa.table({"area_id": areas, "persons": [1.0] * len(areas)})))
    return copied


@pytest.mark.parametrize(
    ("blocks", "n_stretches", "is_by_area"),
    [
        ([[1]], 1, True),
        ([[1, 1, 2]], 2, True),
        ([[1, 2], [2, 3]], 3, True),
        ([[1, 2], [1, 2]], 4, False),
        ([[2, 1], [1, 1]], 2, False),
    ],
)
def test_stretches_are_counted_over_the_edges_of_blocks(blocks, n_stretches, is_by_area):
    copied = noted(*blocks)

    assert (copied.n_stretches, copied.is_by_area) == (n_stretches, is_by_area)
    assert copied.n_cells == sum(map(len, blocks))


def test_cells_lie_together_in_order_or_in_long_stretches():
    long = [1] * LONG_STRETCH + [2] * LONG_STRETCH

    assert noted([1, 2, 3]).lies_together
    assert noted(long, long).lies_together
    assert not noted(long, long, [1]).lies_together
    assert not noted([1, 2], [1, 2]).lies_together


def test_what_lies_in_the_database_comes_back_the_same():
    copied = noted([1, 2], [1, 2])

    assert CopiedCells.from_json(copied.as_json()) == copied
