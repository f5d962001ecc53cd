"""manage.py create_demo: the invented city, carried through the front door of the pipeline."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from kodala.core.errors import StateError
from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER, create_groups
from kodala.dashboard.management.progress import follow_delivery
from kodala.pipeline import take_up
from kodala.publication import selectors
from kodala.publication.classes import fix_classes_anew
from kodala.publication.hidden import say_older_is_shown
from kodala.publication.models import ClassScheme, Datenstand
from kodala.publication.releasing import accept_open_warnings, release_datenstand
from microcells.models import AreaSet, Delivery
from microcells.services import receive_delivery

ACCOUNTS = {"planung": PLANNER, "beratung": COUNSELLOR, "datenpflege": ADMIN}
AREA_SET_LABEL = "Schematische Gebiete der Demostadt, nicht amtlich"
CHUNK_BYTES = 1 << 20
WHY_WARNINGS_STAND = "Erfundene Stadt: Auffälligkeiten gehören zu den Demodaten und sind gewollt."


class Command(BaseCommand):
    """Makes accounts, areas and five deliveries; what is there already is left alone."""

    help = "Baut die erfundene Stadt auf: Konten, Gebiete, fünf Lieferungen, freigegebene Datenstände."

    def handle(self, *_: Any, **__: Any) -> None:
        """Go through every step, then print the newest visible Datenstand and the accounts."""
        folder = Path(settings.VAR_DIR) / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        password = _demo_password()
        people = self._create_accounts(password)
        area_set = self._load_areas(folder)
        deliveries = [self._import(path, area_set, people) for path in self._supplier_files(folder)]
        deliveries.append(self._import(self._official_figures(folder), area_set, people, "statistics"))
        _fix_classes_once(area_set, len(deliveries))
        self._print_newest()
        self._print_accounts(password)

    def _create_accounts(self, password: str) -> dict[str, User]:
        create_groups()
        people = {}
        for name, group in ACCOUNTS.items():
            person, is_new = User.objects.get_or_create(username=name)
            if is_new or not person.check_password(password):
                person.set_password(password)
                person.save()
            person.groups.set([Group.objects.get(name=group)])
            people[group] = person
        return people

    def _load_areas(self, folder: Path) -> AreaSet:
        known = AreaSet.objects.filter(label=AREA_SET_LABEL, is_invented=True).first()
        if known:
            return known
        # Imported late, as below: a second start does not wait for what only the first one needs.
        from microcells.demo.geography import write_areas

        path = folder / "gebiete.geojson"
        write_areas(path)
        call_command(
            "load_areas",
            str(path),
            districts="bezirke",
            label=AREA_SET_LABEL,
            source="aus veröffentlichten Eckdaten berechnet",
            invented=True,
            stdout=self.stdout,
        )
        return AreaSet.objects.get(label=AREA_SET_LABEL, is_invented=True)

    def _supplier_files(self, folder: Path) -> list[Path]:
        """The four files; written beside their place and moved there, so that none is ever half there."""
        place = folder / "lieferungen"
        if not place.exists():
            from microcells.demo.files import write_supplier_files

            self.stdout.write("Die erfundene Stadt entsteht …")
            unfinished = folder / "lieferungen.neu"
            shutil.rmtree(unfinished, ignore_errors=True)
            write_supplier_files(unfinished)
            unfinished.rename(place)
        return sorted(place.glob("*.csv"))

    def _official_figures(self, folder: Path) -> Path:
        """A table of official figures for the same areas, as invented as the cells it is made from."""
        path = folder / "gebietsstatistik_demo.csv"
        if not path.exists():
            from microcells.demo.statistics import write_statistics

            write_statistics(folder / "lieferungen", path)
        return path

    def _import(
        self, path: Path, area_set: AreaSet, people: dict[str, User], kind: str = "microcells"
    ) -> Delivery:
        """Bring one file in by the ordinary way; a second person releases what comes out."""
        with path.open("rb") as file:
            chunks = iter(lambda: file.read(CHUNK_BYTES), b"")
            delivery = receive_delivery(chunks, path.name, kind, area_set.pk, None, people[ADMIN])
        if delivery.state != Delivery.State.COMPUTED:
            self.stdout.write(f"Lieferung {path.name}")
            take_up(delivery.pk)
            delivery = follow_delivery(delivery.pk, self.stdout.write)
        if delivery.state != Delivery.State.COMPUTED:
            raise CommandError(f"Die Lieferung {path.name} ist {delivery.state_text}.")
        self._release(delivery, people[PLANNER])
        return delivery

    def _release(self, delivery: Delivery, person: User) -> None:
        draft = _datenstand_of(delivery)
        if draft.state != Datenstand.State.AUDITED:
            return
        try:
            accept_open_warnings(draft, WHY_WARNINGS_STAND, person)
            release_datenstand(draft.pk, person, note="Erste Freigabe der Demodaten")
        except StateError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"  Datenstand {draft} freigegeben durch eine zweite Person")

    def _print_newest(self) -> None:
        """What the pages show now, and no figure of what they hide."""
        try:
            shown = selectors.get_datenstand()
        except Datenstand.DoesNotExist:
            self.stdout.write(
                "\nDie Zahlen werden nach strengeren Regeln neu geprüft; bis dahin steht hier keine."
            )
            return
        self._print_areas(shown)
        line = selectors.get_datenstand_line(shown)
        if notice := say_older_is_shown(line, line):
            self.stdout.write(notice)

    def _print_areas(self, datenstand: Datenstand) -> None:
        codes = ("households", "debt_rate", "group_lasting", "offline_share")
        views = [selectors.get_indicator_view(datenstand, code) for code in codes]
        line = views[0].datenstand
        mark = "  ·  Demodaten – erfunden" if line.is_invented else ""
        self.stdout.write(f"\nDatenstand {line.label}{mark}")
        heads = [f"{view.indicator.short_label} ({view.indicator.unit})" for view in views]
        self.stdout.write(f"{'Gebiet':<36}" + "".join(f"{head:>22}" for head in heads))
        for place, area in enumerate(views[0].areas):
            shown = [view.areas[place].figure for view in views]
            cells = [f"{figure.label} gem." if figure.joined else figure.label for figure in shown]
            self.stdout.write(f"{area.area_name:<36}" + "".join(f"{cell:>22}" for cell in cells))
        self.stdout.write(f"{views[0].city_label:<36}" + "".join(f"{view.city.label:>22}" for view in views))
        for names in dict.fromkeys(names for view in views for names in view.joined):
            self.stdout.write(f"gem. = ein gemeinsamer Wert: {names}")

    def _print_accounts(self, password: str) -> None:
        self.stdout.write("\nKonten zum Ausprobieren (gleiches Passwort für alle):")
        for name, group in ACCOUNTS.items():
            self.stdout.write(f"  {name:<12} {group}")
        self.stdout.write(f"  Passwort     {password}")


def _datenstand_of(delivery: Delivery) -> Datenstand:
    datenstand = selectors.get_datenstand_of(delivery)
    if datenstand is None:
        raise CommandError(f"Zu der Lieferung {delivery.file_name} gibt es keinen Datenstand.")
    return datenstand


def _demo_password() -> str:
    """One password for this installation: given by the environment, or made once and kept."""
    given = os.environ.get("KODALA_DEMO_PASSWORD")
    if given:
        return given
    path = Path(settings.VAR_DIR) / "demo" / "password"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(9))
        path.chmod(0o600)
    return path.read_text().strip()


def _fix_classes_once(area_set: AreaSet, number: int) -> None:
    """Fix the limits from all Datenstände together, unless that has been done."""
    scheme = ClassScheme.objects.filter(area_set=area_set).first()
    if scheme is None or len(scheme.based_on) < number:
        fix_classes_anew(area_set)
