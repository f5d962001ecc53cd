"""Unprotected figures as disclosure control wants them: those of the rooms and the official ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from kodala.core.runs import get_result_run
from kodala.publication.definitions import district_indicators, indicator_rules, joined_areas, joint_formulas
from kodala.publication.domain.figure_table import WHOLE_AREA
from kodala.publication.domain.joining import join_candidates
from kodala.publication.domain.official import as_candidates
from kodala.publication.domain.rules import CITY
from microcells.definitions import official_catalogue
from microcells.models import AreaTotal, Delivery, ObservationArea
from seniors.models import AreaScore
from typology.models import AreaType

RESULTS = {
    "microcells": ("microcells.total_areas", AreaTotal),
    "typology": ("areas.compute_figures", AreaType),
    "seniors": ("areas.compute_figures", AreaScore),
}


def load_candidates(delivery: Delivery) -> pd.DataFrame:
    """All unprotected results of the delivery, with what the rules need to know of each."""
    numbers = dict(ObservationArea.objects.filter(area_set=delivery.area_set).values_list("pk", "number"))
    rows: list[dict[str, Any]] = []
    for stage, model in RESULTS.values():
        run = get_result_run(stage, delivery.pk)
        fields = (
            "indicator",
            "area_id",
            "district",
            "value",
            "lower",
            "upper",
            "numerator",
            "denominator",
            "status",
            "coverage",
            "n_cells",
        )
        rows.extend(model._default_manager.filter(run=run).values(*fields))
    table = pd.DataFrame(rows)
    table["area"] = table["area_id"].map(numbers).fillna(CITY).astype(int)
    table["district"] = table["district"].fillna(0).astype(int)
    numeric = ["value", "lower", "upper", "numerator", "denominator"]
    table[numeric] = table[numeric].astype(float)
    for size in ("persons", "households"):
        own = table[table["indicator"] == size].set_index(["area", "district"])["value"]
        table[size] = own.reindex(pd.MultiIndex.from_frame(table[["area", "district"]])).to_numpy()
    rules = indicator_rules()
    is_wanted = table["indicator"].isin(rules)
    is_wanted &= (table["district"] == WHOLE_AREA) | table["indicator"].isin(district_indicators())
    table = table[is_wanted].reset_index(drop=True)
    table["kind"] = [rules[code].kind for code in table["indicator"]]
    table["zero_is_public"] = [rules[code].zero_is_public for code in table["indicator"]]
    return join_candidates(table, joined_areas(), joint_formulas())


def gather_candidates(cells: pd.DataFrame, official: pd.DataFrame, date: dt.date) -> pd.DataFrame:
    """Cells' and official figures of all dates as one table of candidates for `protect`.

    cells: candidates of the cells, without date; may be empty
    date:  the day that the cells describe
    """
    parts = []
    if len(cells):
        parts.append(cells.assign(is_free=False, is_whole=False, date=date, source="", is_official=False))
    if len(official):
        dated = official[["date", "source"]].reset_index(drop=True)
        own = as_candidates(official.reset_index(drop=True), official_catalogue(), _sizes(cells, official))
        parts.append(
            pd.concat([own, dated], axis=1).assign(is_official=True, district=WHOLE_AREA, joined=None)
        )
    table = pd.concat(parts, ignore_index=True)
    table["district"] = table["district"].fillna(WHOLE_AREA)
    table["joined"] = [own if isinstance(own, tuple) else () for own in table["joined"]]
    flags = ("is_free", "zero_is_public", "is_whole", "is_official")
    table = table.astype({"district": int, **dict.fromkeys(flags, bool)})
    return table.sort_values(["indicator", "area", "district", "date"], ignore_index=True)


def newest_of(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures that stand on the map: of each indicator those of its newest date."""
    is_newest = figures["date"] == figures.groupby("indicator")["date"].transform("max")
    return figures[is_newest].reset_index(drop=True)


def official_history(figures: pd.DataFrame) -> pd.DataFrame:
    """The official figures of every date: area, indicator, date, state, value, source."""
    columns = ["area", "indicator", "date", "state", "value", "source"]
    return figures.loc[figures["is_official"], columns].reset_index(drop=True)


def _sizes(cells: pd.DataFrame, official: pd.DataFrame) -> pd.DataFrame:
    """Persons and households of each area: of the cells, else as officially counted, at the newest date."""
    found = {}
    # A joined row has the sizes of all its areas.
    single = (
        cells[(cells["joined"].map(len) == 0) & (cells["district"] == WHOLE_AREA)] if len(cells) else cells
    )
    for size, code in (("persons", "population"), ("households", "households_official")):
        own = official[official["indicator"] == code].sort_values("date").groupby("area")["value"].last()
        mine = single.groupby("area")[size].first() if len(single) else pd.Series(dtype=float)
        found[size] = mine.combine_first(own)
    table = pd.DataFrame(found)
    table["households"] = table["households"].fillna(table["persons"] / 2)
    return table
