"""Fixtures of all rings: the city of three squares, its people, and a folder for uploads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from tests import builders

# Examples are drawn anew from a fixed seed each time; nothing is remembered in the working tree.
hypothesis_settings.register_profile("kodala", database=None, derandomize=True, deadline=None)
hypothesis_settings.load_profile("kodala")


class Strands(LoadScopeScheduling):
    """Side by side run files, and of what is costly to build or crowds the machine whole folders."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        return folder if folder in ("tests/attack", "tests/browser", "tests/faults") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> Strands:  # type: ignore[no-untyped-def]
    # xdist's own groups (loadgroup) do nothing under pytest 9.2.
    return Strands(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """Tests that run side by side have databases of their own already (settings)."""


@pytest.fixture(autouse=True)
def uploads_in_a_folder_of_their_own(settings, tmp_path):
    """No test leaves a file behind, or finds another's."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def people(db):
    """One account for each role, by the name of its group."""
    return builders.make_people()


@pytest.fixture
def area_set(db):
    """Three square areas."""
    return builders.make_area_set()


@pytest.fixture
def shared_data() -> Path:
    """Public data of the real city; the test is skipped where they are absent."""
    folder = builders.shared_data()
    if folder is None:
        pytest.skip("die öffentlichen Daten der Stadt liegen nicht neben dem Projekt")
    return folder
