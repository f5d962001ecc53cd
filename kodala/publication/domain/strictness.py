"""Which of two sets of disclosure rules asks for more: tightening needs one person, loosening two.

Pure. A set of rules is the content of definitions.toml as plain mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Rulebook = Mapping[str, Any]
CHAPTERS = ("rules", "protection", "reveals", "sum", "joined", "districts")
MORE_IS_STRICTER = {
    "rules": (
        "display_households_min",
        "area_persons_min",
        "count_min",
        "base_min",
        "small_unit_households",
        "alike_fall",
    ),
    "protection": ("interval", "insiders"),
}


def rulebook(content: Rulebook) -> dict[str, Any]:
    """The chapters that decide what may be shown; prices and texts do not."""
    return {chapter: content[chapter] for chapter in CHAPTERS if chapter in content}


def list_looser(old: Rulebook, new: Rulebook) -> list[str]:
    """What the new rules ask less of than the old ones, by name; empty if they are as strict everywhere."""
    checks: dict[str, Callable[[Any, Any], bool]] = {
        "reveals": _forgets_quantities,
        "sum": _forgets_entries,
        "joined": _forgets_entries,
        "districts": _adds_indicators,
    }
    found = list(_lower_numbers(old, new))
    if _widens(old["rules"].get("share_band"), new["rules"].get("share_band")):
        found.append("share_band")
    return found + [name for name, loosens in checks.items() if loosens(old.get(name), new.get(name))]


def _lower_numbers(old: Rulebook, new: Rulebook) -> Iterator[str]:
    for chapter, names in MORE_IS_STRICTER.items():
        for name in names:
            if new.get(chapter, {}).get(name, 0) < old.get(chapter, {}).get(name, 0):
                yield name


def _widens(old: Any, new: Any) -> bool:
    """A band that reaches further than before, or none where there was one."""
    return old is not None and (new is None or new[0] < old[0] or new[1] > old[1])


def _forgets_quantities(old: Any, new: Any) -> bool:
    """A figure that is said to give away less than before."""
    return any(
        not set(quantities) <= set((new or {}).get(code, ())) for code, quantities in (old or {}).items()
    )


def _forgets_entries(old: Any, new: Any) -> bool:
    """An equation or a joint figure that is not looked at any more."""
    return any(entry not in (new or []) for entry in old or [])


def _adds_indicators(old: Any, new: Any) -> bool:
    """A figure that is shown for single districts and was not before."""
    return not set((new or {}).get("indicators", ())) <= set((old or {}).get("indicators", ()))
