"""The private servers before they run: where they lie, which programs, which settings, which environment."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kodala.local import environment, places, postgres_programs
from kodala.local.environment import owner_environment, redis_address, web_environment
from kodala.local.errors import SetupError
from kodala.local.places import Place, can_hold_sockets, prepare_place
from kodala.local.postgres_programs import find_postgres
from kodala.local.postgres_settings import settings_text
from kodala.local.project import Project, open_project
from kodala.local.services import Services


@pytest.fixture
def project() -> Iterator[Project]:
    # pytest's own folders are too deep for a socket
    with TemporaryDirectory(prefix="kodala-") as folder:
        yield open_project(Path(folder), {})


@pytest.fixture
def services(project: Project) -> Services:
    place = Place(Path("/data"), Path("/sockets with a blank"), None)
    return Services(project, place, own_postgres=True, own_redis=True)


@pytest.fixture(autouse=True)
def _no_servers_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("PG", "KODALA_", "REDIS_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _servers_run_as_ourselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "choose_owner", lambda _: None)


def make_server(root: Path, version: int, *, with_postgis: bool) -> Path:
    programs = root / "usr" / "lib" / "postgresql" / str(version) / "bin"
    programs.mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "postgres", "psql"):
        (programs / name).write_text("")
        (programs / name).chmod(0o755)
    extensions = root / "usr" / "share" / "postgresql" / str(version) / "extension"
    extensions.mkdir(parents=True)
    if with_postgis:
        (extensions / "postgis.control").write_text("")
    return programs


def look_only_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_programs, "USUAL_PLACES", (str(root / "usr/lib/postgresql/*/bin"),))
    monkeypatch.setattr(postgres_programs.shutil, "which", lambda _: None)


def test_newest_server_with_postgis_is_taken(project, tmp_path, monkeypatch):
    make_server(tmp_path, 9, with_postgis=True)
    wanted = make_server(tmp_path, 15, with_postgis=True)
    make_server(tmp_path, 17, with_postgis=False)
    look_only_in(tmp_path, monkeypatch)

    assert find_postgres(project) == wanted


def test_cluster_keeps_the_server_version_that_made_it(project, tmp_path, monkeypatch):
    old = make_server(tmp_path, 15, with_postgis=True)
    make_server(tmp_path, 17, with_postgis=True)
    look_only_in(tmp_path, monkeypatch)

    assert find_postgres(project, major=15) == old
    assert find_postgres(project, major=16) is None


def test_private_tree_is_searched_too(project, tmp_path, monkeypatch):
    look_only_in(tmp_path / "empty", monkeypatch)
    wanted = make_server(project.system / "postgresql-postgis", 15, with_postgis=True)

    assert find_postgres(project) == wanted


def test_socket_folder_is_quoted_for_a_list_of_names():
    assert "unix_socket_directories = '\"/it''s here\"'" in settings_text(Path("/it's here"))


@pytest.mark.parametrize(
    "line",
    [
        "log_min_messages = log",
        "log_min_error_statement = panic",
        "log_error_verbosity = terse",
        "log_parameter_max_length = 0",
        "log_parameter_max_length_on_error = 0",
        "log_min_duration_statement = -1",
        "listen_addresses = ''",
    ],
)
def test_server_logs_no_values_and_listens_to_no_network(line: str):
    assert line in settings_text(Path("/run")).splitlines()


def test_place_is_closed_for_other_people(project: Project):
    place = prepare_place(project)

    assert [folder.stat().st_mode & 0o077 for folder in (place.home, place.sockets)] == [0, 0]


def test_sockets_go_elsewhere_when_their_path_gets_too_long(tmp_path: Path):
    deep = open_project(tmp_path / ("a" * 100), {})

    place = prepare_place(deep)

    assert place.sockets.parent == Path("/tmp")
    assert place.sockets.stat().st_mode & 0o077 == 0
    place.sockets.rmdir()


def test_path_with_a_comma_holds_no_sockets():
    assert can_hold_sockets(Path("/home/anna/kodala"))
    assert not can_hold_sockets(Path("/home/anna/kodala, neu"))


def test_link_in_place_of_a_folder_is_refused(project: Project, tmp_path: Path):
    (tmp_path / "trap").mkdir()
    (project.services / "servers").symlink_to(tmp_path / "trap")

    with pytest.raises(SetupError, match="gehört einem anderen Benutzer"):
        prepare_place(project)


def test_worker_and_web_process_run_as_different_roles(project: Project, services: Services):
    owner, web = owner_environment(project, services), web_environment(project, services)

    assert (owner["PGUSER"], web["PGUSER"]) == ("kodala", "kodala_web")
    assert owner["PGHOST"] == web["PGHOST"] == "/sockets with a blank"


def test_address_of_redis_is_a_proper_address(services: Services):
    assert redis_address(services, 3) == "unix:///sockets%20with%20a%20blank/redis.sock?db=3"


def test_servers_of_ones_own_win(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PGHOST", "db.example.org")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example.org/4")
    monkeypatch.setenv("KODALA_WEB_ROLE", "reader")
    monkeypatch.setenv("KODALA_WEB_PASSWORD", "secret")
    theirs = Services(project, None, own_postgres=False, own_redis=False)

    web = web_environment(project, theirs)

    assert (web["PGHOST"], web["REDIS_URL"]) == ("db.example.org", "redis://cache.example.org/4")
    assert (web["PGUSER"], web["PGPASSWORD"]) == ("reader", "secret")


def test_secret_key_is_made_once_and_only_for_us(project: Project, services: Services):
    first = owner_environment(project, services)["KODALA_SECRET_KEY"]

    assert owner_environment(project, services)["KODALA_SECRET_KEY"] == first
    assert len(first) >= 50
    assert (project.var / "secret_key").stat().st_mode & 0o777 == 0o600


def test_uploads_never_lie_in_a_folder_others_can_read(project: Project, services: Services):
    variables = owner_environment(project, services)

    for name in environment.FOLDERS:
        assert Path(variables[name]).stat().st_mode & 0o077 == 0
