"""What a person says about a waiting file: kept as rows that are only ever added."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from kodala.core.errors import StateError
from microcells.domain.plan import ReadingPlan
from microcells.models import ConfirmedPlan, Delivery, SupplierProfile

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NOT_WAITING = "Die Lieferung wartet nicht mehr auf Angaben; ihr Stand hat sich inzwischen geändert."
DATE_PARTS = re.compile(r"[\W_]*\d[\d\W_]*")


def confirm_format(delivery: Delivery, plan: ReadingPlan, person: User) -> None:
    """Keep how a person said the file is written; it is then looked at anew, and its columns are open again.

    Raises StateError if the delivery does not wait.
    """
    _refuse_if_under_way(delivery)
    stored = replace(plan, columns=(), unused=()).as_json()
    ConfirmedPlan.objects.create(delivery=delivery, plan=stored, confirmed_by=person)


def confirm_plan(delivery: Delivery, plan: ReadingPlan, person: User, profile: str = "") -> None:
    """Keep how a person said the file is to be read.

    profile: name under which that is remembered for the next file; "" = not at all
    Raises StateError if the delivery does not wait.
    """
    _refuse_if_under_way(delivery)
    with transaction.atomic():
        ConfirmedPlan.objects.create(delivery=delivery, plan=plan.as_json(), confirmed_by=person)
        if profile:
            SupplierProfile.objects.create(
                name=profile, kind=delivery.kind, plan=plan.as_json(), saved_by=person
            )


def _refuse_if_under_way(delivery: Delivery) -> None:
    if not Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.AWAITING).exists():
        raise StateError(NOT_WAITING)


def suggest_profile_name(file_name: str) -> str:
    """A name for the profile of a file's supplier: "microm_neuss_2025-10.csv" -> "microm_neuss"."""
    stem = file_name.rpartition(".")[0] or file_name
    return DATE_PARTS.sub(" ", stem).strip(" _-").replace(" ", "_")[:120]
