"""Changes across years in which the method changed: the published example, chains, gaps."""

import pytest

from kodala.publication.definitions import breaks_of
from kodala.statistics.method_breaks import Break, breaks_between, chain, change_across, stretches

STORAGE = Break(2023, factor=8.15 / 8.51)
UNKNOWN = Break(2024)
GERMANY = {2021: 8.86, 2022: 8.48, 2023: 8.15}


def test_germany_2022_to_2023_is_minus_033_raw_and_plus_003_adjusted():
    change = change_across(GERMANY[2022], GERMANY[2023], [STORAGE])

    assert STORAGE.factor == pytest.approx(0.95770, abs=5e-6)
    assert (round(change.raw, 2), round(change.adjusted, 2)) == (-0.33, 0.03)
    assert change.crosses
    assert not change.is_broken


def test_an_older_year_after_a_newer_one_is_the_same_change_turned_round():
    change = change_across(GERMANY[2023], GERMANY[2022], [STORAGE], is_backwards=True)

    assert (round(change.raw, 2), round(change.adjusted, 2)) == (0.33, -0.03)
    assert change_across(8.0, 9.0, [UNKNOWN], is_backwards=True).is_broken


def test_persons_2024_are_94000_fewer_raw_and_19000_adjusted():
    change = change_across(5_650_000, 5_650_000 - 94_000, [Break(2024, effect=-75_000)])

    assert (change.raw, change.adjusted) == (-94_000, -19_000)


def test_without_a_value_of_both_methods_there_is_no_absolute_change():
    change = change_across(10.0, 12.0, [STORAGE, UNKNOWN])

    assert (change.raw, change.adjusted, change.is_broken) == (None, None, True)


def test_where_nothing_changed_raw_and_adjusted_are_the_same():
    change = change_across(8.09, 8.16, [])

    assert change.raw == change.adjusted == pytest.approx(0.07)
    assert not change.crosses


def test_a_value_of_the_year_of_the_break_belongs_to_the_new_method():
    assert breaks_between([STORAGE, UNKNOWN], 2022, 2023) == [STORAGE]
    assert breaks_between([STORAGE, UNKNOWN], 2023, 2023) == []
    assert breaks_between([STORAGE, UNKNOWN], 2023, 2025) == [UNKNOWN]


def test_a_chain_multiplies_the_years_before_and_stops_where_no_factor_is_known():
    chained = chain({2019: 10.0, 2022: 8.48, 2023: 8.15, 2025: 8.16}, [STORAGE, UNKNOWN])

    assert chained == pytest.approx({2019: 9.5770, 2022: 8.12127, 2023: 8.15, 2025: 8.16}, abs=1e-4)
    assert chain({2010: 10.0, 2022: 8.48, 2023: 8.15}, [Break(2012), STORAGE])[2010] == 10.0
    assert chain({}, [STORAGE]) == {}


def test_two_factors_are_multiplied():
    assert chain({2010: 8.0, 2020: 3.0}, [Break(2012, factor=0.5), Break(2015, factor=0.5)])[2010] == 2.0


def test_lines_stop_at_every_break():
    assert stretches([2019, 2021, 2023, 2025], [STORAGE, UNKNOWN]) == [[0, 1], [2], [3]]
    assert stretches([2019, 2021], []) == [[0, 1]]


def test_the_definition_bridges_the_rate_in_2023_and_persons_of_germany_in_2024():
    rate = {own.year: own.for_region("") for own in breaks_of("debt_rate")}
    persons = {own.year: own for own in breaks_of("debtors")}

    assert [year for year, own in rate.items() if own.is_bridged] == [2023]
    assert persons[2024].for_region("country").effect == -75_000
    assert not persons[2024].for_region("").is_bridged
    assert not any(own.for_region("").is_bridged for own in breaks_of("debt_rate_soft"))
