"""manage.py create_account NAME --group ROLE: a person with the rights of one role."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from kodala.dashboard.access import GROUP_RIGHTS, create_groups


class Command(BaseCommand):
    """Creates the three groups if need be, then the account; the password is typed or piped in."""

    help = "Legt ein Konto mit einer der drei Rollen an. Das Passwort wird abgefragt oder über stdin gelesen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name and role."""
        parser.add_argument("name")
        parser.add_argument("--group", choices=list(GROUP_RIGHTS), required=True, help="Rolle des Kontos")

    def handle(self, *_: Any, **given: Any) -> None:
        """Create the account, or say why not."""
        create_groups()
        if User.objects.filter(username=given["name"]).exists():
            raise CommandError(f"Das Konto „{given['name']}“ gibt es schon.")
        person = User(username=given["name"])
        password = _read_password()
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        person.set_password(password)
        person.save()
        person.groups.add(Group.objects.get(name=given["group"]))
        self.stdout.write(f"Konto „{person.username}“ mit der Rolle {given['group']} ist angelegt.")


def _read_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Passwort: ")
    return sys.stdin.readline().rstrip("\n")
