"""A large file checked and copied by several workers: the same to the bit, once each, whoever dies."""

import os
import signal

import pytest
from django.db import connection

from kodala import helping
from kodala.core.leases import hold
from kodala.core.models import Lease, Piece, Run
from kodala.core.runs import carry_out
from kodala.pipeline import STAGES
from microcells.cells_table import STAGED, TABLE, stored_columns
from microcells.domain import spans
from microcells.domain.reading import BLOCK_BYTES
from microcells.models import AreaProfile
from microcells.services import help_with_file
from tests.bench.celery_worker import QUEUE, celery_worker, send
from tests.bench.city import build_city
from tests.faults import doomed
from tests.faults.state import forget, let_leases_run_out
from tests.stages.test_pieces import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
N_CELLS = 46_000  # more than two blocks of reading
N_PIECES = 3
INSPECT, CHECK, COPY = STAGES[:3]


@pytest.fixture
def city(tmp_path, settings, monkeypatch):
    """A city whose delivery is large enough to be cut into pieces of one block each."""
    settings.VAR_DIR = tmp_path
    with build_city(N_CELLS) as city:
        monkeypatch.setattr(spans, "PIECE_BYTES", BLOCK_BYTES)
        yield city


@pytest.fixture
def alone(city, monkeypatch):
    """What one worker stores that reads the file in a row."""
    with monkeypatch.context() as patch:
        patch.setattr(spans, "PIECE_BYTES", 1 << 40)
        return imported(city)


def imported(city, file=None):
    """Import a file; gives everything that is stored, and forgets it."""
    delivery = city.receive(file)
    # Without its lease a worker that has just begun would take the delivery up.
    with hold(f"delivery:{delivery.pk}") as lease:
        for stage in (INSPECT, CHECK, COPY):
            assert carry_out(stage.name, delivery.pk, stage.work, lease) == Run.State.SUCCEEDED
    return taken_away(delivery)


def taken_away(delivery):
    delivery.refresh_from_db()
    profile = AreaProfile.objects.filter(delivery=delivery).order_by("area", "column")
    findings = delivery.findings.order_by("row", "code", "column")
    stored = {
        "facts": [getattr(delivery, name) for name in FACTS],
        "profile": [
            (area, column, value.hex(), n) for area, column, value, n in profile.values_list(*PROFILE)
        ],
        "findings": list(findings.values_list("row", "code", "rows", "n_rows")),
        "columns": Run.objects.get(delivery_id=delivery.pk, stage=COPY.name).parameters["columns"],
        "cells": hash_of_cells(delivery.pk),
    }
    assert not Piece.objects.exists()
    forget(delivery.pk)
    return stored


def hash_of_cells(delivery_id):
    """Number of stored cells, and one text that stands for all their values."""
    row = ", ".join(name for name in stored_columns() if name != "delivery_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), md5(string_agg(md5(ROW({row})::text), '' ORDER BY cell_key)) FROM {TABLE} "
            "WHERE delivery_id = %s",
            [delivery_id],
        )
        return cursor.fetchone()


FACTS = (
    "n_rows",
    "n_cells",
    "canonical_digest",
    "counts",
    "certificate",
    "reference_date",
    "contract_checks",
)
MIDDLE_OF_COPYING = (12, 13, 14)  # statements of a helper between the first row and the commit
PROFILE = ("area__number", "column", "value", "n_cells")


def call(monkeypatch, helper):
    """Let `helper` be what happens when a run asks for help with a file."""
    calls = []

    def answer(task, run_id, n_tasks):
        assert task is helping.help_with_file_pieces
        assert n_tasks == N_PIECES - 1
        calls.append(helper(run_id))

    monkeypatch.setattr(helping, "_call", answer)
    return calls


def only_when_copying(helper):
    """A helper that does nothing while the file is checked."""

    def help_copying(run_id):
        return helper(run_id) if Run.objects.get(pk=run_id).stage == COPY.name else None

    return help_copying


def staged_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %s", [f"{STAGED}%"])
        return cursor.fetchall()


def test_one_worker_and_several_store_the_same_to_the_bit(city, alone, monkeypatch):
    nobody = call(monkeypatch, lambda _: 0)
    in_pieces = imported(city)
    helped = call(monkeypatch, help_with_file)
    shared = imported(city)

    assert in_pieces == alone
    assert shared == alone
    assert nobody == [0, 0]
    assert helped == [N_PIECES, N_PIECES]


def test_a_key_that_comes_again_in_another_piece_is_found_and_stored_once(city, monkeypatch):
    lines = city.file.read_bytes().split(b"\n")
    lines[-3] = lines[5]
    doubled = city.folder / "doubled.csv"
    doubled.write_bytes(b"\n".join(lines))
    call(monkeypatch, lambda _: 0)
    with monkeypatch.context() as patch:
        patch.setattr(spans, "PIECE_BYTES", 1 << 40)
        alone = imported(city, doubled)

    assert imported(city, doubled) == alone
    assert alone["cells"][0] == N_CELLS - 1
    assert [row for row, code, *_ in alone["findings"] if code == "E-DOPPELT"] == [N_CELLS]


def test_of_several_faults_the_one_is_named_that_one_worker_names(city, monkeypatch):
    raw = bytearray(city.file.read_bytes())
    raw[len(raw) // 2] = 0
    raw[-200] = ord('"')
    broken = city.folder / "broken.csv"
    broken.write_bytes(raw)
    messages = []
    for piece_bytes in (1 << 40, BLOCK_BYTES):
        monkeypatch.setattr(spans, "PIECE_BYTES", piece_bytes)
        call(monkeypatch, help_with_file)
        delivery = city.receive(broken)
        assert carry_out(INSPECT.name, delivery.pk, INSPECT.work) == Run.State.SUCCEEDED
        assert carry_out(CHECK.name, delivery.pk, CHECK.work) == Run.State.REJECTED
        delivery.refresh_from_db()
        messages.append(delivery.message)
        forget(delivery.pk)

    assert messages[0] == messages[1] != ""
    assert not Piece.objects.exists()


def test_a_helper_killed_at_any_statement_leaves_no_row_twice(city, alone, monkeypatch):
    codes = []

    def die_again_and_again(run_id):
        at = 1
        while not codes or codes[-1]:
            codes.append(doomed.wait(doomed.fork(lambda: help_with_file(run_id), at)))
            let_leases_run_out()
            at += 1

    call(monkeypatch, only_when_copying(die_again_and_again))

    assert imported(city) == alone
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(codes) > 10
    assert not staged_tables()


def test_a_helper_that_stands_still_while_it_copies_is_not_waited_for(city, alone, monkeypatch):
    frozen = []

    def stand_still(run_id):
        for at in MIDDLE_OF_COPYING:
            child = doomed.fork(lambda: help_with_file(run_id), at, doomed.stopped)
            assert doomed.wait_until_stopped(child)
            frozen.append(child)
        let_leases_run_out()

    call(monkeypatch, only_when_copying(stand_still))
    try:
        assert imported(city) == alone
        for child in frozen:
            os.kill(child, signal.SIGCONT)
        assert [doomed.wait(child) for child in frozen] == [0, 0, 0]
        assert not staged_tables()
        assert not Lease.objects.exists()
    finally:
        for child in frozen:
            doomed.end(child)


def test_who_has_not_the_file_or_another_definition_does_not_help(city, monkeypatch, settings, tmp_path):
    helped = []

    def strangers(run_id):
        media, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path / "elsewhere"
        helped.append(help_with_file(run_id))
        settings.MEDIA_ROOT = media
        with monkeypatch.context() as patch:
            patch.setattr("kodala.core.pieces.__version__", "0.0.0")
            helped.append(help_with_file(run_id))
        parameters = Run.objects.get(pk=run_id).parameters
        for name in ("extract", "city"):
            Run.objects.filter(pk=run_id).update(parameters={**parameters, name: "other"})
            helped.append(help_with_file(run_id))
        Run.objects.filter(pk=run_id).update(parameters=parameters)

    call(monkeypatch, strangers)
    imported(city)

    assert helped == [0] * 8


def test_a_worker_that_sees_the_files_helps_over_the_queue(city, alone, monkeypatch):
    done = []

    def call_the_worker(run_id):
        send(helping.help_with_file_pieces.name, run_id, QUEUE)
        wait_until(lambda: Piece.objects.filter(run_id=run_id, result__isnull=False).count() == N_PIECES)
        done.append(run_id)

    call(monkeypatch, call_the_worker)
    with celery_worker(city, 1):
        shared = imported(city)

    assert shared == alone
    assert len(done) == 2
