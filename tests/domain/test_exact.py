"""What workers hand to each other comes back with every bit."""

import math

import numpy as np
import pytest

from kodala.statistics.aggregation import sum_mean, sum_ratio, sum_total
from kodala.statistics.exact import read_numbers, read_sums, write_numbers, write_sums
from microcells.one_pass import cut_areas
from seniors.definitions import senior_rules
from seniors.domain.sums import NEEDED_COLUMNS, sum_area
from seniors.domain.written import read_seniors, write_seniors
from typology.definitions import typology_rules
from typology.domain.classification import NEEDED_COLUMNS as TYPE_COLUMNS
from typology.domain.classification import classify_area
from typology.domain.rates import sum_rates
from typology.domain.written import read_rates, read_types, write_rates, write_types

HARD_NUMBERS = [0.1, -0.0, 1e22, 5e-324, math.nan, math.inf, -1.7976931348623157e308, 1 / 3]


def drawn(columns, n_cells=200):
    rng = np.random.default_rng(5)
    cells = {name: rng.uniform(1, 60, n_cells) for name in columns}
    for values in list(cells.values())[1:]:
        values[rng.integers(0, n_cells, 9)] = np.nan
    return cells


def as_bits(numbers):
    return np.asarray(numbers, dtype=np.float64).view(np.uint64).tolist()


def test_numbers_that_json_would_change_come_back_bit_by_bit():
    assert as_bits(read_numbers(write_numbers(HARD_NUMBERS))) == as_bits(HARD_NUMBERS)


def test_text_that_is_no_numbers_is_refused():
    with pytest.raises(ValueError, match="buffer size"):
        read_numbers("00112233")


@pytest.mark.parametrize("sums_of", [sum_total, sum_ratio, sum_mean])
def test_sums_of_every_kind_come_back(sums_of):
    values, weights, households = drawn(["values", "weights", "households"]).values()
    households = np.nan_to_num(households)
    sums = sums_of(values, households) if sums_of is sum_total else sums_of(values, weights, households)

    assert read_sums(write_sums(sums)) == sums


def test_rates_and_types_of_an_area_come_back():
    cells = drawn(TYPE_COLUMNS)
    rates = sum_rates(cells)
    types = classify_area(cells, typology_rules(), 2025, "replica").sums

    again = read_types(write_types(types))

    assert read_rates(write_rates(rates)) == rates
    for name in ("n_cells", "households", "covered", "debtors"):
        assert getattr(again, name) == getattr(types, name)
    for name in ("counts", "disturbed", "covariance", "jacobian"):
        assert getattr(again, name).shape == getattr(types, name).shape
        assert as_bits(getattr(again, name)) == as_bits(getattr(types, name))


def test_seniors_of_an_area_come_back_and_only_with_their_own_age_groups():
    rules = senior_rules()
    sums = sum_area(drawn(NEEDED_COLUMNS), rules, rules.age_sets[0])

    assert read_seniors(write_seniors(sums), rules.age_sets[0]) == sums
    with pytest.raises(ValueError, match="not"):
        read_seniors(write_seniors(sums), rules.age_sets[1])


def test_areas_are_cut_into_stretches_of_similar_size_and_never_inside(monkeypatch):
    monkeypatch.setattr("microcells.one_pass.CELLS_PER_PIECE", 100)

    assert cut_areas([50] * 8) == ["0-2", "2-4", "4-6", "6-8"]
    assert cut_areas([10, 20, 5]) == ["0-3"]
    assert cut_areas([0, 0, 0]) == ["0-3"]
    assert cut_areas([0, 450, 0, 40]) == ["0-1", "1-2", "2-4"]


def test_every_area_is_in_exactly_one_piece_however_uneven_they_are(monkeypatch):
    monkeypatch.setattr("microcells.one_pass.CELLS_PER_PIECE", 1000)
    n_cells = np.random.default_rng(3).lognormal(6, 1.5, 300).astype(int).tolist()

    bounds = [tuple(map(int, name.split("-"))) for name in cut_areas(n_cells)]

    covered = [place for start, stop in bounds for place in range(start, stop)]
    sizes = [sum(n_cells[start:stop]) for start, stop in bounds]
    assert covered == list(range(300))
    assert max(sizes) < 2 * 1000 + max(n_cells)
