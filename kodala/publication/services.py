"""From results behind the wall to a protected draft, and from a draft to a visible Datenstand."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from kodala.core.errors import StateError
from kodala.core.runs import Step, get_result_run
from kodala.publication.classes import fix_missing_classes
from kodala.publication.definitions import (
    indicator_definition,
    indicator_rules,
    protection_rules,
    rules_definition,
)
from kodala.publication.domain.rules import CITY, list_open_leaks, protect
from kodala.publication.domain.wording import round_published
from kodala.publication.models import Datenstand, Figure, TypeLabel
from kodala.publication.shown import FigureState
from microcells.models import AreaTotal, Delivery, ObservationArea
from seniors.models import AreaScore
from typology.models import AreaLabel, AreaType

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RESULTS = {
    "microcells": ("microcells.total_areas", AreaTotal),
    "typology": ("areas.compute_figures", AreaType),
    "seniors": ("areas.compute_figures", AreaScore),
}
SOURCE_WORDS = {"microcells": "Mikrozellen", "houses": "Hausliste, gebündelt"}
GROUPS = ("group_lasting", "group_temporary", "group_periodic")


def draft_datenstand(step: Step) -> None:
    """Turn the results of a delivery into a protected draft that a second person can release.

    Values are rounded as published, then protected; what is withheld is not stored at all.
    Raises ValueError if a withheld figure would still follow from a shown one: no proof, no figure.
    """
    started = time.perf_counter()
    delivery = Delivery.objects.select_related("area_set").get(pk=step.delivery_id)
    step.note(definition_version=f"{rules_definition().version}, {indicator_definition().version}")
    protected = _protect(delivery)
    leaks = list_open_leaks(protected, protection_rules())
    if leaks:
        raise ValueError(f"{len(leaks)} withheld figures follow from shown ones")
    rounded = _round(protected)
    with transaction.atomic():
        datenstand = _store(delivery, rounded, time.perf_counter() - started)
        _store_labels(datenstand, rounded, delivery.pk)
        fix_missing_classes(datenstand)


def _protect(delivery: Delivery) -> pd.DataFrame:
    """Protect the results; what is withheld here or in another division of the same city falls everywhere.

    Two divisions share their totals: one that shows all areas would give away what the other withholds.
    """
    candidates, rules = _load_candidates(delivery), protection_rules()
    others = Figure.objects.filter(
        datenstand__reference_date=delivery.date,
        datenstand__area_set__is_invented=delivery.area_set.is_invented,
    ).exclude(datenstand__area_set=delivery.area_set)
    protected = protect(candidates, rules)
    known = set(others.values_list("indicator", flat=True).distinct())
    withheld = set(others.filter(state=FigureState.PROTECTED).values_list("indicator", flat=True).distinct())
    withheld |= set(protected.loc[protected["state"] == FigureState.PROTECTED, "indicator"]) & known
    return protect(candidates, rules, withheld) if withheld else protected


def _load_candidates(delivery: Delivery) -> pd.DataFrame:
    """All unprotected results of the delivery, with what the rules need to know of each."""
    numbers = dict(ObservationArea.objects.filter(area_set=delivery.area_set).values_list("pk", "number"))
    rows: list[dict[str, Any]] = []
    for stage, model in RESULTS.values():
        run = get_result_run(stage, delivery.pk)
        fields = (
            "indicator",
            "area_id",
            "value",
            "lower",
            "upper",
            "numerator",
            "denominator",
            "status",
            "coverage",
        )
        rows.extend(model._default_manager.filter(run=run).values(*fields))
    table = pd.DataFrame(rows)
    table["area"] = table["area_id"].map(numbers).fillna(CITY).astype(int)
    numeric = ["value", "lower", "upper", "numerator", "denominator"]
    table[numeric] = table[numeric].astype(float)
    for size in ("persons", "households"):
        own = table[table["indicator"] == size].set_index("area")["value"]
        table[size] = table["area"].map(own)
    rules = indicator_rules()
    table = table[table["indicator"].isin(rules)].reset_index(drop=True)
    table["kind"] = [rules[code].kind for code in table["indicator"]]
    table["zero_is_public"] = [rules[code].zero_is_public for code in table["indicator"]]
    return table.sort_values(["indicator", "area"], ignore_index=True)


def _round(table: pd.DataFrame) -> pd.DataFrame:
    """Values as they are published; shares become per cent."""
    rules = indicator_rules()
    for name in ("value", "lower", "upper"):
        table[name] = [
            None
            if pd.isna(value)
            else round_published(
                value * (100.0 if rules[code].kind == "share" else 1.0),
                rules[code].decimals,
                rules[code].round_to,
            )
            for value, code in zip(table[name], table["indicator"], strict=True)
        ]
    return table


def _figures_hash(table: pd.DataFrame) -> str:
    columns = ["indicator", "area", "state", "value", "lower", "upper"]
    return hashlib.sha256(table[columns].to_csv(index=False).encode()).hexdigest()


def _store(delivery: Delivery, table: pd.DataFrame, seconds: float) -> Datenstand:
    newest = Datenstand.objects.aggregate(newest=Max("version"))["newest"] or 0
    datenstand = Datenstand.objects.create(
        version=newest + 1,
        delivery=delivery,
        area_set=delivery.area_set,
        reference_date=delivery.date,
        state=Datenstand.State.AUDITED,
        definitions={"indicators": indicator_definition().version, "rules": rules_definition().version},
        source=f"Lieferung {delivery.pk} ({SOURCE_WORDS[delivery.kind]}); eigene Berechnung",
        figures_hash=_figures_hash(table),
        certificate=_certificate(table, seconds),
        requested_by=delivery.received_by,
    )
    Figure.objects.bulk_create(
        Figure(
            datenstand=datenstand,
            area_id=None if row["area"] == CITY else int(row["area_id"]),
            indicator=row["indicator"],
            state=row["state"],
            value=_or_none(row["value"]),
            lower=_or_none(row["lower"]),
            upper=_or_none(row["upper"]),
        )
        for row in table.to_dict("records")
    )
    return datenstand


def _or_none(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _certificate(table: pd.DataFrame, seconds: float) -> dict[str, Any]:
    """What was protected and how that was checked; holds counts and no figure."""
    states = table["state"].value_counts()
    return {
        "rules": rules_definition().version,
        "rules_sha256": rules_definition().sha256,
        "figures": len(table),
        "states": {state.value: int(states.get(state.value, 0)) for state in FigureState},
        "totals_withheld": int(((table["area"] == CITY) & (table["state"] == FigureState.PROTECTED)).sum()),
        "open_leaks": 0,
        "seconds": round(seconds, 2),
    }


def _store_labels(datenstand: Datenstand, table: pd.DataFrame, delivery_id: int) -> None:
    """Carry over type labels only where every figure they were made from is shown."""
    shown = table["state"].isin([FigureState.VALUE, FigureState.UNRELIABLE, FigureState.ZERO])
    open_groups = _areas_where_all(table, shown, table["indicator"].isin(GROUPS))
    open_types = _areas_where_all(table, shown, table["indicator"].str.startswith("type_"))
    run = get_result_run(RESULTS["typology"][0], delivery_id)
    TypeLabel.objects.bulk_create(
        TypeLabel(
            datenstand=datenstand,
            area_id=label.area_id,
            leading_groups=label.leading_groups if label.area_id in open_groups else [],
            marking_types=label.marking_types if label.area_id in open_types else [],
        )
        for label in AreaLabel.objects.filter(run=run)
        if label.area_id in open_groups or label.area_id in open_types
    )


def _areas_where_all(table: pd.DataFrame, shown: pd.Series, chosen: pd.Series) -> set[int]:
    rows = table[chosen & (table["area"] != CITY)].assign(shown=shown)
    complete = rows.groupby("area_id")["shown"].all()
    return {int(area) for area in complete[complete].index}


def release_datenstand(datenstand_pk: int, person: User) -> None:
    """Make a checked draft visible: one statement, and only the first of two people wins.

    Raises StateError in German if the person asked for it, or if it is not waiting for release any more.
    """
    datenstand = Datenstand.objects.get(pk=datenstand_pk)
    if datenstand.requested_by_id == person.pk:
        raise StateError("Wer die Lieferung hochgeladen hat, kann sie nicht selbst freigeben.")
    changed = Datenstand.objects.filter(pk=datenstand_pk, state=Datenstand.State.AUDITED).update(
        state=Datenstand.State.RELEASED, released_by=person, released_at=timezone.now()
    )
    if not changed:
        raise StateError(f"Der Datenstand V{datenstand.version} ist bereits freigegeben oder zurückgenommen.")


def withdraw_datenstand(datenstand_pk: int, person: User) -> None:
    """Take a released Datenstand back; the one before it is current again.

    Raises StateError in German if it is not released.
    """
    changed = Datenstand.objects.filter(pk=datenstand_pk, state=Datenstand.State.RELEASED).update(
        state=Datenstand.State.WITHDRAWN, withdrawn_by=person, withdrawn_at=timezone.now()
    )
    if not changed:
        raise StateError("Nur ein freigegebener Datenstand kann zurückgenommen werden.")
