"""Deliveries as two people handle them: a broken file, the mended one, release by the other person."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.processes import wait_for


def upload(page, path):
    page.set_input_files("input[type=file]", str(path))
    page.click("form[enctype] button[type=submit]")
    page.wait_for_url("**/lieferungen/*/")


def ended(page):
    """How a delivery ended; the page draws itself anew then, and asks no more."""
    state = page.locator("#lieferung-stand:not([hx-get])")
    expect(state).to_have_count(1, timeout=90_000)
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


def accept_warnings(page):
    """Give a reason for every warning that is open, one after the other."""
    while (form := page.locator("#warnungen form").first).count():
        form.locator("[name=reason]").fill("Mit dem Lieferanten geklärt.")
        open_before = page.locator("#warnungen form").count()
        form.locator("button[type=submit]").click()
        expect(page.locator("#warnungen form")).to_have_count(open_before - 1)
        expect(page.locator("#warnungen")).to_be_focused()


def test_from_a_broken_file_to_a_release_by_the_second_person(visit, site, tmp_path):
    lines = [line.replace("01.10.2025", "01.10.2026") for line in supplier_file(site)]
    admin = visit("datenpflege")
    page = admin.open("/lieferungen/")

    upload(page, write(tmp_path / "lieferung_2026.csv", with_households(lines, 4711, 3)))
    assert ended(page) == "rejected"
    findings = page.locator("#befunde")
    expect(findings).to_contain_text("4.711")
    expect(findings).to_contain_text("haushalte")
    page.get_by_role("link", name="Zeile für Zeile").click()
    page.wait_for_url("**/lieferungen/*/?schritt=pruefung&ansicht=zeilen")
    page.reload()
    expect(page.get_by_role("link", name="Zeile für Zeile")).to_have_attribute("aria-current", "true")
    admin.picture("lieferung_zurueckgewiesen")
    with page.expect_download() as download:
        page.get_by_role("link", name="Fehlerdatei (XLSX)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")

    page.get_by_role("link", name="Korrigierte Datei hochladen").click()
    upload(page, write(tmp_path / "lieferung_2026_neu.csv", lines))
    assert ended(page) == "computed"
    assert page.locator("#lieferung-stand[hx-get]").count() == 0
    admin.picture("lieferung_fertig")
    accept_warnings(page)

    page.locator(".steps a", has_text="Vergleich").click()
    assert page.locator("form.release-form").count() == 0
    assert "nur eine andere Person freigeben" in page.locator("body").inner_text()

    planner = visit("planung")
    page = planner.open("/freigaben/")
    page.locator("main a[href*='/freigaben/']").first.click()
    page.locator("[id^=gruppe-]").nth(1).click()
    page.wait_for_url("**/freigaben/*/?kennzahl=*")
    planner.picture("freigabe")
    for box in page.locator("form.release-form input[type=checkbox]").all():
        box.check()
    page.locator("form.release-form button[type=submit]").click()
    page.wait_for_url("**/freigaben/")
    assert "freigegeben" in page.locator("body").inner_text()
    assert "01.10.2026" in shown_datenstand(planner)

    page = planner.open("/freigaben/")
    page.locator("summary", has_text="Zurücknehmen").first.click()
    page.locator("form[action$='/zuruecknehmen/'] button").first.click()
    page.wait_for_url("**/freigaben/")
    assert "01.10.2025" in shown_datenstand(planner)


def as_another_supplier(lines, day):
    """The same file as somebody else would send it: other headings, one more column, shares for per cent."""
    headings = lines[0].split(";")
    place = headings.index("alq")
    renamed = {"haushalte": "HH gesamt", "personen": "Einwohner"}
    rows = [line.replace("01.10.2025", day).split(";") for line in lines[1:] if line]
    for row in rows:
        value = float(row[place].replace(",", "."))
        row[place] = "-1" if value < 0 else f"{value / 100:.5f}".replace(".", ",")
    head = [renamed.get(heading, heading) for heading in headings]
    return [";".join([*head, "frage"]), *(";".join([*row, "1,5"]) for row in rows)]


def test_a_file_that_nobody_knows_is_understood_once_and_remembered(visit, site, tmp_path):
    lines = supplier_file(site)
    admin = visit("datenpflege")
    page = admin.open("/lieferungen/")

    upload(page, write(tmp_path / "fremd_1.csv", as_another_supplier(lines, "01.09.2027")))
    assert ended(page) == "awaiting"
    expect(page.locator("h1")).to_have_text("Format und Spalten bestätigen")
    row = page.locator("tr", has=page.locator("code", has_text=re.compile("^alq$")))
    expect(row).to_contain_text("Anteil statt Prozent")
    admin.picture("lieferung_spalten")

    page.get_by_role("button", name="Zuordnung bestätigen und prüfen").click()
    expect(page.locator("#maengel")).to_contain_text("Die Spalte „frage“ ist noch offen.")
    expect(page.locator("#maengel")).to_be_focused()
    # By keyboard alone: the field has a label, „n“ jumps to „nicht übernehmen“.
    page.get_by_label("Feld für frage").focus()
    page.keyboard.press("n")
    expect(page.locator("[data-open-count]")).to_have_text("Alle Spalten sind zugeordnet.")
    page.get_by_role("button", name="Zuordnung bestätigen und prüfen").click()
    assert ended(page) == "computed"

    admin.open("/lieferungen/")
    upload(page, write(tmp_path / "fremd_2.csv", as_another_supplier(lines, "01.10.2027")))
    assert ended(page) == "computed"


def test_without_scripts_a_file_can_be_handed_in_and_confirmed(visit, site, tmp_path):
    lines = supplier_file(site)[:200]
    admin = visit("datenpflege", java_script_enabled=False)
    page = admin.open("/lieferungen/")

    upload(
        page, write(tmp_path / "ohne_skript.csv", [lines[0] + ";frage", *(f"{line};1" for line in lines[1:])])
    )
    wait_for(lambda: "Format und Spalten bestätigen</h1>" in page.reload().text(), "no look at the file")
    page.get_by_label("Feld für frage").select_option("-")
    page.get_by_role("button", name="Zuordnung bestätigen und prüfen").click()

    expect(page.locator("body")).to_contain_text("Die Zuordnung ist bestätigt.")


def test_progress_is_asked_for_only_while_something_runs(visit):
    visitor = visit("datenpflege")
    page = visitor.open("/lieferungen/1/")
    before = len([url for url in visitor.requested if "/status/" in url])

    page.wait_for_timeout(2500)

    assert len([url for url in visitor.requested if "/status/" in url]) == before == 0
