"""Display cells on the map: switched on and off, drawn from tiles, said in words."""

from playwright.sync_api import expect

READY = ".js-map[data-ready=true]"
DRAWN = ".js-map[data-cells=ready]"
AREA = "path.area"
CLASSES = ("a", "b", "c", "d", "e", "protected", "missing")


def open_with_cells(visitor, address="/karte/debt_rate/?stand=5&ansicht=karte&zellen=1"):
    page = visitor.open(address)
    page.wait_for_selector(READY)
    page.wait_for_selector(DRAWN)
    return page


def numbers(page):
    found = page.eval_on_selector_all(".cell", "drawn => drawn.map(c => [c.dataset.cell, c.dataset.class])")
    return dict(found)


def test_the_button_draws_display_cells_and_takes_them_away(visit):
    visitor = visit("planung")
    page = visitor.open("/karte/debt_rate/")
    page.wait_for_selector(READY)
    assert page.locator(".cell").count() == 0

    page.locator("#zellen").click()
    page.wait_for_url("**zellen=1**")
    page.wait_for_selector(DRAWN)

    counted = counted_in_words(page)
    assert counted_in_drawing(page) == counted
    expect(page.locator("#zellen")).to_have_attribute("aria-pressed", "true")
    assert f"{counted[5]} von {sum(counted)} geschützt" in page.locator(".legend__cells").inner_text()
    visitor.picture("anzeigezellen")

    page.locator("#zellen").click()
    expect(page.locator(".cell")).to_have_count(0)
    assert "zellen=1" not in page.url
    assert not visitor.complaints
    assert all(address.startswith(visitor.site.url) for address in visitor.requested)


def counted_in_words(page):
    counts = page.locator(".bench__right tbody td.num").all_inner_texts()[: len(CLASSES)]
    return [int(count) for count in counts]


def counted_in_drawing(page):
    drawn = list(numbers(page).values())
    return [drawn.count(code) for code in CLASSES]


def hold_tiles(page):
    """Every request for a tile from now on, unanswered. Playwright marks its handlers, so no bare method."""
    held = []
    page.route("**/tiles/**", lambda route: held.append(route))
    return held


def let_go(page, routes):
    """Let held requests be answered, and the page take the answers in."""
    for route in routes:
        with page.expect_event("requestfinished", lambda request, own=route.request: request == own):
            route.continue_()
    page.wait_for_timeout(200)


def wait_for_more(page, held, n_before=0):
    """Wait until the page has asked for tiles anew and asks no longer."""
    for _ in range(100):
        n_held = len(held)
        page.wait_for_timeout(200)
        if n_before < n_held == len(held):
            return n_held
    raise AssertionError("no tiles were asked for")


def test_tiles_of_an_earlier_size_do_not_pass_for_the_present_ones(visit):
    page = visit("planung").open("/karte/debt_rate/")
    page.wait_for_selector(READY)
    held = hold_tiles(page)
    page.locator("#zellen").click()
    n_early = wait_for_more(page, held)
    page.set_viewport_size({"width": 1440, "height": 880})
    wait_for_more(page, held, n_early)
    early, late = held[:n_early], held[n_early:]
    assert {one.request.url for one in early} == {one.request.url for one in late}

    let_go(page, early)
    expect(page.locator(".js-map")).to_have_attribute("data-cells", "loading")

    let_go(page, late)
    page.wait_for_selector(DRAWN)
    assert counted_in_drawing(page) == counted_in_words(page)


def test_a_tile_that_does_not_come_is_said(visit):
    page = visit("planung").open("/karte/debt_rate/")
    page.wait_for_selector(READY)
    held = hold_tiles(page)
    page.locator("#zellen").click()
    wait_for_more(page, held)

    held.pop().abort()
    let_go(page, held)

    expect(page.locator(".js-map")).to_have_attribute("data-cells", "incomplete")
    expect(page.locator(".js-status")).to_contain_text("nicht vollständig")
    expect(page.locator(".mapnote")).to_contain_text("nicht vollständig geladen")

    page.locator("#zellen").click()
    expect(page.locator(".mapnote")).to_have_count(0)


def test_the_space_bar_presses_the_button_and_back_undoes_it(visit):
    page = visit("planung").open("/karte/debt_rate/")
    page.wait_for_selector(READY)

    page.locator("#zellen").focus()
    page.keyboard.press(" ")
    page.wait_for_url("**zellen=1**")
    expect(page.locator("#zellen")).to_be_focused()

    page.go_back()
    page.wait_for_url(lambda url: "zellen=1" not in url)
    expect(page.locator(".cell")).to_have_count(0)


def test_the_card_says_the_class_of_the_cell_under_the_pointer_and_choosing_works(visit):
    page = open_with_cells(visit("planung"))
    box = page.locator(f"{AREA}[data-area='9']").bounding_box()

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    expect(page.locator(".js-hovercard")).to_contain_text("Anzeigezelle: ")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**gebiet=**")
    assert "zellen=1" in page.url


def test_the_keyboard_hears_how_many_cells_of_each_class_an_area_has(visit):
    page = open_with_cells(visit("planung"))

    page.locator(f"{AREA}[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")

    expect(page.locator(".js-hovercard")).to_contain_text("Anzeigezellen: ")
    assert "in Klasse" in page.locator(f"{AREA}[tabindex='0']").get_attribute("aria-label")


def test_cells_have_the_colours_of_the_legend_and_patterns_for_protected_ones(visit):
    page = open_with_cells(visit("planung"))

    fill = "one => getComputedStyle(one).fill"
    for code in "abcde":
        legend = page.locator(f".legend__class[data-class={code}]")
        ground = legend.evaluate("one => getComputedStyle(one).backgroundColor")
        assert page.locator(f".cell--{code}").first.evaluate(fill) == ground
    assert "fill-protected" in page.locator(".cell--protected").first.evaluate(fill)

    page.locator(".legend__class[data-class=e]").click()
    opacity = "one => Number(getComputedStyle(one).fillOpacity)"
    assert page.locator(".cell--e").first.evaluate(opacity) == 1
    assert page.locator(".cell--a").first.evaluate(opacity) < 1


def test_without_script_the_table_shows_the_same(visit):
    visitor = visit("planung", java_script_enabled=False)
    page = visitor.open("/karte/debt_rate/")

    page.locator("#zellen").click()

    assert "zellen=1" in page.url
    expect(page.locator("#anzeigezellen table")).to_be_visible()
    assert page.locator("#anzeigezellen tbody tr").count() == 24


def test_counsellors_have_no_button(visit):
    page = visit("beratung").open("/karte/debt_rate/?zellen=1")
    page.wait_for_selector(READY)

    expect(page.locator("#zellen")).to_have_count(0)
    expect(page.locator(".cell")).to_have_count(0)


def test_on_a_small_screen_nothing_is_wider_than_the_screen(visit):
    for view in ("karte", "tabelle"):
        page = visit("planung", width=320, height=700).open(f"/karte/debt_rate/?zellen=1&ansicht={view}")
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
