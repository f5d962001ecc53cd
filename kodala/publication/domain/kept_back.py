"""What may not be shown, or is a secret again, because of what another Datenstand of the date showed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import pandas as pd

from kodala.publication.domain.figure_table import WHOLE_AREA, places
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


def drop_corrected(before: pd.DataFrame, figures: pd.DataFrame, published: pd.Series[float]) -> pd.DataFrame:
    """What other Datenstände showed and is still so; a corrected figure is another number, a secret again.

    before:    as `protect` wants it; a value of NaN was shown and is not known here, which counts as still so
    figures:   the candidates; published: their values as they would be shown, NaN where there is none
    """
    if before.empty:
        return before
    own = figures[["indicator", "district", "date"]].assign(place=places(figures), now=published)
    now: pd.Series[float] = own.dropna(subset=["now"]).drop_duplicates(PLACE).set_index(PLACE)["now"]
    where = pd.MultiIndex.from_frame(before.assign(place=places(before))[PLACE])
    value = now.reindex(where).to_numpy(np.float64)
    shown = before["value"].to_numpy(np.float64)
    is_still_so = np.isnan(value) | np.isnan(shown) | np.isclose(value, shown, rtol=0.0, atol=1e-9)
    return pd.DataFrame(before[is_still_so])
