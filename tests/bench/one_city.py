"""A delivery of the size of one city, from the received file to a draft of protected figures."""

from __future__ import annotations

from kodala.pipeline import STAGES
from tests.bench.city import City
from tests.bench.figures import Figure, Report, middle

# Whoever uploads the delivery of a city of 150,000 people waits for this on the progress page.
SECONDS_GOAL = 15.0


def measure(city: City, n_runs: int) -> Report:
    """All stages of the flow, several times."""
    runs: list[dict[str, float]] = []
    for _ in range(n_runs):
        delivery = city.receive()
        runs.append({stage.label: city.carry_out(stage.name, stage.work, delivery) for stage in STAGES})
        city.remove(delivery)
    total = middle([sum(times.values()) for times in runs])
    parts = [(f"Eine Stadt: {label}", middle([run[label] for run in runs])) for label in runs[0]]
    return Report([Figure("one_city_seconds", total, SECONDS_GOAL)], parts)
