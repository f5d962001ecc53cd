"""The checks of a delivery against the contract, in the order in which people read them."""

from __future__ import annotations

import math

from kodala.core.german import german_number
from microcells.domain.area_profile import DEBTORS
from microcells.domain.contract import (
    NAMED_AREAS,
    ContractCheck,
    ContractRules,
    ContractVerdict,
    Facts,
    Subject,
    Verdict,
    number_of,
    percent,
    persons_check,
)
from microcells.domain.contract_comparison import compare_with_earlier, compare_with_official
from microcells.domain.findings import FindingList
from microcells.domain.schema import SMALLEST_CELL, Column, Schema
from microcells.domain.tally import ValidationResult


def check_contract(
    result: ValidationResult, facts: Facts, schema: Schema, rules: ContractRules
) -> ContractVerdict:
    """Hold a validated delivery against the contract and what came before.

    Raises ValueError if it was validated without an area set.
    """
    if result.profile is None:
        raise ValueError("a delivery without an area set cannot be held against the contract")
    subject = Subject(result, result.profile, facts, schema, rules, FindingList(schema))
    cells = [] if facts.kind == "houses" else [_smallest_cell(subject), _mean_cell(subject)]
    checks = [
        *cells,
        *(check(subject) for check in (_rows, _coverage, _keys, _areas, _empty_areas, _groups)),
        persons_check(0),  # a file with such a column does not come this far
        *compare_with_earlier(subject),
        compare_with_official(subject),
    ]
    return ContractVerdict(checks, subject.found.groups(), dict(sorted(subject.found.counts.items())))


def bundled_cells(smallest: int, mean: float, rules: ContractRules) -> list[ContractCheck]:
    """The two checks on the size of cells for cells that were built in this house; they need no finding."""
    n_small = int(smallest < SMALLEST_CELL)
    return [_smallest_cell_line(float(SMALLEST_CELL), n_small), _mean_cell_line(mean, rules)]


def _smallest_cell(subject: Subject) -> ContractCheck:
    """Every cell has at least the contract's number of households."""
    minimum = subject.schema.column("households").minimum or SMALLEST_CELL
    return _smallest_cell_line(minimum, subject.result.counts.get("E-HH-MIN", 0))


def _smallest_cell_line(minimum: float, n_small: int) -> ContractCheck:
    return ContractCheck(
        f"Jede Zelle hat mindestens {german_number(minimum)} Haushalte",
        Verdict.BLOCKING if n_small else Verdict.OK,
        f"{number_of(n_small, 'Zelle', 'Zellen')} darunter" if n_small else "keine darunter",
        f"mindestens {german_number(minimum)}",
        "E-HH-MIN",
    )


def _mean_cell(subject: Subject) -> ContractCheck:
    """The mean number of households per cell is near the target."""
    n_cells, rules = int(subject.profile.n_cells.sum()), subject.rules
    check = _mean_cell_line(float(subject.profile.households.sum()) / n_cells if n_cells else None, rules)
    if check.verdict == Verdict.WARNING:
        target, tolerance = german_number(rules.target_households), german_number(rules.target_tolerance, 1)
        subject.found.add_file("W-MITTEL", subject.header("households"), target=target, tolerance=tolerance)
    return check


def _mean_cell_line(mean: float | None, rules: ContractRules) -> ContractCheck:
    target = german_number(rules.target_households)
    name, allowed = f"Im Mittel {target} Haushalte je Zelle", f"± {german_number(rules.target_tolerance, 1)}"
    if mean is None:
        return ContractCheck(name, Verdict.SKIPPED, "keine Zelle ohne Fehler", f"{target} {allowed}")
    is_off = abs(mean - rules.target_households) > rules.target_tolerance
    verdict = Verdict.WARNING if is_off else Verdict.OK
    return ContractCheck(name, verdict, german_number(mean, 2), f"{target} {allowed}", "W-MITTEL")


def _rows(subject: Subject) -> ContractCheck:
    """Every row can be used; a person must say why the others may be missing."""
    n_rows = subject.result.n_rows
    n = n_rows - subject.result.n_ok
    verdict = subject.verdict_on_rows(n)
    left_out = f"{german_number(n)} von {number_of(n_rows, 'Zeile', 'Zeilen')}"
    if verdict == Verdict.WARNING:
        subject.found.add_file("W-AUSGELASSEN", rows=left_out)
    measured = f"ausgelassen: {left_out}" if n else "alle brauchbar"
    return ContractCheck(
        "Keine Zeile mit Fehlern", verdict, measured, "jede Zeile brauchbar", "W-AUSGELASSEN"
    )


def _coverage(subject: Subject) -> ContractCheck:
    """Enough households have debts and the attributes that types and participation need.

    In a house list all of them are optional: only what it has is held against the limit.
    """
    minimum, name = subject.rules.coverage_minimum, "Abdeckung der Haushalte"
    rule = f"mindestens {percent(minimum, 0)} je Merkmal"
    shares = {column: subject.profile.coverage.get(column.name, 0.0) for column in _needed(subject)}
    if not shares:
        return ContractCheck(name, Verdict.SKIPPED, "keine Merkmale geliefert", rule, "W-ABDECKUNG")
    low = [column for column, share in shares.items() if share < minimum]
    for column in low:
        least = german_number(minimum * 100)
        subject.found.add_file("W-ABDECKUNG", subject.header(column.name), label=column.label, minimum=least)
    return ContractCheck(
        name,
        Verdict.WARNING if low else Verdict.OK,
        f"{number_of(len(low), 'Merkmal', 'Merkmale')} darunter"
        if low
        else f"überall mindestens {percent(_rounded_down(min(shares.values())))}",
        rule,
        "W-ABDECKUNG",
    )


def _rounded_down(share: float) -> float:
    """A share that "at least" may be said of once it is written with one decimal of a per cent."""
    return math.floor(share * 1000 + 1e-9) / 1000


def _needed(subject: Subject) -> list[Column]:
    """Debts and the columns that a method cannot do without; of a house list those it has."""
    if subject.facts.kind == "houses":
        optional = [column for column in subject.schema.columns if not column.required]
        return [column for column in optional if subject.profile.coverage.get(column.name)]
    return [column for column in subject.schema.columns if column.required_for or column.name in DEBTORS]


def _keys(subject: Subject) -> ContractCheck:
    """No key occurs twice."""
    n, n_rows = subject.result.counts.get("E-DOPPELT", 0), subject.result.n_rows
    return ContractCheck(
        "Schlüssel eindeutig",
        subject.verdict_on_rows(n),
        f"{german_number(n_rows - n)} von {german_number(n_rows)}",
        "jeder Schlüssel einmal",
        "E-DOPPELT",
    )


def _areas(subject: Subject) -> ContractCheck:
    """Every row lies in an area of the set."""
    n = subject.result.counts.get("E-GEBIET", 0)
    near = [subject.name(number) for number, _ in subject.result.nearest.most_common(NAMED_AREAS)]
    beside = f"; ohne Gebiet liegen Punkte nahe {', '.join(near)}" if near else ""
    return ContractCheck(
        "Alle Gebiete bekannt",
        Verdict.BLOCKING if n else Verdict.OK,
        (f"{number_of(n, 'Zeile', 'Zeilen')} unbekannt" if n else "alle bekannt") + beside,
        "Nummern des Gebietsstands",
        "E-GEBIET",
    )


def _empty_areas(subject: Subject) -> ContractCheck:
    """Every area of the set has a row."""
    empty = [int(number) for number in subject.profile.numbers[subject.profile.n_cells == 0]]
    return ContractCheck(
        "Jedes Gebiet hat Zeilen",
        Verdict.WARNING if empty else Verdict.OK,
        f"ohne Zeilen: {subject.names(empty)}" if empty else f"alle {len(subject.profile.numbers)}",
        "mindestens eine je Gebiet",
        "W-GEBIET-LEER",
    )


def _groups(subject: Subject) -> ContractCheck:
    """Percent groups are complete and add up."""
    n = sum(subject.result.counts.get(code, 0) for code in ("E-SUMME", "E-GRUPPE-TEIL"))
    return ContractCheck(
        "Prozentgruppen vollständig, Summe 100",
        subject.verdict_on_rows(n),
        f"{number_of(n, 'Zeile', 'Zeilen')} daneben" if n else "alle Zeilen",
        "100 ± 0,5 oder die ganze Gruppe fehlt",
        "E-SUMME",
    )
