"""Official figures of a Datenstand: which deliveries count, and protection together with the cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.db.models import Q, QuerySet

from kodala.core.errors import StateError
from kodala.publication.definitions import indicator_rules, official_indicators
from kodala.publication.domain.figure_table import WHOLE_AREA
from kodala.publication.domain.official import COLUMNS, complete, newest_delivered
from kodala.publication.domain.rules import CITY
from kodala.publication.domain.wording import round_published
from kodala.publication.former import NOTHING, Former
from kodala.publication.models import Datenstand, Figure, OfficialFigure
from kodala.publication.shown import FigureState
from microcells.definitions import official_catalogue
from microcells.models import AreaStatistic, Delivery, ObservationArea

OPEN = (FigureState.VALUE, FigureState.ZERO, FigureState.UNRELIABLE)
# One that was taken back is still known to whoever kept it, a rejected one to whoever decided.
_EVER_SHOWN = ~Q(datenstand__state=Datenstand.State.DRAFT)


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


def load_shown_before(basis: Basis, again: Former = NOTHING) -> pd.DataFrame:
    """Figures that any Datenstand of the same areas shows, has shown or may yet show, of the same dates.

    again: given if the basis is protected again: then only what is shown under the rules in force counts.
           What was shown before besides is known too, but must be protected as far as it still can be

    Columns as `protect` wants them; shares in per cent as published, which is enough to know that they are;
    without a value where a figure was shown before the rules were tightened.
    """
    main = basis.main
    numbers = dict(ObservationArea.objects.filter(area_set=main.area_set_id).values_list("pk", "number"))
    is_known = Q(value__isnull=False) if again is not NOTHING else Q(value__isnull=False) | Q(was_shown=True)
    shown = {"datenstand__area_set": main.area_set_id}
    official = OfficialFigure.objects.filter(
        _EVER_SHOWN, is_known, Q(area__isnull=False) | Q(region="city"), **shown
    )
    own = Figure.objects.filter(_EVER_SHOWN, is_known, datenstand__reference_date=main.date, **shown)
    official = official.exclude(datenstand__in=again.not_yet)
    own = own.exclude(datenstand__in=again.not_yet).exclude(
        indicator__in=[one.code for one in official_indicators()]
    )
    rows = [
        *(
            (*row, None, None)  # no district, shown with nobody
            for row in official.order_by("datenstand__version").values_list(
                "indicator", "area_id", "value", "reference_date"
            )
        ),
        *own.order_by("datenstand__version").values_list(
            "indicator", "area_id", "value", "datenstand__reference_date", "district", "joined_with"
        ),
    ]
    table = pd.DataFrame(rows, columns=["indicator", "area", "value", "date", "district", "others"])
    table["value"] = table["value"].astype(float)
    table["area"] = table["area"].map(numbers).fillna(CITY).astype(int)
    table["district"] = table["district"].fillna(WHOLE_AREA).astype(int)
    areas = zip(table["area"], table["others"], strict=True)
    table["joined"] = [tuple(sorted((area, *others))) if others else () for area, others in areas]
    rules = indicator_rules()
    table["kind"] = [rules[code].kind if code in rules else "" for code in table["indicator"]]
    return table[table["kind"] != ""].drop_duplicates(["indicator", "area", "district", "date"], keep="last")


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


def publish(figures: pd.DataFrame) -> pd.Series[float]:
    """The value of each figure as it would be shown, NaN where there is none."""
    rows = zip(figures["value"], figures["indicator"], strict=True)
    values = [np.nan if pd.isna(value) else _published(value, code) for value, code in rows]
    return pd.Series(values, index=figures.index, dtype=float)


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
