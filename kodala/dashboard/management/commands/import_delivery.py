"""manage.py import_delivery FILE: the console's door into the pipeline."""

import datetime as dt
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from kodala.core.errors import Finding, InputError, StateError
from kodala.dashboard.management.progress import follow_delivery
from kodala.dashboard.management.waiting import (
    UnknownProfileError,
    confirm_with_profile,
    list_open_points,
)
from kodala.pipeline import list_stages, start, take_up
from microcells.models import AreaSet, Delivery, StoredFinding
from microcells.selectors import get_current_area_set
from microcells.services import receive_delivery

CHUNK_BYTES = 1 << 20
WAITS_FOR_A_PERSON = 3  # exit code
FINDINGS_TOLD = 20  # the page and its error file have them all


class Command(BaseCommand):
    """Receives a file, sends it through the worker, and tells how it went."""

    help = "Nimmt eine Lieferung entgegen und verfolgt sie, bis ein Entwurf vorliegt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What kind of file it is, and who brings it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=Delivery.Kind.values, default=Delivery.Kind.MICROCELLS)
        parser.add_argument(
            "--reference-date",
            type=dt.date.fromisoformat,
            default=None,
            help="Stichtag einer Hausliste, JJJJ-MM-TT",
        )
        parser.add_argument(
            "--profile",
            default="",
            help="Profil des Lieferanten, nach dem Spalten zugeordnet werden; gilt als bestätigt",
        )
        parser.add_argument(
            "--by",
            default=None,
            help="Konto, das die Lieferung bringt (sonst die erste Person mit dem Recht)",
        )
        parser.add_argument("--no-wait", action="store_true", help="nicht auf das Ende warten")

    def handle(self, *_: Any, **given: Any) -> None:
        """Receive, start, follow."""
        path: Path = given["file"]
        if not path.is_file():
            raise CommandError(f"Die Datei {path} gibt es nicht.")
        try:
            delivery = self._receive(path, given)
        except InputError as error:
            raise CommandError("\n".join(_told(one) for one in error.findings)) from error
        self.stdout.write(f"Lieferung {delivery.pk}: {delivery.file_name}")
        if not take_up(delivery.pk):
            self.stdout.write(
                "Die Warteschlange ist nicht erreichbar; der Arbeitsprozess holt das beim Start nach."
            )
        if given["no_wait"]:
            return
        ended = follow_delivery(delivery.pk, self.stdout.write)
        if ended.state == Delivery.State.AWAITING and given["profile"]:
            ended = self._answer(ended, given["profile"], _find_person(given["by"]))
        if ended.state == Delivery.State.AWAITING:
            raise CommandError("\n".join(_open_points(ended)), returncode=WAITS_FOR_A_PERSON)
        if ended.state != Delivery.State.COMPUTED:
            raise CommandError(self._why(ended))
        self.stdout.write(f"Bereit zur Freigabe: {ended.n_cells} Mikrozellen.")

    def _answer(self, delivery: Delivery, profile: str, person: User) -> Delivery:
        """Go on with a profile's mapping, if that leaves nothing open."""
        try:
            is_confirmed = confirm_with_profile(delivery, profile, person)
        except UnknownProfileError as error:
            raise CommandError(str(error)) from error
        except StateError as error:
            raise CommandError(str(error)) from error
        if not is_confirmed:
            self.stdout.write(f"Das Profil „{profile}“ lässt etwas offen; es ist nichts bestätigt.")
            return delivery
        self.stdout.write(f"Zuordnung nach dem Profil „{profile}“ bestätigt.")
        start(delivery.pk)
        return follow_delivery(delivery.pk, self.stdout.write)

    def _receive(self, path: Path, given: dict[str, Any]) -> Delivery:
        try:
            area_set = get_current_area_set()
        except AreaSet.DoesNotExist as error:
            raise CommandError(
                "Es gibt noch keine Gebiete. Bitte zuerst: manage.py load_areas DATEI"
            ) from error
        with path.open("rb") as file:
            chunks = iter(partial(file.read, CHUNK_BYTES), b"")
            return receive_delivery(
                chunks,
                path.name,
                given["kind"],
                area_set.pk,
                given["reference_date"],
                _find_person(given["by"]),
            )

    def _why(self, delivery: Delivery) -> str:
        lines = [f"Die Lieferung ist {delivery.state_text}."]
        lines += [_told(one) for one in delivery.findings.all()[:FINDINGS_TOLD]]
        runs = _messages(delivery.pk)
        return "\n".join([*lines, *runs])


def _open_points(delivery: Delivery) -> list[str]:
    return [
        "Die Lieferung wartet auf Angaben:",
        *list_open_points(delivery),
        f"Bitte im Browser bestätigen (Lieferung {delivery.pk}) oder mit --profile NAME wiederholen.",
    ]


def _told(finding: Finding | StoredFinding) -> str:
    """One finding as a line: where, which rule, what is wrong, what to do."""
    where = f"Zeile {finding.row}" if finding.row else "Datei"
    column = f", Spalte {finding.column}" if finding.column else ""
    return f"- {where}{column} ({finding.code}): {finding.text} {finding.suggestion}"


def _messages(delivery_id: int) -> list[str]:
    """What the last run of each stage had to say, if anything."""
    return [f"{line.label}: {line.message}" for line in list_stages(delivery_id) if line.message]


def _find_person(name: str | None) -> User:
    """The account that brings the file. Raises CommandError naming what to do."""
    if name:
        person = User.objects.filter(username=name).first()
    else:
        person = (
            User.objects.filter(groups__permissions__codename="add_delivery", is_active=True)
            .order_by("pk")
            .first()
        )
    if person is None:
        raise CommandError("Dieses Konto gibt es nicht. Bitte mit --by ein Konto der Datenpflege nennen.")
    return person
