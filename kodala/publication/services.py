"""From results behind the wall to a protected draft, and from a draft to a visible Datenstand."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection

import pandas as pd
from django.db import connection
from django.db.models import Max

from kodala.core.errors import InterruptionError, StateError
from kodala.core.runs import Step, get_result_run
from kodala.publication.candidates import (
    RESULTS,
    gather_candidates,
    load_candidates,
    newest_of,
    official_history,
)
from kodala.publication.certifying import certify
from kodala.publication.classes import fix_missing_classes
from kodala.publication.counting import describe_changes
from kodala.publication.definitions import (
    indicator_definition,
    indicator_rules,
    protection_definitions,
    rules_definition,
)
from kodala.publication.display_cells import store_display_cells
from kodala.publication.domain.joining import give_to_each_area
from kodala.publication.domain.kept_back import FigureKey, list_newly_small
from kodala.publication.domain.protection import Guarded, protect
from kodala.publication.domain.rules import CITY, breaks_primary_rule
from kodala.publication.domain.suppression import UnprotectableError
from kodala.publication.domain.wording import round_published
from kodala.publication.former import NOTHING, Former, list_withheld_before
from kodala.publication.models import Datenstand, Figure, TypeLabel
from kodala.publication.official import (
    Basis,
    find_basis,
    find_elsewhere,
    load_official,
    load_shown_before,
    publish,
    refuse_empty,
    store_official,
)
from kodala.publication.releasing import reject_datenstand, release_datenstand, withdraw_datenstand
from kodala.publication.rules_in_force import refuse_unsigned_loosening
from kodala.publication.shown import FigureState
from microcells.definitions import official_catalogue
from microcells.models import Delivery, ObservationArea
from typology.models import AreaLabel

__all__ = ["draft_datenstand", "reject_datenstand", "release_datenstand", "withdraw_datenstand"]

SOURCE_WORDS = {
    "microcells": "Mikrozellen",
    "houses": "Hausliste, gebündelt",
    "statistics": "Gebietsstatistik",
}
NOT_PROTECTABLE = (
    "Die Geheimhaltung lässt sich nicht herstellen: Auch wenn alles andere zurückgehalten wird, bleibt "
    "rückrechenbar: {figures}. Es entsteht kein Datenstand; der freigegebene gilt weiter."
)
LOCK_PATIENCE_S = 20
SHARE_OF_LOADING, SHARE_OF_PROTECTING = 0.1, 0.5  # of making a draft, when each is done
GROUPS = ("group_lasting", "group_temporary", "group_periodic")


def draft_datenstand(step: Step) -> None:
    """Turn the results of a delivery into a protected draft that a second person can release.

    A delivery of official figures is put beside the newest released microcells, and the other way round.
    Values are rounded as published, then protected; what is withheld is not stored at all.
    Raises ValueError if a withheld figure would still follow from a shown one: no proof, no figure.
    """
    started = time.perf_counter()
    delivery = Delivery.objects.select_related("area_set").get(pk=step.delivery_id)
    step.note(definition_version=f"{rules_definition().version}, {indicator_definition().version}")
    refuse_unsigned_loosening()
    newest = _newest_version()
    basis = find_basis(delivery)
    refuse_empty(basis)
    step.tell(SHARE_OF_LOADING, "Was zurückbleiben muss, wird gesucht und nachgerechnet")
    guarded = protect_basis(basis, load_shown_before(basis))
    step.tell(SHARE_OF_PROTECTING, "Entwurf und Vergleich werden geschrieben")
    changes = describe_changes(basis.main)
    with step.closing():
        _one_draft_at_a_time()
        if _newest_version() != newest:
            # What the other one shows was not looked at when this one was protected.
            raise InterruptionError("another draft was made meanwhile")
        datenstand = _create(basis)
        store_figures(datenstand, basis, guarded, time.perf_counter() - started)
        Datenstand.objects.filter(pk=datenstand.pk).update(comparison=changes)


def store_figures(
    datenstand: Datenstand, basis: Basis, guarded: Guarded, seconds: float, former: Former = NOTHING
) -> None:
    """Store what may be shown, and the certificate; belongs into one transaction."""
    rounded = _round(newest_of(guarded.figures))
    datenstand.figures_hash = _figures_hash(rounded)
    datenstand.certificate = certify(guarded, seconds)
    datenstand.save(update_fields=["figures_hash", "certificate"])
    _store_rows(datenstand, rounded)
    store_official(datenstand, basis, official_history(guarded.figures))
    if basis.cells:
        _store_labels(datenstand, rounded, basis.cells.pk)
    fix_missing_classes(datenstand)
    store_display_cells(datenstand, basis.cells, rounded, former)


def protect_basis(basis: Basis, before: pd.DataFrame, former: Former = NOTHING) -> Guarded:
    """Protect the results; what is withheld here or in another division of the same city falls everywhere.

    before: figures that other Datenstände of the same dates show
    Two divisions share their totals: one that shows all areas would give away what the other withholds.
    Raises ValueError if attackers could compute a withheld figure: no proof, no figure.
    """
    guarded = _protect_everywhere(basis, before, former)
    if guarded.found.leaks:
        raise ValueError(f"{len(guarded.found.leaks)} withheld figures can be computed")
    return guarded


def _protect_everywhere(basis: Basis, before: pd.DataFrame, former: Former) -> Guarded:
    main, official = basis.main, load_official(basis)
    cells = load_candidates(basis.cells) if basis.cells else pd.DataFrame()
    candidates = gather_candidates(cells, official, main.date)
    definitions = protection_definitions()
    is_unsafe = breaks_primary_rule(candidates, definitions.rules)
    small = list_newly_small(candidates, is_unsafe, publish(candidates), before, definitions.content)
    kept_back = {*former.withheld, *list_withheld_before(main)}
    others = Figure.objects.filter(
        district=None,
        datenstand__reference_date=main.date,
        datenstand__area_set__is_invented=main.area_set.is_invented,
    ).exclude(datenstand__area_set=main.area_set)
    guarded = guard(candidates, small, before, kept_back)
    figures = guarded.figures
    known, withheld = find_elsewhere(basis, official)
    known |= set(others.values_list("indicator", flat=True).distinct())
    withheld |= set(others.filter(state=FigureState.PROTECTED).values_list("indicator", flat=True).distinct())
    withheld |= set(figures.loc[figures["state"] == FigureState.PROTECTED, "indicator"]) & known
    return guard(candidates, withheld | small, before, kept_back) if withheld else guarded


def guard(
    candidates: pd.DataFrame,
    closed: Collection[str] = (),
    before: pd.DataFrame | None = None,
    kept_back: Collection[FigureKey] = (),
) -> Guarded:
    """Protect candidates by the signed definitions; StateError, naming figures, if that is impossible."""
    try:
        return protect(candidates, protection_definitions(), closed, before, kept_back)
    except UnprotectableError as error:
        named = [f"{key[0]} in Gebiet {key[1]}" for key in error.keys[:3] if isinstance(key, tuple)]
        raise StateError(NOT_PROTECTABLE.format(figures="; ".join(named))) from error


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


def _one_draft_at_a_time() -> None:
    """Let two deliveries that are drafted at once take version and classes one after the other."""
    with connection.cursor() as cursor:
        # A page that forgot to end its transaction must not hold the worker up for good: it tries again.
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE_S}s'")
        cursor.execute(f"LOCK TABLE {Datenstand._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def _newest_version() -> int:
    newest: int | None = Datenstand.objects.aggregate(newest=Max("version"))["newest"]
    return newest or 0


def _figures_hash(table: pd.DataFrame) -> str:
    columns = ["indicator", "area", "district", "state", "value", "lower", "upper"]
    return hashlib.sha256(table[columns].to_csv(index=False).encode()).hexdigest()


def _create(basis: Basis) -> Datenstand:
    main = basis.main
    return Datenstand.objects.create(
        version=_newest_version() + 1,
        delivery=main,
        area_set=main.area_set,
        reference_date=main.date,
        state=Datenstand.State.AUDITED,
        definitions={
            "indicators": indicator_definition().version,
            "rules": rules_definition().version,
            "official": official_catalogue().version,
            **_method_versions(basis),
        },
        source=_source(basis),
        requested_by=basis.delivery.received_by,
        statistics_deliveries=list(basis.statistics),
    )


def _store_rows(datenstand: Datenstand, table: pd.DataFrame) -> None:
    areas = dict(ObservationArea.objects.filter(area_set=datenstand.area_set).values_list("number", "pk"))
    Figure.objects.bulk_create(
        Figure(
            datenstand=datenstand,
            area_id=areas.get(row["area"]),
            district=int(row["district"]) or None,
            indicator=row["indicator"],
            state=row["state"],
            value=_or_none(row["value"]),
            lower=_or_none(row["lower"]),
            upper=_or_none(row["upper"]),
            joined_with=row["joined_with"],
        )
        for row in give_to_each_area(table).to_dict("records")
    )


def _method_versions(basis: Basis) -> dict[str, str]:
    """With which definitions the rooms computed what the cells give."""
    if basis.cells is None:
        return {}
    noted = get_result_run("areas.compute_figures", basis.cells.pk).parameters
    return {room: str(noted[room]) for room in ("typology", "seniors") if room in noted}


def _source(basis: Basis) -> str:
    """Which deliveries a Datenstand is made from, in words."""
    main = basis.main
    own = f"Lieferung {main.pk} ({SOURCE_WORDS[main.kind]}); eigene Berechnung"
    if not basis.statistics or main.kind == Delivery.Kind.STATISTICS:
        return own
    return f"{own}; amtliche Zahlen aus Lieferung {', '.join(map(str, basis.statistics))}"[:300]


def _or_none(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _store_labels(datenstand: Datenstand, table: pd.DataFrame, delivery_id: int) -> None:
    """Carry over type labels only where every figure they were made from is shown.

    What marks an area is told against the whole city, so a withheld figure of the city ends that everywhere.
    """
    shown = table["state"].isin([FigureState.VALUE, FigureState.UNRELIABLE, FigureState.ZERO])
    open_groups = _areas_where_all(table, shown, table["indicator"].isin(GROUPS))
    is_type = table["indicator"].str.startswith("type_")
    is_city_open = bool(shown[is_type & (table["area"] == CITY)].all())
    open_types = _areas_where_all(table, shown, is_type) if is_city_open else set()
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
    # A label of one area says what its joined figures do not say of it.
    is_single = table["joined"].map(lambda own: not isinstance(own, tuple) or not own)
    is_single &= table["district"] == 0
    rows = table[chosen & is_single & (table["area"] != CITY)].assign(shown=shown)
    complete = rows.groupby("area_id")["shown"].all()
    return {int(area) for area in complete[complete].index}
