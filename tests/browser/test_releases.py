"""The release as a second person carries it out, from comparison to rollback; also without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import axe, violations

__all__ = ["axe"]


@pytest.fixture(scope="module")
def draft_address(site):
    """A delivery two years on, in which the debts of area 12 have grown by a quarter, waits for release."""
    folder = Path(site.environment["KODALA_VAR"]) / "demo" / "lieferungen"
    newest = sorted(folder.glob("*.csv"))[-1]
    head, *rows = newest.read_bytes().decode("cp1252").rstrip("\r\n").split("\r\n")
    names = head.split(";")
    path = Path(site.environment["KODALA_VAR"]) / "lieferung_freigabe.csv"
    lines = [head, *(_a_year_later(names, row.split(";")) for row in rows)]
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))
    site.manage("import_delivery", str(path))
    ask = (
        "from kodala.publication.models import Datenstand; from kodala.publication.releasing import *; "
        "from django.contrib.auth.models import User; draft = Datenstand.objects.latest('pk'); "
        "accept_open_warnings(draft, 'Im Test so gewollt.', User.objects.get(username='datenpflege')); "
        "print('draft', draft.pk, draft.version)"
    )
    pk, version = re.search(r"draft (\d+) (\d+)", site.manage("shell", "-c", ask)).groups()
    return f"/freigaben/{pk}/", int(version)


def _a_year_later(names, cells):
    place = names.index("stichtag")
    cells[place] = f"{cells[place][:-4]}{int(cells[place][-4:]) + 2}"
    for name in ("schuldner_hart", "schuldner_weich"):
        value = float(cells[names.index(name)].replace(",", "."))
        if int(cells[names.index("gebiet_nr")]) == 12 and value > 0:
            cells[names.index(name)] = f"{value * 1.25:.3f}".replace(".", ",")
    return ";".join(cells)


def shown_version(visitor):
    """The version that the map shows without being asked for one."""
    label = visitor.open("/karte/debt_rate/").locator(".js-datenstand option:checked").inner_text()
    return int(label.split("V")[-1])


def confirm(page):
    page.get_by_label("Ich habe den Vergleich geprüft.").check()
    page.locator("[name=are_warnings_accepted]").check()


def test_another_indicator_is_compared_by_keyboard_and_the_note_is_not_lost(visit, draft_address):
    address, _ = draft_address
    visitor = visit("planung")
    page = visitor.open(address)
    note = page.locator(".release-form [name=note]")
    note.fill("Mit Lieferant geklärt")
    expect(page.locator("#vergleich")).to_contain_text("Zellen geändert")

    page.get_by_role("link", name="Überschuldungstypen", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#vergleich .table__key").first).to_contain_text("N1")
    page.get_by_role("link", name="T2", exact=True).focus()
    page.keyboard.press("Enter")

    expect(page.locator("#vergleich .table__key").first).to_contain_text("T2")
    assert page.evaluate("document.activeElement.id") == "kennzahl-type_5"
    assert note.input_value() == "Mit Lieferant geklärt"
    assert visitor.complaints == []


def test_the_count_of_cells_appears_by_itself_and_leaves_the_rest_alone(site, visit, draft_address):
    address, _ = draft_address
    pk = int(address.split("/")[2])
    forget = f"Datenstand.objects.filter(pk={pk}).update(comparison={{}})"
    site.manage("shell", "-c", f"from kodala.publication.models import Datenstand; {forget}")
    visitor = visit("planung")
    page = visitor.open(address)
    expect(page.locator("#zellenvergleich")).to_contain_text("wird gezählt")
    page.locator("#vergleich details summary").first.click()

    site.manage("shell", "-c", "from kodala.publication.counting import recount_changes; recount_changes()")

    expect(page.locator("#zellenvergleich")).not_to_contain_text("wird gezählt", timeout=10_000)
    assert page.locator("#zellenvergleich").count() == 1
    assert page.locator("#vergleich details").first.get_attribute("open") is not None
    assert visitor.complaints == []


def test_the_changed_area_leads_the_list_and_stands_on_the_small_map(visit, draft_address):
    address, _ = draft_address
    page = visit("planung").open(address)

    first = page.locator("#vergleich tbody tr").first
    name = first.locator("th").inner_text()

    assert first.locator("td").nth(2).inner_text().startswith("+")
    changes = re.compile(f"Klassenwechsel in .*{name}")
    expect(page.locator(".outlines")).to_have_attribute("aria-label", changes)
    assert page.locator(".outlines__part--d, .outlines__part--e, .outlines__part--c").count() >= 1


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light"), (320, "dark")])
def test_no_release_page_breaks_a_rule_or_runs_over(visit, axe, draft_address, width, theme):
    address, _ = draft_address
    visitor = visit("datenpflege", width=width, height=900, bypass_csp=True)
    visitor.page.evaluate("theme => localStorage.setItem('kodala-theme', theme)", theme)
    found = {}
    for one in (address, "/freigaben/", "/freigaben/protokoll/", "/lieferungen/1/rohdaten/"):
        page = visitor.open(one)
        page.wait_for_timeout(300)
        runs_over = page.evaluate("document.documentElement.scrollWidth") > width
        found[one] = violations(page, axe) + ["zu breit"] * runs_over

    assert {one: own for one, own in found.items() if own} == {}


def test_planned_cancelled_released_taken_back_and_released_again(visit, draft_address):
    address, version = draft_address
    planner, counsellor = visit("planung"), visit("beratung")
    before = shown_version(counsellor)
    tomorrow = dt.date.today() + dt.timedelta(days=2)  # noqa: DTZ011

    page = planner.open(address)
    expect(page.locator("[name=moment]")).to_be_hidden()
    page.select_option("[name=valid_from]", "later")
    page.fill("[name=moment]", f"{tomorrow}T06:00")
    confirm(page)
    planner.picture("freigabe_geplant")
    page.get_by_role("button", name=f"Datenstand V{version} freigeben").click()
    expect(page.locator("body")).to_contain_text(f"gilt ab {tomorrow:%d.%m.%Y}, 06:00 Uhr")
    assert shown_version(counsellor) == before
    assert counsellor.page.goto(f"{counsellor.site.url}/karte/debt_rate/?stand={version}").status == 404

    page = planner.open(address)
    page.get_by_role("button", name="Geplante Freigabe absagen").click()
    page = planner.open(address)
    confirm(page)
    page.get_by_role("button", name=f"Datenstand V{version} freigeben").click()
    page.wait_for_url("**/freigaben/")
    assert shown_version(counsellor) == version

    page = planner.open(address)
    page.get_by_label("Bemerkung").fill("Falscher Stichtag")
    page.get_by_role("button", name=f"Datenstand V{version} zurücknehmen").click()
    page.wait_for_url("**/freigaben/")
    assert shown_version(counsellor) == before
    gone = counsellor.page.goto(f"{counsellor.site.url}/karte/debt_rate/?stand={version}")
    assert gone.status == 410
    assert "Dieser Datenstand ist zurückgenommen." in counsellor.page.locator("main").inner_text()


def test_everything_can_be_done_without_javascript(visit, draft_address):
    address, version = draft_address
    visitor = visit("planung", java_script_enabled=False)
    page = visitor.open(f"{address}?kennzahl=households")
    expect(page.locator("#vergleich .table__key").first).to_contain_text("Haushalte")

    confirm(page)
    page.locator("form.release-form button[type=submit]").click()

    page.wait_for_url("**/freigaben/")
    expect(page.locator("body")).to_contain_text(f"Datenstand V{version} ist freigegeben")
    page.locator("summary", has_text="Zurücknehmen").first.click()
    page.locator("form[action$='/zuruecknehmen/'] button").first.click()
    page.wait_for_url("**/freigaben/")
    expect(page.locator("body")).to_contain_text("ist zurückgenommen")


def test_the_record_has_kept_every_step(visit, draft_address):
    _, version = draft_address
    page = visit("datenpflege").open("/freigaben/protokoll/")

    record = page.locator(f"article[aria-labelledby=v{version}]").inner_text()

    steps = re.findall(r"Beantragt|Freigegeben|Geplante Freigabe abgesagt|Zurückgenommen", record)
    assert steps == [
        "Beantragt", "Freigegeben", "Geplante Freigabe abgesagt", "Freigegeben", "Zurückgenommen",
        "Freigegeben", "Zurückgenommen",
    ]  # fmt: skip
    assert "„Falscher Stichtag“" in record
