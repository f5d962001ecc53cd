"""Warnings that a person lets stand: with a reason, once, and only by those who hand in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from kodala.dashboard.access import ADMIN, PLANNER
from microcells.acceptance import list_unaccepted, list_warnings
from microcells.models import Delivery, WarningAcceptance


def accept(client, delivery, reason, code="W-NULLWERT", **given):
    return client.post(reverse("delivery-warning", args=[delivery.pk, code]), {"reason": reason}, **given)


def test_a_reason_is_kept_with_person_and_time(admin, warned, people):
    answer = accept(admin, warned, "  Mit dem Lieferanten geklärt.  ")

    kept = WarningAcceptance.objects.get()
    page = admin.get(answer.url).content.decode()
    assert (kept.reason, kept.accepted_by) == ("Mit dem Lieferanten geklärt.", people[ADMIN])
    assert list_unaccepted(warned) == []
    assert "„Mit dem Lieferanten geklärt.“" in page
    assert "alle angenommen" in page


@pytest.mark.parametrize("reason", ["", "   ", "ok", "x" * 2001])
def test_a_reason_must_say_something(admin, warned, reason):
    accept(admin, warned, reason)
    fragment = accept(admin, warned, reason, headers={"hx-request": "true"}).content.decode()

    assert not WarningAcceptance.objects.exists()
    assert "Die Begründung braucht 10 bis 2.000 Zeichen." in fragment
    assert 'aria-invalid="true"' in fragment


def test_with_the_last_reason_the_verdict_above_changes_too(admin, warned):
    answer = accept(admin, warned, "Mit dem Lieferanten geklärt.", headers={"hx-request": "true"})

    beside = answer.content.decode().partition('id="urteil" hx-swap-oob="true"')[2]
    assert "Die Prüfung steht der Freigabe nicht entgegen." in beside
    assert "fehlen Begründungen" not in beside


def test_the_second_of_two_people_is_told(admin, warned):
    accept(admin, warned, "Mit dem Lieferanten geklärt.")
    again = accept(admin, warned, "Ich sehe das auch so.", headers={"hx-request": "true"}).content.decode()

    assert WarningAcceptance.objects.count() == 1
    assert "„Mit dem Lieferanten geklärt.“" in again


def test_what_was_not_found_cannot_be_accepted(admin, warned):
    accept(admin, warned, "Mit dem Lieferanten geklärt.", code="E-HH-MIN")
    Delivery.objects.filter(pk=warned.pk).update(state=Delivery.State.REJECTED)
    accept(admin, warned, "Mit dem Lieferanten geklärt.")

    assert not WarningAcceptance.objects.exists()


def test_only_those_who_hand_in_may_accept(client, warned, people):
    reader = people[PLANNER]
    reader.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(reader)

    page = client.get(reverse("delivery", args=[warned.pk]) + "?schritt=pruefung").content.decode()

    assert accept(client, warned, "Mit dem Lieferanten geklärt.").status_code == 403
    assert 'id="warnung-W-NULLWERT"' in page
    assert "<textarea" not in page


def test_warnings_are_counted_as_the_list_counts_them(jumps):
    lines = list_warnings(Delivery.objects.get(pk=jumps.pk))

    assert {line.code: line.count for line in lines} == {"W-NULLWERT": 2, "W-SPRUNG": 48}
