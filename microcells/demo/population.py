"""The people of the invented city: houses with households, persons, adults and seniors."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from microcells.demo.facts import city, districts, stream
from microcells.demo.geography import district_shapes
from microcells.demo.solving import largest_remainder, logistic, smooth_field, solve_level, sum_by_group
from microcells.demo.streets import place_houses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALL_MEAN, LARGE_MEAN = 1.18, 5.5  # households of a small and a large house
SENIOR_COLUMNS = ("seniors_60_69", "seniors_70_79", "seniors_80plus")
MOST_SENIORS = 0.92  # of the adults of a house
DECIMALS = 3  # of all counts of persons


def make_houses() -> pd.DataFrame:
    """Build the house list of the invented city, one row per address entrance.

    house_key, street_key, street_section, house_number, street_side, x, y (EPSG:25832), district_number,
    area_number, households, persons, adults, seniors_60_69, seniors_70_79, seniors_80plus
    """
    table = districts()
    households = _households_by_district(table)
    n_houses = _houses_by_district(table, households)
    shapes = district_shapes()
    parts = [
        place_houses(number, shapes[number], density, count)
        for number, density, count in zip(table["number"], table["density"], n_houses.tolist(), strict=True)
    ]
    houses = pd.concat(parts, ignore_index=True)
    houses["area_number"] = houses["district_number"].map(table.set_index("number")["area_number"])
    houses = _name_streets(houses)
    houses["households"] = _house_sizes(houses, households)
    return _add_people(houses, table)


def ageing(places: Floats) -> Floats:
    """Read the surface of ageing (mean 0, variance 1): where older people live."""
    return smooth_field(places, 450.0, stream("ageing"))


def _households_by_district(table: pd.DataFrame) -> Ints:
    """Share out the households of the city by inhabitants and household size."""
    rules = city()["households_per_person"]
    size = rules["per_household"][0] + rules["per_household"][1] * table["density"]
    for number, exception in rules["exceptions"].items():
        size = size.mask(table["number"] == int(number), exception)
    return largest_remainder((table["persons"] / size).to_numpy(), city()["totals"]["households"])


def _houses_by_district(table: pd.DataFrame, households: Ints) -> Ints:
    """Share out the houses: the denser a district, the more households stand under one roof."""
    target = np.array([float(city()["totals"]["houses"])])
    density = table["density"].to_numpy(np.float64)

    def mean_size(level: Floats) -> Floats:
        return np.asarray(SMALL_MEAN + (LARGE_MEAN - SMALL_MEAN) * logistic(level + 3 * density))

    level = solve_level(lambda level: -np.array([(households / mean_size(level)).sum()]), -target)
    return np.maximum(largest_remainder(households / mean_size(level), int(target[0])), 1)


def _house_sizes(houses: pd.DataFrame, households: Ints) -> Ints:
    """Draw the households of each house so that districts add up and blocks of flats stand together."""
    rng = stream("house sizes")
    score = smooth_field(houses[["x", "y"]].to_numpy(np.float64), 300.0, stream("blocks"))
    street = pd.factorize(houses["street_key"])[0]
    score = (
        score + 0.5 * rng.standard_normal(street.max() + 1)[street] + 0.3 * rng.standard_normal(len(houses))
    )
    sizes = np.empty(len(houses), dtype=np.int64)
    district = houses["district_number"].to_numpy()
    for number, total in zip(districts()["number"].tolist(), households.tolist(), strict=True):
        here = np.flatnonzero(district == number)
        drawn = np.sort(_draw_sizes(len(here), total, rng))
        sizes[here[np.argsort(score[here], kind="stable")]] = drawn
    return sizes


def _draw_sizes(n_houses: int, total: int, rng: np.random.Generator) -> Ints:
    """Draw small (1–2) and large (3 and more) houses that add up to `total` households."""
    rules = city()["houses"]
    share_large = np.clip((total / n_houses - SMALL_MEAN) / (LARGE_MEAN - SMALL_MEAN), 0, 1)
    is_large = np.arange(n_houses) < round(share_large * n_houses)
    small = 1 + (rng.random(n_houses) < rules["two_households_share"])
    large = np.minimum(3 + rng.poisson(rules["large_extra_mean"], n_houses), rules["largest"])
    sizes: Ints = np.where(is_large, large, small).astype(np.int64)
    lowest, highest = np.where(is_large, 3, 1), np.where(is_large, rules["largest"], 2)
    while (missing := total - int(sizes.sum())) != 0:
        step = 1 if missing > 0 else -1
        movable = np.flatnonzero((sizes < highest) if step > 0 else (sizes > lowest))
        if len(movable) == 0:
            raise ValueError(f"{total} households do not fit into {n_houses} houses")
        sizes[rng.permutation(movable)[: abs(missing)]] += step
    return sizes


def _name_streets(houses: pd.DataFrame) -> pd.DataFrame:
    """Give each section of a street an invented name and each house its keys."""
    words = city()["names"]
    names = [first + last for first in words["first"] for last in words["last"]]
    shuffled = stream("names").permutation(len(names))
    section = houses.groupby(["district_number", "section"], sort=False).ngroup().to_numpy()
    turn = section // len(names)
    label = [
        names[shuffled[place % len(names)]] + (f" {again + 1}" if again else "")
        for place, again in zip(section.tolist(), turn.tolist(), strict=True)
    ]
    street = [f"S{number:04d}" for number in section.tolist()]
    house = [f"DEMO-H{number:05d}" for number in range(1, len(houses) + 1)]
    named = houses.assign(street_section=label, street_key=street, house_key=house, house_suffix="")
    return named.drop(columns="section")


def _add_people(houses: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Fill the houses with persons, adults and seniors that add up per district and city."""
    rng = stream("people")
    group = np.searchsorted(table["number"], houses["district_number"])
    old = ageing(houses[["x", "y"]].to_numpy(np.float64))
    households = houses["households"].to_numpy(np.float64)
    family_bonus = np.where(households <= 2, 0.22, -0.06)
    crowd = np.exp(family_bonus - 0.08 * old + 0.12 * rng.standard_normal(len(houses)))
    persons = _meet(
        households * crowd, 1.3 * households, 6.0 * households, group, table["persons"].to_numpy()
    )
    adult_share = logistic(1.35 + 0.30 * old + 0.15 * rng.standard_normal(len(houses)))
    adults = _meet_city(persons * adult_share, households * 1.02, persons * 0.985, city()["totals"]["adults"])
    seniors = _seniors(persons, MOST_SENIORS * adults, old, group, table)
    split = np.log(city()["totals"]["age_split"]) + np.outer(old, [-0.15, 0.0, 0.20])
    split = np.exp(split + 0.15 * rng.standard_normal(split.shape))
    split /= split.sum(axis=1, keepdims=True)
    columns = dict(zip(SENIOR_COLUMNS, (seniors[:, None] * split).round(DECIMALS).T, strict=True))
    return houses.assign(persons=persons.round(DECIMALS), adults=adults.round(DECIMALS), **columns)


def _meet(wish: Floats, low: Floats, high: Floats, group: Ints, target: Floats) -> Floats:
    """Scale wishes group by group, inside their limits, until each group meets its total."""

    def inside(level: Floats) -> Floats:
        return np.asarray(np.clip(wish * np.exp(level[group]), low, high))

    return inside(solve_level(lambda level: sum_by_group(group, inside(level), len(target)), target))


def _meet_city(wish: Floats, low: Floats, high: Floats, target: float) -> Floats:
    """Scale wishes, inside their limits, until the city meets its total."""
    return _meet(wish, low, high, np.zeros(len(wish), dtype=np.int64), np.array([float(target)]))


def _seniors(persons: Floats, most: Floats, old: Floats, group: Ints, table: pd.DataFrame) -> Floats:
    """Share out people of 60 and more: published districts keep their share, the others meet the city."""
    noise = 0.25 * stream("seniors").standard_normal(len(persons))
    wish = table["persons"].to_numpy() * table["senior_share"].to_numpy()
    is_set = table["is_senior_share_published"].to_numpy()
    wish[~is_set] *= (city()["totals"]["seniors"] - wish[is_set].sum()) / wish[~is_set].sum()

    def inside(level: Floats) -> Floats:
        share = logistic(level[group] + 0.55 * old + noise)
        return np.asarray(np.minimum(persons * share, most), dtype=np.float64)

    return inside(solve_level(lambda level: sum_by_group(group, inside(level), len(wish)), wish))
