"""What a person can mend: findings about one delivery, and the error that carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    CONTRACT = "contract"  # the whole delivery is refused
    ERROR = "error"  # the row is left out
    WARNING = "warning"  # the row is used, the finding is kept


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong in a file, without the value itself.

    row:        line of the file as a spreadsheet shows it, header = 1; 0 = the whole file
    column:     heading as written in the file; "" = the whole row
    code:       stable code of the rule, e.g. "E-HH-MIN"
    text:       one German sentence: what is wrong
    suggestion: one German sentence: what to do
    rule:       what is asked for, in a few German words; "" = the text says it
    """

    row: int
    column: str
    code: str
    severity: Severity
    text: str
    suggestion: str
    rule: str = ""


class InputError(Exception):
    """Something a person gave us cannot be used; the findings say what and why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        super().__init__(" ".join(finding.text for finding in self.findings))


class StateError(Exception):
    """A step was asked for that the present state does not allow; the text is German."""


class DecisionNeeded(StateError):  # noqa: N818 - nothing is wrong
    """A stage cannot go on before a person has said something; the delivery waits and keeps its file."""


class InterruptionError(Exception):
    """Something from outside stopped the work in the middle; it may be begun anew."""


class LeaseLost(Exception):  # noqa: N818 - it says what happened
    """Another process works on this now; whatever this one was about to write is not kept."""
