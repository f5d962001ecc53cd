"""What several tests of pages begin with."""

from __future__ import annotations

import pytest

from kodala.core.errors import Severity
from kodala.dashboard.access import ADMIN
from microcells.definitions import schema_of
from microcells.domain.findings import FindingList, group_findings
from microcells.keeping import Checked, keep_checked, keep_findings
from microcells.models import Delivery
from tests.web.checked import finding


@pytest.fixture
def admin(client, people):
    """A browser in which the person for deliveries has signed in."""
    client.force_login(people[ADMIN])
    return client


@pytest.fixture
def delivery(area_set, people):
    """A delivery of microcells that has gone all the way."""
    return Delivery.objects.create(
        kind="microcells",
        area_set=area_set,
        file_name="probe.csv",
        size=10,
        sha256="1",
        received_by=people[ADMIN],
        state=Delivery.State.COMPUTED,
        n_rows=900,
    )


@pytest.fixture
def many(delivery):
    """One blocking row, and 70 warnings of one rule: 60 in one column, 10 in another."""
    small = finding(9, "E-HH-MIN", "haushalte", Severity.CONTRACT, "Zu klein.")
    power = [finding(row) for row in range(100, 160)]
    age = [finding(row, "W-AUSREISSER", "alter_mittel_erw", text="Weit ab.") for row in (*range(20, 29), 130)]
    keep_findings(delivery, [*power, small, *age])
    return delivery


@pytest.fixture
def jumps(delivery):
    """Two columns that jump in each of 24 areas, and a row with the same rule broken in two columns."""
    found = FindingList(schema_of("microcells"))
    areas = [f"{number} Gebiet" for number in range(1, 25)]
    for column in ("haushalte", "personen"):
        values = {"label": column, "earlier": "V1", "limit": "15 %"}
        found.add_areas("W-SPRUNG", column, areas, "1 Gebiet und 23 weiteren", **values)
    both = group_findings([finding(7), finding(7, column="alq")])
    counts = {"W-SPRUNG": 48, "W-NULLWERT": 1}  # one row, whatever the number of its columns
    keep_checked(delivery, Checked(9, None, counts, [*found.groups(), *both], [], "a"))
    return delivery


@pytest.fixture
def warned(delivery):
    """A delivery with one warning that nobody has accepted."""
    check = {
        "name": "Neue Werte",
        "verdict": "warning",
        "measured": "dieselben",
        "rule": "andere",
        "code": "W-X",
    }
    keep_findings(delivery, [finding(2)])
    Delivery.objects.filter(pk=delivery.pk).update(contract_checks=[check])
    delivery.refresh_from_db()
    return delivery
