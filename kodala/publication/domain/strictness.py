"""Which of two sets of disclosure rules asks for more: tightening needs one person, loosening two.

Pure. A set of rules is the content of definitions.toml as plain mappings.
"""

from __future__ import annotations

import hashlib
import json
import math
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
MAY_BE_ZERO = ("insiders",)  # nobody inside puts together what each knows


def rulebook(content: Rulebook) -> dict[str, Any]:
    """The chapters that decide what may be shown; prices and texts do not."""
    return {chapter: content[chapter] for chapter in CHAPTERS if chapter in content}


def checksum(content: Rulebook) -> str:
    """SHA-256 (64 hex digits) of the chapters that decide: their JSON with sorted keys and no spaces."""
    text = json.dumps(rulebook(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def is_signed_by_two(content: Rulebook) -> bool:
    """Whether a second person has checked just these rules: another name, and the checksum of what stands.

    content: the whole file; names that differ only in case or outer spaces are one person
    """
    names = {_name(content.get("written_by")), _name(content.get("checked_by"))} - {""}
    return len(names) == 2 and content.get("checked_sha256") == checksum(content)


def _name(given: Any) -> str:
    return given.strip().casefold() if isinstance(given, str) else ""


def list_impossible(content: Rulebook) -> list[str]:
    """Numbers that are missing or cannot be meant, by name: all must be above 0, `insiders` not below.

    `share_band` must be two shares, 0 <= low < high <= 1.
    """
    found = [
        name
        for chapter, names in MORE_IS_STRICTER.items()
        for name in names
        if not _is_possible(content.get(chapter, {}).get(name), may_be_zero=name in MAY_BE_ZERO)
    ]
    return found if _is_band(content.get("rules", {}).get("share_band")) else [*found, "share_band"]


def _is_possible(given: Any, *, may_be_zero: bool) -> bool:
    return _is_number(given) and (given > 0 or (may_be_zero and given == 0))


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)


def _is_band(given: Any) -> bool:
    if not isinstance(given, list) or len(given) != 2 or not all(map(_is_number, given)):
        return False
    low, high = given
    return bool(0 <= low < high <= 1)


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
