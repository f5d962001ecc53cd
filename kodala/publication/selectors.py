"""The only way a figure leaves the house: every page, map, table, export and sentence reads from here."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from kodala.publication.area_panel import build_area_view
from kodala.publication.comparison import compare
from kodala.publication.definitions import indicator_rules, indicators
from kodala.publication.models import Datenstand
from kodala.publication.risk_filter import match_areas
from kodala.publication.shown import (
    AreaView,
    Criterion,
    DatenstandLine,
    DraftComparison,
    FilterResult,
    Indicator,
    IndicatorGroup,
    IndicatorView,
)
from kodala.publication.values import Values, build_indicator_view, load_values
from microcells.models import AreaSet
from microcells.outlines import areas_as_geojson


def _released() -> QuerySet[Datenstand]:
    """Visible Datenstände, the current one first."""
    return Datenstand.objects.filter(state=Datenstand.State.RELEASED).select_related("area_set")


def get_datenstand(version: int | None = None) -> Datenstand:
    """A released Datenstand by its version; the current one without. Raises Datenstand.DoesNotExist."""
    if version is not None:
        return _released().get(version=version)
    for chosen in (_released().filter(area_set__is_current=True), _released()):
        newest = chosen.first()
        if newest:
            return newest
    raise Datenstand.DoesNotExist("no Datenstand is released yet")


def get_datenstand_line(datenstand: Datenstand) -> DatenstandLine:
    """How a Datenstand is written in selectors, titles and exports."""
    try:
        current = get_datenstand().pk
    except Datenstand.DoesNotExist:
        current = None
    return _line(datenstand, is_current=datenstand.pk == current)


def _line(datenstand: Datenstand, *, is_current: bool) -> DatenstandLine:
    area_set = datenstand.area_set
    return DatenstandLine(
        pk=datenstand.pk,
        label=str(datenstand),
        reference_date=datenstand.reference_date,
        version=datenstand.version,
        is_invented=area_set.is_invented,
        is_current=is_current,
        area_set_label=f"{area_set.label} (Näherung, nicht amtlich)"
        if area_set.is_approximate
        else area_set.label,
        area_set_pk=area_set.pk,
        area_count=area_set.areas.count(),
        source=datenstand.source,
    )


def list_datenstaende() -> list[DatenstandLine]:
    """All released Datenstände, the current one first, then by reference date."""
    try:
        current = get_datenstand().pk
    except Datenstand.DoesNotExist:
        return []
    lines = [_line(datenstand, is_current=datenstand.pk == current) for datenstand in _released()]
    return sorted(lines, key=lambda line: not line.is_current)


def is_invented_city() -> bool:
    """Whether the current area set is invented, so that even pages without figures must say so."""
    return AreaSet.objects.filter(is_current=True, is_invented=True).exists()


def list_indicator_groups() -> tuple[IndicatorGroup, ...]:
    """The tree of indicators in the order of the definition."""
    labels = dict.fromkeys(indicator.group for indicator in indicators().values())
    return tuple(
        IndicatorGroup(label, tuple(one for one in indicators().values() if one.group == label))
        for label in labels
    )


def get_indicator(code: str) -> Indicator:
    """What an indicator means. Raises KeyError."""
    return indicators()[code]


def get_indicator_view(datenstand: Datenstand, code: str) -> IndicatorView:
    """Map, legend and table of one indicator. Raises KeyError for an unknown code."""
    return build_indicator_view(load_values(datenstand), get_indicator(code), get_datenstand_line(datenstand))


def get_area_view(datenstand: Datenstand, code: str, area_number: int) -> AreaView:
    """The area panel. Raises ObservationArea.DoesNotExist for an unknown number, KeyError for a code."""
    return build_area_view(
        load_values(datenstand), get_indicator(code), area_number, list(_same_chain(datenstand))
    )


def _same_chain(datenstand: Datenstand) -> QuerySet[Datenstand]:
    """The Datenstände of a time series: same areas, one per reference date up to its own, oldest first."""
    until = _released().filter(area_set=datenstand.area_set, reference_date__lte=datenstand.reference_date)
    return until.order_by("reference_date", "-released_at", "-pk").distinct("reference_date")


def get_area_geometry(area_set_pk: int) -> str:
    """Outlines of an area set as GeoJSON (EPSG:4326). Raises AreaSet.DoesNotExist."""
    return areas_as_geojson(AreaSet.objects.get(pk=area_set_pk))


def get_filter_choices(datenstand: Datenstand) -> tuple[IndicatorView, ...]:
    """Every indicator the risk filter offers, with its classes and their counts."""
    values, line = load_values(datenstand), get_datenstand_line(datenstand)
    codes = [code for code, rules in indicator_rules().items() if rules.is_filter]
    return tuple(build_indicator_view(values, indicators()[code], line) for code in codes)


def find_matches(
    datenstand: Datenstand, criteria: Sequence[Criterion], context_code: str = "debt_rate"
) -> FilterResult:
    """Areas to which all criteria apply; areas that a criterion cannot be tested for are named."""
    values: Values = load_values(datenstand)
    return match_areas(values, criteria, context_code)


def list_drafts() -> list[Datenstand]:
    """Checked drafts that wait for a second person."""
    return list(_awaiting().order_by("pk"))


def describe_releases() -> dict[int, str]:
    """What became of each delivery, by its number: "V5 wartet auf Freigabe", "V4 freigegeben"."""
    words = {Datenstand.State.AUDITED.value: "wartet auf Freigabe"}
    return {
        own.delivery_id: f"V{own.version} {words.get(own.state, own.get_state_display())}"
        for own in Datenstand.objects.order_by("pk")
    }


def get_draft(pk: int) -> Datenstand:
    """One Datenstand for the release page, in any state. Raises Datenstand.DoesNotExist."""
    return Datenstand.objects.select_related("area_set", "delivery", "requested_by", "released_by").get(pk=pk)


def _awaiting() -> QuerySet[Datenstand]:
    waiting = Datenstand.objects.filter(state=Datenstand.State.AUDITED)
    return waiting.select_related("area_set", "delivery", "requested_by")


def compare_with_current(draft: Datenstand, code: str = "debt_rate") -> DraftComparison:
    """A draft beside the newest released Datenstand of the same areas. Raises KeyError for a code."""
    previous = _released().filter(area_set=draft.area_set).exclude(pk=draft.pk).first()
    line = get_datenstand_line(previous) if previous else None
    return compare(draft, previous, line, get_indicator(code))
