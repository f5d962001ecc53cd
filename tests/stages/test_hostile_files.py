"""Files that want to do harm: each gets a German sentence, quickly, in little memory, and nobody dies."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from kodala.core.errors import InputError, InterruptionError
from kodala.core.failures import is_passing
from microcells.files import inspect_file, read_file
from microcells.services import _plain_name
from tests.domain.delivery_files import CELL, SCHEMAS, as_file, cells
from tests.stages import file_forms as forms
from tests.stages import hostile_files as hostile
from tests.stages import hostile_workbooks as books
from tests.stages.test_file_forms import planned

SCHEMA = SCHEMAS["microcells"]
ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 5.0
MOST_MEGABYTES = 256


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of each file, in a process of its own whose memory does not count."""
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.stages.hostile_reading",
            tmp_path_factory.mktemp("hostile"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    return {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_is_refused_with_a_sentence_in_time_and_little_memory(name, outcomes):
    outcome, (_, words) = outcomes[name], hostile.HOSTILE[name]

    assert re.search(words, outcome["sentence"]), outcome["sentence"]
    assert outcome["sentence"].endswith(".")
    assert outcome["seconds"] <= MOST_SECONDS
    assert 20 < outcome["megabytes"] <= MOST_MEGABYTES


def first_block(raw, folder):
    path = folder / "lieferung.upload"
    path.write_bytes(raw)
    plan = planned(inspect_file(path, SCHEMA))
    return next(read_file(path, plan, SCHEMA))


def struck(block):
    return {found.rule: block.rows.lines[found.at].tolist() for found in block.hits}


@pytest.mark.parametrize("text", ["1e308", "NaN", "Inf", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_named_with_their_line(text, tmp_path):
    block = first_block(as_file(cells({}, {"alq": text}, {})), tmp_path)

    assert struck(block) == {"E-ZAHL": [3]}
    assert np.isnan(block.rows.numbers["unemployment_percent"]).tolist() == [False, True, False]


def test_numbers_that_are_none_in_typed_files(tmp_path):
    columns = forms.table()
    columns["alq"] = [1e308, float("inf"), float("nan"), *[5.0] * (forms.N_ROWS - 3)]
    stream = pa.BufferOutputStream()
    parquet.write_table(forms.arrow_table(columns), stream)

    block = first_block(stream.getvalue().to_pybytes(), tmp_path)

    assert struck(block) == {"E-ZAHL": [2, 3]}
    assert np.isnan(block.rows.numbers["unemployment_percent"][:4]).tolist() == [True, True, True, False]


def test_a_formula_counts_with_its_saved_result_and_the_person_is_told(tmp_path):
    path = tmp_path / "mappe.csv"  # the wrong ending is without effect
    path.write_bytes(books.formula_sheet("<v>2.5</v>"))

    found = inspect_file(path, SCHEMA)
    (block,) = read_file(path, planned(found), SCHEMA)

    assert found.plan.file_kind == "xlsx"
    assert found.notes == ("Die Arbeitsmappe enthält Formeln; gelesen werden ihre gespeicherten Ergebnisse.",)
    assert block.rows.numbers["unemployment_percent"].tolist() == [2.5]
    assert block.rows.texts["cell_key"].to_pylist() == ["7"]


def test_triggers_of_a_database_never_run(tmp_path):
    path = tmp_path / "zellen.upload"
    path.write_bytes(
        hostile.database("CREATE TRIGGER boom AFTER INSERT ON zellen BEGIN DELETE FROM zellen; END")
    )
    before = path.read_bytes()

    (block,) = read_file(path, planned(inspect_file(path, SCHEMA)), SCHEMA)

    assert len(block.rows) == forms.N_ROWS
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Daten\\zellen.csv", "zellen.csv"),
        ("a\x00b\x1b[31m.csv", "ab[31m.csv"),
        ("...", "..."),
        ("/", "ohne Namen"),
        ("x" * 500, "x" * 200),
    ],
)
def test_the_name_of_an_upload_is_only_ever_shown(given, kept):
    assert _plain_name(given) == kept


def long_file(folder, n_rows=60_000):
    path = folder / "lang.upload"
    head, row = as_file([CELL]).splitlines(keepends=True)
    path.write_bytes(head + row * n_rows)
    return path


def child_of(process_id):
    for task in Path(f"/proc/{process_id}/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"microcells.files.child" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    return None


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (signal.SIGKILL, None),
        (signal.SIGTERM, None),
        (signal.SIGXCPU, "dauert zu lange"),
        (signal.SIGABRT, "zu viel Speicher"),
        (signal.SIGSEGV, "beschädigt"),
    ],
)
def test_what_the_end_of_the_child_means(sent, words, tmp_path):
    path = long_file(tmp_path)
    blocks = read_file(path, planned(inspect_file(path, SCHEMA)), SCHEMA)
    next(blocks)

    os.kill(child_of(os.getpid()), sent)

    # Stopped from outside is not the file's fault: it stays and is read again.
    with pytest.raises(InputError if words else InterruptionError, match=words) as ended:
        list(blocks)
    assert is_passing(ended.value) is (words is None)
    assert child_of(os.getpid()) is None


def test_whoever_stops_reading_leaves_no_child_behind(tmp_path):
    path = long_file(tmp_path)
    blocks = read_file(path, planned(inspect_file(path, SCHEMA)), SCHEMA)
    next(blocks)
    assert child_of(os.getpid())

    blocks.close()

    assert child_of(os.getpid()) is None


READER = """
import sys, time
from pathlib import Path
from microcells.files import inspect_file, read_file
from tests.domain.delivery_files import SCHEMAS
from tests.stages.test_file_forms import planned
path, schema = Path(sys.argv[1]), SCHEMAS["microcells"]
blocks = read_file(path, planned(inspect_file(path, schema)), schema)
next(blocks)
print("reading", flush=True)
time.sleep(60)
"""


def test_the_child_dies_with_its_parent_and_knows_nothing_of_the_database(tmp_path):
    path = long_file(tmp_path)
    environment = {**os.environ, "PGPASSWORD": "geheim", "KODALA_SECRET_KEY": "geheim"}
    with subprocess.Popen(
        [sys.executable, "-c", READER, path], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout.readline() == "reading\n"
        child = child_of(parent.pid)
        known = Path(f"/proc/{child}/environ").read_bytes() if os.geteuid() == 0 else b""

        parent.kill()

    assert not re.search(rb"geheim|PGHOST|REDIS|KODALA", known)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}/cmdline").exists()
