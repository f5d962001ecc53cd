"""Every address, tried by nobody and by each role: only the rights of the role count."""

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from kodala.core.wall import list_web_rights
from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from kodala.pipeline import start
from kodala.publication.models import Datenstand
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
EVERYBODY = {PLANNER, COUNSELLOR, ADMIN}
OPEN = {"login", "health"}  # addresses without login
WITHOUT_RIGHT = {"home", "logout"}  # any person may use them
RIGHTS = {
    "map-start": EVERYBODY,
    "geometry": EVERYBODY,
    "map": EVERYBODY,
    "map-area": EVERYBODY,
    "tile": {PLANNER},
    "map-export": {PLANNER, COUNSELLOR},
    "filter": {PLANNER, COUNSELLOR},
    "filter-evaluate": {PLANNER, COUNSELLOR},
    "filter-result": {PLANNER, COUNSELLOR},
    "filter-save": {PLANNER, COUNSELLOR},
    "filter-export": {PLANNER, COUNSELLOR},
    "filter-saved": {PLANNER, COUNSELLOR},
    "filter-delete": {PLANNER, COUNSELLOR},
    "delivery-list": {ADMIN},
    "delivery": {ADMIN},
    "delivery-confirm": {ADMIN},
    "delivery-status": {ADMIN},
    "delivery-findings": {ADMIN},
    "delivery-findings-file": {ADMIN},
    "delivery-findings-workbook": {ADMIN},
    "delivery-warning": {ADMIN},
    "delivery-resume": {ADMIN},
    "release-list": {PLANNER, ADMIN},
    "release": {PLANNER, ADMIN},
    "release-withdraw": {PLANNER, ADMIN},
    "release-comparison": {PLANNER, ADMIN},
    "release-reject": {PLANNER, ADMIN},
    "release-log": {ADMIN},
    "delivery-raw-data": {ADMIN},
    "help-anonymous": EVERYBODY,
    "help-anonymous-proof": EVERYBODY,
    "help-indicator": EVERYBODY,
    "help-delivery": {ADMIN},
}


@pytest.fixture
def site(area_set, people):
    """One released Datenstand and one that waits, with the arguments of every address."""
    numbers = []
    for seed in (1, 2):
        raw = builders.as_supplier_file(builders.make_cells({1: 120, 2: 90, 3: 60}, seed=seed))
        delivery = builders.hand_in(raw, area_set, people[ADMIN])
        start(delivery.pk)
        numbers.append(delivery.pk)
    builders.release(Datenstand.objects.order_by("pk")[0].pk, people[PLANNER])
    waiting = Datenstand.objects.get(state=Datenstand.State.AUDITED)
    return {
        "code": "debt_rate",
        "version": 1,
        **dict(zip("zxy", builders.TILE, strict=True)),
        "number": 1,
        "area_set_pk": area_set.pk,
        "token": "unbekannt",
        "kind": "microcells",
        "pk": {"delivery": numbers[0], "release": waiting.pk},
    }


def addresses(site):
    for pattern in get_resolver().url_patterns[0].url_patterns:
        assert isinstance(pattern, URLPattern)
        wanted = pattern.pattern.converters
        kind = pattern.name.split("-")[0]
        arguments = {name: site["pk"][kind] if name == "pk" else site[name] for name in wanted}
        yield pattern.name, reverse(pattern.name, kwargs=arguments)


def answers(client, url):
    """Status of GET and POST; a wrong method counts as reached."""
    return {client.get(url).status_code, client.post(url).status_code}


def test_every_address_has_its_line_in_this_test(site):
    assert {name for name, _ in addresses(site)} == OPEN | WITHOUT_RIGHT | set(RIGHTS)


def test_without_login_every_address_leads_to_the_login_page(site):
    client = Client()
    for name, url in addresses(site):
        if name in OPEN:
            assert client.get(url).status_code == 200, name
            continue
        for answer in (client.get(url), client.post(url)):
            assert answer.status_code == 302, name
            assert answer["Location"].startswith(reverse("login")), name


@pytest.mark.parametrize("role", [PLANNER, COUNSELLOR, ADMIN])
def test_each_role_reaches_its_own_addresses_and_no_other(site, people, role):
    client = Client()
    client.force_login(people[role])
    for name, url in addresses(site):
        if name in OPEN | WITHOUT_RIGHT:
            continue
        found = answers(client, url)
        if role in RIGHTS[name]:
            assert not found & {403, 500}, f"{name}: {found}"
        else:
            assert found <= {403, 405}, f"{name}: {found}"
            assert 403 in found, f"{name}: {found}"


def test_a_saved_filter_belongs_to_its_owner(site, people):
    from kodala.dashboard.models import SavedFilter

    own = SavedFilter.objects.create(owner=people[PLANNER], name="Meiner", datenstand_version=1)
    other = Client()
    other.force_login(people[COUNSELLOR])
    owner = Client()
    owner.force_login(people[PLANNER])

    assert other.get(reverse("filter-saved", args=[own.token])).status_code == 404
    assert owner.get(reverse("filter-saved", args=[own.token])).status_code in (200, 302)


def test_forms_without_csrf_token_are_refused(site, people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people[ADMIN])

    assert client.post(reverse("delivery-list"), {}).status_code == 403


def test_a_draft_is_not_shown_before_its_release(site, people):
    client = Client()
    client.force_login(people[COUNSELLOR])
    waiting = Datenstand.objects.get(state=Datenstand.State.AUDITED)

    answer = client.get(reverse("map", args=["debt_rate"]), {"stand": waiting.version})

    assert answer.status_code in (302, 404)


def test_whoever_handed_in_cannot_release(site, people):
    client = Client()
    client.force_login(people[ADMIN])
    waiting = Datenstand.objects.get(state=Datenstand.State.AUDITED)

    client.post(reverse("release", args=[waiting.pk]), {"confirmed": "on", "checked": "on"})

    waiting.refresh_from_db()
    assert waiting.state == Datenstand.State.AUDITED


def test_ten_wrong_passwords_close_the_door(people):
    client = Client()
    for _ in range(10):
        client.post(reverse("login"), {"username": "planung", "password": "falsch"})

    answer = client.post(reverse("login"), {"username": "planung", "password": "geheim-genug-12"})

    assert answer.status_code in (403, 429)
    assert "_auth_user_id" not in client.session


def test_pages_come_with_a_strict_policy(site, people):
    client = Client()
    client.force_login(people[PLANNER])

    policy = client.get(reverse("map", args=["debt_rate"]), follow=True)["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy


def test_pages_stay_in_no_cache_but_outlines_do(site, people):
    client = Client()
    client.force_login(people[PLANNER])

    page = client.get(reverse("map", args=["debt_rate"]), follow=True)
    outlines = client.get(reverse("geometry", args=[site["area_set_pk"]]))

    assert page["Cache-Control"] == "private, no-store"
    assert "immutable" in outlines["Cache-Control"]


def test_a_broken_filter_address_is_simply_not_found(people):
    client = Client()
    client.force_login(people[PLANNER])

    assert client.get("/filter/%00/").status_code == 404


def test_the_web_role_may_not_write_figures():
    rights = list_web_rights()

    assert rights["publication_figure"] == {"SELECT"}
