"""Official figures of the invented city, as a city and its labour agency would send them: invented as well.

They are made from the delivered microcells, so that both tell the same story, and differ from them a little,
as a register and a supplier do.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

ENCODING = "cp1252"
SOURCE = "Demodaten, erfunden"
DATES = {
    "2019-10-01": "31.12.2019",
    "2021-10-01": "31.12.2021",
    "2023-10-01": "31.12.2023",
    "2025-10-01": "31.12.2024",
}
AREA = "gebiet_nr"
READ = [AREA, "haushalte", "personen", "erwachsene", "sen_60_69", "sen_70_79", "sen_80plus", "alq"]
READ += [f"zi_{number}" for number in range(1, 10)]

# Assumed shares; nothing here is published.
UNDER_6 = 0.32  # of the persons under 18
AGED_18_59 = {"einwohner_18_29": 0.27, "einwohner_30_44": 0.36, "einwohner_45_59": 0.37}
AGED_60_64 = 0.54  # of those from 60 to 69
AGED_70_74 = 0.52  # of those from 70 to 79
WORKING_AGE = 0.94  # of the persons from 18 to 64, who are from 15 to 64 with the young ones
SGB2_OF_WEAK_PAYERS = 0.42  # persons with SGB II per person in households of the payment classes 7 to 9
MINORS_IN_SGB2 = 0.33
BASIC_SECURITY_BASE, BASIC_SECURITY_SLOPE = 0.012, 0.11  # share of those from 65, by the share of weak payers
GROWTH_PER_YEAR = 0.004  # of the city; areas lie up to half a per cent beside it
NEWEST_YEAR = 2024
PERSONS_PER_MARKET, PERSONS_PER_COMPANY = 3_900, 27


def write_statistics(deliveries: Path, path: Path) -> Path:
    """Write one row per area and date with a column for each figure, from the files of the microcells.

    deliveries: folder of the four files; the same files give the same bytes
    """
    tables = [_figures(_read(deliveries / f"microm_demo_{cells}.csv"), date) for cells, date in DATES.items()]
    text = pd.concat(tables).to_csv(sep=";", decimal=",", index=False, lineterminator="\r\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".neu")
    unfinished.write_bytes(text.encode(ENCODING))
    unfinished.rename(path)
    return path


def _read(path: Path) -> pd.DataFrame:
    """Sums of each area, and the means weighted by households and adults; missing values are left out."""
    table = pd.read_csv(
        path, sep=";", decimal=",", encoding=ENCODING, usecols=lambda name: name in READ, na_values=["-1"]
    )
    weak = table[[name for name in ("zi_7", "zi_8", "zi_9") if name in table]].sum(axis=1)
    table = table.assign(weak=weak * table["haushalte"], jobless=table["alq"] * table["erwachsene"])
    sums = table.groupby(AREA).sum(min_count=1)
    return sums.assign(
        weak=sums["weak"] / sums["haushalte"] / 100, jobless=sums["jobless"] / sums["erwachsene"] / 100
    )


def _figures(cells: pd.DataFrame, date: str) -> pd.DataFrame:
    minors = cells["personen"] - cells["erwachsene"]
    older = cells["sen_60_69"] + cells["sen_70_79"] + cells["sen_80plus"]
    middle = cells["erwachsene"] - older
    parts = {
        "einwohner_0_5": minors * UNDER_6,
        "einwohner_6_17": minors * (1 - UNDER_6),
        **{name: middle * share for name, share in AGED_18_59.items()},
        "einwohner_60_64": cells["sen_60_69"] * AGED_60_64,
        "einwohner_65_74": cells["sen_60_69"] * (1 - AGED_60_64) + cells["sen_70_79"] * AGED_70_74,
        "einwohner_75_79": cells["sen_70_79"] * (1 - AGED_70_74),
        "einwohner_80plus": cells["sen_80plus"],
    }
    ages = pd.DataFrame(parts).mul(_size(cells.index, int(date[-4:])), axis=0).round().astype(int)
    from_65 = ages[["einwohner_65_74", "einwohner_75_79", "einwohner_80plus"]].sum(axis=1)
    to_64 = ages.sum(axis=1) - from_65
    working = (to_64 - ages["einwohner_0_5"] - ages["einwohner_6_17"]) * WORKING_AGE
    sgb2 = to_64 * cells["weak"] * SGB2_OF_WEAK_PAYERS
    counts = {
        "haushalte_amtlich": cells["haushalte"] * (1 + _differences(cells.index) / 2),
        "sgb2_personen": sgb2,
        "sgb2_minderjaehrige": sgb2 * MINORS_IN_SGB2,
        "grundsicherung_65plus": from_65 * (BASIC_SECURITY_BASE + BASIC_SECURITY_SLOPE * cells["weak"]),
        "arbeitslose": working * cells["jobless"],
        "betriebe": cells["personen"] / PERSONS_PER_COMPANY,
        "lebensmittelmaerkte": cells["personen"] / PERSONS_PER_MARKET,
    }
    own = pd.DataFrame(counts).round().astype(int)
    share = (100 * own["arbeitslose"] / working).round(1)
    table = ages.assign(**own, arbeitslose_anteil=share)
    table.insert(0, "einwohner", ages.sum(axis=1))
    table.insert(0, "stichtag", date)
    return table.assign(quelle=SOURCE).reset_index()


def _size(numbers: pd.Index, year: int) -> np.ndarray:
    """Inhabitants of the register for each one of the supplier, who has the same in every year."""
    growth = GROWTH_PER_YEAR + (numbers.to_numpy() * 23 % 11 - 5) / 1000
    return 1 + _differences(numbers) - growth * (NEWEST_YEAR - year)


def _differences(numbers: pd.Index) -> np.ndarray:
    """How far the register lies from the supplier in each area: up to two per cent either way."""
    return ((numbers.to_numpy() * 37) % 41 - 20) / 1000
