"""The map page as a planner uses it: colours, numbers, address, keyboard, and no word from outside."""

import json
import re

import pytest
from playwright.sync_api import expect

READY = ".js-map[data-ready=true]"
CLASS_COLOURS = {"a": "#f7f0d4", "b": "#aac9be", "c": "#66a2ae", "d": "#2f6f90", "e": "#12355c"}


def open_map(visitor, address="/karte/debt_rate/"):
    page = visitor.open(address)
    page.wait_for_selector(READY)
    return page


def config(page):
    return json.loads(page.locator("#map-config").text_content())


def table(page):
    """Area number -> class letter and figure, as the table says it."""
    rows = page.eval_on_selector_all(
        ".bench__table tbody tr",
        "rows => rows.map(r => [Number(r.dataset.area), r.querySelector('.cls').innerText.slice(-1), "
        "r.querySelector('strong').textContent])",
    )
    return {number: (letter, text) for number, letter, text in rows}


def drawn(page):
    """Area number -> fill colour, as the map draws it."""
    found = page.eval_on_selector_all(
        ".js-map path[data-number], .js-map path[data-nr], .js-map path[data-area]",
        "paths => paths.map(p => [Number(p.dataset.number ?? p.dataset.nr ?? p.dataset.area), "
        "getComputedStyle(p).fill])",
    )
    return dict(found)


def circles(page):
    """Area number -> radius of its circle in pixels, as the map draws it."""
    found = page.eval_on_selector_all(
        ".js-map circle[data-area]", "drawn => drawn.map(c => [Number(c.dataset.area), c.r.baseVal.value])"
    )
    return dict(found)


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def test_every_area_has_the_colour_of_its_class_in_the_table(visit):
    visitor = visit("planung")
    page = open_map(visitor)

    colours, rows = drawn(page), table(page.context.pages[0])

    assert len(colours) == len(rows) == 24
    for number, (letter, _) in rows.items():
        assert colours[number] == rgb(CLASS_COLOURS[letter.lower()]), number
    visitor.picture("karte")


def test_map_and_table_share_one_set_of_numbers(visit):
    page = open_map(visit("planung"))

    rows = table(page)
    labels = page.locator(".js-map .maplabel").all_inner_texts()

    for area in config(page)["areas"]:
        _, text = rows[area["number"]]
        number = re.match(r"[\d.,]+", text).group()
        assert number in area["spoken"]
        assert any(number in label for label in labels)


def test_numbers_are_circles_and_shares_are_areas(visit):
    page = open_map(visit("planung"), "/karte/households/")

    radii = circles(page)
    numbers = {number: int(re.sub(r"\D", "", text)) for number, (_, text) in table(page).items()}
    largest = max(numbers, key=numbers.__getitem__)
    assert len(radii) == len(numbers) == 24
    for number, households in numbers.items():
        share = (radii[number] / radii[largest]) ** 2
        assert share == pytest.approx(households / numbers[largest], rel=0.02), number
    assert not set(drawn(page).values()) & {rgb(colour) for colour in CLASS_COLOURS.values()}
    assert "Kreisfläche = Zahl, Farbe = Klasse." in page.locator(".legend__special").inner_text()

    page.locator(".tree a[data-code=debt_rate]").click()
    page.wait_for_url("**/karte/debt_rate/**")
    expect(page.locator(".js-map circle")).to_have_count(0)
    assert set(drawn(page).values()) <= {rgb(colour) for colour in CLASS_COLOURS.values()}
    assert "Kreisfläche" not in page.locator(".legend__special").inner_text()


def test_legend_counts_are_the_areas_of_each_class(visit):
    page = open_map(visit("planung"))

    letters = [letter for letter, _ in table(page).values()]
    said = page.locator(".legend__class").all_inner_texts()

    for place, letter in enumerate("ABCDE"):
        assert said[place].strip().startswith(letter)
    counts = [
        int(re.search(r"\d+", text).group())
        for text in page.locator(".legend__counts span").all_inner_texts()
    ]
    assert counts == [letters.count(letter) for letter in "ABCDE"]
    assert "geschützt" in page.locator(".legend__special").inner_text()
    assert "keine Daten" in page.locator(".legend__special").inner_text()


def test_choosing_an_area_fills_the_panel_and_the_address_and_back_undoes_it(visit):
    page = open_map(visit("planung"))

    page.locator("#zeile-9, .tree [data-area='9']").first.dispatch_event("click")
    page.wait_for_url("**gebiet=9**")
    expect(page.locator("#blickpunkt")).to_contain_text("Weckhoven")

    assert "13,6" in page.locator("#blickpunkt").inner_text()
    page.go_back()
    page.wait_for_url(lambda url: "gebiet=9" not in url)


def test_the_address_alone_reproduces_the_view(visit):
    visitor = visit("planung")
    page = visitor.open("/karte/offline_share/?stand=2&gebiet=12&ansicht=tabelle")

    assert page.locator("h1").inner_text() == "Offline-Anteil ab 60"
    assert page.locator(".js-datenstand").input_value() == "2"
    assert page.locator(".bench__table").is_visible()
    assert page.locator("tr.is-selected th").inner_text() == "Reuschenberg"


def test_another_year_keeps_classes_area_and_indicator(visit):
    page = open_map(visit("planung"), "/karte/debt_rate/?gebiet=12")
    before = page.locator(".legend__class > span:not(.visually-hidden)").all_inner_texts()

    page.select_option(".js-datenstand", label="01.10.2019 · V1")
    page.wait_for_url("**stand=1**")
    expect(page.locator(".titleblock")).to_contain_text("01.10.2019")

    assert page.locator(".legend__class > span:not(.visually-hidden)").all_inner_texts() == before
    assert "gebiet=12" in page.url


def test_another_indicator_keeps_the_chosen_area(visit):
    page = open_map(visit("planung"), "/karte/debt_rate/?gebiet=12")

    page.locator(".tree a[data-code=offline_share]").click()
    page.wait_for_url("**/karte/offline_share/**")
    expect(page.locator("h1")).to_have_text("Offline-Anteil ab 60")

    assert "gebiet=12" in page.url
    assert "Reuschenberg" in page.locator("#blickpunkt").inner_text()


def test_a_protected_figure_is_named_everywhere_and_its_value_nowhere(visit):
    visitor = visit("planung")
    page = open_map(visitor, "/karte/group_lasting/?gebiet=11")

    assert table(page)[11][1] == "geschützt"
    assert "Dieser Wert ist geschützt" in page.locator("#blickpunkt").inner_text()
    shown = next(area for area in config(page)["areas"] if area["number"] == 11)
    assert not re.search(r"\d", shown["spoken"].replace("60", ""))
    assert "url(" in drawn(page)[11]
    visitor.picture("karte_geschuetzt")


def test_the_keyboard_reaches_and_chooses_every_area(visit):
    page = open_map(visit("planung"))
    page.locator(".js-map path[tabindex='0']").first.focus()
    seen = {page.evaluate("document.activeElement.getAttribute('aria-label')")}
    for key in ["ArrowDown"] * 8 + ["ArrowRight"] * 8 + ["ArrowUp"] * 8 + ["ArrowLeft"] * 8:
        page.keyboard.press(key)
        seen.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))

    page.keyboard.press("Enter")
    page.wait_for_url("**gebiet=**")

    assert len(seen) >= 10
    expect(page.locator(".js-map path[aria-pressed=true]")).to_have_count(1)


def test_every_page_says_that_the_data_are_invented(visit):
    visitor = visit("planung")
    for address in (
        "/karte/debt_rate/",
        "/filter/",
        "/freigaben/",
        "/hilfe/anonym/",
        "/hilfe/kennzahl/type_1/",
    ):
        assert "Demodaten – erfunden" in visitor.open(address).locator("body").inner_text(), address


def test_no_request_leaves_the_site_and_nothing_is_complained_of(visit, site):
    visitor = visit("planung")
    open_map(visitor, "/karte/debt_rate/?gebiet=12")
    visitor.open("/filter/").wait_for_selector(READY)

    assert [url for url in visitor.requested if not url.startswith((site.url, "data:", "blob:"))] == []
    assert visitor.complaints == []


def test_without_javascript_table_and_panel_are_a_plain_page(visit):
    visitor = visit(None, java_script_enabled=False)
    visitor.sign_in("planung")
    page = visitor.open("/karte/debt_rate/?gebiet=12&ansicht=tabelle")

    assert page.locator(".bench__table").is_visible()
    assert "13,6" in page.locator("#blickpunkt").inner_text()


def test_what_changes_is_said_and_the_focus_is_never_lost(visit):
    page = open_map(visit("planung"), "/karte/debt_rate/?gebiet=12")

    page.locator("#blickpunkt a[data-code=offline_share]").press("Enter")
    page.wait_for_url("**/karte/offline_share/**")

    expect(page.locator("h1")).to_be_focused()
    expect(page.locator(".js-status")).to_contain_text(
        "Offline-Anteil ab 60, Datenstand 01.10.2025 · V5. Reuschenberg:"
    )
    assert "stand=5" in page.url


def test_narrow_screens_reach_every_indicator_without_typing(visit):
    page = open_map(visit("planung", width=390, height=844), "/karte/debt_rate/?ansicht=karte")

    page.click(".js-tree")
    page.click("#kennzahl-offline_share")

    expect(page.locator("h1")).to_have_text("Offline-Anteil ab 60")
    expect(page.locator(".tree")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 320])
def test_narrow_screens_show_the_list_first_and_never_scroll_sideways(visit, width):
    visitor = visit("planung", width=width, height=844)
    page = visitor.open("/karte/debt_rate/?gebiet=12")

    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = "const sheet = new CSSStyleSheet(); sheet.replaceSync('* { font-family: DejaVu Sans !important }')"
    page.evaluate(f"() => {{ {wide}; document.adoptedStyleSheets = [sheet] }}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    visitor.picture(f"schmal_{width}")


def test_no_button_of_the_head_reaches_under_the_panel(visit):
    visitor = visit("planung")
    page = open_map(visitor, "/karte/debt_rate/?gebiet=4&ansicht=karte")
    tools = page.locator(".bench__tools a, .bench__tools button")
    assert tools.count() == 5

    for width in (*range(1020, 1461, 40), 1366):
        page.set_viewport_size({"width": width, "height": 900})
        panel = page.locator(".bench__right").bounding_box()
        for part in (page.locator(".bench__words h1"), *tools.all()):
            box = part.bounding_box()
            assert box["x"] + box["width"] <= panel["x"], (width, part.inner_text())
    visitor.picture("karte_1366")


LABEL_ROOM = """own => {
  const style = getComputedStyle(own), pen = document.createElement('canvas').getContext('2d')
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
  const sides = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight)
  return own.clientWidth - sides - pen.measureText(own.selectedOptions[0].text).width
}"""
ARROW_PX = 16


@pytest.mark.parametrize("width", [320, 360, 390])
def test_the_chosen_datenstand_can_be_read_in_full_on_a_phone(visit, width):
    visitor = visit("planung", width=width, height=700)
    page = visitor.open("/karte/debt_rate/")

    assert page.locator(".js-datenstand").evaluate(LABEL_ROOM) >= ARROW_PX
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    visitor.picture(f"datenstand_{width}")
