"""The city in which is measured: the invented areas, one person, and deliveries that come and go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.auth.models import User
from django.test import override_settings

from kodala.core.models import Run
from kodala.core.runs import carry_out
from kodala.pipeline import STAGES
from kodala.publication.models import Datenstand
from microcells.areas import AreaSource, load_area_set
from microcells.cells_table import drop_partition
from microcells.demo.geography import write_areas
from microcells.models import AreaSet, Delivery
from microcells.services import receive_delivery
from microcells.uploads import remove_upload
from tests.bench.figures import seconds_of
from tests.bench.generated import write_delivery

IMPORT_STAGES = STAGES[:3]
RECOMPUTED_STAGES = STAGES[3:4]


@dataclass(frozen=True)
class City:
    """Where a bench works: its folder, the file of the delivery, areas and person."""

    folder: Path
    file: Path
    area_set: AreaSet
    person: User
    n_cells: int

    def receive(self) -> Delivery:
        """Hand in the file, as upload page and console do."""
        with self.file.open("rb") as stream:
            chunks = iter(lambda: stream.read(1 << 20), b"")
            return receive_delivery(chunks, self.file.name, "microcells", self.area_set.pk, None, self.person)

    def carry_out(self, name: str, work: Callable[..., None], delivery: Delivery) -> float:
        """Carry out a stage as the worker does; seconds. Raises RuntimeError if it does not succeed."""
        states: list[str] = []
        seconds = seconds_of(lambda: states.append(carry_out(name, delivery.pk, work)))
        if states != [Run.State.SUCCEEDED]:
            raise RuntimeError(f"stage {name} ended as {states}")
        return seconds

    def import_delivery(self) -> tuple[Delivery, dict[str, float]]:
        """Receive the file and carry it to stored, indexed cells; seconds of each stage by its label."""
        delivery = self.receive()
        times = {stage.label: self.carry_out(stage.name, stage.work, delivery) for stage in IMPORT_STAGES}
        return delivery, times

    def recompute(self, delivery: Delivery) -> dict[str, float]:
        """Compute types and participation anew; seconds of each stage by its label."""
        return {stage.label: self.carry_out(stage.name, stage.work, delivery) for stage in RECOMPUTED_STAGES}

    def remove(self, delivery: Delivery) -> None:
        """Forget a delivery completely, so that the same file is new again."""
        drop_partition(delivery.pk)
        remove_upload(delivery.pk)
        Datenstand.objects.filter(delivery=delivery).delete()
        Run.objects.filter(delivery_id=delivery.pk).delete()  # and with them what they found
        delivery.delete()


@contextmanager
def build_city(n_cells: int) -> Iterator[City]:
    """Make the areas and write a delivery of `n_cells` cells; both are gone afterwards."""
    Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=settings.VAR_DIR) as name:
        folder = Path(name)
        with override_settings(MEDIA_ROOT=folder / "media"):
            area_set, _ = load_area_set(_areas(write_areas(folder / "areas.geojson")))
            person, _ = User.objects.get_or_create(username="bench")
            yield City(folder, write_delivery(folder / "cells.csv", n_cells), area_set, person, n_cells)


def _areas(path: Path) -> AreaSource:
    label, valid_from = "Erfundene Stadt", dt.date(2020, 1, 1)
    return AreaSource(path, "nummer", "name", "bezirke", None, label, "Bench", valid_from, is_invented=True)
