"""Areas that show one figure together, and areas of several districts, as a planner meets them."""

from playwright.sync_api import expect

READY = ".js-map[data-ready=true]"


def open_map(visitor, address):
    page = visitor.open(address)
    page.wait_for_selector(READY)
    return page


def test_two_areas_with_one_figure_say_so_on_the_map_and_count_once(visit):
    visitor = visit("planung")
    page = open_map(visitor, "/karte/group_lasting/?gebiet=4")

    page.locator(".js-map path[data-area='5']").focus()
    page.keyboard.press("ArrowLeft")  # the outline of the focus shows the card
    page.locator(".js-map path[data-area='4']").hover()
    expect(page.locator(".js-hovercard")).to_contain_text("gemeinsam mit Augustinusviertel")
    fills = [
        page.locator(f".js-map path[data-area='{number}']").evaluate("path => getComputedStyle(path).fill")
        for number in (4, 5)
    ]
    counts = [int(text.split()[0]) for text in page.locator(".legend__counts span").all_inner_texts()]
    special = [
        int(text.split("·")[1].split()[0])
        for text in page.locator(".legend__special li").all_inner_texts()[:2]
    ]
    assert fills[0] == fills[1]
    assert sum(counts) + sum(special) == 23
    assert page.locator(".js-map .maplabel", has_text="gem.").count() == 2
    visitor.picture("gemeinsam")


def test_an_area_of_two_districts_lists_them(visit):
    visitor = visit("planung")
    page = open_map(visitor, "/karte/households/?gebiet=25")

    rows = page.locator("#blickpunkt tr[data-district]").all_inner_texts()
    total = page.locator("#blickpunkt .focus__big").inner_text()
    numbers = [int(row.split()[-2].replace(".", "")) for row in rows]
    assert [row.split()[0] for row in rows] == ["25", "26"]
    assert sum(numbers) == int(total.split()[0].replace(".", ""))
    page.locator("#blickpunkt tr[data-district]").first.scroll_into_view_if_needed()
    visitor.picture("bezirke")


def test_on_a_narrow_screen_nothing_of_it_runs_over_the_edge(visit):
    visitor = visit("planung", width=320, height=800)
    for address in (
        "/karte/group_lasting/?gebiet=4&ansicht=tabelle",
        "/karte/debtors/?gebiet=1&ansicht=blickpunkt",
    ):
        page = visitor.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        visitor.picture(f"schmal_{address.split('/')[2]}")
