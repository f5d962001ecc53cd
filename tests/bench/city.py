"""The city in which is measured: the invented areas, one person, and deliveries that come and go."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth.models import User
from django.test import override_settings

from kodala.core.models import Run
from kodala.core.runs import carry_out
from kodala.flow import Stage
from kodala.pipeline import STAGES
from kodala.publication.models import Datenstand
from microcells.areas import AreaSource, load_area_set
from microcells.cells_table import drop_partition
from microcells.models import AreaSet, Delivery
from microcells.services import receive_delivery
from microcells.uploads import remove_upload
from tests.bench.figures import seconds_of
from tests.bench.generated import Ground, invented_city, write_delivery, write_ground

COMPUTE = "areas.compute_figures"
LOOK_S = 0.05


def stages_before(name: str) -> list[Stage]:
    """The stages of a delivery of microcells that come before the named one."""
    names = [stage.name for stage in STAGES]
    return list(STAGES[: names.index(name)])


@dataclass(frozen=True)
class City:
    """Where a bench works: its folder and that of received files, the delivery's file, areas and person."""

    folder: Path
    media: Path
    file: Path
    area_set: AreaSet
    person: User
    n_cells: int

    def receive(self, file: Path | None = None) -> Delivery:
        """Hand in the file, as upload page and console do."""
        path = file or self.file
        with path.open("rb") as stream:
            chunks = iter(lambda: stream.read(1 << 20), b"")
            return receive_delivery(chunks, path.name, "microcells", self.area_set.pk, None, self.person)

    def carry_out(self, name: str, work: Callable[..., None], delivery: Delivery) -> float:
        """Carry out a stage as the worker does; seconds. Raises RuntimeError if it does not succeed."""
        states: list[str | None] = []
        seconds = seconds_of(lambda: states.append(carry_out(name, delivery.pk, work)))
        if states != [Run.State.SUCCEEDED]:
            raise RuntimeError(f"stage {name} ended as {states}")
        return seconds

    def import_delivery(self) -> tuple[Delivery, dict[str, float]]:
        """Receive the file and carry it to stored, indexed cells; seconds of each stage by its label.

        Nobody helps, as where there is one worker: without a queue the helpers would come first, in here.
        """
        delivery = self.receive()
        stages = stages_before(COMPUTE)
        with patch("kodala.helping._call"):
            times = {stage.label: self.carry_out(stage.name, stage.work, delivery) for stage in stages}
        return delivery, times

    def carry(self, send: Callable[[str, int], None], delivery: Delivery) -> dict[str, float]:
        """Let a real worker carry a received delivery to its draft; seconds of each stage by its label."""
        send(STAGES[0].name, delivery.pk)
        wait_until_computed(delivery)
        return seconds_of_stages(delivery)

    def recompute(self, send: Callable[[str, int], None], delivery: Delivery) -> float:
        """Let a real worker compute types and participation anew; seconds of that stage."""
        Datenstand.objects.filter(delivery=delivery).delete()
        Run.objects.filter(delivery_id=delivery.pk, stage__in=_from_compute_on()).delete()
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.RUNNING)
        send(COMPUTE, delivery.pk)
        wait_until_computed(delivery)
        run = Run.objects.get(delivery_id=delivery.pk, stage=COMPUTE)
        return run.seconds or 0.0

    def remove(self, delivery: Delivery) -> None:
        """Forget a delivery completely, so that the same file is new again."""
        drop_partition(delivery.pk)
        remove_upload(delivery.pk)
        Datenstand.objects.filter(delivery=delivery).delete()
        Run.objects.filter(delivery_id=delivery.pk).delete()  # and with them what they found
        delivery.delete()


def _from_compute_on() -> list[str]:
    names = [stage.name for stage in STAGES]
    return names[names.index(COMPUTE) :]


def wait_until_computed(delivery: Delivery) -> None:
    """Wait for a worker. Raises RuntimeError if the delivery stops before its draft."""
    while True:
        time.sleep(LOOK_S)
        delivery.refresh_from_db()
        if delivery.state == Delivery.State.COMPUTED:
            return
        if delivery.state in (Delivery.State.REJECTED, Delivery.State.FAILED, Delivery.State.AWAITING):
            stopped = Run.objects.filter(delivery_id=delivery.pk).latest("pk")
            raise RuntimeError(f"the delivery is {delivery.state}: {stopped.stage}: {stopped.message}")


def seconds_of_stages(delivery: Delivery) -> dict[str, float]:
    """How long each stage took, by its label."""
    labels = {stage.name: stage.label for stage in STAGES}
    runs = Run.objects.filter(delivery_id=delivery.pk, state=Run.State.SUCCEEDED).order_by("pk")
    return {labels[run.stage]: run.seconds or 0.0 for run in runs}


@contextmanager
def build_city(n_cells: int, ground: Ground | None = None, *, beside: City | None = None) -> Iterator[City]:
    """Make the areas and write a delivery of `n_cells` cells; both are gone afterwards.

    beside: a city whose worker is to carry the deliveries of this one too
    """
    ground = ground or invented_city()
    Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=settings.VAR_DIR) as name:
        folder = Path(name)
        media = beside.media if beside else folder / "media"
        with override_settings(MEDIA_ROOT=media):
            area_set, _ = load_area_set(_areas(write_ground(folder / "areas.geojson", ground)))
            person, _ = User.objects.get_or_create(username="bench")
            file = write_delivery(folder / "cells.csv", n_cells, ground)
            yield City(folder, media, file, area_set, person, n_cells)


def _areas(path: Path) -> AreaSource:
    label, valid_from = "Erfunden", dt.date(2020, 1, 1)
    return AreaSource(path, "nummer", "name", "bezirke", None, label, "Bench", valid_from, is_invented=True)
