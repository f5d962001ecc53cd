"""A delivery against the ones before it, and against official numbers."""

from __future__ import annotations

import numpy as np

from kodala.core.german import german_number
from microcells.domain.area_profile import AreaProfiles
from microcells.domain.contract import (
    ContractCheck,
    ContractRules,
    Earlier,
    Subject,
    Verdict,
    number_of,
    percent,
)
from microcells.domain.jumps import CheckedChange, check_jumps


def compare_with_earlier(subject: Subject) -> list[ContractCheck]:
    """Date, values, size and areas against earlier deliveries."""
    shown = subject.facts.shown
    if shown is None:
        none = "kein früherer Datenstand"
        names = ("Neuer Stichtag", "Umfang wie zuvor", "Keine Sprünge")
        return [ContractCheck(name, Verdict.SKIPPED, none, "Vergleich mit dem Vorigen") for name in names]
    checks = [_new_date(subject, shown), _new_values(subject)]
    if shown.kind == subject.facts.kind:
        checks.append(_size(subject, shown))
    return [*checks, _jumps(subject, shown)]


def _new_date(subject: Subject, shown: Earlier) -> ContractCheck:
    date = subject.facts.reference_date
    is_old = date is not None and date <= shown.reference_date
    if is_old:
        subject.found.add_file("W-STICHTAG-ALT", subject.header("reference_date"), earlier=shown.label)
    return ContractCheck(
        "Neuer Stichtag",
        Verdict.WARNING if is_old else Verdict.OK,
        f"{date:%d.%m.%Y}" if date else "unbekannt",
        f"nach dem {shown.reference_date:%d.%m.%Y} von {shown.label}",
        "W-STICHTAG-ALT",
    )


def _new_values(subject: Subject) -> ContractCheck:
    """A file of last year that only bears a new date is found by its sums in every area."""
    same = [
        one.label
        for one in subject.facts.earlier
        if one.digest == subject.result.checksum or are_alike(one.profile, subject.profile)
    ]
    for label in same:
        subject.found.add_file("W-GLEICHE-WERTE", earlier=label)
    return ContractCheck(
        "Neue Werte",
        Verdict.WARNING if same else Verdict.OK,
        f"dieselben Werte wie {', '.join(same)}" if same else "keine Wiederholung",
        "anders als jeder frühere Datenstand",
        "W-GLEICHE-WERTE",
    )


def _size(subject: Subject, shown: Earlier) -> ContractCheck:
    before, now = int(shown.profile.n_cells.sum()), int(subject.profile.n_cells.sum())
    change, limit = now / max(before, 1) - 1, subject.rules.cells_change_share
    is_off = abs(change) > limit
    if is_off:
        subject.found.add_file("W-UMFANG", earlier=shown.label, limit=german_number(limit * 100))
    return ContractCheck(
        "Umfang wie zuvor",
        Verdict.WARNING if is_off else Verdict.OK,
        f"{german_number(now)} statt {german_number(before)} Zeilen",
        f"höchstens {percent(limit, 0)} mehr oder weniger als {shown.label}",
        "W-UMFANG",
    )


def _jumps(subject: Subject, shown: Earlier) -> ContractCheck:
    found = check_jumps(subject.profile, shown.profile, subject.schema, _limits(subject.rules))
    for column, numbers, allowed in found.jumps:
        subject.found.add_areas(
            "W-SPRUNG",
            subject.header(column.name),
            *subject.areas(numbers),
            label=column.label,
            earlier=shown.label,
            limit=allowed,
        )
    areas = sorted({number for _, numbers, _ in found.jumps for number in numbers})
    n_jumps = sum(len(numbers) for _, numbers, _ in found.jumps)
    return ContractCheck(
        f"Keine Sprünge gegen {shown.label}",
        Verdict.WARNING if areas else Verdict.OK,
        f"{german_number(n_jumps)} in {subject.names(areas)}"
        if areas
        else f"{german_number(found.n_compared)} Vergleiche ohne Sprung",
        f"Haushalte {percent(subject.rules.households_change_share, 0)}, "
        f"Anteile {german_number(subject.rules.percent_change_points)} Punkte, "
        f"sonst {percent(subject.rules.means_change_share, 0)}",
        "W-SPRUNG",
    )


def _limits(rules: ContractRules) -> CheckedChange:
    return CheckedChange(
        rules.households_change_share,
        rules.counts_change_share,
        rules.means_change_share,
        rules.percent_change_points,
        rules.compared_cells,
    )


def compare_with_official(subject: Subject) -> ContractCheck:
    """Households per area against the official number (methods §2, Haushaltsabgleich).

    The sum is told only where every area has its number: a part of them is neither the city nor safe to tell.
    """
    name, limit = "Haushalte gegen amtliche Zahl", subject.rules.official_share
    rule = f"höchstens {percent(limit, 0)} Abweichung je Gebiet"
    at = [place for place, number in enumerate(subject.profile.numbers) if number in subject.facts.official]
    if not at:
        return ContractCheck(name, Verdict.SKIPPED, _why_no_official(subject), rule, "W-ABGLEICH")
    numbers = subject.profile.numbers[at]
    own = subject.profile.households[at]
    wanted = np.array([subject.facts.official[int(number)] for number in numbers])
    off = [int(number) for number in numbers[np.abs(own - wanted) > limit * wanted]]
    if off:
        subject.found.add_areas("W-ABGLEICH", "", *subject.areas(off), limit=german_number(limit * 100))
    measured = number_of(len(at), "Gebiet", "Gebiete") + " verglichen"
    if len(at) == len(subject.profile.numbers) and wanted.sum() > 0:
        change = float(own.sum() / wanted.sum()) - 1
        measured = f"Stadt {'+' if round(change, 3) > 0 else ''}{percent(change)}"
    measured += f"; darüber: {subject.names(off)}" if off else ""
    verdict = Verdict.WARNING if off else Verdict.OK
    return ContractCheck(name, verdict, measured, rule, "W-ABGLEICH")


def _why_no_official(subject: Subject) -> str:
    """Why no area can be compared: nothing delivered, or only of a day too far away."""
    date, day = subject.facts.reference_date, subject.facts.official_day
    if date is None or day is None:
        return "keine amtliche Zahl geliefert"
    return f"amtliche Zahl vom {day:%d.%m.%Y} zu {'alt' if day < date else 'neu'} zum Vergleichen"


def are_alike(one: AreaProfiles, other: AreaProfiles) -> bool:
    """Whether two deliveries have the same rows per area and the same sums and means, but for rounding."""
    if not np.array_equal(one.numbers, other.numbers) or not np.array_equal(one.n_cells, other.n_cells):
        return False
    if one.values.keys() != other.values.keys() or not one.values:
        return False
    return all(
        np.allclose(values, other.values[name], rtol=1e-9, atol=0, equal_nan=True)
        for name, values in one.values.items()
    )
