""" "Ist das anonym?": the steps, and the proof of a Datenstand in plain German, of old certificates too."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from kodala.dashboard.proof import long_words, proof_lines, short_words
from kodala.dashboard.views import pages
from kodala.publication.rules_in_force import rules_for_certificate
from tests.web import published


@pytest.fixture
def datenstand(area_set, people):
    datenstand = published.make_released(area_set, people[ADMIN], people[PLANNER])
    datenstand.certificate = {"rulebook": rules_for_certificate()["rulebook"], **published.PROOF}
    datenstand.save()
    return datenstand


@pytest.fixture
def counsellor(client, people, datenstand):
    client.force_login(people[COUNSELLOR])
    return client


def words_of(page):
    """What a reader sees, without markup and with plain spaces."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.split())


def test_the_proof_is_told_in_whole_sentences(counsellor):
    words = words_of(counsellor.get(reverse("help-anonymous")).content.decode())

    assert (
        "V1, Stichtag 01.10.2023: 2.257 Zahlen und 515 Gleichungen zwischen ihnen geprüft. "
        "56 Zahlen bleiben zurück: zu klein oder nötig, um eine andere Zahl zu schützen."
    ) in words
    assert (
        "um mindestens 5 Personen höher und ebenso viel niedriger sein, nie unter null, auch für jemanden, "
        "der die eigene Angabe kennt."
    ) in words
    assert "112 Rechenversuche von Angreifern, 0 erfolgreich." in words


@pytest.mark.parametrize(
    "fact",
    [
        "Gebiete, Bezirke, Stichtage 24, 8 und 5",
        "Auswahl bewiesen die sparsamste",
        "Dauer 3,2 s",
        "Prüfsumme der Auswahl 9f3c41d79f3c …",
        "Prüfsumme des Regelwerks ab12cd34ab12 …",
        "Regelwerk geheimhaltung-5",
    ],
)
def test_every_fact_stands_in_the_list(counsellor, fact):
    assert fact in words_of(counsellor.get(reverse("help-anonymous")).content.decode())


def test_the_page_names_the_three_steps_and_what_is_not_promised(counsellor):
    page = counsellor.get(reverse("help-anonymous")).content.decode()

    assert re.findall(r"<h3>(\d\. [^<]+)</h3>", page) == [
        "1. Haus",
        "2. Mikrozelle",
        "3. Gebiet und Anzeigezelle",
    ]
    assert page.count("nie gezeigt") == 2
    promised = words_of(page.split("Was KoDaLa nicht verspricht")[1])
    assert "Modellwerte" in promised
    assert "keine Rechtsauskunft" in promised


def test_numbers_of_the_rules_come_from_the_rules(counsellor, monkeypatch):
    stricter = replace(pages.protection_rules(), count_min=17)
    monkeypatch.setattr(pages, "protection_rules", lambda: stricter)

    assert "Anzahlen ab 17 Personen" in words_of(counsellor.get(reverse("help-anonymous")).content.decode())


def test_an_older_certificate_still_has_a_page_that_claims_no_audit(counsellor, datenstand):
    old = {"figures": 7, "states": {"protected": 1}, "open_leaks": 0, "rules": "alt-1"}
    datenstand.certificate = {"rulebook": rules_for_certificate()["rulebook"], **old}
    datenstand.save()

    words = words_of(counsellor.get(reverse("help-anonymous")).content.decode())

    assert "nach einem älteren Verfahren geprüft" in words
    assert "Durch einfaches Rechnen ableitbar 0" in words
    assert "Rechenversuche von Angreifern" not in words
    assert "None" not in words


def test_the_fragment_is_the_proof_alone_and_of_the_datenstand_asked_for(counsellor, area_set, people):
    published.make_released(area_set, people[ADMIN], people[PLANNER], version=2, year=2024)

    page = counsellor.get(reverse("help-anonymous-proof") + "?stand=1").content.decode()

    assert page.lstrip().startswith('<section class="audit" id="pruefung"')
    assert "V1, Stichtag 01.10.2023" in page
    assert 'hx-get="/hilfe/anonym/_pruefung?stand=2"' in page
    assert counsellor.get(reverse("help-anonymous-proof") + "?stand=3").status_code == 404


@pytest.mark.parametrize(
    ("withheld", "said"),
    [
        (0, "Keine Zahl ist für sich zu klein."),
        (1, "1 Zahl bleibt zurück: zu klein oder nötig"),
        (1_956, "1.956 Zahlen bleiben zurück: zu klein oder nötig"),
    ],
)
def test_what_is_withheld_is_counted_whatever_the_reason(withheld, said):
    assert said in " ".join(long_words(published.PROOF | {"withheld": withheld}))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"is_cheapest": False}, "sicher, nicht als sparsamste bewiesen"),
        ({"given_away": 3}, "Schon früher gezeigt 3"),
        ({"seconds": None}, "Auswahl bewiesen die sparsamste"),
    ],
)
def test_what_is_not_proved_is_not_claimed(changed, said):
    assert said in " ".join(f"{line.label} {line.value}" for line in proof_lines(published.PROOF | changed))


def test_nobody_is_promised_more_than_was_checked():
    assert "eigene Angabe" not in " ".join(long_words(published.PROOF | {"insiders": 0}))
    assert "2 Betroffene ihre Angaben" in " ".join(long_words(published.PROOF | {"insiders": 2}))


def test_the_short_form_counts_what_is_withheld_and_tried():
    assert short_words(published.PROOF) == (
        "2.257 Zahlen und 515 Gleichungen geprüft; 56 Zahlen zurückgehalten; "
        "112 Rechenversuche von Angreifern, 0 erfolgreich; 3,2\N{NO-BREAK SPACE}s"
    )


def test_the_three_counts_of_what_is_withheld_say_what_they_count():
    hints = {line.label: line.hint for line in proof_lines(published.PROOF)}

    assert "Kennzahlen, je Gebiet, Bezirk und Stadt" in hints["davon geschützt"]
    assert "eine kann hinter mehreren Kennzahlen stehen" in hints["Zurückgehaltene Zahlen"]
