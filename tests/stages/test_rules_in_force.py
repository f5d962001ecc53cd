"""Rules that ask for more hide everything until it is protected again; looser ones need two people."""

import pytest
from django.urls import reverse

from kodala.core.errors import StateError
from kodala.core.models import Run
from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import follow_the_rules, start
from kodala.publication import rules_in_force, selectors
from kodala.publication.domain.strictness import checksum
from kodala.publication.models import Datenstand, Figure
from kodala.publication.releasing import release_datenstand
from kodala.publication.shown import FigureState
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
SMALL, MORE = 3, 1000  # households that the area does not have


@pytest.fixture
def released(area_set, people):
    """One released Datenstand with an area of few households, which are shown."""
    table = builders.make_cells({1: 400, 2: 300, SMALL: 30})
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
    start(delivery.pk)
    draft = Datenstand.objects.get(delivery=delivery)
    builders.release(draft.pk, people[PLANNER])
    return Datenstand.objects.get(pk=draft.pk)


def households(datenstand):
    return Figure.objects.get(datenstand=datenstand, indicator="households", area__number=SMALL)


def test_tightened_rules_hide_everything_until_all_is_protected_again(released, file_says, client, people):
    assert households(released).state == FigureState.VALUE
    client.force_login(people[PLANNER])

    file_says("rules", "count_min", MORE, checked_by="")

    assert selectors.list_datenstaende() == []
    answer = client.get(reverse("map-start"), follow=True)
    assert "Die Zahlen werden neu geprüft" in answer.content.decode()
    assert client.get(reverse("release", args=[released.pk])).status_code == 503

    follow_the_rules()

    again = selectors.get_datenstand(released.version)
    assert (again.pk, again.released_by) == (released.pk, released.released_by)
    assert households(again).state == FigureState.PROTECTED
    assert households(again).value is None
    assert again.certificate["rules"] == "test-1"
    assert again.figures_hash != released.figures_hash


def test_a_waiting_draft_is_not_released_under_old_rules(released, file_says, people):
    Datenstand.objects.filter(pk=released.pk).update(state="audited", released_by=None, released_at=None)
    file_says("rules", "count_min", MORE)

    with pytest.raises(StateError, match="Regeln der Geheimhaltung wurden verschärft"):
        release_datenstand(released.pk, people[PLANNER])


def test_looser_rules_by_one_person_change_nothing(released, file_says, area_set, people):
    file_says("rules", "count_min", 3, checked_by="")

    follow_the_rules()

    assert [line.version for line in selectors.list_datenstaende()] == [released.version]
    with pytest.raises(StateError, match="gelockert \\(count_min\\), aber nur von einer Person"):
        rules_in_force.refuse_unsigned_loosening()


def test_a_second_name_does_not_count_for_rules_that_changed_since(released, file_says):
    file_says("rules", "count_min", 3, is_checked=False)

    with pytest.raises(StateError, match="gelockert \\(count_min\\)") as refused:
        rules_in_force.refuse_unsigned_loosening()

    assert checksum(rules_in_force.rules_definition().content) in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("count_min", 0), ("base_min", -1), ("share_band", [0.8, 0.2])])
def test_impossible_numbers_make_no_draft_whoever_signed(file_says, area_set, people, name, value):
    file_says("rules", name, value)
    delivery = builders.hand_in(
        builders.as_supplier_file(builders.make_cells({1: 40})), area_set, people[ADMIN]
    )

    start(delivery.pk)

    assert not Datenstand.objects.exists()
    assert (
        f"so nicht möglich: {name} fehlt" in Run.objects.filter(delivery_id=delivery.pk).latest("pk").message
    )


def test_looser_rules_by_two_people_count_from_the_next_draft_on(released, file_says):
    file_says("rules", "count_min", 3)

    rules_in_force.refuse_unsigned_loosening()
    follow_the_rules()

    assert Datenstand.objects.get(pk=released.pk).certificate["rules"] != "test-1"


def test_a_datenstand_without_known_rules_is_not_shown(released):
    Datenstand.objects.filter(pk=released.pk).update(certificate={"open_leaks": 0})

    assert selectors.list_datenstaende() == []


def test_what_cannot_be_protected_again_stays_hidden_and_says_so(released, file_says, monkeypatch, caplog):
    file_says("rules", "count_min", MORE)

    def fail(*_):
        raise ValueError("4711")

    with monkeypatch.context() as broken:
        broken.setattr("kodala.publication.protecting_again.protect_basis", fail)
        follow_the_rules()

    assert selectors.list_datenstaende() == []
    assert households(released).value is not None  # nothing half done
    assert "stays hidden" in caplog.text
    assert "4711" not in caplog.text
    assert Datenstand.objects.get(pk=released.pk).protecting_failed_at is not None

    follow_the_rules()

    assert [one.pk for one in selectors.list_datenstaende()] == [released.pk]
    assert Datenstand.objects.get(pk=released.pk).protecting_failed_at is None
