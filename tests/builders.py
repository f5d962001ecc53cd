"""Small cities and deliveries for tests: three square areas, cells with plausible, seeded values."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
from django.contrib.auth.models import Group, User
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER, create_groups
from kodala.publication.models import Datenstand
from kodala.publication.releasing import accept_open_warnings, release_datenstand
from microcells.cells_table import TABLE
from microcells.models import ETRS89_UTM32N, AreaSet, Delivery, ObservationArea
from microcells.services import receive_delivery

SIDE_M = 1000
CORNER = (340_000, 5_672_000)
TILE = (14, 8498, 5471)  # of the web map, in the middle of the areas
AREA_NAMES = {1: "Altstadt", 2: "Hafen", 3: "Am Wald"}
REFERENCE_DATE = dt.date(2023, 10, 1)


def make_area_set(*, is_invented: bool = False, is_current: bool = True) -> AreaSet:
    """Three squares of 1 km side in a row; number n is district n and 10 + n."""
    area_set = AreaSet.objects.create(
        label="Drei Quadrate",
        source="Test",
        valid_from=dt.date(2020, 1, 1),
        is_invented=is_invented,
        is_current=is_current,
        checksum=f"squares-{is_invented}-{AreaSet.objects.count()}",
    )
    for number, name in AREA_NAMES.items():
        left = CORNER[0] + (number - 1) * SIDE_M
        box = Polygon.from_bbox((left, CORNER[1], left + SIDE_M, CORNER[1] + SIDE_M))
        ObservationArea.objects.create(
            area_set=area_set,
            number=number,
            name=name,
            districts=[number, 10 + number],
            outline=MultiPolygon(box, srid=ETRS89_UTM32N),
        )
    return area_set


def make_people() -> dict[str, User]:
    """One account for each role, by the name of its group."""
    create_groups()
    people = {}
    for name, group in (("planung", PLANNER), ("beratung", COUNSELLOR), ("datenpflege", ADMIN)):
        person = User.objects.create_user(name, password="geheim-genug-12")
        person.groups.set([Group.objects.get(name=group)])
        people[group] = person
    return people


def make_cells(
    per_area: dict[int, int], seed: int = 1, reference_date: dt.date = REFERENCE_DATE
) -> pd.DataFrame:
    """Rows of the extract with German headings; per_area: area number -> number of cells."""
    rng = np.random.default_rng(seed)
    area = np.repeat(list(per_area), list(per_area.values()))
    n = len(area)
    households = rng.integers(4, 9, n)
    adults = (households * rng.uniform(1.4, 1.7, n)).round(2)
    table = pd.DataFrame(
        {
            "mz_id": [f"Z-{place:05d}" for place in range(n)],
            "stichtag": reference_date.strftime("%d.%m.%Y"),
            "gebiet_nr": area,
            "bezirk_nr": area,
            "x": (CORNER[0] + (area - 1) * SIDE_M + rng.uniform(20, SIDE_M - 20, n)).round(1),
            "y": (CORNER[1] + rng.uniform(20, SIDE_M - 20, n)).round(1),
            "haushalte": households,
            "haeuser": np.minimum(households, 3),
            "personen": (adults * 1.25 + households * 0.2).round(2),
            "erwachsene": adults,
            "sen_60_69": (adults * 0.14).round(2),
            "sen_70_79": (adults * 0.09).round(2),
            "sen_80plus": (adults * 0.07).round(2),
            "schuldner_hart": (adults * rng.uniform(0.05, 0.09, n)).round(3),
            "schuldner_weich": (adults * rng.uniform(0.03, 0.06, n)).round(3),
        }
    )
    return pd.concat([table, _features(rng, n)], axis=1)


def _features(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """The columns of typology and participation."""
    columns = {
        "alter_mittel_erw": rng.normal(50, 2, n).round(1),
        "glaeubiger_je": rng.normal(3.3, 0.3, n).round(2),
        "schulden_mittel_eur": rng.normal(31_000, 4_000, n).round(0),
        "dauer_jahre": rng.normal(6.3, 1, n).round(2),
        "kaufkraft_eur_ew": rng.normal(25_000, 2_000, n).round(0),
        "bildung_niedrig": rng.uniform(20, 40, n).round(1),
        "bildung_hoch": rng.uniform(10, 30, n).round(1),
        "dig_zugang": rng.uniform(60, 90, n).round(1),
        "dig_nutzung": rng.uniform(30, 60, n).round(1),
        "dig_kompetenz": rng.uniform(30, 60, n).round(1),
        "dig_offenheit": rng.uniform(30, 60, n).round(1),
    }
    reasons = rng.dirichlet([20, 17, 12, 8, 8, 11, 24], n) * 100
    names = ["arbeitslos", "krank", "trennung", "haushalt", "selbst", "niedrig", "sonst"]
    columns |= {f"grund_{name}": reasons[:, place].round(3) for place, name in enumerate(names)}
    return pd.DataFrame(columns)


def as_supplier_file(table: pd.DataFrame) -> bytes:
    """The table as a supplier sends it: CP1252, semicolon, decimal comma, -1 for missing."""
    return table.to_csv(sep=";", decimal=",", index=False, na_rep="-1", lineterminator="\r\n").encode(
        "cp1252"
    )


def hand_in(
    raw: bytes, area_set: AreaSet, person: User, kind: str = "microcells", **given: object
) -> Delivery:
    """Receive a file as upload page and console do."""
    date = given.get("reference_date")
    return receive_delivery([raw], str(given.get("name", "lieferung.csv")), kind, area_set.pk, date, person)


def release(datenstand_pk: int, person: User) -> None:
    """Release as a second person does who has found a reason for every warning."""
    datenstand = Datenstand.objects.get(pk=datenstand_pk)
    accept_open_warnings(datenstand, "Geprüft und so gewollt.", person)
    release_datenstand(datenstand_pk, person)


def count_cells(delivery_id: int) -> int:
    """How many cells of the delivery are stored and visible."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE delivery_id = %s", [delivery_id])
        return int(cursor.fetchone()[0])


def shared_data() -> Path | None:
    """The folder with public data of the real city beside the checkout, None in an ordinary clone."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None
