"""Real tables of Neuss: districts of different years put together to areas, and the published debt rates."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from kodala.publication.comparison_regions import regions_definition
from microcells.domain.area_statistics import StatisticsCheck
from microcells.domain.plan import ColumnSource
from microcells.domain.statistics_lines import Places
from microcells.files import inspect_file, read_file
from tests.domain.statistics_rows import CATALOGUE, SCHEMA, TODAY

MERGED = {3: 1, 15: 14, 16: 18, 26: 25}  # district -> observation area; the others are areas of their own
REGIONS = {"Neuss": "city", "Rhein-Kreis Neuss": "district", "NRW": "state", "Deutschland": "country"}
CODES = {
    "Überschuldungsquote (Creditreform SchuldnerAtlas, 18+)": "debt_rate",
    "Überschuldete Personen": "debtors",
}


def test_the_28_districts_of_neuss_become_24_areas(shared_data):
    path = shared_data / "neuss" / "neuss_bezirke_eckdaten.csv"
    sources = (
        ColumnSource("district_number", ("nr",)),
        ColumnSource("population", ("einwohner",)),
    )
    plan = replace(inspect_file(path, SCHEMA).plan, columns=sources)
    districts = {number: MERGED.get(number, number) for number in range(1, 29)}
    places = Places({number: f"Gebiet {number}" for number in districts.values()}, districts, "Neuss")
    check = StatisticsCheck(SCHEMA, CATALOGUE, places, stated_date=dt.date(2021, 12, 31), today=TODAY)

    for block in read_file(path, plan, SCHEMA):
        check.add(block)
    result = check.close()

    raw = pd.read_csv(path).set_index("nr")["einwohner"]
    sums = raw.groupby(districts).sum()
    gaps = {districts[number] for number in raw[raw.isna()].index}
    found = {entry.area: entry.value for entry in result.entries}
    assert (result.n_rows, result.reasons, len(found)) == (28, [], 24)
    assert found[1] == raw[1] + raw[3]
    assert found == {area: None if area in gaps else total for area, total in sums.items()}
    assert len(gaps) < 24


def test_the_shipped_values_are_those_of_the_press(shared_data):
    press = pd.read_csv(shared_data / "neuss" / "neuss_schulden_arbeitslose_presse.csv")
    shipped = {
        (series["region"], series["indicator"], year): value
        for series in regions_definition()["series"]
        for year, value, _ in series["values"]
    }
    told = {
        (REGIONS[row.gebiet], CODES[row.indikator], row.jahr): row.wert
        for row in press.itertuples()
        if row.gebiet in REGIONS and row.indikator in CODES
    }
    # The sources differ for 2018; the definition says which one counts.
    told[("city", "debt_rate", 2018)] = 13.48

    assert {key: shipped.get(key) for key in told} == told
    assert len(told) > 15
