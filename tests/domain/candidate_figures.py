"""Candidate figures of small invented places, and what disclosure control makes of them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from kodala.publication.domain.figure_table import Content, Protection, Relation
from kodala.publication.domain.protection import Definitions, Guarded, protect
from kodala.publication.domain.rules import Rules

DAY = dt.date(2024, 12, 31)
RULES = Rules(
    area_persons_min=300,
    count_min=5,
    base_min=30,
    small_unit_households=100,
    share_low=0.2,
    share_high=0.8,
    alike_fall=2,
)
# Rate and count of debtors give away the same number, which is the sum of hard and soft.
CONTENT = Content(
    reveals={"rate": ("debtors",)},
    relations=(Relation("debtors", ("hard", "soft"), leaves_rest=False),),
)
OPEN = ("value", "zero", "unreliable")


def definitions(content: Content = CONTENT, **protection: object) -> Definitions:
    """What is signed; any part of the protection may be given."""
    usual = {"interval": 5.0, "insiders": 1, "by_people": True, "city_weight": 10.0, "hides_city": True}
    return Definitions(RULES, content, Protection(**{**usual, **protection}))


def figure(indicator, area, kind, value, numerator=np.nan, denominator=np.nan, **given):
    """One candidate with harmless sizes around it."""
    own = {"indicator": indicator, "area": area, "district": 0, "date": DAY, "kind": kind, "value": value}
    own |= {"numerator": numerator, "denominator": denominator, "lower": value, "upper": value}
    own |= {"persons": 2000.0, "households": 1000.0, "status": "ok", "zero_is_public": False}
    return own | {"is_free": False, "is_whole": kind == "count", "joined": ()} | given


def count(indicator, area, value, **given):
    """A count."""
    return figure(indicator, area, "count", float(value), float(value), **given)


def share(indicator, area, numerator, denominator, **given):
    """A share, 0 … 1; without a value where nobody is counted."""
    value = numerator / denominator if denominator else np.nan
    return figure(indicator, area, "share", value, float(numerator), float(denominator), **given)


def guard(*figures, own=None, closed=(), before=None) -> Guarded:
    """Protect these figures; definitions are the usual ones unless given."""
    return protect(pd.DataFrame(list(figures)), own or definitions(), closed, before)


def states(*figures, **given):
    """(indicator, area) -> state."""
    table = guard(*figures, **given).figures
    return dict(zip(zip(table["indicator"], table["area"], strict=True), table["state"], strict=True))


def cities(indicator, *values):
    """A count in the areas 1, 2, … and in the whole city."""
    areas = [count(indicator, area, value) for area, value in enumerate(values, start=1)]
    return [*areas, count(indicator, 0, sum(values), persons=2000.0 * len(values))]
