"""Sites that are built once for all attackers, and what a planner can read on them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from django.test import Client

from kodala.dashboard.access import PLANNER
from tests import careless
from tests.attack import averaging, filters, site
from tests.attack.crawler import Crawl, crawl
from tests.attack.planting import plant_and_collect
from tests.attack.truth import Truth, load_truth


@dataclass(frozen=True)
class Loot:
    """What was fetched from a site, and what its figures really are.

    filters, careless_filters: answers of the risk filter, and of one that gives classes away
    by_role, saved_filters:    some of the same questions by each role, and one that was saved
    repeats, noisy:            the same questions again and again, and where noise stands for protection
    """

    crawl: Crawl
    truth: Truth
    filters: filters.Asked | None = None
    careless_filters: filters.Asked | None = None
    by_role: Mapping[str, Mapping[filters.Query, bytes]] = field(default_factory=dict)
    saved_filters: Mapping[filters.Query, bytes] = field(default_factory=dict)
    repeats: averaging.Repeats | None = None
    noisy: Sequence[Crawl] = ()


@contextlib.contextmanager
def looted(folder, *tables):
    """A site that stands, a planner on it, and everything that is fetched by following links."""
    with site.standing(folder, *tables) as standing:
        client = sign_in(standing, PLANNER)
        yield standing, client, Loot(crawl(client), load_truth(standing.deliveries[1]))


def sign_in(standing, role):
    """A new session of a person with this role."""
    client = Client()
    client.force_login(standing.people[role])
    return client


def ask_as_each(standing, queries):
    """The same questions to the filter by each role."""
    return {role: filters.ask_files(sign_in(standing, role), queries) for role in standing.people}


@pytest.fixture(scope="session")
def real(django_db_setup, django_db_blocker, tmp_path_factory):
    """The protected site with two Datenstände of one date."""
    with django_db_blocker.unblock():
        table = site.make_delivery()
        tables = (table, site.correct(table))
        with looted(tmp_path_factory.mktemp("real"), *tables) as (standing, client, loot):
            asked = filters.ask_everything(client, (1, 2))
            by_role = ask_as_each(standing, list(asked.files)[:5])
            saved = filters.ask_saved(client, next(iter(asked.pages)), (1, 2))
            with careless.telling_classes(loot.truth):
                told = filters.ask_shortly(client, 1, most=6)
            with careless.adding_noise(loot.truth):
                noisy = averaging.ask_often(standing)
            repeats = averaging.ask_again(standing)
        return replace(
            loot,
            filters=asked,
            careless_filters=told,
            by_role=by_role,
            saved_filters=saved,
            repeats=repeats,
            noisy=noisy,
        )


@pytest.fixture(scope="session")
def twin(django_db_setup, django_db_blocker, tmp_path_factory):
    """A protected site that differs from the first in withheld numbers alone."""
    with django_db_blocker.unblock():
        table = site.make_twin(site.make_delivery())
        with looted(tmp_path_factory.mktemp("twin"), table, site.correct(table)) as (_, client, loot):
            return replace(loot, filters=filters.ask_shortly(client, 1))


@pytest.fixture(scope="session")
def unprotected(django_db_setup, django_db_blocker, tmp_path_factory):
    """The same cells on a site that withholds unsafe figures alone."""
    with django_db_blocker.unblock(), contextlib.ExitStack() as stack:
        stack.enter_context(site.only_primary_withheld())
        with looted(tmp_path_factory.mktemp("unprotected"), site.make_delivery()) as (_, _, loot):
            return loot


@pytest.fixture(scope="session")
def planted(django_db_setup, django_db_blocker, tmp_path_factory):
    """A site full of canaries and everything that is left of them."""
    with django_db_blocker.unblock():
        return plant_and_collect(tmp_path_factory.mktemp("planted"))
