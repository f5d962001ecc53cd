"""Fixtures of all rings: the city of three squares, its people, and a folder for uploads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests import builders

# Examples are drawn anew from a fixed seed each time; nothing is remembered in the working tree.
hypothesis_settings.register_profile("kodala", database=None, derandomize=True, deadline=None)
hypothesis_settings.load_profile("kodala")


@pytest.hookimpl(tryfirst=True)  # the strands look at the marks when it is their turn
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what is costly to build, or crowd the machine, run one after the other."""
    for item in items:
        own = item.path.parent if item.path.parent.name in ("attack", "faults") else item.path
        item.add_marker(pytest.mark.xdist_group(own.name))


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
