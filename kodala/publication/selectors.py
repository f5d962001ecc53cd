"""The only way a figure leaves the house: every page, map, table, export and sentence reads from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Prefetch, Q, QuerySet

from kodala.publication.area_panel import build_area_view
from kodala.publication.comparison import compare
from kodala.publication.definitions import indicator_rules, indicators
from kodala.publication.display_view import build_display_view, is_for_display_cells, select_shapes
from kodala.publication.hidden import choose_current
from kodala.publication.models import SHOWN_FROM, Datenstand, DatenstandQuerySet, Decision, DisplayCellFigure
from kodala.publication.risk_filter import match_areas
from kodala.publication.rules_in_force import PROTECTED_AGAIN, is_stale, list_stale
from kodala.publication.shown import (
    AreaView,
    Criterion,
    DatenstandLine,
    FilterResult,
    Indicator,
    IndicatorGroup,
    IndicatorView,
)
from kodala.publication.shown_comparison import DraftComparison
from kodala.publication.shown_display import DisplayView
from kodala.publication.values import Values, build_indicator_view, list_indicators, load_values
from microcells.acceptance import list_unaccepted
from microcells.models import AreaSet, Delivery, WarningAcceptance
from microcells.outlines import areas_as_geojson
from microcells.retention import contract_of


def _released() -> DatenstandQuerySet:
    """Visible Datenstände, the current one first; what is released for later is not among them.

    Nor is what must be protected again because the rules ask for more than they did.
    """
    return Datenstand.objects.visible().exclude(pk__in=list_stale()).select_related("area_set")


def is_protecting_again() -> bool:
    """Whether some Datenstand is hidden until it has been protected under the rules in force."""
    return bool(list_stale())


def get_datenstand(version: int | None = None) -> Datenstand:
    """A released Datenstand by its version; the current one without. Raises Datenstand.DoesNotExist."""
    if version is not None:
        return _released().get(version=version)
    newest = choose_current(_released())
    if newest is None:
        raise Datenstand.DoesNotExist("no Datenstand is released yet")
    return newest


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


def list_indicator_groups(datenstand: Datenstand, shown_code: str = "") -> tuple[IndicatorGroup, ...]:
    """The tree of indicators; the shown one is always in it, also where nothing of it was delivered."""
    known = {one.code for one in list_indicators(datenstand)} | {shown_code}
    chosen = [one for one in indicators().values() if one.code in known]
    labels = dict.fromkeys(one.group for one in chosen)
    return tuple(
        IndicatorGroup(label, tuple(one for one in chosen if one.group == label)) for label in labels
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
    return until.order_by("reference_date", SHOWN_FROM.desc(), "-pk").distinct("reference_date")


def get_area_geometry(area_set_pk: int) -> str:
    """Outlines of an area set as GeoJSON (EPSG:4326). Raises AreaSet.DoesNotExist."""
    return areas_as_geojson(AreaSet.objects.get(pk=area_set_pk))


def get_display_view(datenstand: Datenstand, view: IndicatorView) -> DisplayView | None:
    """The display cells of an indicator, None if it is not one that is shown for them."""
    return build_display_view(datenstand, view) if is_for_display_cells(view.indicator.code) else None


def has_display_cells(code: str) -> bool:
    """Whether an indicator is one that is shown for display cells."""
    return is_for_display_cells(code)


def list_display_shapes(datenstand: Datenstand, code: str) -> QuerySet[DisplayCellFigure]:
    """The classes of display cells with their outlines, for tiles. Raises KeyError if they are not shown."""
    return select_shapes(datenstand, code)


def get_filter_choices(datenstand: Datenstand) -> tuple[IndicatorView, ...]:
    """Every indicator the risk filter offers, with its classes and their counts."""
    values, line = load_values(datenstand), get_datenstand_line(datenstand)
    chosen = [one for one in list_indicators(datenstand) if indicator_rules()[one.code].is_filter]
    return tuple(build_indicator_view(values, one, line) for one in chosen)


def find_matches(
    datenstand: Datenstand, criteria: Sequence[Criterion], context_code: str = "debt_rate"
) -> FilterResult:
    """Areas to which all criteria apply; areas that a criterion cannot be tested for are named."""
    values: Values = load_values(datenstand)
    return match_areas(values, criteria, context_code)


def list_drafts() -> list[Datenstand]:
    """Checked drafts that wait for a second person."""
    return list(_for_decision().filter(state=Datenstand.State.AUDITED).order_by("pk"))


def list_planned() -> list[Datenstand]:
    """What is released for a moment to come; nobody sees its figures before."""
    return list(_for_decision().planned())


def list_withdrawn() -> list[Datenstand]:
    """Released ones that were taken back; a second person can release them again."""
    taken_back = Datenstand.State.WITHDRAWN
    return list(_for_decision().filter(state=taken_back, released_at__isnull=False).order_by("-withdrawn_at"))


def is_planned(datenstand: Datenstand) -> bool:
    """Whether a Datenstand is released for a moment that is still to come."""
    return Datenstand.objects.planned().filter(pk=datenstand.pk).exists()


def list_log() -> QuerySet[Datenstand]:
    """Every Datenstand with all that was decided about it, the newest first; for the record only."""
    decisions = Prefetch("decisions", Decision.objects.select_related("person"))
    accepted = Prefetch(
        "delivery__acceptances", WarningAcceptance.objects.select_related("accepted_by").order_by("code")
    )
    return _for_decision().prefetch_related(decisions, accepted).order_by("-version")


def describe_releases() -> dict[int, str]:
    """What became of each delivery, by its number: "V5 wartet auf Freigabe", "V4 wird neu geprüft".

    A delivery that later Datenstände took along is described by the first one, which it asked for.
    """
    stale = set(list_stale())
    return {
        number: f"V{own.version} {PROTECTED_AGAIN if own.pk in stale else own.state_text}"
        for own in Datenstand.objects.order_by("-pk")
        for number in (own.delivery_id, *own.statistics_deliveries)
    }


def get_datenstand_of(delivery: Delivery) -> Datenstand | None:
    """The Datenstand that a delivery asked for: the first with its microcells or its official figures."""
    into = Q(delivery=delivery) | Q(statistics_deliveries__contains=[delivery.pk])
    return Datenstand.objects.filter(into).order_by("pk").first()


def get_draft(pk: int) -> Datenstand:
    """One Datenstand for the release page, in any state. Raises Datenstand.DoesNotExist."""
    return _for_decision().get(pk=pk)


def is_rejected(draft: Datenstand) -> bool:
    """Whether a draft was refused before anybody but the deciding people saw it; it stays so for good."""
    return draft.state == Datenstand.State.WITHDRAWN and draft.released_at is None


def _for_decision() -> DatenstandQuerySet:
    people = ("requested_by", "released_by", "withdrawn_by")
    return Datenstand.objects.select_related("area_set", "delivery", *people)


def get_current_version(area_set_id: int) -> int | None:
    """The version that is shown now for the areas of a set, None before the first release."""
    shown = Datenstand.objects.visible().filter(area_set_id=area_set_id)
    return shown.values_list("version", flat=True).first()


def list_open_warnings(datenstand: Datenstand) -> list[str]:
    """Codes of warnings that nobody has accepted yet, in any delivery that went into the Datenstand."""
    behind = list_deliveries_behind(datenstand)
    return sorted({code for delivery in behind for code in list_unaccepted(delivery)})


def list_deliveries_behind(datenstand: Datenstand) -> list[Delivery]:
    """Every delivery whose data are in a Datenstand, the oldest first."""
    numbers = [datenstand.delivery_id, *datenstand.statistics_deliveries]
    return list(Delivery.objects.filter(pk__in=numbers).order_by("pk"))


def get_withdrawal(version: int) -> dt.datetime | None:
    """When a Datenstand that everybody could see was taken back; None if that never happened."""
    taken_back = Decision.objects.filter(datenstand__version=version, kind=Decision.Kind.WITHDRAWN)
    return taken_back.order_by("-pk").values_list("decided_at", flat=True).first()


def list_superseded_deliveries() -> list[int]:
    """Deliveries that as many newer visible Datenstände have replaced as their contract says.

    One whose own draft still waits for a person is not among them.
    """
    deliveries = Delivery.objects.filter(cells_deleted_at=None).exclude(datenstaende=None)
    waiting = deliveries.filter(datenstaende__state=Datenstand.State.AUDITED).values("pk")
    settled = deliveries.exclude(pk__in=waiting).distinct().order_by("pk")
    return [own.pk for own in settled if _is_superseded(own)]


def _is_superseded(delivery: Delivery) -> bool:
    contract = contract_of(delivery.kind)
    if contract is None or contract.newer_datenstaende == 0:
        return False
    newest = Datenstand.objects.filter(delivery=delivery).order_by("-reference_date", "-version")[0]
    shown = Datenstand.objects.visible().filter(area_set=delivery.area_set_id)
    same_day = Q(reference_date=newest.reference_date, version__gt=newest.version)
    newer = shown.filter(Q(reference_date__gt=newest.reference_date) | same_day)
    return newer.count() >= contract.newer_datenstaende


def describe_state(datenstand: Datenstand) -> str:
    """How far the release is, in words; that it must be protected again comes first."""
    return PROTECTED_AGAIN if datenstand.pk in list_stale() else datenstand.state_text


def is_hidden_for_now(datenstand: Datenstand) -> bool:
    """Whether a Datenstand, released or not, must be protected again before anybody may look at it."""
    return is_stale(datenstand.certificate)


def compare_with_current(draft: Datenstand) -> DraftComparison:
    """A Datenstand beside the one that is shown now for the same areas, in every indicator."""
    previous = _released().filter(area_set=draft.area_set).exclude(pk=draft.pk).first()
    line = get_datenstand_line(previous) if previous else None
    return compare(draft, previous, line)
