"""What older publications give away: figures that must stay closed because others can no longer be hidden.

Pure. A Datenstand that was shown stays known, even when it is replaced or taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from kodala.publication.domain.official import Key
from kodala.publication.domain.rules import CITY
from microcells.domain.statistics_catalogue import Catalogue


def add_shown_before(official: pd.DataFrame, before: Mapping[Key, float]) -> pd.DataFrame:
    """The figures with those that only other Datenstände show, for looking at sums and rests.

    official: columns indicator, area, date, value
    """
    own = set(zip(official["indicator"], official["area"], official["date"], strict=True))
    rows = [(*key, value) for key, value in before.items() if key not in own]
    columns = ["indicator", "area", "date", "value"]
    return pd.concat([official[columns], pd.DataFrame(rows, columns=columns)]) if rows else official


def find_given_away(
    withheld: Collection[Key], before: Collection[Key], areas: Collection[int], catalogue: Catalogue
) -> set[Key]:
    """Figures that would complete a sum of which the other terms were shown elsewhere before.

    A part that is withheld now follows from the total if the other parts are known; an area that is
    withheld follows from the others if the city is known.
    """
    found = {
        (whole.total, area, date)
        for whole in (catalogue.ages, *catalogue.subsets)
        for code, area, date in withheld
        if code in whole.parts and any((part, area, date) in before for part in whole.parts)
    }
    for code, area, date in withheld:
        if area != CITY and (code, area, date) not in before and (code, CITY, date) in before:
            found |= {(code, other, date) for other in areas}
    return found
