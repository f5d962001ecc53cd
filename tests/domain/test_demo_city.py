"""The invented city keeps the published sums, looks like a city, and is the same on every run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from microcells.demo.background import make_background
from microcells.demo.facts import bundling_rules, districts
from microcells.demo.files import write_deliveries, write_house_list, write_supplier_files
from microcells.demo.geography import area_shapes, district_shapes
from microcells.demo.population import SENIOR_COLUMNS, make_houses
from microcells.demo.values import FAMILIES, make_deliveries
from microcells.domain.bundling import bundle

PERSONS_IN_DEBT = {2019: 16_600, 2021: 14_400, 2023: 13_493, 2025: 13_246}
PUBLISHED_RATES_2010 = {22: 26.55, 4: 25.87, 10: 16.06, 9: 15.85, 25: 7.06, 26: 6.85, 11: 5.12}


@pytest.fixture(scope="module")
def houses():
    return make_houses()


@pytest.fixture(scope="module")
def ground(houses):
    return make_background(houses)


@pytest.fixture(scope="module")
def deliveries(ground):
    return make_deliveries(ground)


@pytest.fixture(scope="module")
def files(tmp_path_factory, deliveries):
    return write_deliveries(tmp_path_factory.mktemp("demo"), deliveries)


@pytest.fixture(scope="module")
def delivered(files):
    """The four files as a reader sees them, by year; -1 is missing."""
    tables = [pd.read_csv(path, sep=";", decimal=",", encoding="cp1252", na_values=["-1"]) for path in files]
    return dict(zip(PERSONS_IN_DEBT, tables, strict=True))


def debtors(table):
    return table["schuldner_hart"] + table["schuldner_weich"]


def weighted_moments(values, weight):
    present = np.isfinite(values)
    mean = np.average(values[present], weights=weight[present])
    return mean, np.sqrt(np.average((values[present] - mean) ** 2, weights=weight[present]))


def test_has_as_many_houses_households_and_people_as_published(houses):
    seniors = houses[list(SENIOR_COLUMNS)].sum()

    assert 25_500 <= len(houses) <= 26_500
    assert houses["households"].sum() == 77_000
    assert houses["persons"].sum() == pytest.approx(158_710, abs=0.5)
    assert houses["adults"].sum() == pytest.approx(126_300, abs=0.5)
    assert seniors.sum() == pytest.approx(43_500, abs=0.5)
    assert (seniors / seniors.sum()).tolist() == pytest.approx([0.45, 0.29, 0.26], abs=0.02)


def test_no_house_holds_more_adults_than_persons_or_fewer_than_households(houses):
    assert (houses["adults"] <= houses["persons"]).all()
    assert (houses["adults"] >= houses["households"]).all()
    assert (houses[list(SENIOR_COLUMNS)].sum(axis=1) <= houses["adults"]).all()


def test_published_shares_of_older_people_are_kept(houses):
    seniors = houses[list(SENIOR_COLUMNS)].sum(axis=1).groupby(houses["district_number"]).sum()
    share = seniors / houses.groupby("district_number")["persons"].sum()

    assert share[[6, 12, 25]].tolist() == pytest.approx([0.325] * 3, abs=0.001)
    assert share[11] > 0.35


def test_house_numbers_are_odd_on_the_left_and_even_on_the_right(houses):
    is_odd = houses["house_number"] % 2 == 1

    assert (houses["street_side"] == np.where(is_odd, "l", "r")).all()
    assert houses["house_key"].is_unique
    assert houses.groupby("street_key")["house_number"].apply(lambda column: column.is_unique).all()


def test_every_house_stands_in_its_district(houses):
    shapes = district_shapes()
    points = shapely.points(houses[["x", "y"]].to_numpy())

    inside = shapely.intersects(np.array([shapes[n] for n in houses["district_number"]]), points)

    assert inside.all()


def test_cells_are_as_small_as_the_contract_says(ground):
    households = ground.cells["households"]

    assert 12_500 <= len(households) <= 13_500
    assert 5.7 <= households.mean() <= 6.3
    assert households.min() == 4
    assert households.sum() == 77_000


def test_cells_are_those_that_bundling_the_house_list_gives(houses, ground):
    cell = bundle(houses, bundling_rules())

    assert np.bincount(cell, houses["households"]).tolist() == ground.cells["households"].tolist()
    assert np.bincount(cell, houses["adults"]) == pytest.approx(ground.adults)


def test_people_in_debt_add_up_to_the_city_in_every_file(delivered):
    for year, total in PERSONS_IN_DEBT.items():
        assert debtors(delivered[year]).sum() == pytest.approx(total, abs=0.5)
        assert delivered[year]["erwachsene"].sum() == pytest.approx(126_300, abs=0.5)


def test_districts_rank_as_published(delivered):
    table = delivered[2021]
    sums = table.assign(debtors=debtors(table)).groupby("bezirk_nr")[["debtors", "erwachsene"]].sum()
    rate = sums["debtors"] / sums["erwachsene"]

    rank = spearmanr(rate[list(PUBLISHED_RATES_2010)], list(PUBLISHED_RATES_2010.values()))

    assert rank.statistic >= 0.9


def test_neighbouring_cells_are_alike(delivered):
    table = delivered[2021]
    rate = (debtors(table) / table["erwachsene"]).to_numpy()
    _, neighbours = cKDTree(table[["x", "y"]]).query(table[["x", "y"]], 7)
    off = rate - rate.mean()

    moran = (off * off[neighbours[:, 1:]].mean(axis=1)).sum() / (off**2).sum()

    assert moran >= 0.25


@pytest.mark.parametrize(("before", "after"), [(2021, 2023), (2023, 2025)])
def test_reuschenberg_rises_clearly_against_the_city(delivered, before, after):
    counts, rates = [], []
    for year in (before, after):
        table = delivered[year]
        here = table["gebiet_nr"] == 12
        counts.append(debtors(table)[here].sum())
        rates.append(counts[-1] / table["erwachsene"][here].sum() / (PERSONS_IN_DEBT[year] / 126_300))

    change = np.log(rates[1] / rates[0])
    noise = np.sqrt(1 / counts[0] + 1 / counts[1] - 2 * 0.7 / np.sqrt(counts[0] * counts[1]))

    assert change / noise > 4


def test_typology_features_meet_the_frozen_constants(delivered):
    table = delivered[2021]
    weight = debtors(table)
    share = table.filter(like="grund_").rename(columns=lambda name: name.removeprefix("grund_"))
    groups = [
        share["krank"] + share["trennung"],
        share["arbeitslos"] + share["niedrig"],
        share["haushalt"],
        share["selbst"] + share["sonst"],
    ]
    logs = np.log(np.column_stack(groups))
    clr = logs - logs.mean(axis=1, keepdims=True)
    features = {
        (0.338, 0.173): np.log(table["schuldner_hart"] / table["schuldner_weich"]),
        (1.194, 0.113): np.log(table["glaeubiger_je"]),
        (0.152, 0.258): np.log(table["schulden_mittel_eur"] / table["kaufkraft_eur_ew"]),
        (1.838, 0.204): np.log(table["dauer_jahre"]),
        (0.204, 0.084): clr[:, 0],
        (0.282, 0.192): clr[:, 1],
        (-0.595, 0.162): clr[:, 2],
        (0.108, 0.097): clr[:, 3],
        (-0.020, 0.114): np.log(table["kaufkraft_eur_ew"] / 25_000),
        (49.963, 1.868): table["alter_mittel_erw"],
    }

    for (mean, spread), values in features.items():
        found_mean, found_spread = weighted_moments(np.asarray(values), weight)
        assert found_mean == pytest.approx(mean, abs=0.003)
        assert found_spread == pytest.approx(spread, abs=0.004)


def test_files_follow_the_rules_of_the_extract(delivered):
    for year, table in delivered.items():
        reasons = table.filter(like="grund_").sum(axis=1, skipna=False).dropna()
        payment = table.filter(regex="zi_").sum(axis=1, skipna=False).dropna()
        percent = (
            table[["alq", "bildung_niedrig", "bildung_hoch", "hh_single", "hh_familie"]].stack().dropna()
        )
        assert table.shape[1] == 46
        assert set(table["stichtag"]) == {f"01.10.{year}"}
        assert table["mz_id"].tolist() == [f"DEMO-{n:06d}" for n in range(1, len(table) + 1)]
        assert reasons.round(6).eq(100).all()
        assert payment.round(6).eq(100).all()
        assert percent.between(0, 100).all()
        assert (table["bildung_niedrig"] + table["bildung_hoch"]).dropna().le(100.5).all()
        assert (debtors(table) <= table["erwachsene"]).all()
        assert table[["sen_60_69", "sen_70_79", "sen_80plus"]].sum(axis=1).le(table["erwachsene"]).all()


def test_two_percent_of_each_family_are_missing_as_a_whole(deliveries):
    table = deliveries[date(2021, 10, 1)]
    for names in FAMILIES.values():
        is_missing = table[list(names)].isna()
        assert (is_missing.all(axis=1) == is_missing.any(axis=1)).all()
        assert is_missing.iloc[:, 0].mean() == pytest.approx(0.02, abs=0.005)
    assert table[["persons", "adults", "debtors_hard", "debtors_soft"]].notna().all(axis=None)


def test_files_look_as_a_supplier_sends_them(files):
    raw = files[0].read_bytes()
    second = raw.decode("cp1252").split("\r\n")[1].split(";")

    assert [path.name for path in files] == [f"microm_demo_{year}-10-01.csv" for year in PERSONS_IN_DEBT]
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert "ä".encode("cp1252") in raw
    assert second[:2] == ["DEMO-000001", "01.10.2019"]
    assert "," in second[4]


def test_the_same_seed_gives_the_same_bytes(tmp_path, files):
    again = write_supplier_files(tmp_path)

    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files]


def test_the_house_list_can_be_read_back(tmp_path, houses):
    path = write_house_list(tmp_path / "hausliste.csv")

    table = pd.read_csv(path, sep=";", decimal=",", encoding="cp1252")

    assert table["haus_id"].tolist() == houses["house_key"].tolist()
    assert table["haushalte"].sum() == 77_000
    assert table["erwachsene"].tolist() == pytest.approx(houses["adults"].tolist())


def test_cells_lie_in_their_area(ground):
    areas = area_shapes().set_index("nummer")["shape"]
    points = shapely.points(ground.places)

    away = shapely.distance(areas[ground.cells["area_number"]].to_numpy(), points)

    assert away.max() < 50


def test_every_district_holds_its_published_inhabitants(houses):
    persons = houses.groupby("district_number")["persons"].sum()

    assert persons.tolist() == pytest.approx(districts()["persons"].tolist(), abs=0.5)
