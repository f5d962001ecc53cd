"""What the page of a delivery shows: its stages, its findings and how many there are of each kind."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from kodala import pipeline
from kodala.core.errors import Severity
from kodala.publication.selectors import describe_releases
from microcells.models import Delivery
from microcells.selectors import list_findings

SEVERITIES = {
    Severity.CONTRACT.value: "blockierend",
    Severity.ERROR.value: "Zeile ausgelassen",
    Severity.WARNING.value: "Warnung",
}


def build_delivery_page(delivery: Delivery, severity: str, page: str) -> dict[str, Any]:
    """The context of the delivery's templates. An unknown severity shows all findings."""
    tallies = dict(delivery.findings.order_by().values_list("severity").annotate(Count("pk")))
    chosen = severity if severity in SEVERITIES else ""
    return {
        "delivery": delivery,
        "release": describe_releases().get(delivery.pk, ""),
        "runs": pipeline.list_stages(delivery.pk),
        "severity": chosen,
        "tallies": [(code, word, tallies.get(code, 0)) for code, word in SEVERITIES.items()],
        "n_findings": sum(tallies.values()),
        "findings": list_findings(delivery, chosen or None, int(page) if page.isdecimal() else 1),
        "severity_words": SEVERITIES,
    }
