"""Deliveries as two people handle them: a broken file, the mended one, release by the other person."""

import re
from pathlib import Path

from playwright.sync_api import expect


def upload(page, path):
    page.set_input_files("input[type=file]", str(path))
    page.click("form[enctype] button[type=submit]")
    page.wait_for_url("**/lieferungen/*/")


def ended(page):
    state = page.locator("#lieferung-stand")
    expect(state).not_to_have_attribute("data-state", re.compile("received|running"), timeout=60_000)
    return state.get_attribute("data-state")


def supplier_file(site):
    """The newest file of the invented city, as text lines."""
    folder = Path(site.environment["KODALA_VAR"]) / "demo" / "lieferungen"
    return sorted(folder.glob("*.csv"))[-1].read_bytes().decode("cp1252").split("\r\n")


def write(path, lines):
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def with_households(lines, row, households):
    """The lines with another number of households in one row (as a spreadsheet counts)."""
    place = lines[0].split(";").index("haushalte")
    cells = lines[row - 1].split(";")
    cells[place] = str(households)
    return [*lines[: row - 1], ";".join(cells), *lines[row:]]


def shown_datenstand(visitor):
    """The Datenstand that the map shows without being asked for one."""
    return visitor.open("/karte/debt_rate/").locator(".js-datenstand option:checked").inner_text()


def test_from_a_broken_file_to_a_release_by_the_second_person(visit, site, tmp_path):
    lines = [line.replace("01.10.2025", "01.10.2026") for line in supplier_file(site)]
    admin = visit("datenpflege")
    page = admin.open("/lieferungen/")

    upload(page, write(tmp_path / "lieferung_2026.csv", with_households(lines, 4711, 3)))
    assert ended(page) == "rejected"
    findings = page.locator("#befunde")
    expect(findings).to_contain_text("4.711")
    expect(findings).to_contain_text("haushalte")
    admin.picture("lieferung_zurueckgewiesen")

    admin.open("/lieferungen/")
    upload(page, write(tmp_path / "lieferung_2026_neu.csv", lines))
    assert ended(page) == "computed"
    assert page.locator("#lieferung-stand[hx-get]").count() == 0
    admin.picture("lieferung_fertig")

    page = admin.open("/freigaben/")
    page.locator("main a[href*='/freigaben/']").first.click()
    assert page.locator("main + aside form, form.release-form").count() == 0
    assert "nur eine andere Person freigeben" in page.locator("body").inner_text()

    planner = visit("planung")
    page = planner.open("/freigaben/")
    page.locator("main a[href*='/freigaben/']").first.click()
    planner.picture("freigabe")
    page.locator("form.release-form input[type=checkbox]").check()
    page.locator("form.release-form button[type=submit]").click()
    page.wait_for_url("**/freigaben/")
    assert "freigegeben" in page.locator("body").inner_text()
    assert "01.10.2026" in shown_datenstand(planner)

    page = planner.open("/freigaben/")
    page.locator("summary", has_text="Zurücknehmen").first.click()
    page.locator("form[action$='/zuruecknehmen/'] button").first.click()
    page.wait_for_url("**/freigaben/")
    assert "01.10.2025" in shown_datenstand(planner)


def test_progress_is_asked_for_only_while_something_runs(visit):
    visitor = visit("datenpflege")
    page = visitor.open("/lieferungen/1/")
    before = len([url for url in visitor.requested if url.endswith("/status/")])

    page.wait_for_timeout(2500)

    assert len([url for url in visitor.requested if url.endswith("/status/")]) == before == 0
