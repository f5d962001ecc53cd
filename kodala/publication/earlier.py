"""Which deliveries were released before another one: what its check compares it with."""

from __future__ import annotations

from kodala.publication.models import Datenstand
from microcells.contract import EarlierRelease
from microcells.models import Delivery


def list_earlier_releases(delivery: Delivery) -> list[EarlierRelease]:
    """Every release of the same division of the city that stands, the one shown now first."""
    visible = Datenstand.objects.visible().filter(area_set=delivery.area_set_id)
    return [
        EarlierRelease(datenstand.delivery_id, f"V{datenstand.version}", is_shown=place == 0)
        for place, datenstand in enumerate(visible)
    ]
