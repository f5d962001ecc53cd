"""The measurements run and print what `./run bench` promises; how fast they are is not asked here."""

import re

import pytest
from django.db import connection

from microcells.models import Delivery
from tests.bench import __main__ as bench

N_CELLS = 4_800
FIGURE = re.compile(r"[a-z_]+\t[0-9]+(\.[0-9]+)?\t[0-9]+(\.[0-9]+)?\t(ok|short)")


@pytest.mark.django_db(transaction=True)
def test_every_measurement_prints_well_formed_lines_and_leaves_nothing_behind(capsys):
    bench.run_benches(list(bench.BENCHES), N_CELLS, n_runs=1)

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not FIGURE.fullmatch(line)] == []
    assert [line.split("\t")[0] for line in lines] == [
        "import_ratio",
        "import_cells_per_second",
        "import_peak_memory_mb",
        "recompute_ratio",
        "recompute_cells_per_second",
        "recompute_peak_memory_mb",
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
