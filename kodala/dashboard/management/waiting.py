"""What the console says about a delivery that waits for a person, and how it answers with a profile."""

from __future__ import annotations

from django.contrib.auth.models import User

from kodala.dashboard.column_table import ColumnTable
from microcells.confirming import confirm_plan
from microcells.definitions import schema_of
from microcells.domain.mapping import propose
from microcells.domain.plan import Inspection
from microcells.domain.plan_check import list_problems, parse_plan, refuse_foreign_parts
from microcells.models import Delivery
from microcells.profiles import load_profiles

HEADINGS_TOLD = 20


class UnknownProfileError(Exception):
    """No profile of that name is known; the text names those that are."""


def list_open_points(delivery: Delivery) -> list[str]:
    """What is open, one German line each: the questions, then the headings for which no field is known."""
    unknown = ColumnTable(delivery).open_headings
    lines = [f"- {question}" for question in delivery.proposal.get("questions", ())]
    if unknown:
        more = " …" if len(unknown) > HEADINGS_TOLD else ""
        lines.append(f"- unbekannte Spalten: {', '.join(unknown[:HEADINGS_TOLD])}{more}")
    return lines


def confirm_with_profile(delivery: Delivery, name: str, person: User) -> bool:
    """Confirm the mapping that the profile of this name gives; False if something stays open even so.

    Raises UnknownProfileError.
    """
    schema, profiles = schema_of(delivery.kind), load_profiles(delivery.kind)
    chosen = profiles.only(name)
    if not chosen.own and not chosen.shipped:
        known = ", ".join(f"„{one.name}“" for one in (*profiles.own, *profiles.shipped)) or "keines"
        raise UnknownProfileError(f"Das Profil „{name}“ gibt es nicht. Bekannt: {known}.")
    inspection = Inspection.from_json(delivery.inspection)
    proposal = propose(inspection, schema, chosen)
    is_open = any(column.match == "unknown" or column.hint for column in proposal.columns)
    if is_open or proposal.doubtful or list_problems(proposal.plan, schema):
        return False
    plan = parse_plan(proposal.plan.as_json())
    refuse_foreign_parts(plan, inspection, schema, profiles)
    confirm_plan(delivery, plan, person)
    return True
