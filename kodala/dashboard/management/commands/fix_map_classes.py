"""manage.py fix_map_classes: fix the class limits of the map from all released Datenstände."""

from typing import Any

from django.core.management.base import BaseCommand

from kodala.publication.classes import fix_classes_anew
from microcells.selectors import get_current_area_set


class Command(BaseCommand):
    """One set of limits for all years, so that no colour jumps."""

    help = "Legt die Klassengrenzen der Karte aus allen freigegebenen Datenständen gemeinsam fest."

    def handle(self, *_: Any, **__: Any) -> None:
        """Fix the limits of the current area set."""
        number = fix_classes_anew(get_current_area_set())
        self.stdout.write(f"Klassengrenzen für {number} Kennzahlen festgelegt.")
