"""Writing down what a check found: findings, contract checks, facts of the file, and its area profile."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from kodala.core.errors import Finding
from microcells.contract import store_profile
from microcells.domain.area_profile import AreaProfiles
from microcells.domain.contract import ContractCheck, persons_check
from microcells.domain.findings import FindingGroup, group_findings
from microcells.models import Delivery, StoredFinding

LONGEST_HEADING = 80
GROUPS_AT_ONCE = 20  # a group may list a hundred thousand rows


@dataclass(frozen=True)
class Checked:
    """What the check of any kind of delivery found.

    reasons: German sentences why the file is refused; empty = accepted
    checks:  verdicts of the contract; profile: sums and means per area; both only for cells and houses
    """

    n_rows: int
    reference_date: dt.date | None
    counts: dict[str, int]
    groups: list[FindingGroup]
    reasons: list[str]
    checksum: str
    checks: list[ContractCheck] = field(default_factory=list)
    profile: AreaProfiles | None = None

    @property
    def is_rejected(self) -> bool:
        """Whether nothing of the file may be stored."""
        return bool(self.reasons)


def keep_findings(delivery: Delivery, findings: Sequence[Finding]) -> None:
    """Replace all that is known of a file by why it could not be read at all."""
    personal = [one for one in findings if one.code == "E-PERSON"]
    checks = [persons_check(len(personal)).as_json()] if personal else []
    with transaction.atomic():
        _keep_groups(delivery, group_findings(findings))
        Delivery.objects.filter(pk=delivery.pk).update(
            counts=dict(sorted(Counter(one.code for one in findings).items())),
            contract_checks=checks,
            message=" ".join(dict.fromkeys(one.text for one in findings)),
        )


def keep_checked(delivery: Delivery, checked: Checked) -> None:
    """Replace what an earlier attempt found. The date of a file of microcells is known only now."""
    with transaction.atomic():
        _keep_groups(delivery, checked.groups)
        Delivery.objects.filter(pk=delivery.pk).update(
            reference_date=delivery.stated_date or checked.reference_date,
            counts=checked.counts,
            n_rows=checked.n_rows,
            canonical_digest=checked.checksum,
            contract_checks=[check.as_json() for check in checked.checks],
            message=" ".join(checked.reasons),
        )
        if checked.profile and not checked.is_rejected:
            store_profile(delivery, checked.profile)


def _keep_groups(delivery: Delivery, groups: Sequence[FindingGroup]) -> None:
    StoredFinding.objects.filter(delivery=delivery).delete()
    StoredFinding.objects.bulk_create(
        (
            StoredFinding(
                delivery=delivery,
                row=group.finding.row,
                column=group.finding.column[:LONGEST_HEADING],
                code=group.finding.code,
                severity=group.finding.severity.value,
                text=group.finding.text,
                rule=group.finding.rule,
                suggestion=group.finding.suggestion,
                rows=group.rows.tolist(),
                n_rows=group.n_rows,
                texts=list(group.texts),
            )
            for group in groups
        ),
        batch_size=GROUPS_AT_ONCE,
    )
