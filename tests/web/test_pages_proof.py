"""The proof of disclosure control where a second person decides, and in the record of all Datenstände."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication.rules_in_force import rules_for_certificate
from tests.web import published

SHORT = (
    "2.257 Zahlen und 515 Gleichungen geprüft; 56 Zahlen zurückgehalten; "
    "112 Rechenversuche von Angreifern, 0 erfolgreich; 3,2 s"
)


@pytest.fixture
def draft(area_set, people):
    published.make_released(area_set, people[ADMIN], people[PLANNER])
    draft = published.make_draft(area_set, people[ADMIN], version=2, year=2024)
    return with_certificate(draft, published.PROOF)


def with_certificate(draft, certificate):
    draft.certificate = {"rulebook": rules_for_certificate()["rulebook"], **certificate}
    draft.save()
    return draft


@pytest.fixture
def planner(client, people, draft):
    client.force_login(people[PLANNER])
    return client


def words_of(answer):
    text = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.split())


def release_of(client, draft):
    return words_of(client.get(reverse("release", args=[draft.pk])))


def test_the_release_shows_difference_and_smallest_group(planner, draft):
    words = release_of(planner, draft)

    assert "Differenz zu V1 0 rückrechenbar" in words
    assert "Eine zurückgehaltene Zahl kann hinter mehreren Kennzahlen stehen." in words
    assert "kleinste Gruppe 5 Personen" in words
    assert "Anteile beruhen auf mindestens 30 Personen" in words
    assert "V1 beschreibt einen anderen Stichtag" in words
    assert "56 Zahlen bleiben zurück: zu klein oder nötig" in words
    assert "Auswahl: bewiesen die sparsamste." in words


def test_another_one_of_the_same_date_is_in_the_same_equations(planner, draft, area_set, people):
    again = published.make_draft(area_set, people[ADMIN], version=3, year=2023)
    with_certificate(again, published.PROOF)

    assert "Was V1 zum selben Stichtag zeigt, steht im selben System" in release_of(planner, again)


def test_whoever_decides_reads_the_proof_beside_the_button(planner, draft):
    page = planner.get(reverse("release", args=[draft.pk])).content.decode()

    decision = page.split('id="zwei-personen"')[1]
    assert SHORT.split(";")[0] in html.unescape(decision)
    assert decision.index("Geheimhaltung bestanden") < decision.index("release-form__checks")


def test_an_old_draft_claims_no_audit(planner, draft):
    with_certificate(draft, {"figures": 7, "states": {"protected": 1}, "open_leaks": 0, "rules": "alt-1"})

    words = release_of(planner, draft)

    assert "Differenz zu V1 nicht geprüft" in words
    assert "kleinste Gruppe" not in words
    assert "7 Kennzahlen einzeln geprüft, 1 geschützt, 0 durch einfaches Rechnen ableitbar" in words


def test_the_record_keeps_old_and_new_proofs(client, people, draft):
    client.force_login(people[ADMIN])

    words = words_of(client.get(reverse("release-log")))

    assert f"2.001 Kennzahlen, 61 geschützt. {SHORT}" in words
    assert "9f3c41d7" * 8 in words
    assert "7 Kennzahlen, 1 geschützt. 7 Kennzahlen einzeln geprüft" in words
