"""Every code of methods §0: a file that brings up this code and no other, and what a person reads then."""

from __future__ import annotations

import re

import pytest

from kodala.core.errors import Severity
from tests.domain.delivery_files import CELL, HOUSE, SCHEMAS, SHARED, as_file, cells, validate

METHODS = SHARED / "methods/methods.md"
REASONS = [header for header in CELL if header.startswith("grund_")]
SHARES = ("0.2", "0.15", "0.13", "0.12", "0.08", "0.1", "0.22")
POWER = [{"kaufkraft_eur_ew": str(24000 + 10 * number)} for number in range(40)]
COMMA = {header: value.replace(".", ",") for header, value in CELL.items()}
# Code -> changed rows of a file, and codes that come with it: shares instead of per cent are a wrong sum.
FILES = {
    "E-PFLICHT": ([{"personen": "-1"}], {}),
    "E-ZAHL": ([{"alq": "viele"}], {}),
    "E-NEGATIV": ([{"alq": "-0.5"}], {}),
    "E-HH-MIN": ([{"haushalte": "3"}], {}),
    "E-SEN-ERW": ([{"sen_60_69": "9"}], {}),
    "E-ERW-PERS": ([{"erwachsene": "13"}], {}),
    "E-SCHULD-ERW": ([{"schuldner_hart": "9.7"}], {}),
    "E-SUMME": ([{"grund_sonst": "23"}], {}),
    "E-GRUPPE-TEIL": ([{"grund_sonst": "-1"}], {}),
    "E-DOPPELT": ([{}, {"mz_id": "NE-1"}], {}),
    "E-GEBIET": ([{"gebiet_nr": "7", "bezirk_nr": ""}], {}),
    "E-ZUORDNUNG": ([{"bezirk_nr": "15"}], {}),
    "E-DATUM": ([{"stichtag": "31.02.2025"}], {}),
    "E-SCHLUESSEL": ([{"mz_id": "=1+1"}], {}),
    "E-STICHTAG": ([{}, {"stichtag": "2024-10-01"}], {}),
    "E-BEREICH": ([{"alq": "101"}], {}),
    "W-NULLWERT": ([{"kaufkraft_eur_ew": "0"}], {}),
    "W-HH-ERW": ([{"haushalte": "11"}], {}),
    "W-TAUSENDER": ([{**COMMA, "kaufkraft_eur_ew": "24.500"}], {}),
    "W-SKALA": ([dict(zip(REASONS, SHARES, strict=True))], {"E-SUMME"}),
    "W-AGS": ([{"mz_id": "516202400017"}], {}),
    "W-AUSREISSER": ([*POWER, {"kaufkraft_eur_ew": "26000"}], {}),
}


def test_no_code_of_the_methods_is_missing():
    if not METHODS.exists():
        pytest.skip("die Methoden liegen nicht neben dem Projekt")
    lines = METHODS.read_text().splitlines()
    codes = next(line for line in lines if line.startswith("Codes. Errors"))

    assert set(re.findall(r"\b[EW]-[A-Z]+(?:-[A-Z]+)*", codes)) == set(FILES)


@pytest.mark.parametrize("code", FILES)
def test_each_code_strikes_alone_and_says_what_to_do(code):
    changes, others = FILES[code]

    result = validate(as_file(cells(*changes)))

    assert set(result.counts) == {code} | set(others)
    found = next(group.finding for group in result.groups if group.finding.code == code)
    assert found.row == len(changes) + 1
    assert found.column
    assert found.severity == (Severity.WARNING if code.startswith("W-") else found.severity)
    for sentence in (found.text, found.suggestion):
        assert sentence[0].isupper()
        assert sentence.endswith((".", "?"))
    assert found.rule


def test_every_sentence_has_its_rule():
    without = [key for key, sentence in SCHEMAS["microcells"].texts.items() if not sentence.rule]

    assert without == []


CANARY = "73591"
HOUSES = {
    "E-PFLICHT": {"personen": ""},
    "E-ZAHL": {"personen": f"{CANARY}x"},
    "E-NEGATIV": {"personen": f"-{CANARY}"},
    "E-BEREICH": {"haushalte": CANARY, "personen": CANARY + "0", "erwachsene": CANARY + "0"},
    "E-ERW-PERS": {"erwachsene": CANARY},
    "E-SEN-ERW": {"sen_60_69": CANARY},
    "E-SCHLUESSEL": {"haus_id": f"=GEHEIM{CANARY}"},
    "E-GEBIET": {"bezirk_nr": "27", "hausnr": "7359"},
    "E-DEMO": {"haus_id": f"DEMO-{CANARY}"},
}


@pytest.mark.parametrize("code", HOUSES)
def test_no_finding_about_a_house_repeats_what_stands_there(code):
    result = validate(as_file([HOUSE, {**HOUSE, "haus_id": "H2", **HOUSES[code]}]), "houses")

    assert code in result.counts
    told = f"{result.findings} {result.reasons}"
    assert CANARY not in told
    assert "7359" not in told
    assert "GEHEIM" not in told
