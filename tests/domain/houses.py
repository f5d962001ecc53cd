"""Small house lists for the tests of bundling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
REAL_HOUSES = ROOT.parent / "shared/data/neuss/neuss_hausliste_zensus2011.csv"


def row_of_houses(households, x, street=None, area=1, **more):
    """Houses along a line, all on the odd side, in the order given."""
    n = len(households)
    return pd.DataFrame(
        {
            "house_key": [f"H{place:03d}" for place in range(n)],
            "street_key": street if street is not None else ["S"] * n,
            "house_number": 2 * np.arange(n) + 1,
            "x": np.asarray(x, dtype=float),
            "y": np.zeros(n),
            "area_number": area,
            "households": households,
            **more,
        }
    )


def random_street(seed, n, n_streets=3):
    """Houses along a line, never more than 59 m from one to the next."""
    rng = np.random.default_rng(seed)
    households = rng.choice([1, 1, 1, 2, 3, 5], n)
    x = np.cumsum(rng.integers(5, 60, n)).astype(float)
    return row_of_houses(households, x, street=np.sort(rng.integers(0, n_streets, n)))


def random_village(seed, n, side_m=400, n_streets=6, n_areas=1):
    """Houses strewn over a square, many of them out of reach of each other along their street."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, side_m * 10, (n, 2)) / 10
    houses = row_of_houses(
        rng.choice([1, 1, 1, 2, 3, 5], n), places[:, 0], street=rng.integers(0, n_streets, n)
    )
    return houses.assign(y=places[:, 1], area_number=1 + np.arange(n) * n_areas // n)


def real_city():
    """The census house list of the real city as one area."""
    names = {
        "haus_id": "house_key",
        "strasse_id": "street_key",
        "hausnr": "house_number",
        "haushalte": "households",
    }
    houses = pd.read_csv(REAL_HOUSES, sep=";", decimal=",", encoding="cp1252").rename(columns=names)
    return houses.assign(area_number=1)
