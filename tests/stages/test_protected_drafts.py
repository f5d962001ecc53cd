"""No proof, no figure: what cannot be protected, or is not, becomes no Datenstand."""

from dataclasses import replace

import pandas as pd
import pytest

from kodala.core.errors import StateError
from kodala.core.models import Run
from kodala.dashboard.access import ADMIN
from kodala.pipeline import start
from kodala.publication import services
from kodala.publication.definitions import protection_definitions
from kodala.publication.domain import protection
from kodala.publication.models import Datenstand
from tests import builders
from tests.careless import hide_unsafe_only
from tests.domain.candidate_figures import cities

SMALL = 3


def hand_in_small_area(area_set, people):
    """The third area has so few debtors that their number is withheld."""
    table = builders.make_cells({1: 200, 2: 150, SMALL: 10})
    table.loc[table["gebiet_nr"] == SMALL, ["schuldner_hart", "schuldner_weich"]] = [0.2, 0.1]
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
    start(delivery.pk)
    return delivery


def last_run(delivery):
    return Run.objects.filter(delivery_id=delivery.pk).latest("pk")


@pytest.mark.django_db(transaction=True)
def test_a_pattern_that_leaks_becomes_no_datenstand(area_set, people, monkeypatch):
    monkeypatch.setattr(protection, "suppress", hide_unsafe_only)

    run = last_run(hand_in_small_area(area_set, people))

    assert (run.stage, run.state) == ("publication.draft_datenstand", Run.State.FAILED)
    assert not Datenstand.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_certificate_tells_what_was_proved_and_no_value(area_set, people):
    delivery = hand_in_small_area(area_set, people)

    draft = Datenstand.objects.get(delivery=delivery)
    own = draft.certificate
    withheld = draft.figures.filter(state="protected", joined_with=[]).count()
    assert own["open_leaks"] == 0
    assert own["withheld"] > 0
    assert not {"primary", "secondary", "cost"} & set(own)
    assert own["programmes"] > 0
    assert (own["protection_interval"], own["insiders"], own["given_away"]) == (5, 1, 0)
    assert own["states"]["protected"] == withheld
    assert own["areas"] == 3


def test_what_cannot_be_protected_is_refused_in_words_that_name_figures(monkeypatch):
    signed = protection_definitions()
    no_totals = replace(signed, protection=replace(signed.protection, hides_city=False))
    monkeypatch.setattr(services, "protection_definitions", lambda: no_totals)
    # The city has 5, and everybody may see that: neither area has more.
    candidates = pd.DataFrame(cities("debtors", 3, 2))

    with pytest.raises(
        StateError,
        match=r"lässt sich nicht herstellen.*rückrechenbar: debtors in Gebiet 1; debtors in Gebiet 2\.",
    ):
        services.guard(candidates)

    monkeypatch.undo()
    assert set(services.guard(candidates).figures["state"]) == {"protected"}
