"""manage.py load_areas FILE: make a division of the city the current one."""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kodala.core.errors import InputError
from microcells.areas import AreaSource, load_area_set


class Command(BaseCommand):
    """Reads GeoJSON, GeoPackage or Shapefile in any CRS."""

    help = (
        "Lädt die Beobachtungsgebiete aus GeoJSON, GeoPackage oder Shapefile (beliebiges Koordinatensystem)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Headings of the columns, and what people should know about the outlines."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--number", default="nummer", help="Spalte mit der Gebietsnummer")
        parser.add_argument("--name", default="name", help="Spalte mit dem Namen")
        parser.add_argument("--districts", default=None, help="Spalte mit den Bezirksnummern, z. B. 1+3")
        parser.add_argument("--layer", default=None, help="Ebene der Datei, wenn es mehrere gibt")
        parser.add_argument("--label", default=None, help="Name des Gebietsstands, z. B. „24 Gebiete 2026“")
        parser.add_argument("--source", default="Stadt", help="Herkunft der Grenzen")
        parser.add_argument("--valid-from", type=dt.date.fromisoformat, default=None)
        parser.add_argument(
            "--invented", action="store_true", help="erfundene Stadt: alles trägt „Demodaten“"
        )
        parser.add_argument(
            "--approximate", action="store_true", help="Grenzen sind eine Näherung, nicht amtlich"
        )

    def handle(self, *_: Any, **given: Any) -> None:
        """Load, or say what is wrong and store nothing."""
        path: Path = given["file"]
        if not path.exists():
            raise CommandError(f"Die Datei {path} gibt es nicht.")
        source = AreaSource(
            path=path,
            number=given["number"],
            name=given["name"],
            districts=given["districts"],
            layer=given["layer"],
            label=given["label"] or path.stem,
            source=given["source"],
            valid_from=given["valid_from"] or timezone.localdate(),
            is_invented=given["invented"],
            is_approximate=given["approximate"],
        )
        try:
            area_set, is_new = load_area_set(source)
        except InputError as error:
            lines = [f"- {finding.text} {finding.suggestion}" for finding in error.findings]
            raise CommandError("Nichts gespeichert:\n" + "\n".join(lines)) from error
        word = "geladen" if is_new else "war schon geladen und gilt jetzt wieder"
        self.stdout.write(f"Gebietsstand „{area_set.label}“ mit {area_set.areas.count()} Gebieten {word}.")
