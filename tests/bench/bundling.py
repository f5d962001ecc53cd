"""Bundling: what its cells are worth, and how fast it is.

Quality: the invented city, and the real house list where it lies beside the checkout. Speed: against
spopt's MaxPHeuristic on the same 1,600 houses (in the environment of requirements.bench.lock), and for a
list as long as Germany's against reading its file once: as the product reads it (child process, mapping,
canonical columns) and as bare pyarrow does. The long list is bundled by one process per core, batch by
batch, each batch some whole areas, while nothing is read; the target is not fitted again for each batch.
Each process counts the seconds of its own bundling, and their sum is shared by the processes: the product
bundles where it has read, so handing rows over to another process is no part of it. The goal is asked of
bundling as the product does it for a list of that length (`rules_for`): beyond the limit of the definition
file without swaps, by the exact programme with its repair alone. What swaps would take, or take in a shorter
list, is reported beside.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from django.conf import settings
from numpy.typing import NDArray
from pyarrow import csv

from microcells.definitions import schema_of
from microcells.demo.facts import bundling_rules, stream
from microcells.demo.population import ageing
from microcells.demo.solving import smooth_field
from microcells.domain.bundling import bundle, bundle_houses, cells_from_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.certificate import certify
from microcells.domain.header import match_header
from microcells.domain.information import information_loss
from microcells.domain.neighbours import connect_houses
from microcells.domain.ordering import walk_through
from microcells.domain.plan import ColumnSource
from microcells.files import inspect_file, read_file
from tests.bench.figures import Figure, Report, middle, seconds_of
from tests.bench.houses import invented_houses, locate_areas, nearest_houses, write_houses

Floats = NDArray[np.float64]

MEAN_OFF_GOAL = 0.05  # households
LOSS_GOAL = 7.5  # per cent
MAXP_HOUSES = 1_600
MAXP_GOAL = 300
MEMORY_GOAL_MB = 1.5 * 2**30 / 1e6
BATCH_HOUSES = 100_000
BATCHES_AT_ONCE = 8
REAL = Path(settings.BASE_DIR).parent / "shared/data/neuss/neuss_hausliste_zensus2011.csv"


def measure(n_houses: int, n_runs: int) -> Report:
    """Quality first, then speed; `n_houses` is the length of the long list."""
    figures = [*_quality("invented", invented_houses())]
    if REAL.exists():
        figures += _quality("real", _real_houses())
    figures.append(Figure("bundling_information_loss_percent", 100 * _loss(), LOSS_GOAL))
    figures += _against_maxp(n_runs)
    long_list, parts = _long_list(n_houses)
    return Report([*figures, *long_list], parts)


def _quality(name: str, houses: pd.DataFrame) -> list[Figure]:
    """Cells that break a rule, the mean, and whether another order of rows changes a byte."""
    made = bundle_houses(houses, bundling_rules())
    proof = certify(houses, made.cell, cells_from_houses(houses, made.cell), made.rules)
    shuffle = np.random.default_rng(1).permutation(len(houses))
    again = np.empty_like(made.cell)
    again[shuffle] = bundle(houses.iloc[shuffle], bundling_rules())
    digests = {hashlib.sha256(cell.tobytes()).digest() for cell in (made.cell, again)}
    wrong = proof.cells_across_areas + proof.cells_apart
    return [
        Figure(f"bundling_{name}_cells_below_minimum", proof.share_below_minimum * proof.n_cells, 0),
        Figure(f"bundling_{name}_cells_across_or_apart", wrong, 0),
        Figure(f"bundling_{name}_mean_off_six", abs(proof.households_mean - 6), MEAN_OFF_GOAL),
        Figure(f"bundling_{name}_digests_beyond_one", len(digests) - 1, 0),
    ]


def _real_houses() -> pd.DataFrame:
    """The census house list as one area."""
    names = {
        "haus_id": "house_key",
        "strasse_id": "street_key",
        "hausnr": "house_number",
        "haushalte": "households",
    }
    houses = pd.read_csv(REAL, sep=";", decimal=",", encoding="cp1252").rename(columns=names)
    return houses.assign(area_number=1)


def _values(houses: pd.DataFrame) -> Floats:
    """Four values of each house: the surfaces of need and age, and the delivered shares of older people."""
    places = houses[["x", "y"]].to_numpy(np.float64)
    rng = stream("deprivation")
    need = sum(smooth_field(places, length, rng) for length in (300.0, 450.0, 700.0))
    adults = houses["adults"].to_numpy(np.float64)
    old = houses[["seniors_60_69", "seniors_70_79", "seniors_80plus"]].to_numpy(np.float64)
    return np.column_stack([need, ageing(places), old.sum(axis=1) / adults, old[:, 2] / adults])


def _loss() -> float:
    """Information lost on the houses that MaxP bundles too, the mean of their four values."""
    houses = nearest_houses(MAXP_HOUSES)
    cell = bundle(houses, bundling_rules())
    return float(information_loss(_values(houses), houses["households"].to_numpy(), cell).mean())


def _against_maxp(n_runs: int) -> list[Figure]:
    """How many times faster than MaxP, both on the same houses with the same neighbours."""
    python = os.environ.get("KODALA_BENCH_PYTHON")
    if not python:
        print("  spopt fehlt: nur ./run bench bundling misst auch dagegen", file=sys.stderr)
        return []
    houses = nearest_houses(MAXP_HOUSES)
    rules = replace(bundling_rules(), mean=None)
    ours = middle([seconds_of(lambda: bundle(houses, rules)) for _ in range(max(3, n_runs))])
    walk, order = walk_through(houses)
    graph = connect_houses(walk, rules.near_m, rules.minimum)
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        file = Path(folder) / "houses.npz"
        pairs = {"first": graph.first, "second": graph.second}
        np.savez(file, households=walk.households, values=_values(houses)[order], **pairs)
        command = [python, "-m", "tests.bench.maxp", str(file)]
        answer = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    theirs = json.loads(answer.splitlines()[-1])["seconds"]
    return [Figure("bundling_times_faster_than_maxp", theirs / ours, MAXP_GOAL, at_most=False)]


def _long_list(n_houses: int) -> tuple[list[Figure], list[tuple[str, float]]]:
    """Read a long list once, twice, and bundle it with and without swaps; goals ask what the product does."""
    # The processes that bundle read this file too, and know no models.
    from microcells.house_lists import rules_for

    swapping = replace(bundling_rules(), mean=None)
    all_rules = [replace(swapping, swap_passes=0), swapping]
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.VAR_DIR) as folder:
        file = Path(folder) / "houses.csv"
        n = write_houses(file, n_houses, schema_of("houses"))
        bare = seconds_of(lambda: _read_bare(file))
        reading = seconds_of(lambda: sum(len(block) for block in _read(file)))
        seconds = _bundle_in_batches(file, all_rules)
    bundling = seconds[all_rules.index(replace(rules_for(n), mean=None))]
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    figures = [
        Figure("bundling_to_reading", bundling / reading, 1.0),
        Figure("bundling_to_bare_csv", bundling / bare, 1.0),
        Figure("bundling_peak_memory_mb", peak * 1024 / 1e6, MEMORY_GOAL_MB),
    ]
    parts = [
        (f"{n} Häuser: bloßes CSV-Lesen mit pyarrow", bare),
        ("Lesen wie die Anwendung", reading),
        ("Zellbildung wie die Anwendung bei dieser Länge", bundling),
        ("Zellbildung ohne Tausch", seconds[0]),
        ("Zellbildung mit Tausch", seconds[1]),
    ]
    return figures, parts


def _read_bare(file: Path) -> int:
    """Parse the file with pyarrow, block by block; gives the number of rows."""
    reader = csv.open_csv(
        file,
        read_options=csv.ReadOptions(encoding="cp1252"),
        parse_options=csv.ParseOptions(delimiter=";"),
        convert_options=csv.ConvertOptions(decimal_point=","),
    )
    return sum(batch.num_rows for batch in reader)


def _read(file: Path) -> Iterator[pd.DataFrame]:
    """Read the file as the product does, block by block."""
    schema = schema_of("houses")
    found = inspect_file(file, schema)
    headings = [summary.heading for summary in found.columns]
    columns = zip(match_header(headings, schema), headings, strict=True)
    sources = tuple(ColumnSource(column.name, (heading,)) for column, heading in columns)
    for block in read_file(file, replace(found.plan, columns=sources), schema, lambda _: None):
        yield block.rows.to_frame()


def _bundle_in_batches(file: Path, all_rules: list[BundlingRules]) -> list[float]:
    """Seconds of bundling the whole list under each of the rules; reading is not counted."""
    seconds = [0.0] * len(all_rules)
    n_processes = os.cpu_count() or 1
    with ProcessPoolExecutor(n_processes, mp_context=get_context("spawn")) as pool:
        # Compiled loops are loaded before anything is measured.
        list(pool.map(_bundle, [(nearest_houses(100), rules) for rules in all_rules] * n_processes))
        for group in _groups(_batches(_read(file))):
            for place, rules in enumerate(all_rules):
                own = pool.map(_bundle, [(batch, rules) for batch in group])
                seconds[place] += sum(own) / n_processes
    return seconds


def _bundle(work: tuple[pd.DataFrame, BundlingRules]) -> float:
    """Bundle one batch in a process of its own; gives the seconds it took."""
    return seconds_of(lambda: bundle(*work))


def _batches(blocks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Cut blocks into batches of whole areas; the file lists one area after the other."""
    names = ["house_key", "street_key", "house_number", "x", "y", "households"]
    waiting: list[pd.DataFrame] = []
    n_waiting = 0
    for block in blocks:
        houses = block[names].astype({"house_number": np.int64, "households": np.int64})
        waiting.append(houses.assign(area_number=locate_areas(houses["street_key"])))
        n_waiting += len(block)
        if n_waiting >= BATCH_HOUSES:
            houses = pd.concat(waiting, ignore_index=True)
            is_open = (houses["area_number"] == houses["area_number"].iloc[-1]).to_numpy()
            if not is_open.all():
                yield houses[~is_open]
            waiting = [houses[is_open]]
            n_waiting = len(waiting[0])
    yield pd.concat(waiting, ignore_index=True)


def _groups(batches: Iterator[pd.DataFrame]) -> Iterator[list[pd.DataFrame]]:
    """Several batches at once, so that every core has work."""
    group: list[pd.DataFrame] = []
    for batch in batches:
        group.append(batch)
        if len(group) == BATCHES_AT_ONCE:
            yield group
            group = []
    if group:
        yield group
