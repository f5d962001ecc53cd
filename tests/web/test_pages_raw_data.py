"""The page of a delivery's raw data: deleting early with a reason, by admins alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from microcells.models import DeletionRequest, Delivery
from tests.web import published


@pytest.fixture
def draft(area_set, people):
    return published.make_draft(area_set, people[ADMIN], 2, 2026)


def test_deleting_raw_data_early_needs_a_reason_and_a_confirmation(client, people, draft):
    client.force_login(people[ADMIN])
    url = reverse("delivery-raw-data", args=[draft.delivery_id])

    refused = client.post(url, {"reason": "Vertragsende"})
    assert not DeletionRequest.objects.exists()
    answer = client.post(url, {"reason": "Vertragsende", "is_sure": "on"}, follow=True)

    assert refused.status_code == 400
    assert DeletionRequest.objects.get().reason == "Vertragsende"
    assert "Die Löschung ist beauftragt." in answer.content.decode()


def test_deleted_raw_data_are_said_with_their_day(client, people, draft):
    client.force_login(people[ADMIN])
    moment = timezone.make_aware(dt.datetime(2026, 11, 3, 9, 0))  # noqa: DTZ001
    Delivery.objects.filter(pk=draft.delivery_id).update(cells_deleted_at=moment)

    page = client.get(reverse("delivery-raw-data", args=[draft.delivery_id])).content.decode()

    assert "Rohdaten gelöscht am 03.11.2026." in page
    assert "<form" not in page[page.index("<main") : page.index("</main>")]


def test_a_delivery_rejected_for_deleted_raw_data_says_so_and_points_to_no_finding(client, people, draft):
    client.force_login(people[ADMIN])
    Delivery.objects.filter(pk=draft.delivery_id).update(
        state=Delivery.State.REJECTED, n_rows=None, cells_deleted_at=timezone.now(), message="Rohdaten weg."
    )

    page = client.get(reverse("delivery", args=[draft.delivery_id])).content.decode()

    assert "Rohdaten weg." in page
    assert "neben dem Befund" not in page


@pytest.mark.parametrize("role", [PLANNER, COUNSELLOR])
def test_only_admins_see_to_raw_data(client, people, draft, role):
    client.force_login(people[role])

    assert client.get(reverse("delivery-raw-data", args=[draft.delivery_id])).status_code == 403
