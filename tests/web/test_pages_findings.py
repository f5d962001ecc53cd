"""The check of a delivery on screen and as a file: complete, ordered, harmless; warnings with reasons."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from python_calamine import CalamineWorkbook

from kodala.core.errors import Finding, Severity
from kodala.dashboard.access import ADMIN, PLANNER
from microcells.acceptance import list_unaccepted
from microcells.definitions import schema_of
from microcells.domain.findings import FindingList, group_findings
from microcells.keeping import Checked, keep_checked, keep_findings
from microcells.models import Delivery, WarningAcceptance
from tests import builders

FORMULA = "=HYPERLINK(1)"


def finding(row, code="W-NULLWERT", column="kaufkraft_eur_ew", severity=Severity.WARNING, text="Null."):
    return Finding(row, column, code, severity, text, "Bitte klären.", "größer als 0")


@pytest.fixture
def delivery(area_set, people):
    return Delivery.objects.create(
        kind="microcells",
        area_set=area_set,
        file_name="probe.csv",
        size=10,
        sha256="1",
        received_by=people[ADMIN],
        state=Delivery.State.COMPUTED,
        n_rows=900,
    )


@pytest.fixture
def many(delivery):
    """One blocking row, and 70 warnings of one rule: 60 in one column, 10 in another."""
    small = finding(9, "E-HH-MIN", "haushalte", Severity.CONTRACT, "Zu klein.")
    power = [finding(row) for row in range(100, 160)]
    age = [finding(row, "W-AUSREISSER", "alter_mittel_erw", text="Weit ab.") for row in (*range(20, 29), 130)]
    keep_findings(delivery, [*power, small, *age])
    return delivery


IN_ORDER = [9, *range(20, 29), *range(100, 131), *range(130, 160)]  # 130 twice: two rules


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


def text_of(answer):
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_the_error_file_names_every_row_in_order(admin, many):
    text = text_of(admin.get(reverse("delivery-findings-file", args=[many.pk])))

    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert lines[0] == ["Art", "Zeile", "Spalte", "Kennung", "Befund", "Regel", "Vorschlag"]
    assert lines[1] == [
        "blockierend",
        "9",
        "haushalte",
        "E-HH-MIN",
        "Zu klein.",
        "größer als 0",
        "Bitte klären.",
    ]
    assert [int(line[1]) for line in lines[1:]] == IN_ORDER


def workbook_of(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))


def test_the_workbook_holds_the_same_lines_and_the_facts(admin, many):
    book = workbook_of(admin.get(reverse("delivery-findings-workbook", args=[many.pk])))

    rows = book.get_sheet_by_name("Befunde").to_python()
    facts = {row[0]: row[1] for row in book.get_sheet_by_name("Hinweise").to_python()}
    assert [row[1] for row in rows[1:]] == IN_ORDER
    assert rows[1][3:5] == ["E-HH-MIN", "Zu klein."]
    assert facts["Datei"] == "probe.csv"
    assert facts["Befunde W-NULLWERT"] == "60"
    assert "Demodaten – erfunden" not in facts


@pytest.fixture
def jumps(delivery):
    """Two columns that jump in each of 24 areas, and a row with the same rule broken in two columns."""
    found = FindingList(schema_of("microcells"))
    areas = [f"{number} Gebiet" for number in range(1, 25)]
    for column in ("haushalte", "personen"):
        values = {"label": column, "earlier": "V1", "limit": "15 %"}
        found.add_areas("W-SPRUNG", column, areas, "1 Gebiet und 23 weiteren", **values)
    both = group_findings([finding(7), finding(7, column="alq")])
    counts = {"W-SPRUNG": 48, "W-NULLWERT": 1}  # one row, whatever the number of its columns
    keep_checked(delivery, Checked(9, None, counts, [*found.groups(), *both], [], "a"))
    return delivery


def test_findings_of_single_areas_are_one_line_together_and_each_its_own(admin, jumps):
    address = reverse("delivery-findings", args=[jumps.pk])

    together = admin.get(f"{address}?art=").content.decode()
    single = admin.get(f"{address}?befund={jumps.findings.get(column='personen').pk}").content.decode()

    assert together.count("W-SPRUNG</span>") == 2
    assert together.count("(24-mal)</a>") == 2
    assert re.findall(r"<strong>In (.*?) springt", single) == [f"{number} Gebiet" for number in range(1, 25)]


def test_page_and_files_count_alike(admin, jumps):
    page = admin.get(reverse("delivery-findings", args=[jumps.pk]) + "?ansicht=zeilen").content.decode()
    text = text_of(admin.get(reverse("delivery-findings-file", args=[jumps.pk])))
    book = workbook_of(admin.get(reverse("delivery-findings-workbook", args=[jumps.pk])))

    lines = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    rows = book.get_sheet_by_name("Befunde").to_python()[1:]
    facts = book.get_sheet_by_name("Hinweise").to_python()
    told = {row[0]: int(row[1]) for row in facts if row[0].startswith("Befunde ")}
    assert "Alle 50<" in page
    assert "Warnung 50<" in page
    assert "50 Einträge" in page
    assert len(lines) == len(rows) == 50
    assert len({tuple(line) for line in lines}) == 50
    assert told == {"Befunde W-NULLWERT": 2, "Befunde W-SPRUNG": 48}


def test_no_text_of_a_file_becomes_a_formula(admin, delivery):
    keep_findings(delivery, [finding(2, column=FORMULA, text="@SUMME(A1)")])
    Delivery.objects.filter(pk=delivery.pk).update(file_name="+cmd.csv")

    text = text_of(admin.get(reverse("delivery-findings-file", args=[delivery.pk])))
    answer = admin.get(reverse("delivery-findings-workbook", args=[delivery.pk]))
    raw = b"".join(answer.streaming_content)

    assert f";'{FORMULA};" in text
    assert ";'@SUMME(A1);" in text
    import zipfile

    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 2
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert FORMULA in sheets[0]


def test_files_of_the_invented_city_say_so(admin, people):
    invented = builders.make_area_set(is_invented=True)
    delivery = Delivery.objects.create(
        kind="microcells", area_set=invented, file_name="d.csv", size=1, sha256="2", received_by=people[ADMIN]
    )
    keep_findings(delivery, [finding(2)])

    text = text_of(admin.get(reverse("delivery-findings-file", args=[delivery.pk])))
    book = workbook_of(admin.get(reverse("delivery-findings-workbook", args=[delivery.pk])))

    assert text.startswith("Demodaten – erfunden\r\n")
    assert book.get_sheet_by_name("Hinweise").to_python()[0][0] == "Demodaten – erfunden"


def test_more_than_ten_thousand_findings_are_all_in_both_files(admin, delivery):
    keep_findings(delivery, [finding(row) for row in range(2, 12_502)])

    text = text_of(admin.get(reverse("delivery-findings-file", args=[delivery.pk])))
    book = workbook_of(admin.get(reverse("delivery-findings-workbook", args=[delivery.pk])))

    assert text.count("\r\n") == 12_501
    assert len(book.get_sheet_by_name("Befunde").to_python()) == 12_501


def test_what_is_only_counted_is_said_at_the_end(admin, delivery):
    keep_findings(delivery, [finding(2), finding(3)])
    delivery.findings.update(n_rows=5_002)

    text = text_of(admin.get(reverse("delivery-findings-file", args=[delivery.pk])))

    assert text.splitlines()[-1].startswith("Warnung;5.000 weitere Zeilen, nur gezählt;")


@pytest.fixture
def warned(delivery):
    check = {
        "name": "Neue Werte",
        "verdict": "warning",
        "measured": "dieselben",
        "rule": "andere",
        "code": "W-X",
    }
    keep_findings(delivery, [finding(2)])
    Delivery.objects.filter(pk=delivery.pk).update(contract_checks=[check])
    delivery.refresh_from_db()
    return delivery


def accept(client, delivery, reason, code="W-NULLWERT", **given):
    return client.post(reverse("delivery-warning", args=[delivery.pk, code]), {"reason": reason}, **given)


def test_a_reason_is_kept_with_person_and_time(admin, warned, people):
    answer = accept(admin, warned, "  Mit dem Lieferanten geklärt.  ")

    kept = WarningAcceptance.objects.get()
    page = admin.get(answer.url).content.decode()
    assert (kept.reason, kept.accepted_by) == ("Mit dem Lieferanten geklärt.", people[ADMIN])
    assert list_unaccepted(warned) == []
    assert "„Mit dem Lieferanten geklärt.“" in page
    assert "alle angenommen" in page


@pytest.mark.parametrize("reason", ["", "   ", "ok", "x" * 2001])
def test_a_reason_must_say_something(admin, warned, reason):
    accept(admin, warned, reason)
    fragment = accept(admin, warned, reason, headers={"hx-request": "true"}).content.decode()

    assert not WarningAcceptance.objects.exists()
    assert "Die Begründung braucht 10 bis 2.000 Zeichen." in fragment
    assert 'aria-invalid="true"' in fragment


def test_with_the_last_reason_the_verdict_above_changes_too(admin, warned):
    answer = accept(admin, warned, "Mit dem Lieferanten geklärt.", headers={"hx-request": "true"})

    beside = answer.content.decode().partition('id="urteil" hx-swap-oob="true"')[2]
    assert "Die Prüfung steht der Freigabe nicht entgegen." in beside
    assert "fehlen Begründungen" not in beside


def test_the_second_of_two_people_is_told(admin, warned):
    accept(admin, warned, "Mit dem Lieferanten geklärt.")
    again = accept(admin, warned, "Ich sehe das auch so.", headers={"hx-request": "true"}).content.decode()

    assert WarningAcceptance.objects.count() == 1
    assert "„Mit dem Lieferanten geklärt.“" in again


def test_what_was_not_found_cannot_be_accepted(admin, warned):
    accept(admin, warned, "Mit dem Lieferanten geklärt.", code="E-HH-MIN")
    Delivery.objects.filter(pk=warned.pk).update(state=Delivery.State.REJECTED)
    accept(admin, warned, "Mit dem Lieferanten geklärt.")

    assert not WarningAcceptance.objects.exists()


def test_only_those_who_hand_in_may_accept(client, warned, people):
    reader = people[PLANNER]
    reader.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(reader)

    page = client.get(reverse("delivery", args=[warned.pk]) + "?schritt=pruefung").content.decode()

    assert accept(client, warned, "Mit dem Lieferanten geklärt.").status_code == 403
    assert 'id="warnung-W-NULLWERT"' in page
    assert "<textarea" not in page


def test_the_answer_brings_contract_and_warnings_along_when_the_check_has_ended(admin, warned):
    address = reverse("delivery-findings", args=[warned.pk])

    ended = admin.get(address).content.decode()
    leafed = admin.get(f"{address}?seite=1").content.decode()

    assert ended.count('hx-swap-oob="true"') == 2
    assert "dieselben" in ended
    assert "hx-swap-oob" not in leafed
