"""Protection beside what older Datenstände showed, whether the numbers behind it are known here or not."""

import numpy as np
import pandas as pd

from kodala.publication.domain.figure_table import Content
from tests.domain.candidate_figures import DAY, count, definitions, guard
from tests.domain.test_protection import REST, leaks_if_careless, withheld


def older(*rows):
    """Figures (indicator, area, value) that an older Datenstand showed."""
    table = pd.DataFrame(rows, columns=["indicator", "area", "value"])
    return table.assign(district=0, date=DAY, kind="count", joined=[()] * len(rows))


def test_what_an_older_datenstand_showed_cannot_be_subtracted_from_this_one(monkeypatch):
    before = older(("hard", 1, 97.0))

    # Alone the total is harmless; beside 97 it tells that 3 are left.
    assert withheld(count("debtors", 1, 100)) == set()
    assert leaks_if_careless(monkeypatch, count("debtors", 1, 100), before=before)
    assert withheld(count("debtors", 1, 100), before=before) == {("debtors", 1, 0)}


def test_what_was_shown_before_does_not_hide_anything(monkeypatch):
    figures = [count("debtors", 1, 100), count("hard", 1, 97), count("soft", 1, 3)]
    both = older(("hard", 1, 97.0))

    # The cheaper partner would be hard or the total alike; hard is known already.
    assert withheld(*figures, before=both) == {("debtors", 1, 0), ("soft", 1, 0)}


def test_what_was_given_away_before_is_counted_and_takes_nothing_along():
    figures = [count("debtors", 1, 100), count("hard", 1, 97), count("soft", 1, 3)]
    both = older(("hard", 1, 97.0), ("debtors", 1, 100.0))

    found = guard(*figures, before=both)

    assert found.given_away == 1
    assert found.figures["state"].tolist() == ["value", "value", "protected"]
    assert guard(*figures).given_away == 0


def test_older_figures_of_other_dates_or_places_change_nothing():
    elsewhere = older(("hard", 2, 97.0))

    assert withheld(count("debtors", 1, 100), before=elsewhere) == set()


def older_share(indicator, area):
    """A share that an older Datenstand showed: somebody knows the number behind it, this table does not."""
    return older((indicator, area, 19.0)).assign(kind="share")


def test_a_gap_beside_an_older_share_may_be_anything():
    areas = [count("debtors", area, np.nan) for area in (2, 3)]
    figures = [count("debtors", 0, 100, persons=6000.0), count("debtors", 1, 60), *areas]

    # The gap of both areas is 40; whoever knows of 38 in the second has 2 left for the third.
    assert withheld(*figures) == set()
    assert withheld(*figures, before=older_share("rate", 2)) == {("debtors", 1, 0)}


def test_a_rest_beside_an_older_share_may_be_anything():
    content = Content({"senior_share": ("seniors",)}, REST.relations)
    before = older_share("senior_share", 1)

    assert withheld(count("persons", 1, 500), own=definitions(content)) == set()
    assert withheld(count("persons", 1, 500), own=definitions(content), before=before) == {("persons", 1, 0)}
