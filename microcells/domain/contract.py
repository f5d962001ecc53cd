"""A whole delivery under the contract: the limits, what it is compared with, and the verdicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from kodala.core.german import german_number
from microcells.domain.area_profile import AreaProfiles
from microcells.domain.findings import FindingGroup, FindingList
from microcells.domain.schema import Schema
from microcells.domain.tally import ValidationResult

NAMED_AREAS = 6  # more of them only make the line longer; the findings row by row name all


class Verdict(StrEnum):
    """How a check ended; "skipped" = there is nothing to compare with."""

    OK = "ok"
    WARNING = "warning"
    BLOCKING = "blocking"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ContractRules:
    """The limits of the checks, explained in definitions.toml."""

    target_households: float
    target_tolerance: float
    coverage_minimum: float
    cells_change_share: float
    households_change_share: float
    counts_change_share: float
    means_change_share: float
    percent_change_points: float
    compared_cells: int
    official_share: float


@dataclass(frozen=True)
class ContractCheck:
    """One line of the contract's list, in German; `measured` never tells the value of an area."""

    name: str
    verdict: Verdict
    measured: str
    rule: str
    code: str = ""

    def as_json(self) -> dict[str, str]:
        """The check as it is stored with the delivery."""
        return {key: str(value) for key, value in asdict(self).items()}


def persons_check(n_columns: int) -> ContractCheck:
    """No column holds data of single persons."""
    found = number_of(n_columns, "Spalte", "Spalten")
    return ContractCheck(
        "Keine Einzeldaten von Personen",
        Verdict.BLOCKING if n_columns else Verdict.OK,
        f"{found} gefunden" if n_columns else "keine gefunden",
        "keine Namen, keine Kontaktdaten, keine Anschriften",
        "E-PERSON",
    )


@dataclass(frozen=True)
class Earlier:
    """An earlier released delivery of the same division of the city.

    label:    how people call its Datenstand, e.g. "V3"
    is_shown: whether it is the one shown now; exactly one is, if any was ever released
    kind:     "microcells" or "houses"; numbers of rows only compare within a kind
    """

    label: str
    reference_date: dt.date
    digest: str
    kind: str
    is_shown: bool
    profile: AreaProfiles


@dataclass(frozen=True)
class Facts:
    """Everything the checks look at beside the rows.

    names:     area number -> what people call it
    earlier:   released deliveries, newest first
    official:  area number -> official households of a day near enough; empty = none
    official_day:  nearest day with official households, near enough or not; None = none delivered
    """

    kind: str
    reference_date: dt.date | None
    names: Mapping[int, str]
    earlier: Sequence[Earlier]
    official: Mapping[int, float]
    official_day: dt.date | None = None

    @property
    def shown(self) -> Earlier | None:
        """The delivery behind what is shown now."""
        return next((one for one in self.earlier if one.is_shown), None)


@dataclass(frozen=True)
class ContractVerdict:
    """All checks, the findings they add, and how often each code is among them."""

    checks: list[ContractCheck]
    groups: list[FindingGroup]
    counts: dict[str, int]


@dataclass(frozen=True)
class Subject:
    """One delivery under the checks; each check gives its line and adds its findings to `found`."""

    result: ValidationResult
    profile: AreaProfiles
    facts: Facts
    schema: Schema
    rules: ContractRules
    found: FindingList

    def verdict_on_rows(self, n: int) -> Verdict:
        """Rows with errors are left out; too many of them refuse the file."""
        if n == 0:
            return Verdict.OK
        return Verdict.BLOCKING if self.result.is_rejected else Verdict.WARNING

    def header(self, name: str) -> str:
        """A column as the file calls it, or the schema if the file lacks it; "" if neither knows it."""
        column = self.schema.by_name.get(name)
        return self.result.headings.get(name, column.header if column else "")

    def name(self, number: int) -> str:
        """What people call an area."""
        return self.facts.names.get(number, str(number))

    def areas(self, numbers: Sequence[int]) -> tuple[list[str], str]:
        """All areas by name, one by one and as one text."""
        return [self.name(number) for number in numbers], self.names(numbers)

    def names(self, numbers: Sequence[int]) -> str:
        """The first areas by name, and how many more there are."""
        more = len(numbers) - NAMED_AREAS
        named = numbers[:NAMED_AREAS] if more > 1 else numbers
        shown = ", ".join(self.name(number) for number in named)
        return f"{shown} und {more} weiteren" if more > 1 else shown


def percent(share: float, decimals: int = 1) -> str:
    """A share as Germans write per cent: "98,6 %"."""
    return f"{german_number(share * 100, decimals)}\N{NO-BREAK SPACE}%"


def number_of(n: int, single: str, many: str) -> str:
    """A number with its noun: "1 Zelle", "2 Zellen"."""
    return f"{german_number(n)} {single if n == 1 else many}"
