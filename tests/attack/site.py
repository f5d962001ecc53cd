"""An invented city for attackers: small areas, districts, joined areas, two Datenstände of one date.

Each site is built in an emptied database with numbers from 1 on, so that two sites of the same kind have the
same addresses, and is emptied again afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import start
from kodala.publication.domain import protection
from kodala.publication.domain.audit import Audit
from kodala.publication.domain.figure_table import as_table
from kodala.publication.domain.suppression import Pattern
from kodala.publication.models import Datenstand
from microcells.models import ETRS89_UTM32N, AreaSet, ObservationArea
from tests import builders

# area -> district -> cells; areas 4 and 5 show their types together (definitions.toml, joined)
CELLS = {1: {1: 50, 11: 8}, 2: {2: 40, 12: 40}, 3: {3: 10, 13: 9}, 4: {4: 30}, 5: {5: 30}}
JOINED = (4, 5)
SMALL = 3  # few people, three of them in debt
ALIKE = 11  # a district of few households in which nine of ten adults are in debt
PEOPLE = [
    "personen",
    "erwachsene",
    "sen_60_69",
    "sen_70_79",
    "sen_80plus",
    "schuldner_hart",
    "schuldner_weich",
]


@dataclass(frozen=True)
class Site:
    """People with accounts, and the deliveries behind the released Datenstände, by version."""

    area_set: AreaSet
    people: Mapping[str, User]
    deliveries: Mapping[int, int]


def make_delivery(seed: int = 3) -> pd.DataFrame:
    """The cells of all areas and districts; in the small area three are in debt, in one district nearly all.

    People are whole in every district, debtors of the small area only in the area.
    """
    table = builders.make_cells({area: sum(parts.values()) for area, parts in CELLS.items()}, seed)
    table["bezirk_nr"] = np.concatenate(
        [np.repeat(list(parts), list(parts.values())) for parts in CELLS.values()]
    )
    alike, few = table["bezirk_nr"] == ALIKE, table["gebiet_nr"] == SMALL
    for column, share in (("schuldner_hart", 0.85), ("schuldner_weich", 0.05)):
        table.loc[alike, column] = share * table["erwachsene"]
    table = _in_whole_people(table)
    for column, people in (("schuldner_hart", 2), ("schuldner_weich", 1)):
        table.loc[few, column] = round(people / few.sum(), 6)
    # Cells of the small area are alike, so that types do not depend on which of them the debtors live in.
    features = list(table.loc[:, "alter_mittel_erw":])
    table.loc[few, features] = table.loc[few, features].iloc[0].to_numpy()
    return table


def _in_whole_people(table: pd.DataFrame) -> pd.DataFrame:
    sums = table.groupby("bezirk_nr")[PEOPLE].transform("sum")
    return table.assign(**(table[PEOPLE] * sums.round() / sums).round(6))


def make_twin(table: pd.DataFrame) -> pd.DataFrame:
    """The table with other withheld numbers: the small area's debtors all live in its first district."""
    district = table["bezirk_nr"]
    first, second = (district == number for number in CELLS[SMALL])
    twin = table.copy()
    for column in ("schuldner_hart", "schuldner_weich"):
        moved = table.loc[second, column].sum() / first.sum()
        twin.loc[first, column] = (table.loc[first, column] + moved).round(6)
        twin.loc[second, column] = 0.0
    return twin


def correct(table: pd.DataFrame) -> pd.DataFrame:
    """The same cells and day once more; only a column that nobody shows was corrected."""
    return table.assign(kaufkraft_eur_ew=table["kaufkraft_eur_ew"] + 1)


def _make_areas() -> AreaSet:
    """The three squares of the builders and two more; area n is districts n and 10 + n."""
    area_set = builders.make_area_set()
    for number in JOINED:
        left = builders.CORNER[0] + (number - 1) * builders.SIDE_M
        box = (left, builders.CORNER[1], left + builders.SIDE_M, builders.CORNER[1] + builders.SIDE_M)
        ObservationArea.objects.create(
            area_set=area_set,
            number=number,
            name=f"Feld {number}",
            districts=[number, 10 + number],
            outline=MultiPolygon(Polygon.from_bbox(box), srid=ETRS89_UTM32N),
        )
    return area_set


def empty_database() -> None:
    """Remove every row of the test database, of no other, and begin to count at 1 again."""
    if connection.settings_dict["NAME"] != settings.DATABASES["default"]["TEST"]["NAME"]:
        raise RuntimeError("not the test database; mark the test with django_db")
    call_command("flush", verbosity=0, interactive=False, reset_sequences=True)


@contextmanager
def standing(folder: Path, *tables: pd.DataFrame) -> Iterator[Site]:
    """A site with one released Datenstand per table; it is gone after the block."""
    empty_database()
    try:
        with override_settings(MEDIA_ROOT=folder / "media"):
            people, area_set = builders.make_people(), _make_areas()
            yield Site(area_set, people, dict(_release_all(tables, area_set, people)))
    finally:
        empty_database()


def _release_all(
    tables: tuple[pd.DataFrame, ...], area_set: AreaSet, people: Mapping[str, User]
) -> Iterator[tuple[int, int]]:
    for table in tables:
        delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
        start(delivery.pk)
        draft = Datenstand.objects.get(delivery=delivery)
        builders.release(draft.pk, people[PLANNER])
        yield draft.version, delivery.pk


@contextmanager
def only_primary_withheld() -> Iterator[None]:
    """Withhold unsafe figures alone, as a site without secondary suppression and audit would."""

    def withhold(cells, sums, known, rules):  # type: ignore[no-untyped-def]
        table = as_table(cells, sums, known, rules, is_true=True)
        return (
            table,
            Pattern(table.unsafe & table.is_public, 0.0, 0.0),
            Audit(np.full(len(table), np.nan), np.full(len(table), np.nan), (), 0, 0),
        )

    with patch.object(protection, "_withhold", withhold):
        yield
