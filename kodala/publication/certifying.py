"""The certificate of disclosure control that is kept with a Datenstand and shown in plain German.

It may be read by everybody, so it holds nothing that a withheld value could change: no value, no interval of
a true number, no hash over withheld ones, no price (it follows from sizes), no count of those too small.
"""

from __future__ import annotations

from typing import Any

from kodala.publication.definitions import protection_definitions, protection_rules
from kodala.publication.domain.proof import hash_pattern
from kodala.publication.domain.protection import Guarded
from kodala.publication.domain.rules import CITY
from kodala.publication.rules_in_force import rules_for_certificate
from kodala.publication.shown import FigureState


def certify(guarded: Guarded, seconds: float) -> dict[str, Any]:
    """What was protected, against whom, and how that was proved; counts only."""
    figures, table, pattern = guarded.figures, guarded.table, guarded.pattern
    states = figures["state"].value_counts()
    is_withheld = figures["state"] == FigureState.PROTECTED
    places = [key[1:] for key in table.keys if isinstance(key, tuple)]
    return {
        **rules_for_certificate(),
        "figures": len(figures),
        "states": {state.value: int(states.get(state.value, 0)) for state in FigureState},
        "totals_withheld": int((is_withheld & (figures["area"] == CITY)).sum()),
        "open_leaks": len(guarded.found.leaks),
        "numbers": int(table.is_public.sum()),
        "equations": table.equations.shape[0],
        "withheld": int((pattern.hidden & table.is_public).sum()),
        "is_cheapest": pattern.is_proved,
        "count_min": protection_rules().count_min,
        "base_min": protection_rules().base_min,
        "protection_interval": protection_definitions().protection.interval,
        "insiders": protection_definitions().protection.insiders,
        "programmes": guarded.found.programmes,
        "areas": len({area for area, district, _ in places if area > CITY and not district}),
        "districts": len({(area, district) for area, district, _ in places if district}),
        "dates": len({date for _, _, date in places}),
        "given_away": guarded.given_away,
        "pattern_sha256": hash_pattern(pattern.hidden),
        "seconds": round(seconds, 2),
    }
