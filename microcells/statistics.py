"""Deliveries of area statistics: reading with check, and storing the official figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils import timezone

from kodala.core.errors import InputError, StateError
from kodala.core.runs import Step
from microcells.definitions import official_catalogue, schema_of, statistics_definition
from microcells.domain.area_statistics import StatisticsCheck, StatisticsResult
from microcells.domain.entries import Entry
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.statistics_lines import Places
from microcells.files import read_file
from microcells.models import AreaStatistic, Delivery
from microcells.selectors import list_areas
from microcells.uploads import remove_upload, upload_path

MISSING_FILE = "Die Datei ist nicht mehr da. Bitte dieselbe Datei noch einmal hochladen."


def check_statistics(delivery: Delivery, tell: Callable[[float, str], None]) -> StatisticsResult:
    """Read and check the whole file.

    Raises StateError if the file is gone, InputError if it is no table of this kind.
    """
    check = StatisticsCheck(
        schema_of(delivery.kind),
        official_catalogue(),
        _places(delivery.area_set_id),
        stated_date=delivery.stated_date,
        today=timezone.localdate(),
    )
    n_rows = 0
    for block in _blocks(delivery):
        check.add(block)
        n_rows += len(block.rows)
        tell(0.5, f"{n_rows:,} Zeilen".replace(",", "."))
    return check.close()


def _blocks(delivery: Delivery) -> Iterator[Block]:
    path = upload_path(delivery.pk)
    if not path.exists():
        raise StateError(MISSING_FILE)
    return read_file(path, ReadingPlan.from_json(delivery.plan), schema_of(delivery.kind))


def _places(area_set_id: int) -> Places:
    areas = list_areas(area_set_id)
    return Places(
        {area.number: area.name for area in areas},
        {district: area.number for area in areas for district in area.districts},
        settings.CITY_NAME,
    )


def store_statistics(step: Step) -> None:
    """Store the official figures of a checked delivery, all or none, and delete its file.

    Raises InputError if the file has changed since its check, StateError if it is gone.
    """
    delivery = Delivery.objects.get(pk=step.delivery_id)
    step.note(definition_version=statistics_definition().version, input_hash=delivery.canonical_digest)
    result = check_statistics(delivery, step.tell)
    if result.is_rejected:
        raise InputError([])
    areas = {area.number: area.pk for area in list_areas(delivery.area_set_id)}
    with step.closing():
        AreaStatistic.objects.filter(delivery=delivery).delete()
        AreaStatistic.objects.bulk_create(
            (_row(delivery, entry, areas) for entry in result.entries), batch_size=2000
        )
    remove_upload(delivery.pk)


def _row(delivery: Delivery, entry: Entry, areas: dict[int, int]) -> AreaStatistic:
    return AreaStatistic(
        delivery=delivery,
        area_id=areas[entry.area] if entry.area is not None else None,
        region=entry.region,
        indicator=entry.indicator,
        reference_date=entry.date,
        value=entry.value,
        numerator=entry.numerator,
        denominator=entry.denominator,
        source=entry.source or _usual_source(entry.indicator),
    )


def _usual_source(code: str) -> str:
    """The body that counts a figure, where the file names no source."""
    catalogue = official_catalogue()
    return catalogue.deliverers[catalogue.indicators[code].deliverer]
