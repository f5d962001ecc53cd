"""The check of a delivery on screen: complete, ordered, leafed through, with and without script."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.web.checked import IN_ORDER


def rows_of(answer):
    """Line numbers on a page, in their order."""
    cells = answer.content.decode().split('findings__row">')[1:]
    return [int(cell.split("<")[0].split(" ")[0].replace(".", "")) for cell in cells]


def test_the_same_finding_in_many_rows_is_one_line(admin, many):
    page = admin.get(reverse("delivery-findings", args=[many.pk]) + "?art=").content.decode()

    assert "100 <a" in page
    assert "(+ 59)" in page
    assert "(+ 9)" in page
    assert "Regel: größer als 0" in page
    assert "Alle 71" in page


def test_all_rows_can_be_leafed_through_in_every_order(admin, many):
    address = reverse("delivery-findings", args=[many.pk])

    first = rows_of(admin.get(f"{address}?ansicht=zeilen&sortierung=zeile"))
    second = rows_of(admin.get(f"{address}?ansicht=zeilen&sortierung=zeile&seite=2"))
    by_column = rows_of(admin.get(f"{address}?ansicht=zeilen&sortierung=spalte"))
    by_rule = rows_of(admin.get(f"{address}?ansicht=zeilen&sortierung=regel"))
    by_weight = rows_of(admin.get(f"{address}?ansicht=zeilen"))

    assert first + second == IN_ORDER
    assert len(first) == 50
    assert by_column[:11] == [*range(20, 29), 130, 9]
    assert by_rule[:11] == [9, *range(20, 29), 130]
    assert by_weight[:3] == [9, 20, 21]


def test_one_group_can_be_opened(admin, many):
    group = many.findings.get(code="W-AUSREISSER")

    answer = admin.get(reverse("delivery-findings", args=[many.pk]), {"befund": group.pk})

    assert rows_of(answer) == [*range(20, 29), 130]


def test_the_kind_narrows_and_the_page_works_without_script(admin, many):
    page = admin.get(reverse("delivery", args=[many.pk]) + "?schritt=pruefung&art=contract").content.decode()

    table, _, warnings = page.partition('id="warnungen"')
    assert "Zu klein." in table
    assert "Weit ab." not in table
    assert "Einzelne Werte liegen weit abseits der übrigen." in warnings
    assert "schritt=pruefung&amp;art=warning" in page


@pytest.mark.parametrize(
    "query",
    ["art=%27", "seite=0", "seite=-1", "seite=99999999999999", "befund=x", "sortierung=pk", "ansicht=;"],
)
def test_strange_addresses_are_as_if_nothing_was_asked(admin, many, query):
    assert admin.get(reverse("delivery-findings", args=[many.pk]) + f"?{query}").status_code == 200


def test_findings_of_single_areas_are_one_line_together_and_each_its_own(admin, jumps):
    address = reverse("delivery-findings", args=[jumps.pk])

    together = admin.get(f"{address}?art=").content.decode()
    single = admin.get(f"{address}?befund={jumps.findings.get(column='personen').pk}").content.decode()

    assert together.count("W-SPRUNG</span>") == 2
    assert together.count("(24-mal)</a>") == 2
    assert re.findall(r"<strong>In (.*?) springt", single) == [f"{number} Gebiet" for number in range(1, 25)]


def test_the_answer_brings_contract_and_warnings_along_when_the_check_has_ended(admin, warned):
    address = reverse("delivery-findings", args=[warned.pk])

    ended = admin.get(address).content.decode()
    leafed = admin.get(f"{address}?seite=1").content.decode()

    assert ended.count('hx-swap-oob="true"') == 2
    assert "dieselben" in ended
    assert "hx-swap-oob" not in leafed
