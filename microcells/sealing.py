"""Seals of bundled cells in the database, so that the next house list can keep the same cells.

A seal tells nothing about a house to whoever lacks the secret, and the secret stands in no table. The
rows belong to the raw data: the web role cannot read them, and they are deleted with the cells.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
from django.conf import settings
from numpy.typing import NDArray

from microcells.domain.seals import SealedCells
from microcells.models import CellSeals, Delivery

ROW = np.dtype([("x", "<f8"), ("y", "<f8"), ("households", "<i4"), ("houses", "<i4"), ("seal", "<u8")])


def sealing_secret() -> bytes:
    """The secret behind all seals; whoever changes the project's secret key starts without earlier cells."""
    return hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"kodala seals").digest()


def keep_seals(
    delivery: Delivery, cells: pd.DataFrame, seals: NDArray[np.uint64], area_ids: dict[int, int]
) -> None:
    """Store the seals of a delivery's cells, one row per area; belongs into the transaction of the cells."""
    rows = np.empty(len(cells), ROW)
    for name in ("x", "y", "households", "houses"):
        rows[name] = cells[name].to_numpy()
    rows["seal"] = seals
    area = cells["area_number"].to_numpy()
    CellSeals.objects.filter(delivery=delivery).delete()
    CellSeals.objects.bulk_create(
        # In the order of the seals, which says nothing, instead of the order of the cells.
        CellSeals(
            delivery=delivery,
            area_id=area_ids[number],
            seals=np.sort(rows[area == number], order="seal").tobytes(),
        )
        for number in np.unique(area).tolist()
    )


def load_earlier_seals(delivery: Delivery) -> SealedCells | None:
    """The seals of the latest house list before this one for the same areas; None if there is none.

    The latest is that with the latest reference date not after this one's, and of these the last received.
    """
    before = (
        Delivery.objects.filter(
            kind=Delivery.Kind.HOUSES,
            area_set=delivery.area_set_id,
            state=Delivery.State.COMPUTED,
            reference_date__lte=delivery.date,
            cells_deleted_at=None,
            cell_seals__isnull=False,
        )
        .exclude(pk=delivery.pk)
        .order_by("-reference_date", "-pk")
        .first()
    )
    if before is None:
        return None
    stored = (
        CellSeals.objects.filter(delivery=before).order_by("area__number").values_list("seals", flat=True)
    )
    rows = np.concatenate([np.frombuffer(bytes(own), ROW) for own in stored])
    return SealedCells(
        rows["x"].copy(),
        rows["y"].copy(),
        rows["households"].astype(np.int64),
        rows["houses"].astype(np.int64),
        rows["seal"].astype(np.uint64),
    )
