"""Official figures on their way to publication: which count, shares, the city, and what must be withheld.

Pure. A table of figures has the columns area (number, 0 = whole city), indicator, date, value (shares in
per cent), numerator, denominator, status ("ok" or "too_small"), source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from kodala.publication.domain.figure_table import Content, Relation
from kodala.publication.domain.rules import CITY
from microcells.domain.statistics_catalogue import Catalogue, OfficialIndicator

COLUMNS = ["area", "indicator", "date", "value", "numerator", "denominator", "status", "source"]
KINDS = {"count": "count", "share": "share", "mean": "score"}
WITHHELD = "too_small"
Key = tuple[str, int, dt.date]  # indicator, area, date


def newest_delivered(rows: pd.DataFrame) -> pd.DataFrame:
    """Of several deliveries of a figure for a date the latest counts, for all of its places.

    rows: columns delivery, area, region ("" = an area), indicator, date, …
    """
    newest = rows.groupby(["region", "indicator", "date"])["delivery"].transform("max")
    return rows[rows["delivery"] == newest].reset_index(drop=True)


def complete(
    areas: pd.DataFrame, city: pd.DataFrame, numbers: Sequence[int], catalogue: Catalogue
) -> pd.DataFrame:
    """The figures of all areas with computed shares and the whole city.

    areas:   delivered figures of areas; value NaN = the supplier gives none, which counts as withheld
    city:    delivered figures of the whole city, same columns; for shares and means without base
    numbers: all areas of the set
    """
    table = areas.assign(status=np.where(areas["value"].isna(), WITHHELD, "ok"))[COLUMNS]
    table = pd.concat([table, *_computed_shares(table, catalogue)], ignore_index=True)
    table = _with_bases(table, catalogue)
    totals = []
    for (code, date), rows in table.groupby(["indicator", "date"], sort=True):
        delivered = city[(city["indicator"] == code) & (city["date"] == date)]
        totals.append(_total(rows, delivered, numbers, catalogue.indicators[str(code)]))
    found = [total for total in totals if total is not None]
    return pd.concat([table, pd.DataFrame(found, columns=COLUMNS)], ignore_index=True) if found else table


def _computed_shares(table: pd.DataFrame, catalogue: Catalogue) -> Iterable[pd.DataFrame]:
    """Shares that were not delivered, from counts of the same date, where every part is there."""
    known = set(zip(table["indicator"], table["date"], strict=True))
    counts = table.pivot_table(index=["date", "area"], columns="indicator", values="value", dropna=False)
    for own in catalogue.indicators.values():
        parts = [*own.numerator_parts, *own.denominator_parts]
        if not own.denominator_parts or not set(parts) <= set(counts.columns):
            continue
        above = counts[list(own.numerator_parts)].sum(axis=1, skipna=False)
        base = counts[list(own.denominator_parts)].sum(axis=1, skipna=False)
        share = pd.DataFrame({"numerator": above, "denominator": base}).reset_index()
        # A date without any of the parts gives no share; a single gap gives one that is withheld.
        share = share[share.groupby("date")["numerator"].transform("count") > 0]
        share = share[[(own.code, date) not in known for date in share["date"]]]
        if len(share):
            share["value"] = 100.0 * share["numerator"] / share["denominator"].where(share["denominator"] > 0)
            status = np.where(share["value"].isna(), WITHHELD, "ok")
            source = _sources(table[table["indicator"].isin(parts)])
            yield share.assign(indicator=own.code, status=status, source=source)[COLUMNS]


def _with_bases(table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Numerator and base of the shares that were delivered without, from counts of the same date and area.

    Without a count of the base it follows from that of the numerator. What is left without base is withheld
    later (`as_candidates`): the persons of the area would make a small share look large.
    """
    counts = table.pivot_table(index=["date", "area"], columns="indicator", values="value", dropna=False)
    where = pd.MultiIndex.from_frame(table[["date", "area"]])
    result = table.copy()
    for own in catalogue.indicators.values():
        is_bare = (table["indicator"] == own.code) & table["denominator"].isna() & (own.kind == "share")
        if not is_bare.any():
            continue
        above, base = (
            _sum_of(counts, parts).reindex(where).to_numpy(np.float64)
            for parts in (own.numerator_parts, own.denominator_parts)
        )
        share = table["value"].to_numpy(np.float64) / 100.0
        follows = np.divide(above, share, out=np.full(len(table), np.nan), where=share > 0)
        base = np.where(np.isnan(base), follows, base)
        above = np.where(np.isnan(above), share * base, above)
        result["denominator"] = result["denominator"].mask(is_bare, base)
        result["numerator"] = result["numerator"].mask(is_bare, above)
    return result


def _sum_of(counts: pd.DataFrame, parts: Sequence[str]) -> pd.Series[float]:
    """The sum of counts at each place, NaN where one is missing or none is named."""
    if not parts or not set(parts) <= set(counts.columns):
        return pd.Series(np.nan, index=counts.index)
    return counts[list(parts)].sum(axis=1, skipna=False)


def _sources(rows: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(rows["source"]))[:300]


def _total(
    rows: pd.DataFrame, delivered: pd.DataFrame, numbers: Sequence[int], own: OfficialIndicator
) -> list[object] | None:
    """The city's row; withheld if it would tell what an area does not, None if there is nothing to say."""
    head = [CITY, own.code, rows["date"].iloc[0]]
    source = _sources(rows)
    is_open = set(rows.loc[rows["value"].notna(), "area"]) >= set(numbers)
    if not is_open:
        # A total beside a gap would give the gap away.
        return (
            [*head, 0.0, np.nan, np.nan, WITHHELD, source]
            if len(delivered) or rows["value"].isna().any()
            else None
        )
    above, base = (rows[name].sum(skipna=False) for name in ("numerator", "denominator"))
    if own.kind == "count":
        return [*head, rows["value"].sum(), np.nan, np.nan, "ok", source]
    if own.kind == "share" and above == above and base > 0:
        return [*head, 100.0 * above / base, above, base, "ok", source]
    if own.kind == "mean" and base == base and base > 0:
        return [*head, (rows["value"] * rows["denominator"]).sum() / base, np.nan, base, "ok", source]
    if len(delivered):
        one = delivered.iloc[0]
        status = WITHHELD if pd.isna(one["value"]) else "ok"
        return [*head, one["value"], one["numerator"], one["denominator"], status, one["source"]]
    return None


def official_content(catalogue: Catalogue) -> Content:
    """What official figures give away, and what adds up to what.

    A share gives away its numerator and its denominator, where they are counts of the catalogue; several
    counts together are a number of their own.
    """
    reveals, relations = {}, []
    for own in catalogue.indicators.values():
        if own.kind != "share" or own.regions_only:
            continue
        quantities = [own.code]
        for place, parts in enumerate((own.numerator_parts, own.denominator_parts)):
            name = parts[0] if len(parts) == 1 else f"{own.code}:{'base' if place else 'part'}"
            if parts:
                quantities[place:] = [name]
            if len(parts) > 1:
                relations.append(Relation(name, parts, leaves_rest=False))
        reveals[own.code] = tuple(quantities)
    relations.append(Relation(catalogue.ages.total, catalogue.ages.parts, leaves_rest=False))
    relations += [Relation(whole.total, whole.parts, leaves_rest=True) for whole in catalogue.subsets]
    return Content(reveals, tuple(relations))


def as_candidates(table: pd.DataFrame, catalogue: Catalogue, sizes: pd.DataFrame) -> pd.DataFrame:
    """The figures as disclosure control wants them: shares 0 to 1, a base for each, persons and households.

    sizes: index area number, columns persons and households; NaN where nothing is known

    A mean whose base nobody named rests on the area's persons. A share whose base is not known is withheld,
    and so is a mean without persons.
    """
    own = [catalogue.indicators[code] for code in table["indicator"]]
    kind = pd.Series([KINDS[one.kind] for one in own], index=table.index, dtype=object)
    is_share, is_score = kind == "share", kind == "score"
    persons = table["area"].map(sizes["persons"]).astype(float)
    base = table["denominator"].astype(float)
    base = base.where(base.notna() | is_share, persons)
    value = table["value"].astype(float).where(~is_share, table["value"] / 100.0)
    above = table["numerator"].astype(float).where(table["numerator"].notna(), value * base)
    known_persons = persons.where(persons.notna(), base)
    # Half as many as persons, as where the cells are unknown: with the base alone it is rather too few.
    households = table["area"].map(sizes["households"]).astype(float)
    is_free = pd.Series([one.protection == "none" for one in own], index=table.index, dtype=bool)
    is_unknown = (is_share | is_score) & base.isna() & ~is_free
    return pd.DataFrame(
        {
            "indicator": table["indicator"],
            "area": table["area"].astype(int),
            "value": value,
            "lower": np.nan,
            "upper": np.nan,
            "numerator": above.where(is_share),
            "denominator": base.where(is_share | is_score),
            "status": table["status"].where(~is_unknown, WITHHELD),
            "persons": known_persons,
            "households": households.where(households.notna(), known_persons / 2),
            "kind": kind,
            "zero_is_public": is_free,
            "is_free": is_free,
            "is_whole": kind == "count",
        }
    )
