"""What the invented city rests on: published facts, marked assumptions, set totals."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from kodala.core.definitions import Definition, read_definition
from microcells.domain.bundling_rules import BundlingRules

FOLDER = Path(__file__).parent / "facts"
BUNDLING = Path(__file__).parents[1] / "bundling.toml"


def city() -> Definition:
    """Give the set totals and constants of the invented city."""
    return read_definition(FOLDER / "city.toml")


def bundling_rules() -> BundlingRules:
    """Give the rules by which the invented houses become microcells."""
    return BundlingRules.from_table(read_definition(BUNDLING)["microcells"])


@lru_cache(maxsize=1)
def districts() -> pd.DataFrame:
    """Give the 28 districts, ascending by number.

    number, name, area_number; persons; density 0–1 (logarithmic between the set limits);
    debt_ratio (district rate / city rate); senior_share (60 and older / persons)
    """
    fact = pd.read_csv(FOLDER / "districts.csv").set_index("number")
    assumed = pd.read_csv(FOLDER / "assumptions.csv").set_index("number")
    low, high = np.log(city()["households_per_person"]["density_range"])
    persons = fact["persons"].fillna(assumed["persons"])
    per_km2 = persons / fact["area_km2"].fillna(assumed["area_km2"])
    return pd.DataFrame(
        {
            "name": fact["name"],
            "area_number": fact["area_number"],
            "persons": persons,
            "density": ((np.log(per_km2) - low) / (high - low)).clip(0, 1),
            "debt_ratio": (fact["debt_rate_2010"] / city()["city_rate_2010"]).fillna(
                assumed["relative_debt_rate"]
            ),
            "senior_share": assumed["senior_share"],
            "is_senior_share_published": fact["senior_share_band"].notna(),
        }
    ).reset_index()


def stream(name: str) -> np.random.Generator:
    """Open the random numbers of one purpose; the same name gives the same numbers.

    Separate streams, so that a change in one part of the city leaves the others alone.
    """
    return np.random.Generator(np.random.PCG64([city()["seed"], *name.encode()]))
