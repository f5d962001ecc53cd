"""What the risk filter page draws: criteria in fixed classes, the areas they fit, and the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from kodala.dashboard.map_page import describe_area
from kodala.publication import selectors
from kodala.publication.models import Datenstand
from kodala.publication.shown import Criterion, FilterResult, IndicatorView

MOST_CRITERIA = 5
FIRST_CRITERION = "debt_rate"
WITHHELD_CLASSES = ("protected", "missing")


@dataclass(frozen=True)
class FilterRow:
    """One feature on the page: its fixed classes and which of them are chosen."""

    view: IndicatorView
    chosen: frozenset[str]

    @property
    def summary(self) -> str:
        """The chosen classes in words: "D oder E", "B bis E"."""
        letters = [one.letter for one in self.view.classes if one.code in self.chosen]
        codes = [one.code in self.chosen for one in self.view.classes]
        first = codes.index(True) if any(codes) else 0
        is_span = len(letters) > 2 and all(codes[first : first + len(letters)])
        return f"{letters[0]} bis {letters[-1]}" if is_span else " oder ".join(letters)

    @property
    def joined(self) -> str:
        """Which areas show this feature together: "Hammfeld und Augustinusviertel gemeinsam", or ""."""
        return "; ".join(f"{names} gemeinsam" for names in self.view.joined)


@dataclass(frozen=True)
class FilterPage:
    """The risk filter in one Datenstand; result is None until a class is chosen."""

    rows: tuple[FilterRow, ...]
    others: tuple[IndicatorView, ...]
    context: IndicatorView
    result: FilterResult | None
    criteria: tuple[Criterion, ...] = field(default=())

    @property
    def has_joint_untested(self) -> bool:
        """Whether areas that could not be tested are counted as one, because they show one figure."""
        found = self.result
        if found is None:
            return False
        names = (*found.protected_areas, *found.missing_areas)
        return len(names) < len(found.protected_numbers | found.missing_numbers)

    @property
    def hatched(self) -> FilterResult | IndicatorView:
        """Names the areas that the map hatches: those not tested, before that those of the feature alone."""
        return self.result or self.context

    @property
    def active_rows(self) -> tuple[FilterRow, ...]:
        """The features that have chosen classes, in the order of the figures of a match."""
        return tuple(row for row in self.rows if row.chosen)

    @property
    def may_add(self) -> bool:
        """Whether another feature fits."""
        return len(self.rows) < MOST_CRITERIA and bool(self.others)


def read_posted(posted: QueryDict) -> list[Criterion]:
    """Read the features and classes of the form, and what its button adds or takes away."""
    if "leeren" in posted:
        return [Criterion(FIRST_CRITERION, frozenset())]
    codes = [code for code in dict.fromkeys(posted.getlist("merkmal")) if code != posted.get("entfernen")]
    if "hinzufuegen" in posted and posted.get("neu"):
        codes.append(str(posted["neu"]))
    return [Criterion(code, frozenset(posted.getlist(f"klassen-{code}"))) for code in dict.fromkeys(codes)]


def read_stored(stored: Sequence[dict[str, Any]]) -> list[Criterion]:
    """Read criteria as they are kept with a saved filter."""
    return [Criterion(str(one["indicator"]), frozenset(one["classes"])) for one in stored]


def to_stored(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """Write criteria so that they can be kept."""
    return [{"indicator": one.indicator, "classes": sorted(one.classes)} for one in criteria]


def build_filter_page(datenstand: Datenstand, wanted: Sequence[Criterion]) -> FilterPage:
    """Evaluate the criteria; features and classes that do not exist are left out."""
    choices = {view.indicator.code: view for view in selectors.get_filter_choices(datenstand)}
    known = [one for one in wanted if one.indicator in choices][:MOST_CRITERIA]
    rows = tuple(
        FilterRow(choices[one.indicator], one.classes & {c.code for c in choices[one.indicator].classes})
        for one in known
    )
    criteria = tuple(Criterion(row.view.indicator.code, row.chosen) for row in rows if row.chosen)
    context_code = criteria[0].indicator if criteria else FIRST_CRITERION
    return FilterPage(
        rows=rows,
        others=tuple(view for code, view in choices.items() if code not in {one.indicator for one in known}),
        context=choices.get(context_code) or selectors.get_indicator_view(datenstand, context_code),
        result=selectors.find_matches(datenstand, criteria, context_code) if criteria else None,
        criteria=criteria,
    )


def describe_matches(page: FilterPage) -> dict[str, Any]:
    """The map beside the list: matches in colour, other areas pale, untested ones hatched."""
    found = {match.area_number for match in page.result.matches} if page.result else None
    return {
        "geometry": reverse("geometry", args=[page.context.datenstand.area_set_pk]),
        "indicator": page.context.indicator.label,
        "chosen": None,
        "areas": [
            describe_area(
                area, page.context, is_dimmed=_is_dimmed(area.area_number, area.figure.class_code, found)
            )
            | _untested(area.area_number, area.area_name, page.result)
            for area in page.context.areas
        ],
    }


def _untested(number: int, name: str, result: FilterResult | None) -> dict[str, Any]:
    """What the map says of an area that could not be tested: pale it would look like a mismatch."""
    if result is None or number not in result.protected_numbers | result.missing_numbers:
        return {}
    is_protected = number in result.protected_numbers
    reason = "ein Merkmal ist geschützt" if is_protected else "zu einem Merkmal fehlen Daten"
    return {
        "class": "protected" if is_protected else "missing",
        "letter": "•" if is_protected else "…",
        "label": "nicht geprüft",
        "text": f"nicht geprüft, {reason}",
        "compared": "",
        "joined": "",
        "spoken": f"{name}: nicht geprüft, {reason}",
        "dimmed": False,
    }


def _is_dimmed(number: int, class_code: str, found: set[int] | None) -> bool:
    return found is not None and number not in found and class_code not in WITHHELD_CLASSES
