"""The certificate of a delivery's cells in German: one line per fact, and a verdict where a rule asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kodala.core.german import german_number

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
SHOWN_OF_HASH = 12  # characters; enough to compare by eye


@dataclass(frozen=True)
class Line:
    """One fact; is_kept: whether it keeps the rule, None = nothing is asked of it."""

    label: str
    value: str
    hint: str = ""
    is_kept: bool | None = None


def is_bundling(certificate: dict[str, Any]) -> bool:
    """Whether the cells were made here from houses, and not delivered."""
    return "cells_apart" in certificate


def certificate_lines(certificate: dict[str, Any]) -> list[Line]:
    """All facts of a stored certificate in the order in which they are read."""
    if is_bundling(certificate):
        return [*_bundled(certificate), *_sizes(certificate), *_shape(certificate), *_origin(certificate)]
    if "cells_below_minimum" not in certificate:
        return []  # of a version that knew fewer facts
    return [
        Line("Gelieferte Mikrozellen", _whole(certificate["n_cells"])),
        Line("Haushalte in allen Zellen", _whole(certificate["households_out"])),
        *_sizes(certificate),
        _none("Zellen unter der Mindestzahl", certificate["cells_below_minimum"]),
    ]


def _bundled(own: dict[str, Any]) -> Iterator[Line]:
    yield Line("Häuser", _whole(own["n_houses"]), "nur im Arbeitsspeicher gelesen, nicht gespeichert")
    yield Line("Mikrozellen", _whole(own["n_cells"]))
    yield Line(
        "Haushalte vorher und nachher",
        f"{_whole(own['households_in'])} und {_whole(own['households_out'])}",
        "kein Haushalt ging verloren oder kam hinzu",
        own["households_in"] == own["households_out"],
    )


def _sizes(own: dict[str, Any]) -> Iterator[Line]:
    smallest, largest = own["households_min"], own["households_max"]
    yield Line("Haushalte der kleinsten und größten Zelle", f"{_whole(smallest)} und {_whole(largest)}")
    yield Line("Haushalte je Zelle im Mittel", german_number(own["households_mean"], 2))
    yield Line(
        "Streuung der Zellgröße", _percent(own["households_cv"]), "Standardabweichung geteilt durch Mittel"
    )
    if "target" in own:
        yield Line(
            "Eingestellte Zielgröße",
            german_number(own["target"], 2),
            "Haushalte einer Zelle aus mehreren Häusern, damit das Mittel aller Zellen stimmt",
        )


def _shape(own: dict[str, Any]) -> Iterator[Line]:
    yield _none("Zellen unter der Mindestzahl", round(own["share_below_minimum"] * own["n_cells"]))
    yield _none("Zellen über eine Gebietsgrenze", own["cells_across_areas"])
    yield _none("Nicht zusammenhängende Zellen", own["cells_apart"])
    yield Line(
        "Zellen mit einem langen Schritt",
        _whole(own["cells_with_long_step"]),
        "abgelegene Häuser, mit dem nächsten Haus des Gebiets verbunden; längster Schritt "
        f"{_metres(own['longest_step_m'])}",
    )
    yield Line("Zellen über mehr als eine Straße", _whole(own["cells_over_streets"]))
    yield Line(
        "Zellen über den Obergrenzen",
        _whole(own["cells_above_limits"]),
        "wo keine andere Teilung möglich ist",
    )
    yield Line(
        "Mittlerer Radius", _metres(own["rms_radius_m"]), "Zellen aus mehreren Häusern, quadratisches Mittel"
    )


def _origin(own: dict[str, Any]) -> Iterator[Line]:
    if own["jaccard_previous"] is None:
        yield Line("Vergleich mit der vorigen Hausliste", "keine da")
    else:
        yield Line(
            "Unverändert seit der vorigen Hausliste",
            f"{_whole(own['cells_kept'])} Zellen",
            f"Übereinstimmung {_percent(own['jaccard_previous'])} der Haushalte (Jaccard)",
        )
    yield Line("Prüfsumme der Häuser", _hash(own["sha256_input"]), "SHA-256 mit den Regeln der Zellbildung")
    yield Line("Prüfsumme der Zellen", _hash(own["sha256_output"]), "SHA-256 der Zuordnung")
    if own["seconds"] is not None:
        yield Line("Rechenzeit", f"{german_number(own['seconds'], 1)}{NO_BREAK_SPACE}s")


def _none(label: str, number: int) -> Line:
    """A count that must be 0."""
    return Line(label, _whole(number), "muss 0 sein", number == 0)


def _whole(number: float) -> str:
    return german_number(number, 0)


def _percent(share: float) -> str:
    return f"{german_number(share * 100, 1)}{NO_BREAK_SPACE}%"


def _metres(length: float) -> str:
    return f"{german_number(length, 1)}{NO_BREAK_SPACE}m"


def _hash(sha256: str) -> str:
    return f"{sha256[:SHOWN_OF_HASH]} …"
