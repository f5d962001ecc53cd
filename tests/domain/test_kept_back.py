"""Corrections of a date and new joint figures: nothing small follows from the pages of both Datenstände."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain.kept_back import list_newly_small
from kodala.publication.domain.protection import protect
from kodala.publication.domain.rules import breaks_primary_rule
from tests.domain.candidate_figures import CONTENT, DAY, RULES, cities, count, definitions


def shown(*rows):
    """Figures (indicator, area, value, joined) that a Datenstand of the same date showed."""
    table = pd.DataFrame(rows, columns=["indicator", "area", "value", "joined"])
    return table.assign(district=0, date=DAY, kind="count")


def protected_areas(figures, before, kept_back=()):
    """Areas whose figure is withheld beside what was shown before; nothing may leak."""
    table = pd.DataFrame(figures)
    small = newly_small(table, before)
    found = protect(table, definitions(), small, before, kept_back)
    assert found.found.leaks == ()
    return set(found.figures.loc[found.figures["state"] == "protected", "area"])


def newly_small(table, before):
    return list_newly_small(table, breaks_primary_rule(table, RULES), table["value"], before, CONTENT)


def test_where_a_correction_makes_a_shown_figure_small_nothing_new_of_it_is_shown():
    before = shown(("n", 1, 8.0, ()), ("n", 2, 450.0, ()), ("n", 3, 545.0, ()), ("n", 0, 1003.0, ()))

    # The others are as they were and known: beside the new total the 3 would follow.
    assert protected_areas(cities("n", 3, 450, 545), before) == {0, 1, 2, 3}


def test_what_adds_up_with_the_small_figure_falls_too_and_nothing_else():
    figures = [
        *cities("hard", 3, 90),
        *cities("soft", 40, 90),
        *cities("debtors", 43, 180),
        *cities("n", 9, 9),
    ]
    before = shown(("hard", 1, 8.0, ()))

    assert newly_small(pd.DataFrame(figures), before) == {"hard", "soft", "debtors"}


@pytest.mark.parametrize("value", [3.0, np.nan])
def test_what_is_small_as_it_was_or_of_unknown_value_closes_nothing(value):
    table = pd.DataFrame(cities("n", 3, 450))

    assert newly_small(table, shown(("n", 1, value, ()), ("n", 2, 449.0, ()))) == set()
    assert newly_small(table, shown()) == set()


def test_a_joint_figure_is_compared_with_the_joint_value():
    table = pd.DataFrame([count("n", 4, 3, joined=(4, 5))])

    assert newly_small(table, shown(("n", 4, 9.0, (4, 5)), ("n", 5, 9.0, (4, 5)))) == {"n"}
    assert newly_small(table, shown(("n", 4, 9.0, ()))) == set()


@pytest.mark.parametrize("withheld", [4, 5])
def test_a_joint_figure_stays_withheld_if_any_of_its_areas_was(withheld):
    joint = [count("n", 4, 34, joined=(4, 5)), count("n", 6, 66), count("n", 0, 100)]

    assert 4 in protected_areas(joint, shown(), kept_back={("n", withheld, 0, DAY)})
    assert protected_areas(joint, shown()) == set()


def test_a_joint_figure_is_withheld_where_one_of_its_areas_was_shown_alone():
    joint = [count("n", 4, 34, joined=(4, 5)), count("n", 6, 66), count("n", 0, 100)]

    assert 4 in protected_areas(joint, shown(("n", 4, 30.0, ())))
    assert protected_areas(joint, shown(("n", 4, 20.0, ()), ("n", 5, 14.0, ()))) == set()
