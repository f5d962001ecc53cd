"""manage.py release_datenstand VERSION --by NAME: the second person's step on the console."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from kodala.core.errors import StateError
from kodala.publication.models import Datenstand
from kodala.publication.services import release_datenstand


class Command(BaseCommand):
    """Makes a checked draft visible, if somebody else asked for it."""

    help = "Gibt einen geprüften Entwurf frei. Das Konto darf nicht das der Lieferung sein."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which draft, and who releases it."""
        parser.add_argument("version", type=int)
        parser.add_argument("--by", required=True, help="Konto, das freigibt")

    def handle(self, *_: Any, **given: Any) -> None:
        """Release, or say why not."""
        person = User.objects.filter(username=given["by"], is_active=True).first()
        if person is None or not person.has_perm("publication.release_datenstand"):
            raise CommandError("Dieses Konto gibt es nicht, oder es darf nicht freigeben.")
        try:
            datenstand = Datenstand.objects.get(version=given["version"])
            release_datenstand(datenstand.pk, person)
        except (Datenstand.DoesNotExist, StateError) as error:
            raise CommandError(str(error) or "Diesen Datenstand gibt es nicht.") from error
        self.stdout.write(f"Datenstand {datenstand} ist freigegeben.")
