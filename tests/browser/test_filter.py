"""The risk filter as a counsellor uses it."""

import csv
import io
import re

from playwright.sync_api import expect

READY = ".js-map[data-ready=true]"


def open_filter(visitor):
    page = visitor.open("/filter/")
    page.wait_for_selector(READY)
    return page


def add_feature(page, code):
    """Add a feature; the page is usable when its script has taken it over."""
    page.select_option("#neu", code)
    page.click("#hinzufuegen")
    page.wait_for_selector(f"#merkmal-{code}-a", state="attached")
    page.wait_for_selector(READY)
    expect(page.locator(".htmx-request, .htmx-settling, .htmx-swapping")).to_have_count(0)


def choose(page, *boxes):
    for code, letter in boxes:
        with page.expect_response("**/filter/**"):
            page.locator(f"#merkmal-{code}-{letter}").check(force=True)
        expect(page.locator(".htmx-request")).to_have_count(0)


def test_high_classes_give_a_list_from_a_to_z_and_pale_the_rest(visit):
    visitor = visit("beratung")
    page = open_filter(visitor)

    choose(page, ("debt_rate", "d"), ("debt_rate", "e"))

    names = page.locator(".hits tbody th a").all_inner_texts()
    assert names == sorted(names)
    assert "Barbaraviertel" in names
    assert page.locator(".bignum").inner_text() == f"{len(names)} von 24 Gebieten"
    assert "Nicht geprüft: 0 geschützt, 0 ohne Daten" in page.locator("#treffer").inner_text()
    visitor.picture("risikofilter")


def test_withheld_areas_are_counted_and_named_never_guessed(visit):
    page = open_filter(visit("beratung"))
    add_feature(page, "group_lasting")

    choose(page, ("group_lasting", "a"), ("group_lasting", "b"))

    assert re.search(r"2 geschützt \([^)]*Selikum\)", page.locator("#treffer").inner_text())
    assert "Selikum" not in page.locator(".hits tbody").inner_text()


def test_the_export_says_what_it_is_and_holds_the_shown_numbers(visit):
    page = open_filter(visit("beratung"))
    choose(page, ("debt_rate", "e"))
    shown = page.locator(".hits tbody tr").count()

    page.click("#export-oeffnen")
    page.locator("dialog[open] select").select_option("prevention")
    with page.expect_download() as download:
        page.locator("dialog[open] button[type=submit]").click()
    raw = open(download.value.path(), "rb").read()  # noqa: PTH123, SIM115

    text = raw.decode("utf-8-sig")
    assert "Demodaten – erfunden" in text
    assert "Prävention" in text
    assert "01.10.2025" in text
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert sum(any(re.fullmatch(r"\d+,\d", cell) for cell in row) for row in rows) >= shown


def test_a_saved_filter_has_an_opaque_address_without_values(visit):
    visitor = visit("beratung")
    page = open_filter(visitor)
    choose(page, ("debt_rate", "e"))

    page.click("#speichern-oeffnen")
    page.locator("dialog[open] input[name=name]").fill("Sehr hohe Quote")
    page.locator("dialog[open] button[type=submit]").click()
    page.wait_for_url(re.compile(r"/filter/[\w-]{20,}/"))

    assert "debt_rate" not in page.url
    assert page.locator("#merkmal-debt_rate-e").is_checked()


def test_a_further_feature_stays_chosen_until_it_is_added_and_then_has_the_focus(visit):
    page = open_filter(visit("beratung"))

    page.select_option("#neu", "type_1")
    page.wait_for_timeout(900)  # longer than the delay after which the form is sent
    assert page.locator("#neu").input_value() == "type_1"
    page.click("#hinzufuegen")

    expect(page.locator("#merkmal-type_1-a")).to_be_focused()


def test_taking_a_feature_away_leaves_the_focus_on_the_number_of_matches(visit):
    page = open_filter(visit("beratung"))
    choose(page, ("debt_rate", "e"))

    page.locator("#chip-debt_rate").press("Enter")

    expect(page.locator(".bignum")).to_be_focused()
    expect(page.locator(".js-status")).to_contain_text("Noch keine Klasse gewählt")


def test_another_datenstand_keeps_the_criteria(visit):
    page = open_filter(visit("beratung"))
    choose(page, ("debt_rate", "e"))

    page.select_option(".js-datenstand", label="01.10.2019 · V1")
    page.wait_for_url("**stand=1**")

    assert page.locator("#merkmal-debt_rate-e").is_checked()
    assert "9 von 24 Gebieten" in page.locator("#treffer").inner_text()
