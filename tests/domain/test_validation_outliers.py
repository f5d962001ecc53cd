"""Values far from the others: a rule of the whole file, whatever its order and the size of its blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microcells.domain.outliers import OutlierSearch
from microcells.domain.rows import Rows
from tests.domain.delivery_files import SCHEMAS

SCHEMA = SCHEMAS["microcells"]
COLUMN = "purchasing_power_eur"


def search(values, *, block=10**6, lines=None, listed=10_000):
    """Outliers of one column, fed in blocks of so many rows."""
    limits = replace(SCHEMA.limits, outliers_listed=listed)
    found = OutlierSearch(replace(SCHEMA, limits=limits))
    lines = np.arange(len(values)) + 2 if lines is None else lines
    for start in range(0, len(values), block):
        part = slice(start, start + block)
        found.add(Rows(lines[part], {COLUMN: values[part]}))
    return {one.column: (one.lines.tolist(), one.count) for one in found.close()}.get(COLUMN, ([], 0))


def by_the_book(values):
    """Iglewicz and Hoaglin, written down plainly."""
    known = values[~np.isnan(values)]
    median = np.median(known)
    spread = np.median(np.abs(known - median))
    return (np.flatnonzero(0.6745 * np.abs(values - median) / spread > 6) + 2).tolist()


@pytest.fixture
def values():
    """Whole euros, a few far off on both sides, a few missing."""
    rng = np.random.default_rng(20402040)
    found = rng.normal(25_000, 2_000, 3_001).round()
    found[[5, 900, 2_500]] = [60_000, 5_000, 48_000]
    found[rng.integers(0, 3_001, 40)] = np.nan
    return found


def test_the_outliers_are_those_of_the_formula(values):
    lines, count = search(values)

    assert lines == by_the_book(values)
    assert count == len(lines) == 3


@pytest.mark.parametrize("block", [1, 37, 1000])
def test_the_size_of_blocks_is_without_effect(values, block):
    assert search(values, block=block) == search(values)


def test_the_order_of_rows_is_without_effect(values):
    order = np.random.default_rng(1).permutation(len(values))
    lines = np.arange(len(values)) + 2

    assert search(values[order], block=100, lines=lines[order]) == search(values)
    ascending = np.argsort(values)
    assert search(values[ascending], block=100, lines=lines[ascending], listed=5) == search(values, listed=5)


def test_the_most_extreme_are_listed_and_all_are_counted(values):
    rng = np.random.default_rng(3)
    far = np.concatenate([values, rng.uniform(100_000, 110_000, 50).round()])

    lines, count = search(far, block=64, listed=10)

    highest = np.argsort(-np.nan_to_num(far), kind="stable")[:10] + 2
    assert set(highest.tolist()) <= set(lines)
    assert (len(lines), count) == (11, len(by_the_book(far)))


def test_few_values_or_no_spread_have_no_outliers():
    assert search(np.array([20_000.0] * 28 + [90_000.0])) == ([], 0)
    assert search(np.array([20_000.0] * 60 + [90_000.0])) == ([], 0)


def test_values_out_of_bounds_are_errors_and_no_outliers(values):
    values[7] = 900_000.0

    assert 9 not in search(values)[0]


def test_of_equal_values_the_earlier_lines_are_listed(values):
    tied = np.concatenate([np.full(60, 90_000.0), values])
    lines = np.arange(len(tied)) + 2
    backwards = slice(None, None, -1)

    for found in (
        search(tied, block=7, listed=10),
        search(tied[backwards], block=7, lines=lines[backwards], listed=10),
    ):
        assert found[0][:10] == list(range(2, 12))
        assert found[1] == len(by_the_book(tied))
