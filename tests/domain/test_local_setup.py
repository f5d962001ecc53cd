"""Set-up of `./run`: what counts as there, what is done again, what is said when something is missing."""

import shutil
import sys
from pathlib import Path

import pytest

from kodala.local import apt, system_programs
from kodala.local.errors import SetupError
from kodala.local.pip_wheel import find_pip
from kodala.local.private_system import server_environment, tree_of
from kodala.local.project import Project, open_project
from kodala.local.python_packages import environment_fits
from kodala.local.stamps import fingerprint, is_done, set_done


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path / "checkout", {})


def program_at(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_var_lies_in_the_checkout_unless_named_elsewhere(tmp_path: Path):
    assert open_project(tmp_path, {}).var == tmp_path / "var"
    assert open_project(tmp_path, {"KODALA_VAR": str(tmp_path / "else")}).venv == tmp_path / "else" / "venv"


def test_var_is_closed_for_other_people(project: Project):
    assert project.var.stat().st_mode & 0o077 == 0


def test_step_counts_as_done_until_a_file_changes(tmp_path: Path):
    lock, stamp = tmp_path / "lock", tmp_path / "stamp"
    lock.write_text("django==5")
    set_done(stamp, fingerprint("3.11", files=[lock]))
    assert is_done(stamp, fingerprint("3.11", files=[lock]))

    lock.write_text("django==6")

    assert not is_done(stamp, fingerprint("3.11", files=[lock]))


def test_fingerprint_knows_where_one_word_ends():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_fingerprint_notices_a_renamed_file(tmp_path: Path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("x")
    second.write_text("x")

    assert fingerprint(files=[first]) != fingerprint(files=[second])


def make_environment(project: Project, made_for: Path) -> None:
    program_at(project.python)
    (project.venv / "lib" / "python{}.{}".format(*sys.version_info)).mkdir(parents=True)
    (project.venv / "pyvenv.cfg").write_text(f"command = python3 -m venv {made_for}\n")


def test_environment_made_here_fits(project: Project):
    make_environment(project, project.venv)

    assert environment_fits(project)


def test_environment_that_was_copied_here_does_not_fit(project: Project):
    make_environment(project, Path("/elsewhere/var/venv"))

    assert not environment_fits(project)


def test_environment_without_its_interpreter_does_not_fit(project: Project):
    make_environment(project, project.venv)
    project.python.unlink()
    project.python.symlink_to("/nowhere/python3")

    assert not environment_fits(project)


def test_newest_pip_is_found_by_its_number(project: Project):
    wheels = tree_of(project, "python3-pip-whl") / "usr" / "share" / "python-wheels"
    for name in ("pip-999.2-py3-none-any.whl", "pip-999.10-py3-none-any.whl"):
        program_at(wheels / name)

    assert find_pip(project) == wheels / "pip-999.10-py3-none-any.whl"


def test_missing_program_is_named_with_the_mend(project: Project, monkeypatch: pytest.MonkeyPatch):
    redis = system_programs.Program("redis-server", "Redis", lambda _: None)
    monkeypatch.setattr(system_programs, "needed_programs", lambda **_: [redis])
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(SetupError, match="Es fehlt: Redis") as caught:
        system_programs.ensure_programs(project, with_browser=False)

    assert "redis-server" in caught.value.mend
    assert "REDIS_URL" in caught.value.mend


def test_servers_of_ones_own_need_no_program():
    named = {"PGHOST": "db.example.org", "REDIS_URL": "redis://cache.example.org"}

    needed = system_programs.needed_programs(with_browser=True, environment=named)

    assert [program.package for program in needed] == ["python3-pip-whl", "chromium"]


def test_only_programs_of_the_private_tree_get_its_libraries(project: Project):
    private = program_at(tree_of(project, "redis-server") / "usr" / "bin" / "redis-server")
    (tree_of(project, "redis-server") / "usr" / "lib" / "x86_64-linux-gnu").mkdir(parents=True)

    libraries = server_environment(project, private)["LD_LIBRARY_PATH"]

    assert str(project.system / "redis-server" / "usr" / "lib" / "x86_64-linux-gnu") in libraries.split(":")
    assert "LD_LIBRARY_PATH" not in server_environment(project, Path("/usr/bin/redis-server"))


def test_unpacked_postgis_gets_the_name_without_a_version(tmp_path: Path):
    extensions = tmp_path / "usr" / "share" / "postgresql" / "15" / "extension"
    extensions.mkdir(parents=True)
    (extensions / "postgis-3.control").write_text("default_version = '3.3.2'")

    apt.link_versions(tmp_path)

    assert (extensions / "postgis.control").read_text() == "default_version = '3.3.2'"


def test_parts_of_postgis_follow_the_version_of_the_system(monkeypatch: pytest.MonkeyPatch):
    listing = "postgresql-postgis\n  Depends: postgresql-17-postgis-3\n"
    monkeypatch.setattr(apt, "_must", lambda *_: listing)

    assert apt.parts_of_postgis([]) == [
        "postgresql-17",
        "postgresql-client-17",
        "postgresql-17-postgis-3",
        "postgresql-17-postgis-3-scripts",
    ]


def test_tree_that_cannot_be_unpacked_does_not_count(tmp_path: Path):
    archives, tree = tmp_path / "archives", tmp_path / "tree"
    archives.mkdir()
    (archives / "broken.deb").write_text("no archive")

    with pytest.raises(SetupError, match="ließ sich nicht entpacken"):
        apt.unpack(archives, tree)

    assert not tree.exists()
