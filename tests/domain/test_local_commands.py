"""The commands of `./run` as a person meets them."""

import ast
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kodala.local import checks
from kodala.local.checks import Check, run_checks
from kodala.local.console import german_seconds, step
from kodala.local.demo import demo
from kodala.local.environment import redis_address
from kodala.local.interrupts import StopRequest
from kodala.local.main import main
from kodala.local.project import Project, open_project
from kodala.local.services import Services
from kodala.local.slots import take_test_slot, take_test_slots
from kodala.local.web_address import find_free_port, page_status

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path, {})


def test_run_can_be_read_by_a_python_that_is_too_old():
    assert ast.parse((ROOT / "run").read_text(), feature_version=(3, 4))


def test_set_up_needs_nothing_but_the_standard_library():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import kodala.local.main"

    outcome = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )

    assert outcome.stderr == ""


@pytest.mark.parametrize(("arguments", "exit_code"), [([], 2), (["--help"], 0), (["hilfe"], 0)])
def test_help_names_the_commands(arguments, exit_code, capsys):
    assert main(arguments) == exit_code

    printed = capsys.readouterr().out
    assert all(f"./run {name}" in printed for name in ("demo", "demo --once", "test", "bench", "stop"))


def test_unknown_command_is_answered_with_the_help(capsys):
    assert main(["dmeo"]) == 2

    assert capsys.readouterr().out.startswith("Den Befehl „dmeo“ gibt es nicht.")


def test_demo_refuses_a_word_it_does_not_know(project: Project, capsys):
    assert demo(project, ["--onse"]) == 2

    assert capsys.readouterr().out == "So geht es: ./run demo oder ./run demo --once\n"


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0,0 s"), (7.25, "7,2 s"), (73.4, "73 s")])
def test_durations_are_written_the_german_way(seconds: float, text: str):
    assert german_seconds(seconds) == text


def test_step_says_what_it_does_and_how_long_it_took(capsys):
    with step("Es wird gerechnet"):
        sum(range(10))

    assert capsys.readouterr().out == "• Es wird gerechnet … fertig (0,0 s).\n"


@pytest.mark.parametrize(("error", "word"), [(StopRequest(2), "abgebrochen."), (OSError(), "gescheitert.")])
def test_step_says_why_it_did_not_end(error: BaseException, word: str, capsys):
    with pytest.raises(type(error)), step("Es wird gerechnet"):
        raise error

    assert capsys.readouterr().out.endswith(f"{word}\n")


def test_next_free_port_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert find_free_port(port) > port


def test_page_nobody_serves_has_no_status():
    assert page_status(find_free_port(18000), "/anmelden/") is None


def test_every_check_runs_and_the_failed_ones_are_named(project: Project, monkeypatch, capsys):
    listed = [
        Check("Erste", ["sh", "-c", "echo Zeile 7; exit 1"], {}),
        Check("Zweite", ["sh", "-c", 'test "$MODE" = strict'], {"MODE": "strict"}),
        Check("Dritte", ["false"], {}),
    ]
    monkeypatch.setattr(checks, "list_checks", lambda _: listed)

    assert run_checks(project, {"PATH": "/usr/bin:/bin"}) == ["Erste", "Dritte"]

    printed = capsys.readouterr().out
    assert "• Erste: NICHT in Ordnung (0,0 s)\nZeile 7\n" in printed
    assert "• Zweite: in Ordnung" in printed


def test_test_runs_side_by_side_share_neither_database_nor_queue(project: Project, monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example.org")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example.org/7")
    theirs = Services(project, None, own_postgres=False, own_redis=False)

    with take_test_slot(project, theirs) as first, take_test_slot(project, theirs) as second:
        assert first["KODALA_TEST_DATABASE"] == "test_kodala_1"
        assert second["KODALA_TEST_DATABASE"] == "test_kodala_2"

    with take_test_slot(project, theirs) as third:
        assert third["KODALA_TEST_DATABASE"] == "test_kodala_1"
        assert third["REDIS_URL"] == redis_address(theirs, 1)


def test_parts_of_one_test_run_share_neither_database_nor_queue(project: Project, monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example.org")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example.org/7")
    theirs = Services(project, None, own_postgres=False, own_redis=False)

    with take_test_slots(project, theirs, 2) as own:
        parts = json.loads(own["KODALA_TEST_SLOTS"])
        with take_test_slot(project, theirs) as other:
            assert other["KODALA_TEST_DATABASE"] == "test_kodala_3"

    assert [part["KODALA_TEST_DATABASE"] for part in parts] == ["test_kodala_1", "test_kodala_2"]
    assert [part["REDIS_URL"] for part in parts] == [redis_address(theirs, slot) for slot in (1, 2)]
    assert own["KODALA_TEST_DATABASE"] == "test_kodala_1"
