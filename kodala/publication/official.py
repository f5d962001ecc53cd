"""Official figures of a Datenstand: which deliveries count, and protection together with the cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
from django.db.models import Q, QuerySet

from kodala.core.errors import StateError
from kodala.publication.definitions import indicator_rules, protection_rules
from kodala.publication.domain.given_away import add_shown_before, find_given_away
from kodala.publication.domain.official import (
    COLUMNS,
    Key,
    as_candidates,
    complete,
    find_small_rests,
    mark_withheld,
    newest_delivered,
)
from kodala.publication.domain.rules import CITY, list_open_leaks, protect
from kodala.publication.domain.wording import round_published
from kodala.publication.models import Datenstand, OfficialFigure
from kodala.publication.shown import FigureState
from microcells.definitions import official_catalogue
from microcells.models import AreaStatistic, Delivery, ObservationArea

OPEN = (FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE)
# A rejected draft was never shown; one that was taken back is still known to whoever kept it.
_EVER_SHOWN = Q(datenstand__state__in=[Datenstand.State.AUDITED, Datenstand.State.RELEASED]) | Q(
    datenstand__released_at__isnull=False
)


@dataclass(frozen=True)
class Basis:
    """What a draft is made from.

    delivery:   the one that asked for the draft; its person cannot release it
    cells:      delivery of the microcells, None before the first
    statistics: deliveries of official figures, by number, ascending
    """

    delivery: Delivery
    cells: Delivery | None
    statistics: tuple[int, ...]

    @property
    def main(self) -> Delivery:
        """The delivery whose reference date the Datenstand bears."""
        return self.cells or self.delivery


def find_basis(delivery: Delivery) -> Basis:
    """Put cells and official figures together: a delivery of one kind takes along the newest of the other."""
    known = {one.pk for one in _accepted(delivery.area_set_id)}
    if delivery.kind != Delivery.Kind.STATISTICS:
        return Basis(delivery, delivery, tuple(sorted(known)))
    shown = Datenstand.objects.visible().filter(area_set_id=delivery.area_set_id)
    newest = shown.exclude(delivery__kind=Delivery.Kind.STATISTICS).select_related("delivery").first()
    return Basis(delivery, newest.delivery if newest else None, tuple(sorted(known | {delivery.pk})))


def _accepted(area_set_id: int) -> list[Delivery]:
    """Deliveries of official figures in a Datenstand that is shown or waits; withdrawn ones do not count."""
    numbers: set[int] = set()
    standing = Datenstand.objects.filter(
        area_set_id=area_set_id, state__in=[Datenstand.State.AUDITED, Datenstand.State.RELEASED]
    )
    for own in standing.values_list("statistics_deliveries", flat=True):
        numbers |= set(own)
    return list(Delivery.objects.filter(pk__in=numbers, area_set_id=area_set_id))


def find_elsewhere(basis: Basis, official: pd.DataFrame) -> tuple[set[str], set[str]]:
    """Official figures of the same dates in other divisions of the city: all, and the withheld ones."""
    own = set(zip(official["indicator"], official["date"], strict=True))
    main = basis.main.area_set
    others = OfficialFigure.objects.filter(
        area__isnull=False, datenstand__area_set__is_invented=main.is_invented
    ).exclude(datenstand__area_set=main)
    rows = others.values_list("indicator", "reference_date", "state").distinct()
    same = {(code, state) for code, date, state in rows if (code, date) in own}
    return {code for code, _ in same}, {code for code, state in same if state == FigureState.PROTECTED}


def load_shown_before(basis: Basis) -> dict[Key, float]:
    """Official figures that any Datenstand of the same areas shows, has shown or may yet show."""
    areas = dict(ObservationArea.objects.filter(area_set=basis.main.area_set_id).values_list("pk", "number"))
    rows = OfficialFigure.objects.filter(
        _EVER_SHOWN,
        Q(area__isnull=False) | Q(region="city"),
        datenstand__area_set=basis.main.area_set_id,
        value__isnull=False,
    ).order_by("datenstand__version")
    return {
        (code, areas.get(area_id, CITY), date): value
        for code, area_id, date, value in rows.values_list("indicator", "area_id", "reference_date", "value")
        if value is not None
    }


@dataclass(frozen=True)
class Protected:
    """All figures with their states.

    figures:  what `protect` gives, cells and newest official figures, with area_id
    official: official figures of every date: area, indicator, date, state, value, source
    leaks:    German sentences; empty if nothing withheld follows from what is shown
    """

    figures: pd.DataFrame
    official: pd.DataFrame
    leaks: list[str]


def load_official(basis: Basis) -> pd.DataFrame:
    """The official figures of areas and city at all dates, unprotected, in the columns of the domain."""
    areas = dict(ObservationArea.objects.filter(area_set=basis.main.area_set_id).values_list("pk", "number"))
    rows = AreaStatistic.objects.filter(delivery__in=basis.statistics).values(
        "delivery",
        "area_id",
        "region",
        "indicator",
        "reference_date",
        "value",
        "numerator",
        "denominator",
        "source",
    )
    table = pd.DataFrame.from_records(
        list(rows.order_by("pk")),
        columns=[
            "delivery",
            "area_id",
            "region",
            *(c if c != "date" else "reference_date" for c in COLUMNS[1:6]),
            "source",
        ],
    ).rename(columns={"reference_date": "date"})
    numeric = ["value", "numerator", "denominator"]
    table[numeric] = table[numeric].astype(float)
    catalogue = official_catalogue()
    table = newest_delivered(table[table["indicator"].isin(catalogue.indicators)])
    table["area"] = table["area_id"].map(areas).fillna(CITY).astype(int)
    own = table[(table["region"] == "") & (table["area"] != CITY)]
    if own.empty:
        return pd.DataFrame(columns=COLUMNS)
    return complete(own, table[table["region"] == "city"], sorted(areas.values()), catalogue)


def protect_together(
    cells: pd.DataFrame,
    official: pd.DataFrame,
    closed: Collection[str] = (),
    before: Mapping[Key, float] | None = None,
) -> Protected:
    """Protect cells' and official figures of all dates together: what one table withholds no other shows.

    cells:  candidates of the cells, as `protect` wants them; may be empty
    before: official figures that other Datenstände show: nothing new may complete a sum with them
    """
    rules, catalogue, before = protection_rules(), official_catalogue(), before or {}
    withheld = find_small_rests(add_shown_before(official, before), catalogue, rules.count_min)
    sizes, areas = _sizes(cells, official), set(official["area"]) - {CITY}
    while True:
        withheld |= find_given_away(withheld, before, areas, catalogue)
        marked = mark_withheld(official, withheld)
        newest = marked[marked["date"] == marked.groupby("indicator")["date"].transform("max")]
        main = _protect_one(cells, newest, sizes, closed)
        tables = [_protect_one(None, rows, sizes, closed) for _, rows in marked.groupby("date", sort=True)]
        found = {key for table in (main, *tables) for key in _hidden(table)}
        if found <= withheld:
            break
        withheld |= found
    leaks = [leak for table in (main, *tables) for leak in list_open_leaks(table, rules)]
    columns = ["area", "indicator", "date", "state", "value", "source"]
    history = pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    return Protected(main, history, leaks)


def _protect_one(
    cells: pd.DataFrame | None, official: pd.DataFrame, sizes: pd.DataFrame, closed: Collection[str]
) -> pd.DataFrame:
    parts = [] if cells is None or cells.empty else [cells.assign(is_free=False, date=None, source="")]
    if len(official):
        dated = official[["date", "source"]].reset_index(drop=True)
        own = as_candidates(official.reset_index(drop=True), official_catalogue(), sizes)
        parts.append(pd.concat([own, dated], axis=1))
    table = pd.concat(parts, ignore_index=True).sort_values(["indicator", "area"], ignore_index=True)
    return protect(table.astype({"is_free": bool, "zero_is_public": bool}), protection_rules(), closed)


def _hidden(table: pd.DataFrame) -> Iterable[Key]:
    own = table[(table["state"] == FigureState.PROTECTED) & table["date"].notna()]
    return zip(own["indicator"], own["area"], own["date"], strict=True)


def _sizes(cells: pd.DataFrame, official: pd.DataFrame) -> pd.DataFrame:
    """Persons and households of each area: of the cells, else as officially counted, at the newest date."""
    found = {}
    # A joined row has the sizes of all its areas.
    single = cells[cells["joined"].map(len) == 0] if len(cells) else cells
    for size, code in (("persons", "population"), ("households", "households_official")):
        own = official[official["indicator"] == code].sort_values("date").groupby("area")["value"].last()
        mine = single.groupby("area")[size].first() if len(single) else pd.Series(dtype=float)
        found[size] = mine.combine_first(own)
    table = pd.DataFrame(found)
    table["households"] = table["households"].fillna(table["persons"] / 2)
    return table


def store_official(datenstand: Datenstand, basis: Basis, official: pd.DataFrame) -> None:
    """Store the protected official figures of all dates, and the comparison rows that were delivered."""
    areas = dict(ObservationArea.objects.filter(area_set=datenstand.area_set).values_list("number", "pk"))
    rules = indicator_rules()
    OfficialFigure.objects.bulk_create(
        OfficialFigure(
            datenstand=datenstand,
            area_id=areas.get(row["area"]),
            region="city" if row["area"] == CITY else "",
            indicator=row["indicator"],
            reference_date=row["date"],
            state=row["state"],
            value=_published(row["value"], row["indicator"]) if row["state"] in OPEN else None,
            source=row["source"],
        )
        for row in official.to_dict("records")
        if row["indicator"] in rules
    )
    OfficialFigure.objects.bulk_create(_region_rows(datenstand, basis, official))


def _published(value: float, code: str) -> float:
    rules = indicator_rules()[code]
    return round_published(value * (100.0 if rules.kind == "share" else 1.0), rules.decimals, rules.round_to)


def _region_rows(datenstand: Datenstand, basis: Basis, official: pd.DataFrame) -> list[OfficialFigure]:
    """Comparison rows as delivered; a city's row beside its areas could give one away and is left out."""
    known = set(official["indicator"]) | set(
        OfficialFigure.objects.filter(
            _EVER_SHOWN, area__isnull=False, datenstand__area_set=datenstand.area_set
        ).values_list("indicator", flat=True)
    )
    rows = _regions(basis).exclude(region="city", indicator__in=known).exclude(value=None)
    newest = {(row.region, row.indicator, row.reference_date): row for row in rows.order_by("delivery_id")}
    return [
        OfficialFigure(
            datenstand=datenstand,
            region=row.region,
            indicator=row.indicator,
            reference_date=row.reference_date,
            state=FigureState.VALUE,
            value=row.value,
            source=row.source,
        )
        for row in newest.values()
    ]


def _regions(basis: Basis) -> QuerySet[AreaStatistic]:
    return AreaStatistic.objects.filter(delivery__in=basis.statistics, area=None).exclude(region="")


def refuse_empty(basis: Basis) -> None:
    """Raise StateError if there is nothing to publish: a comparison row needs areas to stand beside."""
    if (
        basis.cells is None
        and not AreaStatistic.objects.filter(delivery__in=basis.statistics, area__isnull=False).exists()
    ):
        raise StateError(
            "Die Lieferung enthält nur Vergleichsreihen, und es gibt noch keinen freigegebenen Datenstand, "
            "neben dem sie stehen könnten. Bitte erst Mikrozellen freigeben, dann „Erneut versuchen“ wählen."
        )
