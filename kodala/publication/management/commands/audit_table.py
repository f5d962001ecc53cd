"""Protect or audit any table: prints the pattern, its price, the intervals and the certificate.

    manage.py audit_table tabelle.json
    manage.py audit_table tabelle.csv --dimension "region=Total:Nr,Os;Nr:1,2,3" --rule p:15 --insiders single
    manage.py audit_table tabelle.csv --rule min:5 --pattern muster.csv

The form of the files stands in kodala/publication/README.md.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kodala.core.german import german_number
from kodala.publication.domain.audit import Audit, audit
from kodala.publication.domain.proof import price, prove
from kodala.publication.domain.suppression import USUAL, Effort, Pattern, UnprotectableError, suppress
from kodala.publication.domain.table_file import GivenTable, read_table
from kodala.publication.domain.table_words import TableError
from kodala.publication.domain.tables import Table, split
from kodala.publication.table_input import read_specification
from kodala.publication.table_report import as_json, as_lines, progress_line

LARGE = 400  # cells that hang together; beyond it every round of the search takes many seconds
EFFORTS = {
    "schnell": Effort(rounds=0),
    "ueblich": USUAL,
    "gruendlich": Effort(rounds=1_000, nodes=1_000_000),
}
EFFORT_FOR_LARGE = Effort(rounds=1, nodes=60)


class Command(BaseCommand):
    """Read a table, choose what is withheld unless a pattern is given, attack it, print what was found."""

    help = "Schützt oder prüft eine beliebige Tabelle: Muster, Preis, Spannen und Zertifikat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and for CSV everything that JSON says itself."""
        parser.add_argument("file", type=Path, help="JSON oder CSV")
        parser.add_argument("--dimension", action="append", default=[], metavar='NAME="Summe:Teil,Teil;…"')
        parser.add_argument("--rule", metavar="p:15 | k:80 | min:4 | given")
        parser.add_argument("--distance", help="Abstand bei min und given, sonst 1")
        parser.add_argument("--insiders", metavar="none | single | pairs")
        parser.add_argument("--weights", metavar="value | count")
        parser.add_argument("--totals", metavar="hideable | visible")
        parser.add_argument(
            "--effort", default="ueblich", metavar=" | ".join(EFFORTS), help="wie lange gesucht wird"
        )
        parser.add_argument("--value", help="Spalte mit dem Wert")
        parser.add_argument(
            "--pattern", type=Path, help="CSV mit der Spalte withheld oder status: nur prüfen"
        )
        parser.add_argument(
            "--audit-only", action="store_true", help="nur die unsicheren Zellen sperren und prüfen"
        )
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        """Raises CommandError for a table that cannot be read or protected, and for a pattern that leaks."""
        started = time.perf_counter()
        given, pattern, found = self._work(options)
        proof = prove(given.table, pattern, found)
        seconds = time.perf_counter() - started
        if options["json"]:
            answer = as_json(given.table, pattern.hidden, found, proof) | {"seconds": round(seconds, 3)}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
        else:
            for line in as_lines(given.table, pattern.hidden, found, proof):
                self.stdout.write(line)
            self.stdout.write(f"Dauer            {german_number(seconds, 2)} s")
        if found.leaks:
            raise CommandError(f"Prüfung nicht bestanden: {len(found.leaks)} zu enge Spannen.")

    def _work(self, options: dict[str, Any]) -> tuple[GivenTable, Pattern, Audit]:
        """Read, choose, attack; whatever stands in the way becomes a German sentence (CommandError)."""
        try:
            given = read_table(read_specification(options))
            effort = _read_effort(options["effort"], given.table)
            pattern = self._choose(given, effort, audit_only=options["audit_only"])
            return given, pattern, audit(given.table, pattern.hidden)
        except UnprotectableError as error:
            names = ", ".join(map(str, error.keys[:5]))
            raise CommandError(f"Diese Zellen lassen sich durch keine Sperrung schützen: {names}") from error
        except ArithmeticError as error:
            words = "Der Löser kam zu keiner Antwort; ohne Nachweis gibt es kein Muster."
            raise CommandError(words) from error
        except TableError as error:
            raise CommandError(f"Die Tabelle ist so nicht lesbar. {error}") from error

    def _choose(self, given: GivenTable, effort: Effort, *, audit_only: bool) -> Pattern:
        """The pattern that came along, the unsafe cells alone, or the cheapest safe one."""
        if given.pattern is not None:
            return price(given.table, given.pattern)
        if audit_only:
            return price(given.table, given.table.unsafe)
        self.stderr.write(f"{len(given.table)} Zellen gelesen; ein sicheres Muster wird gesucht …")
        return suppress(given.table, effort, self._tell)

    def _tell(self, rounds: float, cost: float, bound: float) -> None:
        self.stderr.write(progress_line(int(rounds), cost, bound))
        self.stderr.flush()


def _read_effort(word: str, table: Table) -> Effort:
    """What a word allows; as usual means less for cells that hang together in large numbers."""
    word = word.replace("ü", "ue")
    if word not in EFFORTS:
        raise TableError(f"--effort ist „{word}“, möglich sind {', '.join(EFFORTS)}.")
    is_large = max(map(len, split(table))) > LARGE
    return EFFORT_FOR_LARGE if word == "ueblich" and is_large else EFFORTS[word]
