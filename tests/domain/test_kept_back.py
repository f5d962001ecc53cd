"""Corrections of a date and new joint figures: nothing small follows from the pages of both Datenstände."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain.kept_back import drop_corrected
from kodala.publication.domain.protection import protect
from tests.domain.candidate_figures import DAY, cities, count, definitions


def shown(*rows):
    """Figures (indicator, area, value, joined) that a Datenstand of the same date showed."""
    table = pd.DataFrame(rows, columns=["indicator", "area", "value", "joined"])
    return table.assign(district=0, date=DAY, kind="count")


def protected_areas(figures, before, kept_back=()):
    """Areas whose figure is withheld beside what was shown before; nothing may leak."""
    table = pd.DataFrame(figures)
    before = drop_corrected(before, table, table["value"])
    found = protect(table, definitions(), (), before, kept_back)
    assert found.found.leaks == ()
    return set(found.figures.loc[found.figures["state"] == "protected", "area"])


def test_a_figure_that_a_correction_makes_small_is_a_secret_and_its_total_falls_with_it():
    before = shown(("n", 1, 8.0, ()), ("n", 2, 450.0, ()), ("n", 3, 545.0, ()), ("n", 0, 1003.0, ()))

    # The others are as they were and known; only the new total can keep the 3 from being subtracted.
    assert protected_areas(cities("n", 3, 450, 545), before) == {0, 1}


def test_a_figure_that_is_as_it_was_cannot_be_made_a_secret_any_more():
    before = shown(("n", 2, 450.0, ()), ("n", 0, 998.0, ()))

    assert protected_areas(cities("n", 3, 450, 545), before) == {1, 3}


def test_a_shown_figure_whose_value_is_not_kept_stays_known():
    figures = pd.DataFrame(cities("n", 30, 450))
    before = shown(("n", 1, np.nan, ()), ("n", 2, 449.0, ()), ("n", 7, 5.0, ()))

    assert drop_corrected(before, figures, figures["value"])["area"].tolist() == [1, 7]


def test_of_a_joint_figure_each_area_is_compared_with_the_joint_value():
    figures = pd.DataFrame([count("n", 4, 90, joined=(4, 5))])
    before = shown(("n", 4, 90.0, (4, 5)), ("n", 5, 90.0, (4, 5)))

    assert len(drop_corrected(before, figures, figures["value"])) == 2
    assert drop_corrected(before, figures, figures["value"] + 1).empty


@pytest.mark.parametrize("withheld", [4, 5])
def test_a_joint_figure_stays_withheld_if_any_of_its_areas_was(withheld):
    joint = [count("n", 4, 34, joined=(4, 5)), count("n", 6, 66), count("n", 0, 100)]

    assert 4 in protected_areas(joint, shown(), kept_back={("n", withheld, 0, DAY)})
    assert protected_areas(joint, shown()) == set()


def test_a_joint_figure_is_withheld_where_one_of_its_areas_was_shown_alone():
    joint = [count("n", 4, 34, joined=(4, 5)), count("n", 6, 66), count("n", 0, 100)]

    assert 4 in protected_areas(joint, shown(("n", 4, 30.0, ())))
    assert protected_areas(joint, shown(("n", 4, 20.0, ()), ("n", 5, 14.0, ()))) == set()
