"""What several tests of pages begin with."""

import pytest

from kodala.dashboard.access import ADMIN


@pytest.fixture
def admin(client, people):
    """A browser in which the person for deliveries has signed in."""
    client.force_login(people[ADMIN])
    return client
