"""Deliveries that wait for a person, stored as the worker leaves them."""

from __future__ import annotations

from dataclasses import replace

from django.contrib.auth.models import User

from microcells.definitions import schema_of
from microcells.domain.mapping import propose
from microcells.domain.plan import ColumnSummary, Inspection, ReadingPlan
from microcells.models import AreaSet, Delivery
from microcells.profiles import load_profiles
from tests.domain.delivery_files import CELL

DATES, TEXTS = ("stichtag",), ("mz_id", "strassenabschnitt")


def summaries(*more: ColumnSummary, renamed: dict[str, str] | None = None) -> tuple[ColumnSummary, ...]:
    """The columns of the extract, some under another heading, and further ones."""
    own = []
    for header in CELL:
        heading = (renamed or {}).get(header, header)
        if header in TEXTS:
            own.append(ColumnSummary(heading, "text", longest=12, is_unique=header == "mz_id"))
        elif header in DATES:
            own.append(ColumnSummary(heading, "date"))
        else:
            own.append(ColumnSummary(heading, "number", 0.0, 100.0))
    names = {column.heading for column in more}
    return (*(column for column in own if column.heading not in names), *more)


def make_waiting(
    area_set: AreaSet, person: User, columns: tuple[ColumnSummary, ...], **given: object
) -> Delivery:
    """A delivery of microcells whose proposal is stored; `given` are fields of the inspection."""
    plan = ReadingPlan("csv", encoding="cp1252", separator=";", decimal=",")
    inspection = replace(Inspection(plan, n_rows=12946, n_looked_at=5000, columns=columns), **given)
    proposal = propose(inspection, schema_of("microcells"), load_profiles("microcells"))
    return Delivery.objects.create(
        kind=Delivery.Kind.MICROCELLS,
        area_set=area_set,
        file_name="microm_neuss_2025-10.csv",
        size=3_400_000,
        sha256=f"9f3c41d7{Delivery.objects.count():056d}",
        received_by=person,
        state=Delivery.State.AWAITING,
        inspection=inspection.as_json(),
        proposal=proposal.as_json(),
        plan=proposal.plan.as_json(),
    )
