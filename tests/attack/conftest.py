"""Sites that are built once for all attackers, and what a planner can read on them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import pytest
from django.test import Client

from kodala.dashboard.access import PLANNER
from tests.attack import site
from tests.attack.crawler import Crawl, crawl
from tests.attack.planting import plant_and_collect
from tests.attack.truth import Truth, load_truth


@dataclass(frozen=True)
class Loot:
    """What was fetched from a site, and what its figures really are."""

    crawl: Crawl
    truth: Truth


def loot(folder, *tables):
    """Build a site, fetch everything as a planner, and remove the site."""
    with site.standing(folder, *tables) as standing:
        client = Client()
        client.force_login(standing.people[PLANNER])
        return Loot(crawl(client), load_truth(standing.deliveries[1]))


@pytest.fixture(scope="session")
def real(django_db_setup, django_db_blocker, tmp_path_factory):
    """The protected site with two Datenstände of one date."""
    with django_db_blocker.unblock():
        table = site.make_delivery()
        return loot(tmp_path_factory.mktemp("real"), table, site.correct(table))


@pytest.fixture(scope="session")
def twin(django_db_setup, django_db_blocker, tmp_path_factory):
    """A protected site that differs from the first in withheld numbers alone."""
    with django_db_blocker.unblock():
        table = site.make_twin(site.make_delivery())
        return loot(tmp_path_factory.mktemp("twin"), table, site.correct(table))


@pytest.fixture(scope="session")
def unprotected(django_db_setup, django_db_blocker, tmp_path_factory):
    """The same cells on a site that withholds unsafe figures alone."""
    with django_db_blocker.unblock(), contextlib.ExitStack() as stack:
        stack.enter_context(site.only_primary_withheld())
        return loot(tmp_path_factory.mktemp("unprotected"), site.make_delivery())


@pytest.fixture(scope="session")
def planted(django_db_setup, django_db_blocker, tmp_path_factory):
    """A site full of canaries and everything that is left of them."""
    with django_db_blocker.unblock():
        return plant_and_collect(tmp_path_factory.mktemp("planted"))
