"""Ten thousand values planted in a delivery appear nowhere outside the raw tables."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from tests.attack.canaries import Marks, find, search
from tests.attack.planting import listening

pytestmark = pytest.mark.django_db


def test_ten_thousand_values_are_planted_and_lie_in_the_raw_tables(planted):
    stored = search(planted.marks, [(one.statement, one.text) for one in planted.as_owner if one.is_raw])

    assert len(planted.marks) > 10_000
    assert len(set().union(*stored.values())) > 10_000


@pytest.mark.parametrize(
    "place", ["pages", "pages of deliveries", "tables", "redis", "temporary files", "media", "mails", "log"]
)
def test_no_planted_value_is_found_in(planted, place):
    assert search(planted.marks, planted.places[place]) == {}


def test_there_was_something_to_search(planted):
    assert len(planted.places["log"]) >= 8
    assert len(planted.places["pages"]) > 150
    assert {"core_run", "microcells_storedfinding", "publication_datenstand", "publication_figure"} <= {
        name for name, _ in planted.places["tables"]
    }
    assert {text[:1] for _, text in planted.places["tables"]} == {"{"}


def test_a_value_in_a_log_line_is_found(planted):
    key, number = min(planted.marks.keys), f"{planted.marks.values[9]:.6f}"
    with listening() as listener:
        logging.getLogger("kodala.runs").debug("cell %s has %s", key, number)

    assert find(planted.marks, listener.lines[0]) == {key, number}
    assert find(planted.marks, f"Wert {number.replace('.', ',')} Personen") == {number}
    assert find(planted.marks, f"x:{number}") == {number}
    assert find(planted.marks, "cell Z-00001 has 7 persons") == set()


def test_a_time_of_day_is_no_value():
    marks = Marks(frozenset(), np.array([7.0, 8.402772, 9.0]))

    assert find(marks, "2026-11-29 05:43:08.402772+00 at 06:43:08.402772") == set()
    assert find(marks, "08:8.402772 and 43:08.402772") == {"8.402772", "08.402772"}
