"""Whoever has taken over the web process tries every way that SQL has to read a raw row."""

from __future__ import annotations

import pytest

from tests.attack.canaries import KEY, search
from tests.attack.planting import CONSTANTS

pytestmark = pytest.mark.django_db


def test_the_web_role_gets_no_raw_row(planted):
    found = search(planted.marks, [(one.statement, one.text) for one in planted.as_web])

    # PostGIS's own table of coordinate systems is full of long numbers; a mark there is one by chance.
    assert {at for at in found if CONSTANTS not in at and "_to_xml" not in at} == set()
    assert not any(KEY in mark for own in found.values() for mark in own)


def test_only_statistics_that_are_empty_answer_at_all(planted):
    told = {one.statement: one.text for one in planted.as_web if one.is_raw and not one.is_refused}

    assert set(told.values()) <= {"[]", "[(None,)]"}
    assert all("pg_stats" in statement or "EstimatedExtent" in statement for statement in told), told


def test_every_new_table_is_tried(planted):
    tried = " ".join(one.statement for one in planted.as_web if one.is_raw)

    for name in ("microcells_microcell_d1", "microcells_displayseeds", "microcells_displaycellsum",
                 "typology_areatype", "seniors_areascore", "microcells_areatotal"):  # fmt: skip
        assert f'public."{name}"' in tried


def test_the_same_statements_succeed_for_the_owner(planted):
    found = search(planted.marks, [(one.statement, one.text) for one in planted.as_owner if one.is_raw])

    assert len(found) > 8
