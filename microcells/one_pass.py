"""Reading the cells of a delivery once for several rooms, in pieces that several workers share.

Reading costs far more than computing, so typology and seniors share one pass: each says which columns
it needs and measures every area in turn. Neither knows of the other. What an area measured is small and
can be added up, so any worker may measure it; the one that carries out the run stores the results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from kodala.core.pieces import CallHelp, agrees, find_shared_run, help_with_pieces, share_out
from kodala.core.runs import Step, get_result_run
from microcells.display_cells import why_no_display_cells
from microcells.domain.display_partition import Seeds, find_parts
from microcells.domain.districts import part_by_district
from microcells.models import AreaTotal, Delivery, ObservationArea
from microcells.results import Measured, Payload, Place
from microcells.selectors import AreaCells, list_areas, load_cells, load_display_seeds

DISTRICT = "district_number"

# A quarter of a second's work: little beside the few statements that a piece costs, and the worker that
# takes the last one does not let the others wait for long.
CELLS_PER_PIECE = 50_000


class AreaWork(Protocol):
    """What a room does while the areas go by."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs of every cell."""

    @property
    def facts(self) -> dict[str, str]:
        """By which definition it computes; workers that share a run must agree."""

    def measure(self, cells: AreaCells) -> Measured:
        """What is needed of one area, and of each of its parts; nothing is stored yet."""

    def store(self, step: Step, payloads: Mapping[Place, Payload]) -> None:
        """Compute areas, districts and city from place -> payload, in their order; write all results."""


MakeWorks = Callable[[Delivery], Sequence[AreaWork]]


def go_through_areas(step: Step, works: Sequence[AreaWork], call_help: CallHelp) -> None:
    """Let every work measure every area of the step's delivery, with whoever helps, then store."""
    shared = _Pass(Delivery.objects.get(pk=step.delivery_id), works)
    names = cut_areas(shared.count_cells())
    if len(names) == 1:
        results = [shared.measure(name) for name in names]
    else:
        results = share_out(step.run, names, shared.measure, shared.progress(step), call_help)
    measured = [payloads for result in results for payloads in result]
    with step.closing():
        for place, work in enumerate(works):
            own = zip(shared.area_ids, (payloads[place] for payloads in measured), strict=True)
            work.store(step, {(pk, district): one for pk, found in own for district, one in found})


def help_with_areas(run_id: int, make_works: MakeWorks) -> int:
    """Take pieces of another worker's run; gives how many.

    None of them if this worker has another version of the program or of a definition: they do not mix.
    """
    run = find_shared_run(run_id)
    if run is None:
        return 0
    delivery = Delivery.objects.get(pk=run.delivery_id)
    works = make_works(delivery)
    if not all(agrees(run, work.facts) for work in works):
        return 0
    return help_with_pieces(run_id, _Pass(delivery, works).measure)


def cut_areas(n_cells: Sequence[int]) -> list[str]:
    """Cut a list of areas into stretches of similar numbers of cells, "0-3" for the first three areas.

    n_cells: cells of each area, in the order of the areas; an area is never cut
    """
    n_pieces = max(math.ceil(sum(n_cells) / CELLS_PER_PIECE), 1)
    share = sum(n_cells) / n_pieces
    bounds, before = [0], 0.0
    for place, own in enumerate(n_cells):
        # The area goes to the piece in which its middle lies.
        if (
            place
            and share
            and int((before + own / 2) // share) > int((before - n_cells[place - 1] / 2) // share)
        ):
            bounds.append(place)
        before += own
    bounds.append(len(n_cells))
    return [f"{start}-{stop}" for start, stop in pairwise(bounds)]


@dataclass(frozen=True)
class _Pass:
    """One reading of one delivery: the same for the worker that carries it out and for those that help."""

    delivery: Delivery
    works: Sequence[AreaWork]

    @cached_property
    def areas(self) -> list[ObservationArea]:
        """All areas in the order of their numbers."""
        return list_areas(self.delivery.area_set_id)

    @cached_property
    def area_ids(self) -> list[int]:
        """Their ids."""
        return [area.pk for area in self.areas]

    def count_cells(self) -> list[int]:
        """Cells of each area, from the totals."""
        totals = AreaTotal.objects.filter(
            run=get_result_run("microcells.total_areas", self.delivery.pk),
            indicator="households",
            district=None,
        )
        by_area = dict(totals.values_list("area_id", "n_cells"))
        return [by_area.get(area_id, 0) for area_id in self.area_ids]

    def measure(self, name: str) -> list[list[Measured]]:
        """What every work measured in every area of a piece, one area in memory at a time."""
        start, stop = _stretch(name)
        needed = [column for work in self.works for column in work.columns]
        needed += ["x", "y"] if self.seeds else []
        found = []
        for area in self.areas[start:stop]:
            columns = tuple(dict.fromkeys([*needed, DISTRICT] if len(area.districts) > 1 else needed))
            for cells in load_cells(self.delivery.pk, columns, [area.pk]):
                divided = self._divide(cells)
                found.append([work.measure(divided) for work in self.works])
        return found

    @cached_property
    def seeds(self) -> dict[int, Seeds]:
        """The places behind the display cells by area id; empty if the delivery has none."""
        return {} if why_no_display_cells(self.delivery) else load_display_seeds(self.delivery.area_set_id)

    def _divide(self, cells: AreaCells) -> AreaCells:
        """The cells of an area with the districts and the display cells they belong to."""
        if DISTRICT in cells.columns:
            cells = replace(cells, districts=part_by_district(cells.columns[DISTRICT]))
        seeds = self.seeds.get(cells.area_id)
        if seeds is None:
            return cells
        return replace(cells, parts=find_parts(cells.columns["x"], cells.columns["y"], seeds))

    def progress(self, step: Step) -> Callable[[list[str]], None]:
        """A way to tell how many areas are done."""
        n_areas = len(self.area_ids)

        def tell(done: list[str]) -> None:
            n_done = sum(stop - start for start, stop in map(_stretch, done))
            step.tell(n_done / n_areas, f"{n_done} von {n_areas} Gebieten")

        return tell


def _stretch(name: str) -> tuple[int, int]:
    start, _, stop = name.partition("-")
    return int(start), int(stop)
