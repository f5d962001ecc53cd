"""Every address asks who is there, and lets each role only where it belongs."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from tests.web import published

PAGES = {
    "map": ("map", ["debt_rate"]),
    "area": ("map-area", ["debt_rate", 1]),
    "export": ("map-export", ["debt_rate"]),
    "filter": ("filter", []),
    "deliveries": ("delivery-list", []),
    "releases": ("release-list", []),
    "indicator": ("help-indicator", ["debt_rate"]),
    "anonymous": ("help-anonymous", []),
}
CLOSED = {
    PLANNER: {"deliveries"},
    COUNSELLOR: {"deliveries", "releases"},
    ADMIN: {"export", "filter"},
}


@pytest.fixture
def datenstand(area_set, people):
    return published.make_released(area_set, people[ADMIN], people[PLANNER])


@pytest.mark.parametrize("page", PAGES)
def test_without_login_every_page_leads_to_the_login(client, datenstand, page):
    name, arguments = PAGES[page]
    address = reverse(name, args=arguments)

    answer = client.get(address)

    assert (answer.status_code, answer.url) == (302, f"{reverse('login')}?next={address}")


@pytest.mark.parametrize("role", [PLANNER, COUNSELLOR, ADMIN])
@pytest.mark.parametrize("page", PAGES)
def test_a_role_opens_its_own_pages_only(client, people, datenstand, role, page):
    name, arguments = PAGES[page]
    client.force_login(people[role])

    answer = client.get(reverse(name, args=arguments))

    assert answer.status_code == (403 if page in CLOSED[role] else 200)


@pytest.mark.parametrize("role", [PLANNER, COUNSELLOR, ADMIN])
def test_the_menu_names_only_pages_the_role_may_open(client, people, datenstand, role):
    client.force_login(people[role])

    page = client.get(reverse("map", args=["debt_rate"])).content.decode()

    menu = page[page.index('id="hauptmenue"') : page.index("</nav>")]
    shown = {
        key
        for key, name in (("filter", "filter"), ("deliveries", "delivery-list"), ("releases", "release-list"))
        if f'href="{reverse(name)}"' in menu
    }
    assert shown == {"filter", "deliveries", "releases"} - CLOSED[role]


@pytest.mark.parametrize("name", ["filter-evaluate", "filter-result", "filter-save", "filter-export"])
def test_who_may_not_filter_may_not_post_to_the_filter(client, people, datenstand, name):
    client.force_login(people[ADMIN])

    assert client.post(reverse(name)).status_code == 403


def test_a_planner_cannot_hand_in_a_delivery(client, people, datenstand):
    client.force_login(people[PLANNER])

    assert client.post(reverse("delivery-list"), {}).status_code == 403


def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(client, people):
    answers = [
        client.post(reverse("login"), {"username": name, "password": "falsch"}).content.decode()
        for name in ("planung", "gibt-es-nicht")
    ]

    sentence = "Die Anmeldung ist nicht gelungen."
    assert [answer.count(sentence) for answer in answers] == [1, 1]


def test_health_answers_without_login(client, db):
    assert client.get(reverse("health")).content == b"ok"
