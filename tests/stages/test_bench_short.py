"""The measurements run and print what `./run bench` promises; how fast they are is not asked here."""

import re

import pytest
from django.db import connection

from microcells.models import Delivery
from tests.bench import __main__ as bench
from tests.bench.bundling import REAL

N_CELLS = 4_800
BUNDLING_GOALS = ("cells_below_minimum", "cells_across_or_apart", "mean_off_six", "digests_beyond_one")
FIGURE = re.compile(r"[a-z0-9_]+\t[0-9]+(\.[0-9]+)?\t[0-9]+(\.[0-9]+)?\t(ok|short)")


@pytest.mark.django_db(transaction=True)
def test_every_measurement_prints_well_formed_lines_and_leaves_nothing_behind(capsys):
    measured = [name for name in bench.BENCHES if name != "faults"]  # its short form is tests/faults
    bench.run_benches(measured, N_CELLS, n_runs=1)

    cities = ["invented", "real"] if REAL.exists() else ["invented"]
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not FIGURE.fullmatch(line)] == []
    assert [line.split("\t")[0] for line in lines] == [
        "import_ratio",
        "import_cells_per_second",
        "import_unordered_ratio",
        "import_peak_memory_mb",
        "recompute_ratio",
        "recompute_unordered_ratio",
        "recompute_cells_per_second",
        "recompute_peak_memory_mb",
        "workers_from_one_core_to_two",
        "workers_speedup",
        "import_from_one_core_to_two",
        "import_workers_speedup",
        "germany_cost_per_cell_to_city",
        "germany_cost_per_cell_to_cities",
        "germany_cells_per_second",
        "germany_peak_memory_mb",
        "germany_remaining_time_error",
        *(f"bundling_{city}_{goal}" for city in cities for goal in BUNDLING_GOALS),
        "bundling_information_loss_percent",
        "bundling_to_reading",
        "bundling_to_bare_csv",
        "bundling_peak_memory_mb",
        "suppression_seconds_1500_cells",
        "suppression_unproved_percent",
        "audit_seconds_5000_cells_two_versions",
        "draft_seconds_more",
        "one_city_seconds",
    ]
    assert not Delivery.objects.exists()
    assert not {"bench_bare_copy"} & set(connection.introspection.table_names())


def test_an_unknown_name_is_answered_with_the_list_of_names(capsys):
    exit_code = bench.main(["import_cells", "importt"])

    answer = capsys.readouterr().err
    assert exit_code == 2
    assert answer.startswith("Diese Messung gibt es nicht: importt. Es gibt:\n")
    assert all(name in answer for name in bench.BENCHES)
