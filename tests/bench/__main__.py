"""`python -m tests.bench [NAME …]`: measure speed and memory, one line per figure."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.city import City
    from tests.bench.figures import Report

WRONG_USE = 2


@dataclass(frozen=True)
class Bench:
    """A measurement: what it shows, and how many cells it takes unless told otherwise."""

    label: str
    n_cells: int
    is_country: bool = False
    is_of_houses: bool = False


BENCHES = {
    "import_cells": Bench("Import gegen blankes COPY derselben Zeilen mit denselben Indexen", 1_000_000),
    "recompute": Bench("Neu berechnen gegen einmaliges Lesen der nötigen Spalten", 1_000_000),
    "workers": Bench("zwei Celery-Worker gegen einen, der zweite wie auf einem anderen Rechner", 1_000_000),
    "import_workers": Bench("Prüfen und Speichern einer Datei: zwei Celery-Worker gegen einen", 1_000_000),
    "germany": Bench("ganz Deutschland, von der Datei bis zur Freigabe", 6_800_000, is_country=True),
    "bundling": Bench("Zellbildung: Güte, gegen spopt, 21 Millionen Häuser", 21_000_000, is_of_houses=True),
    "faults": Bench("Absturzsicherheit: getötet und angehalten vor jeder Anweisung", 240),
    "disclosure": Bench("Geheimhaltung: billigstes Muster, Prüfung, ein Entwurf mit allen Tabellen", 13_000),
    "one_city": Bench("eine Stadt von der Datei bis zum geschützten Entwurf", 13_000),
}
LIST = "\n".join(f"  {name:<15} {bench.label}" for name, bench in BENCHES.items())


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything; gives the exit code."""
    given = _parser().parse_args(arguments)
    unknown = [name for name in given.names if name not in BENCHES]
    if unknown:
        print(f"Diese Messung gibt es nicht: {', '.join(unknown)}. Es gibt:\n{LIST}", file=sys.stderr)
        return WRONG_USE
    _set_up()
    from tests.bench.database import own_database

    with own_database():
        run_benches(given.names or list(BENCHES), given.cells, given.runs)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench",
        description=f"Misst Geschwindigkeit und Speicher. Messungen:\n{LIST}\n\n"
        "Ausgabe je Kennzahl: Name, Wert, Ziel, ok oder short, durch Tabulatoren getrennt.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="Messungen; ohne Angabe alle")
    parser.add_argument("--cells", type=int, help="Zahl der Mikrozellen (oder Häuser) statt der üblichen")
    parser.add_argument("--runs", type=int, default=3, help="Durchgänge; es gilt der mittlere (üblich: 3)")
    return parser


def run_benches(names: Sequence[str], n_cells: int | None, n_runs: int) -> None:
    """Carry out the named benches in the connected database and print their figures."""
    from tests.bench.city import build_city
    from tests.bench.generated import invented_city, invented_country

    for name in names:
        if BENCHES[name].is_of_houses:
            _print(_measure(name)(n_cells or BENCHES[name].n_cells, n_runs))
            continue
        ground = invented_country() if BENCHES[name].is_country else invented_city()
        with build_city(n_cells or BENCHES[name].n_cells, ground) as city:
            _print(_measure(name)(city, n_runs))


def _measure(name: str) -> Callable[[Any, int], Report]:
    """The function that measures: in a city, or for a number of houses."""
    from importlib import import_module

    measure: Callable[[City | int, int], Report] = import_module(f"tests.bench.{name}").measure
    return measure


def _print(report: Report) -> None:
    """Figures for programs; where the time went for people, beside them."""
    for figure in report.figures:
        print(figure.line(), flush=True)
    for label, seconds in report.parts:
        print(f"  {seconds:8.2f} s  {label}", file=sys.stderr, flush=True)


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
