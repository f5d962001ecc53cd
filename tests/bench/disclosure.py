"""Disclosure control: the cheapest pattern of a seeded table, its audit over two versions, a whole draft.

The goals are seconds, whatever the machine. A table has rows and columns with margins; a number below five
is unsafe. The second version counts a tenth of the rows anew; an attacker knows which rows stayed the same.
The draft's table is what `guard` gets: all figures of the city's areas and districts with all official counts
of three years.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from kodala.publication.candidates import gather_candidates, load_candidates
from kodala.publication.domain.audit import audit
from kodala.publication.domain.official import complete
from kodala.publication.domain.suppression import Effort, Pattern, suppress
from kodala.publication.domain.tables import Bools, Floats, Table, make_table
from kodala.publication.services import guard
from microcells.definitions import official_catalogue
from microcells.models import ObservationArea
from tests.bench.city import City, stages_before
from tests.bench.figures import Figure, Report, middle, seconds_of

SEED, COUNT_MIN, MEAN, SPREAD = 20_261_122, 5, 30.0, 1.0
USUAL_CELLS = 13_000  # of a city; with fewer the tables are smaller too
CHEAPEST, VERSIONS = (30, 50), (50, 100)  # rows and columns with margins: 1,500 and 5,000 cells
CHANGED = 0.1  # of the rows between two versions
PATTERN_GOAL, AUDIT_GOAL, DRAFT_GOAL = 5.0, 5.0, 10.0
YEARS = (2023, 2024, 2025)
DRAFT_STAGE = "publication.draft_datenstand"


def measure(city: City, n_runs: int) -> Report:
    """The middle of several runs of each; the tables are made before."""
    size = min(1.0, city.n_cells / USUAL_CELLS)
    one = as_table([count_people(_sides(CHEAPEST, size))])
    patterns: list[Pattern] = []
    suppressing = middle([seconds_of(lambda: patterns.append(suppress(one))) for _ in range(n_runs)])
    cheapest = patterns[-1]
    both, hidden = _two_versions(_sides(VERSIONS, size))
    auditing = middle([seconds_of(lambda: audit(both, hidden)) for _ in range(n_runs)])
    drafting, n_figures = _draft(city, n_runs)
    figures = [
        Figure("suppression_seconds_1500_cells", suppressing, PATTERN_GOAL),
        Figure("suppression_unproved_percent", _unproved(cheapest), 0.0),
        Figure("audit_seconds_5000_cells_two_versions", auditing, AUDIT_GOAL),
        Figure("draft_seconds_more", drafting, DRAFT_GOAL),
    ]
    parts = [
        (f"{len(one)} Zellen, {int(one.unsafe.sum())} davon klein: billigstes Muster", suppressing),
        (f"{len(both)} Zellen in zwei Fassungen, {int(hidden.sum())} zurückgehalten: Prüfung", auditing),
        (f"Entwurf mit {n_figures} Zahlen: Geheimhaltung", drafting),
    ]
    return Report(figures, parts)


def _unproved(pattern: Pattern) -> float:
    """By how many per cent of its price a cheaper pattern might still undercut this one."""
    return 0.0 if pattern.is_proved else 100 * (1 - pattern.bound / pattern.cost)


def _sides(usual: tuple[int, int], size: float) -> tuple[int, int]:
    rows, columns = (max(6, round(side * size**0.5)) for side in usual)
    return rows, columns


def count_people(sides: tuple[int, int], before: Floats | None = None) -> Floats:
    """Counts in rows and columns without margins; after `before` a tenth of the rows is counted anew."""
    rng = np.random.default_rng(SEED + (before is not None))
    rows, columns = (rng.lognormal(0.0, SPREAD, side - 1) for side in sides)
    counts = rng.poisson(MEAN * np.outer(rows, columns)).astype(np.float64)
    if before is None:
        return counts
    is_new = rng.random(len(counts)) < CHANGED
    return np.where(is_new[:, None], counts, before)


def as_table(versions: list[Floats]) -> Table:
    """All versions with their margins as one table; what did not change is the same number."""
    full = np.array([_with_margins(counts) for counts in versions])
    place = np.arange(full.size).reshape(full.shape)
    lines = [line for version in place for line in (*version, *version.T)]
    sums = [{int(line[0]): -1.0, **dict.fromkeys(line[1:].tolist(), 1.0)} for line in lines]
    for first, second in zip(range(len(full)), range(1, len(full)), strict=False):
        same = (full[first] == full[second]).all(axis=1)
        same[0] = False
        pairs = zip(place[first][same].ravel().tolist(), place[second][same].ravel().tolist(), strict=True)
        sums += [{one: -1.0, other: 1.0} for one, other in pairs]
    value = full.ravel()
    unsafe = value < COUNT_MIN
    down, up = np.where(unsafe, value, 0.0), np.where(unsafe, float(COUNT_MIN), 0.0)
    return make_table(range(len(value)), value, sums, unsafe=unsafe, need_down=down, need_up=up)


def _with_margins(counts: Floats) -> Floats:
    rows = np.vstack([counts.sum(axis=0), counts])
    return np.hstack([rows.sum(axis=1, keepdims=True), rows])


def _two_versions(sides: tuple[int, int]) -> tuple[Table, Bools]:
    """Both versions, each withheld as the quick way does it; what either withholds, both do."""
    first = count_people(sides)
    versions = [first, count_people(sides, first)]
    patterns = [suppress(as_table([own]), Effort(rounds=0)).hidden for own in versions]
    return as_table(versions), np.tile(np.logical_or(*patterns), 2)


def _draft(city: City, n_runs: int) -> tuple[float, int]:
    """Seconds of protecting all figures of a delivery with official ones, and how many they are."""
    delivery = city.receive()
    for stage in stages_before(DRAFT_STAGE):
        city.carry_out(stage.name, stage.work, delivery)
    delivery.refresh_from_db()
    numbers = ObservationArea.objects.filter(area_set=delivery.area_set).values_list("number", flat=True)
    official = _official(sorted(numbers))
    candidates = gather_candidates(load_candidates(delivery), official, delivery.date)
    seconds = middle([seconds_of(lambda: guard(candidates)) for _ in range(n_runs)])
    city.remove(delivery)
    return seconds, len(candidates)


def _official(numbers: list[int]) -> pd.DataFrame:
    """Every count of the catalogue in every area and year, with the shares that follow from them."""
    catalogue, rng = official_catalogue(), np.random.default_rng(SEED)
    known = catalogue.indicators.values()
    counts = [one.code for one in known if one.kind == "count" and not one.regions_only]
    keys = pd.MultiIndex.from_product([[dt.date(year, 12, 31) for year in YEARS], numbers])
    wide = pd.DataFrame(rng.poisson(60.0, (len(keys), len(counts))) * 8.0, index=keys, columns=counts)
    ages = list(catalogue.ages.parts)
    wide[ages] = rng.poisson(rng.lognormal(5.0, 1.0, (len(keys), 1)), (len(keys), len(ages)))
    wide[catalogue.ages.total] = wide[ages].sum(axis=1)
    for whole in catalogue.subsets:
        for part in whole.parts:
            wide[part] = rng.binomial(wide[whole.total].astype(int), 0.25)
    table = wide.rename_axis(["date", "area"]).melt(ignore_index=False, var_name="indicator").reset_index()
    table = table.assign(source="erfunden", numerator=np.nan, denominator=np.nan)
    return complete(table, table.iloc[:0], numbers, catalogue)
