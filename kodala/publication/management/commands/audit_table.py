"""Protect or audit any table: prints the pattern, its price, the intervals and the certificate.

    manage.py audit_table tabelle.json
    manage.py audit_table tabelle.csv --dimension "region=Total:Nr,Os;Nr:1,2,3" --rule p:15 --insiders single
    manage.py audit_table tabelle.csv --pattern muster.csv

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
from kodala.publication.domain.audit import audit
from kodala.publication.domain.proof import price, prove
from kodala.publication.domain.suppression import Pattern, UnprotectableError, suppress
from kodala.publication.domain.table_file import GivenTable, read_table
from kodala.publication.table_input import read_specification
from kodala.publication.table_report import as_json, as_lines


class Command(BaseCommand):
    """Read a table, choose what is withheld unless a pattern is given, attack it, print what was found."""

    help = "Schützt oder prüft eine beliebige Tabelle: Muster, Preis, Spannen und Zertifikat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and for CSV everything that JSON says itself."""
        parser.add_argument("file", type=Path, help="JSON oder CSV")
        parser.add_argument("--dimension", action="append", default=[], metavar='NAME="Summe:Teil,Teil;…"')
        parser.add_argument("--rule", metavar="p:15 | k:80 | min:4 | given")
        parser.add_argument("--distance", type=float, help="Abstand bei min und given, sonst 1")
        parser.add_argument("--insiders", choices=("none", "single", "pairs"))
        parser.add_argument("--weights", choices=("value", "count"))
        parser.add_argument("--totals", choices=("hideable", "visible"))
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
        try:
            given = read_table(read_specification(options))
            pattern = _choose(given, audit_only=options["audit_only"])
        except UnprotectableError as error:
            names = ", ".join(map(str, error.keys[:5]))
            raise CommandError(f"Diese Zellen lassen sich durch keine Sperrung schützen: {names}") from error
        except (ValueError, KeyError, OSError) as error:
            raise CommandError(f"Die Tabelle ist so nicht lesbar: {error}") from error
        found = audit(given.table, pattern.hidden)
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


def _choose(given: GivenTable, *, audit_only: bool) -> Pattern:
    """The pattern that came along, the unsafe cells alone, or the cheapest safe one."""
    if given.pattern is not None:
        return price(given.table, given.pattern)
    return price(given.table, given.table.unsafe) if audit_only else suppress(given.table)
