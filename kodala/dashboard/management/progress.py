"""Following a delivery on the console until it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable

from kodala.pipeline import is_under_way, list_stages
from microcells.models import Delivery

PAUSE_S = 0.25
SILENCE_S = 20.0  # after this long without a sign of life, say what to check


def follow_delivery(delivery_id: int, write: Callable[[str], object]) -> Delivery:
    """Print each stage when it ends; gives the delivery in its final state."""
    told: set[str] = set()
    last_sign = time.monotonic()
    while True:
        delivery = Delivery.objects.get(pk=delivery_id)
        for line in list_stages(delivery_id):
            if line.seconds is not None and line.name not in told and line.state != "waiting":
                told.add(line.name)
                last_sign = time.monotonic()
                write(f"  {line.label}: {line.state_text}, {line.seconds:.1f} s".replace(".", ","))
        if not is_under_way(delivery):
            return delivery
        if time.monotonic() - last_sign > SILENCE_S and not told:
            write("  Noch hat kein Arbeitsprozess begonnen. Läuft er? (celery -A kodala worker)")
            last_sign = time.monotonic()
        time.sleep(PAUSE_S)
