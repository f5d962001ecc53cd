"""What marks an area is told against the whole city, so only where the city's types are shown."""

import pytest

from kodala.dashboard.access import ADMIN
from kodala.pipeline import start
from kodala.publication import services
from kodala.publication.domain.rules import CITY
from kodala.publication.models import TypeLabel
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("is_city_shown", [True, False])
def test_no_type_marks_an_area_beside_a_withheld_city(area_set, people, monkeypatch, is_city_shown):
    real = services.guard

    def guard(*given, **named):
        guarded = real(*given, **named)
        figures = guarded.figures
        hit = (figures["indicator"] == "type_1") & (figures["area"] == CITY)
        assert hit.any()
        figures.loc[hit, "state"] = "value" if is_city_shown else "protected"
        figures.loc[hit, ["value", "lower", "upper"]] = 0.2 if is_city_shown else float("nan")
        return guarded

    monkeypatch.setattr(services, "guard", guard)
    cells = builders.make_cells({1: 300, 2: 300, 3: 260}, seed=1)
    start(builders.hand_in(builders.as_supplier_file(cells), area_set, people[ADMIN]).pk)

    labels = list(TypeLabel.objects.all())
    assert any(label.marking_types for label in labels) is is_city_shown
    assert any(label.leading_groups for label in labels)
