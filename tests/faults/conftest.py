"""Private servers, made once for all fault tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kodala.local.services import Services
from tests.faults.servers import private_services
from tests.faults.site import Site, open_site


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    with private_services() as services:
        yield services


@pytest.fixture(scope="session")
def site(services: Services) -> Iterator[Site]:
    """The product on the private servers, with areas and people; what a test leaves is not cleared away."""
    with open_site(services) as site:
        yield site
