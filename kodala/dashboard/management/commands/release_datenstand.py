"""manage.py release_datenstand VERSION --by NAME: the second person's step on the console."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kodala.core.errors import InputError, StateError
from kodala.publication.models import Datenstand
from kodala.publication.releasing import accept_open_warnings, release_datenstand


class Command(BaseCommand):
    """Makes a checked draft visible, if somebody else asked for it."""

    help = "Gibt einen geprüften Entwurf frei. Das Konto darf nicht das der Lieferung sein."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which draft, who releases it, and what is written down."""
        parser.add_argument("version", type=int)
        parser.add_argument("--by", required=True, help="Konto, das freigibt")
        parser.add_argument("--note", default="", help="Bemerkung für das Protokoll")
        parser.add_argument(
            "--from",
            dest="moment",
            type=dt.datetime.fromisoformat,
            help="gültig ab, JJJJ-MM-TTTHH:MM (sonst sofort)",
        )
        parser.add_argument(
            "--accept-warnings",
            metavar="REASON",
            help="nimmt alle offenen Warnungen mit dieser Begründung an",
        )

    def handle(self, *_: Any, **given: Any) -> None:
        """Release, or say why not."""
        person = User.objects.filter(username=given["by"], is_active=True).first()
        if person is None or not person.has_perm("publication.release_datenstand"):
            raise CommandError("Dieses Konto gibt es nicht, oder es darf nicht freigeben.")
        try:
            datenstand = Datenstand.objects.get(version=given["version"])
            if given["accept_warnings"]:
                accept_open_warnings(datenstand, given["accept_warnings"], person)
            moment = _in_time_zone(given["moment"])
            release_datenstand(datenstand.pk, person, note=given["note"], visible_from=moment)
        except (Datenstand.DoesNotExist, StateError, InputError) as error:
            raise CommandError(_told(error)) from error
        self.stdout.write(f"Datenstand {datenstand} ist freigegeben{_when(moment)}.")


def _told(error: Exception) -> str:
    return "Diesen Datenstand gibt es nicht." if isinstance(error, Datenstand.DoesNotExist) else str(error)


def _in_time_zone(moment: dt.datetime | None) -> dt.datetime | None:
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


def _when(moment: dt.datetime | None) -> str:
    return f" ab {timezone.localtime(moment):%d.%m.%Y, %H:%M} Uhr" if moment else ""
