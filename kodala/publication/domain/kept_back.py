"""What may not be shown because of what another Datenstand of the same date showed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import pandas as pd

from kodala.publication.domain.figure_table import WHOLE_AREA, Content, places
from kodala.publication.domain.joining import areas_behind

FigureKey = tuple[str, int, int, dt.date]  # indicator, area, district, date
PLACE = ["indicator", "place", "district", "date"]


def is_kept_back(figures: pd.DataFrame, kept_back: Collection[FigureKey]) -> pd.Series[bool]:
    """Figures that were withheld, also as part of a joint one: whoever kept the other part would subtract."""
    own = figures[["indicator", "district", "date"]].assign(area=areas_behind(figures)).explode("area")
    keys = own[["indicator", "area", "district", "date"]].itertuples(index=False, name=None)
    hit = pd.Series([key in kept_back for key in keys], index=own.index, dtype=bool)
    return hit.groupby(level=0).any().reindex(figures.index, fill_value=False)


def completes_singles(figures: pd.DataFrame, before: pd.DataFrame) -> pd.Series[bool]:
    """Joint figures of areas of which some, not all, were shown singly: the difference is the other ones."""
    single = before[(before["joined"].map(len) == 0) & (before["district"] == WHOLE_AREA)]
    known = set(single[["indicator", "area", "date"]].itertuples(index=False, name=None))

    def is_completing(indicator: str, joined: tuple[int, ...], date: dt.date) -> bool:
        return 0 < sum((indicator, area, date) in known for area in joined) < len(joined)

    rows = zip(figures["indicator"], figures["joined"], figures["date"], strict=True)
    return pd.Series([is_completing(*row) for row in rows], index=figures.index, dtype=bool)


def list_newly_small(
    figures: pd.DataFrame,
    is_unsafe: pd.Series[bool],
    published: pd.Series[float],
    before: pd.DataFrame,
    content: Content,
) -> set[str]:
    """Indicators of which a corrected Datenstand may show nothing, because a shown figure became too small.

    figures:   the candidates; is_unsafe: by the primary rules; published: values as they would be shown
    before:    as `protect` wants it; a value of NaN was shown and is not known here

    All that was shown is known to somebody, so nothing of it can hide the small figure: beside the new total
    it would follow. Without anything new of all that adds up with it, it does not.
    """
    own = figures[["indicator", "district", "date"]].assign(place=places(figures), now=published)
    small = own[is_unsafe.to_numpy(np.bool_)]
    shown = before.assign(place=places(before)).drop_duplicates(PLACE).set_index(PLACE)["value"]
    was = shown.reindex(pd.MultiIndex.from_frame(small[PLACE])).to_numpy(np.float64)
    is_new = ~np.isnan(was) & ~np.isclose(small["now"].to_numpy(np.float64), was, rtol=0.0, atol=1e-9)
    quantities = {own for code in small.loc[is_new, "indicator"] for own in content.of(code)}
    together = _connected(quantities, content)
    return {code for code in figures["indicator"].unique() if together & set(content.of(code))}


def _connected(quantities: set[str], content: Content) -> set[str]:
    """The quantities and all that add up with them, directly or by others."""
    found = set(quantities)
    while True:
        more = {
            own
            for relation in content.relations
            if found & {relation.total, *relation.parts}
            for own in (relation.total, *relation.parts)
        }
        if more <= found:
            return found
        found |= more
