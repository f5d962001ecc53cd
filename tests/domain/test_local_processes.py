"""Programs that `./run` starts: they end with it, come back when they die, are found after kill -9."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kodala.local import supervisor as supervisor_module
from kodala.local.children import must_succeed, run_to_end
from kodala.local.demo_claim import claim_demo, note_address, running_address
from kodala.local.errors import SetupError
from kodala.local.interrupts import StopRequest, held_back, ignored, listen
from kodala.local.leftovers import end_leftovers, note_process
from kodala.local.parts import Part, end_parts, start_part
from kodala.local.processes import find_process, list_processes, read_proc
from kodala.local.project import Project, open_project
from kodala.local.supervisor import Supervisor

SLEEPER = "import time; time.sleep(60)"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = open_project(tmp_path, {})
    project.python.parent.mkdir(parents=True)
    project.python.symlink_to(sys.executable)
    return project


@pytest.fixture
def listening():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def python_part(project: Project, code: str) -> Part:
    return Part("worker", "Der Worker", [project.python, "-c", code], os.environ, project.services / "log")


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_gone(number: int) -> bool:
    process = find_process(number)
    return process is None or process.is_zombie


def test_output_and_exit_code_are_given():
    outcome = run_to_end(["sh", "-c", "cat; echo two >&2; exit 3"], os.environ, typed="one\n")

    assert (outcome.exit_code, outcome.output) == (3, "one\ntwo\n")


def test_failed_program_is_reported_with_its_last_lines():
    outcome = run_to_end(["sh", "-c", "seq 1 100; exit 1"], os.environ)

    with pytest.raises(SetupError, match="Ging nicht") as caught:
        must_succeed(outcome, "Ging nicht.", "So geht es.")

    assert caught.value.reason.splitlines()[-1] == "    100"
    assert len(caught.value.reason.splitlines()) == 26


def test_ending_a_part_ends_what_it_has_started(project: Project):
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{SLEEPER}'])"
    part = python_part(project, code)
    child = start_part(project, part)
    wait_for(lambda: len(numbers_in_group(child.pid)) == 2)
    numbers = numbers_in_group(child.pid)

    end_parts(project, [(part, child)])

    wait_for(lambda: all(is_gone(number) for number in numbers))


def numbers_in_group(group: int) -> list[int]:
    return [process.number for process in list_processes() if process.group == group]


def test_part_left_behind_by_a_killed_command_is_ended(project: Project):
    child = start_part(project, python_part(project, SLEEPER))

    assert end_leftovers(project) == 1

    assert child.wait(5) == -signal.SIGTERM
    assert end_leftovers(project) == 0


def test_stranger_with_a_noted_number_is_left_alone(project: Project):
    stranger = start_part(
        project, Part("x", "Ein Fremder", ["sleep", "60"], os.environ, project.services / "log")
    )
    note_process(project, "worker", stranger.pid)

    assert end_leftovers(project) == 0

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_name_of_a_process_may_hold_blanks_and_brackets(tmp_path: Path):
    folder = tmp_path / "42"
    folder.mkdir()
    (folder / "stat").write_text("42 (odd) Z name) Z 1 40 40 0 -1")
    (folder / "cmdline").write_bytes(b"python\0-m\0celery\0")

    process = read_proc(folder)

    assert (process.number, process.group, process.is_zombie) == (42, 40, True)
    assert process.command == "python -m celery"


def test_dying_part_is_restarted_five_times(project, monkeypatch, capsys):
    monkeypatch.setattr(supervisor_module, "SECONDS_BETWEEN_LOOKS", 0.01)
    supervisor = Supervisor(project)
    supervisor.start(
        Part("worker", "Der Worker", ["sh", "-c", "echo kaputt"], os.environ, project.services / "log")
    )

    with pytest.raises(SetupError, match="Der Worker fällt immer wieder aus"):
        supervisor.watch(lambda: None)

    printed = capsys.readouterr().out
    assert printed.count("Neustart") == 5
    assert "    kaputt" in printed


def test_part_that_dies_before_it_is_ready_is_reported_with_its_log(project: Project):
    supervisor = Supervisor(project)
    part = Part("web", "Der Webserver", ["sh", "-c", "echo kein Port"], os.environ, project.services / "log")
    supervisor.start(part)

    with pytest.raises(SetupError, match=r"Der Webserver ist nicht angelaufen\.\n    kein Port"):
        supervisor.wait_until(part, lambda: False)


def test_only_one_demo_at_a_time(project: Project):
    with claim_demo(project) as first:
        note_address(project, "http://127.0.0.1:8000/")
        with claim_demo(project) as second:
            assert (first, second) == (True, False)
            assert running_address(project) == "http://127.0.0.1:8000/"

    with claim_demo(project) as third:
        assert third
        assert running_address(project) == ""


def test_ctrl_c_and_term_become_one_request(listening):
    with pytest.raises(StopRequest) as caught:
        os.kill(os.getpid(), signal.SIGTERM)

    assert caught.value.exit_code == 143


def test_request_is_held_back_until_the_block_is_done(listening):
    done = []

    with pytest.raises(StopRequest):
        work_undisturbed(done)

    assert done == ["before", "after"]


def work_undisturbed(done: list[str]) -> None:
    with held_back():
        done.append("before")
        os.kill(os.getpid(), signal.SIGINT)
        done.append("after")


def test_request_during_the_end_changes_nothing(listening):
    done = []

    with ignored():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("ended")
    with held_back():
        done.append("still there")

    assert done == ["ended", "still there"]
