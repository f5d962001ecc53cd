"""The error files of a delivery: complete, in order, harmless, with the same numbers as the page."""

from __future__ import annotations

import csv
import io
import zipfile

from django.urls import reverse
from python_calamine import CalamineWorkbook

from kodala.dashboard.access import ADMIN
from microcells.keeping import keep_findings
from microcells.models import Delivery
from tests import builders
from tests.web.checked import IN_ORDER, finding

FORMULA = "=HYPERLINK(1)"


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
