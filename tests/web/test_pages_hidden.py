"""What pages say while the newest Datenstand is hidden until it has been protected under stricter rules."""

from __future__ import annotations

import copy
import datetime as dt
import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.dashboard.management.commands import create_demo
from kodala.publication.models import Datenstand
from tests.web import published

HIDDEN = "Der Datenstand V5 (01.10.2025) wird nach strengeren Regeln neu geprüft."
NOTICE = f"{HIDDEN} Bis dahin sehen Sie V3 (01.10.2023)."
STUCK = "konnte er nicht neu geschützt werden; bitte wenden Sie sich dann an die Datenpflege."


def under_older_rules(datenstand: Datenstand) -> Datenstand:
    """As if the file had asked for less when it was protected."""
    certificate = copy.deepcopy(datenstand.certificate) | {"rules_sha256": "older"}
    certificate["rulebook"]["rules"]["count_min"] -= 1
    datenstand.certificate = certificate
    datenstand.save(update_fields=["certificate"])
    return datenstand


@pytest.fixture
def shown(area_set, people):
    return published.make_released(area_set, people[ADMIN], people[PLANNER], 3, 2023)


@pytest.fixture
def hidden(area_set, people, shown):
    newest = published.make_released(area_set, people[ADMIN], people[PLANNER], 5, 2025)
    return under_older_rules(newest)


@pytest.fixture
def planner(client, people):
    client.force_login(people[PLANNER])
    return client


def read(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize(
    "address",
    [
        "/karte/debt_rate/",
        "/karte/debt_rate/?stand=3&ansicht=tabelle",
        "/karte/debt_rate/?stand=3&gebiet=1&ansicht=blickpunkt",
        "/filter/",
        "/hilfe/kennzahl/debt_rate/",
    ],
)
def test_every_page_of_figures_says_that_a_newer_one_is_hidden(planner, hidden, address):
    answer = planner.get(address)

    assert answer.status_code == 200
    assert NOTICE in read(answer)
    assert STUCK in read(answer)


def test_nothing_is_said_when_the_current_one_is_shown(planner, hidden):
    Datenstand.objects.filter(pk=hidden.pk).update(reference_date="2021-10-01")

    assert "neu geprüft" not in read(planner.get("/karte/debt_rate/"))


def test_an_older_one_that_was_chosen_is_not_called_the_one_that_holds(planner, hidden, area_set, people):
    published.make_released(area_set, people[ADMIN], people[PLANNER], 2, 2021)

    assert "Bis dahin gilt V3 (01.10.2023)." in read(planner.get("/karte/debt_rate/?stand=2"))


def test_the_address_of_a_hidden_one_says_to_wait_and_not_that_it_is_nowhere(planner, hidden):
    answer = planner.get("/karte/debt_rate/?stand=5")

    assert answer.status_code == 503
    assert HIDDEN in read(answer)
    assert STUCK in read(answer)
    assert "Das dauert wenige Minuten" not in read(answer)
    assert planner.get("/karte/debt_rate/?stand=4").status_code == 404


def test_what_is_hidden_before_its_moment_is_known_to_nobody(planner, hidden):
    later = timezone.now() + dt.timedelta(days=1)
    Datenstand.objects.filter(pk=hidden.pk).update(visible_from=later)

    assert planner.get("/karte/debt_rate/?stand=5").status_code == 404
    assert "V5 (" not in read(planner.get("/karte/debt_rate/"))


def test_the_release_page_says_what_to_do_if_it_stays_hidden(planner, hidden):
    answer = planner.get(reverse("release", args=[hidden.pk]))

    assert answer.status_code == 503
    assert HIDDEN in read(answer)
    assert STUCK in read(answer)


def test_the_list_of_releases_keeps_hidden_ones_and_their_state(planner, hidden, area_set, people):
    under_older_rules(published.make_draft(area_set, people[ADMIN], 6, 2026))

    page = read(planner.get(reverse("release-list")))

    for name in ("01.10.2025 · V5", "01.10.2026 · V6"):
        row = re.search(rf'<tr><th scope="row">{name}</th>.*?</tr>', page)[0]
        assert "wird neu geprüft" in row
        assert "gilt jetzt" not in row
        assert "Vergleichen" not in row
    assert "1 Datenstand wird nach strengeren Regeln neu geprüft" in page
    assert STUCK in page


def test_the_list_says_when_the_worker_failed_to_protect_one_again(planner, hidden):
    moment = timezone.make_aware(dt.datetime(2026, 11, 29, 8, 5))  # noqa: DTZ001
    Datenstand.objects.filter(pk=hidden.pk).update(protecting_failed_at=moment)

    page = read(planner.get(reverse("release-list")))

    row = re.search(r'<tr><th scope="row">01.10.2025 · V5</th>.*?</tr>', page)[0]
    assert "nicht neu zu schützen" in row
    assert "Letzter Versuch 29.11.2026, 08:05 Uhr" in row
    assert "wird neu geprüft" not in row
    assert "zurücknehmen</button>" in row


def test_deliveries_and_record_say_that_a_release_is_hidden(client, people, hidden):
    client.force_login(people[ADMIN])

    assert "V5 wird neu geprüft" in read(client.get(reverse("delivery-list")))
    assert "V3 freigegeben" in read(client.get(reverse("delivery-list")))
    assert "wird neu geprüft" in read(client.get(reverse("delivery", args=[hidden.delivery_id])))
    assert "freigegeben, wird neu geprüft" in read(client.get(reverse("release-log")))


def print_newest():
    command = create_demo.Command(stdout=io.StringIO())
    command._print_newest()
    return command.stdout.getvalue()


def test_the_demo_prints_what_the_pages_show_and_that_more_is_hidden(hidden):
    hidden.figures.filter(indicator="debt_rate", area__number=1).update(value=77.7)

    printed = print_newest()

    assert "Datenstand 01.10.2023 · V3" in printed
    assert "77,7" not in printed
    assert NOTICE in printed.splitlines()


def test_the_demo_prints_no_figure_while_all_are_hidden(shown):
    under_older_rules(shown)

    printed = print_newest()

    assert "werden nach strengeren Regeln neu geprüft" in printed
    assert "Datenstand" not in printed
