""" "Ist das anonym?" and the panel beside the map, wide and at 320 px: nothing is cut or hidden."""

import re

import pytest
from playwright.sync_api import expect

OUTSIDE = """selector => [...document.querySelectorAll(selector)]
  .filter(part => part.getBoundingClientRect().width && part.getBoundingClientRect().right > innerWidth + 0.5)
  .map(part => part.className + ': ' + part.textContent.trim().slice(0, 40))"""


@pytest.mark.parametrize("width", [1440, 320])
def test_steps_and_proof_stand_inside_the_page(visit, width):
    visitor = visit("beratung", width=width)
    page = visitor.open("/hilfe/anonym/")

    assert page.locator(".ladder h3").all_inner_texts() == [
        "1. Haus",
        "2. Mikrozelle",
        "3. Gebiet und Anzeigezelle",
    ]
    said = page.locator("#pruefung").inner_text()
    assert "Rechenversuche von Angreifern, 0 erfolgreich" in said
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE, ".article *") == []
    visitor.picture(f"anonym_{width}")


def test_the_proof_of_another_datenstand_takes_the_place_of_the_first(visit):
    page = visit("beratung").open("/hilfe/anonym/")

    page.click("#pruefung-1")

    expect(page.locator("#pruefung")).to_contain_text("V1, Stichtag")
    expect(page.locator("#pruefung-1")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/hilfe/anonym/\?stand=1$"))  # can be copied; the page was not left


@pytest.mark.parametrize("code", ["debtors", "offline_seniors"])
def test_the_facts_beside_a_big_number_are_not_cut_at_320_px(visit, code):
    visitor = visit("planung", width=320)
    page = visitor.open(f"/karte/{code}/?gebiet=12&ansicht=blickpunkt")

    expect(page.locator(".focus__facts")).to_be_visible()
    room = page.locator(".focus__value").bounding_box()
    for part in page.locator(".focus__facts, .focus__facts p").all():
        box = part.bounding_box()
        assert box["x"] + box["width"] <= room["x"] + room["width"] + 0.5
    page.evaluate("document.querySelectorAll('.bench__right details').forEach(own => own.open = true)")
    assert page.evaluate(OUTSIDE, ".bench__right *") == []
    visitor.picture(f"blickpunkt_320_{code}")


STORED = """async () => ({
  local: Object.entries(localStorage), session: Object.entries(sessionStorage),
  databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  state: history.state, cookies: document.cookie.split('; ').filter(Boolean).map(own => own.split('=')[0])
})"""


def test_the_browser_keeps_the_theme_and_no_figure(visit):
    page = visit("planung").open("/karte/debt_rate/?gebiet=2")
    page.click("header .js-theme >> visible=true")
    page.click("#klasse-a")
    page.goto(page.url.split("/karte/")[0] + "/filter/")
    page.click("label:has(#merkmal-debt_rate-e)")
    expect(page.locator(".bignum")).to_contain_text("Gebieten")

    kept = page.evaluate(STORED)

    assert kept["local"] == [["kodala-theme", "dark"]]
    # htmx notes the address of the page, which names no figure.
    assert kept["session"] in ([], [["htmx-current-path-for-history", "/filter/"]])
    assert (kept["databases"], kept["caches"], kept["state"]) == (0, 0, None)
    assert set(kept["cookies"]) <= {"csrftoken"}
