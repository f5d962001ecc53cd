"""axe-core finds no violation of WCAG 2.2 A and AA on any main page, light and dark, wide and narrow."""

import os
from pathlib import Path

import pytest

from tests.processes import ROOT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "planung": [
        "/karte/debt_rate/?gebiet=12",
        "/karte/group_lasting/?gebiet=11&ansicht=tabelle",
        "/filter/",
        "/karte/population/?gebiet=12",
        "/freigaben/",
        "/freigaben/5/?kennzahl=population",
        "/hilfe/anonym/",
        "/hilfe/kennzahl/debt_rate/",
        "/hilfe/kennzahl/population/",
    ],
    "datenpflege": ["/lieferungen/", "/lieferungen/1/", "/lieferungen/5/?schritt=spalten"],
}


@pytest.fixture(scope="module")
def axe():
    place = (
        Path(os.environ.get("KODALA_VAR", ROOT / "var")) / "js" / "node_modules" / "axe-core" / "axe.min.js"
    )
    return place.read_text()


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (320, "light")])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks_a_rule(visit, axe, name, width, theme):
    visitor = visit(name, width=width, height=900, bypass_csp=True)
    visitor.page.evaluate("theme => localStorage.setItem('kodala-theme', theme)", theme)
    found = {}
    for address in PAGES[name]:
        page = visitor.open(address)
        page.wait_for_timeout(600)
        found[address] = violations(page, axe)

    assert {address: own for address, own in found.items() if own} == {}


def test_the_login_page_breaks_no_rule(visit, axe):
    visitor = visit(None, bypass_csp=True)

    assert violations(visitor.open("/anmelden/"), axe) == []
