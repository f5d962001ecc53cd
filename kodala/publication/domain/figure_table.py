"""All figures of a Datenstand as one table: which numbers they give away, and how those add up.

Pure. A figure is a count, a share or a score; what it gives away is its numerator, a *quantity* of a place at
a date. Denominators count as known to everybody, so a shown share gives its numerator away exactly; rounding
is not counted in favour of protection. Cells of the table are (quantity, area, district, date); the place of
figures that areas show together is the smallest of their numbers with a minus sign.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kodala.publication.domain.rules import CITY
from kodala.publication.domain.tables import Bools, Floats, Ints, Table, make_table

CELL = ["quantity", "area", "district", "date"]
WHOLE_AREA = 0
SCORE_POINTS = 100.0  # a person can move the sum of a score by so much
SMALLEST_PRICE = 0.1  # of an average area
ROUND_OFF = 1e-9  # of a total: less is no difference
LARGEST_ROOM = 8  # times the distance: beyond it the pattern does not look at how large a number is


@dataclass(frozen=True)
class Relation:
    """A quantity that is the sum of others; `leaves_rest`: of others and of something nobody publishes."""

    total: str
    parts: tuple[str, ...]
    leaves_rest: bool


@dataclass(frozen=True)
class Content:
    """What figures are made of.

    reveals: indicator -> quantities it gives away, the numerator first; without entry its own name
    """

    reveals: Mapping[str, tuple[str, ...]]
    relations: tuple[Relation, ...]

    def of(self, indicator: str) -> tuple[str, ...]:
        """The quantities that an indicator gives away."""
        return self.reveals.get(indicator, (indicator,))


@dataclass(frozen=True)
class Protection:
    """How sure withheld numbers must be; source: definitions.toml of this room.

    interval:    persons by which an attacker must be off at least, up and down
    insiders:    how many persons behind one number may put together what they know of themselves
    by_people:   a figure costs as much as people live in its place, else every figure costs the same
    city_weight: how many average areas a figure of the whole city is worth
    hides_city:  whether the city's figure may be withheld for others
    """

    interval: float
    insiders: int
    by_people: bool
    city_weight: float
    hides_city: bool

    @property
    def distance(self) -> float:
        """Persons that must stay possible above and below, also for those who know of themselves."""
        return self.interval + self.insiders


def list_revealed(figures: pd.DataFrame, content: Content) -> pd.DataFrame:
    """One row per figure and quantity it gives away.

    figures: indicator, kind, area, district, date, value, numerator, denominator, persons, is_unsafe,
             is_free, is_whole, joined (all areas of a figure shown together, else empty), fall (persons by
             which it must at least be able to lie lower, 0 if absent)
    returns: columns of a cell, figure (row number), amount (NaN = nothing delivered), scale, persons,
             is_unsafe, is_whole, is_vague (shown, but not known how much), fall; things that say nothing
             about people (is_free) are left out
    """
    amount = np.where(figures["kind"] == "count", figures["value"], figures["numerator"])
    base = figures["denominator"].fillna(figures["persons"])
    amount = np.where(pd.isna(amount), figures["value"] * base, amount).astype(float)
    # What is withheld although nothing is known of it is treated as if there were nobody.
    amount = np.where(figures["is_unsafe"] & pd.isna(amount), 0.0, amount)
    scale = np.where(figures["kind"] == "score", SCORE_POINTS, 1.0)
    told = figures.assign(figure=np.arange(len(figures)), amount=amount, scale=scale, area=places(figures))
    told["fall"] = figures.get("fall", 0.0)
    told["quantity"] = [content.of(code) for code in figures["indicator"]]
    told = told[~told["is_free"]].explode("quantity", ignore_index=True)
    told.loc[told.duplicated("figure"), ["amount", "is_unsafe", "fall"]] = [np.nan, False, 0.0]
    told["is_vague"] = False
    return told[[*CELL, "figure", "amount", "scale", "persons", "is_unsafe", "is_whole", "is_vague", "fall"]]


def places(figures: pd.DataFrame) -> list[int]:
    """The place of each figure: its area, or that of several areas together."""
    own = zip(figures["area"], figures["joined"], strict=True)
    return [-min(joined) if len(joined) else int(area) for area, joined in own]


def collect_cells(told: pd.DataFrame, protection: Protection) -> pd.DataFrame:
    """One row per cell: value, scale, is_unsafe, is_whole, is_vague, fall and weight, sorted."""
    cells = (
        told.assign(weight=_prices(told, protection))
        .groupby(CELL, sort=True, dropna=False)
        .agg(
            value=("amount", "max"),
            scale=("scale", "max"),
            is_unsafe=("is_unsafe", "any"),
            is_whole=("is_whole", "any"),
            is_vague=("is_vague", "all"),
            fall=("fall", "max"),
            weight=("weight", "sum"),
        )
    )
    return cells[cells["value"].notna()].reset_index().assign(is_public=True)


def _prices(told: pd.DataFrame, protection: Protection) -> Floats:
    """What it costs to withhold each figure, in average areas; never by what it says, which may be secret."""
    is_city = (told["area"] == CITY).to_numpy()
    people = told["persons"].fillna(0.0).to_numpy(np.float64)
    average = people[~is_city].mean() if protection.by_people and (~is_city).any() else 0.0
    own = people / average if average > 0 else np.ones(len(told))
    return np.where(is_city, protection.city_weight, np.maximum(own, SMALLEST_PRICE))


def list_gaps(cells: pd.DataFrame, told: pd.DataFrame, count_min: float) -> pd.DataFrame:
    """What is left of a total beside places that show nothing; nobody publishes it, anybody can subtract.

    cells: of what is shown; told: as `list_revealed` gives it, with the places whose amount is missing
    returns: one cell for all missing places of a total, where it is above 0: where nothing was delivered at
             all, nothing is left, and that tells nothing. Beside something vague it may be anything, so it
             counts as unsafe
    """
    missing = told[told["amount"].isna() & (told["area"] != CITY) & (told["scale"] == 1.0)]
    missing = missing[~pd.MultiIndex.from_frame(missing[CELL]).isin(pd.MultiIndex.from_frame(cells[CELL]))]
    above = ["quantity", "above", "date"]
    gaps: pd.DataFrame = missing.assign(above=_above(missing)).drop_duplicates(above)
    parts = cells[cells["area"] != CITY]
    shown = parts.assign(above=_above(parts)).groupby(above)[["value", "is_vague"]].sum()
    wholes = cells[cells["district"] == WHOLE_AREA].set_index(["quantity", "area", "date"])
    places = pd.MultiIndex.from_frame(gaps[above])
    whole, others = wholes[["value", "is_vague"]].reindex(places), shown.reindex(places).fillna(0.0)
    left = (whole["value"] - others["value"]).to_numpy()
    is_vague = (whole["is_vague"].eq(True) | (others["is_vague"] > 0)).to_numpy()
    is_left = is_vague & whole["value"].notna().to_numpy() | (left > ROUND_OFF * whole["value"].to_numpy())
    gaps = gaps.assign(value=np.where(is_vague, 0.0, left), is_vague=is_vague, weight=1.0, is_public=False)
    return gaps.assign(is_unsafe=is_vague | (left < count_min))[is_left][cells.columns]


def _above(cells: pd.DataFrame) -> Ints:
    """The place of whose total each place is a part: the area of a district, the city of an area."""
    is_district = (cells["district"] != WHOLE_AREA).to_numpy()
    return np.where(is_district, cells["area"].to_numpy(np.int64), CITY)


def add_rests(cells: pd.DataFrame, content: Content, count_min: float) -> pd.DataFrame:
    """The cells with what is left of totals beside their parts; nobody publishes it, anybody can subtract.

    What is left beside something vague may be anything, so it counts as unsafe.
    """
    wide = cells.pivot_table(index=CELL[1:], columns="quantity", values="value", dropna=False, observed=True)
    vague = cells[cells["is_vague"]].groupby("quantity", observed=True)[CELL[1:]]
    vague_at = {quantity: pd.MultiIndex.from_frame(own) for quantity, own in vague}
    found = [cells.assign(is_rest=False)]
    for relation in content.relations:
        present = [part for part in relation.parts if part in wide]
        if relation.total not in wide or not present:
            continue
        parts, total = wide[present], wide[relation.total]
        some = parts.notna().any(axis=1) & total.notna()
        gap = relation.leaves_rest | (parts.notna().sum(axis=1) < len(relation.parts))
        rest = (total - parts.sum(axis=1))[some & gap].clip(lower=0.0).rename("value").reset_index()
        where = pd.MultiIndex.from_frame(rest[CELL[1:]])
        is_vague = np.any([where.isin(vague_at.get(own, [])) for own in (relation.total, *present)], axis=0)
        rest = rest.assign(
            quantity=rest_name(relation), scale=1.0, weight=1.0, is_public=False, is_whole=False
        )
        rest = rest.assign(value=rest["value"].mask(is_vague, 0.0), is_vague=is_vague, is_rest=True)
        found.append(rest.assign(is_unsafe=is_vague | (rest["value"] < count_min)))
    return pd.concat(found, ignore_index=True)


def rest_name(relation: Relation) -> str:
    """What the quantity is called that a relation's parts leave of its total."""
    return f"{relation.total} - {' - '.join(relation.parts)}"


def as_table(
    cells: pd.DataFrame,
    sums: Collection[Mapping[int, float]],
    known: Bools,
    protection: Protection,
    *,
    is_true: bool,
) -> Table:
    """The cells as a table for suppression (`is_true` off) or audit (on).

    known: cells that were shown before, so that nobody can be kept from them any more

    For suppression small numbers count as 0, whatever they are, and others only by their order of size: so
    which cells are withheld does not tell how large a withheld number is. A small number is less than the
    distance, so twice the distance above 0 is the distance above any of them.
    """
    value = cells["value"].to_numpy(np.float64)
    unsafe = cells["is_unsafe"].to_numpy(np.bool_)
    distance = protection.distance * cells["scale"].to_numpy(np.float64)
    may_hide = ~known & (protection.hides_city | (cells["area"] != CITY).to_numpy())
    asked = unsafe & ~known
    is_small = unsafe & (value < protection.interval)
    fall = np.minimum(cells["fall"].fillna(0.0).to_numpy(np.float64), value)
    room = value if is_true else np.where(is_small, 0.0, np.maximum(_order_of_size(value, distance), fall))
    need_down = np.minimum(distance, value if is_true else np.where(is_small, distance, room))
    need_down = np.maximum(need_down, fall)
    need_up = np.where(is_small & (not is_true), 2 * distance, distance)
    return make_table(
        list(cells[CELL].itertuples(index=False, name=None)),
        value,
        sums,
        unsafe=unsafe,
        need_down=np.where(asked, need_down, 0.0),
        need_up=np.where(asked, need_up, 0.0),
        need_width=distance,
        weight=cells["weight"].to_numpy(np.float64),
        may_hide=may_hide,
        room_down=np.where(known, 0.0, np.maximum(room, 0.0)),
        room_up=np.where(known, 0.0, np.inf),
        is_public=cells["is_public"].to_numpy(np.bool_),
        is_whole=cells["is_whole"].to_numpy(np.bool_),
        must_add_up=False,
    )


def _order_of_size(value: Floats, distance: Floats) -> Floats:
    """How far safe numbers can surely fall: the distance times a power of two."""
    times = np.maximum(value / distance, 1e-9)
    return distance * np.where(times < 1, times, np.minimum(2.0 ** np.floor(np.log2(times)), LARGEST_ROOM))
