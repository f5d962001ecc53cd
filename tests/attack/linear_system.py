"""An attacker who reads every shown figure and solves for the withheld ones.

Each shown figure bounds counts that nobody shows: a rate of 8,6 % says that debtors lie between 8.55 and
8.65 per cent of the adults. All these bounds together are one linear programme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

CITY = 0
COUNTS = {"households": 1.0, "persons": 1.0, "seniors": 1.0, "debtors": 10.0, "offline_seniors": 10.0}
# share -> (part, whole)
SHARES = {
    "debt_rate": ("debtors", "adults"),
    "debt_rate_hard": ("hard", "adults"),
    "debt_rate_soft": ("soft", "adults"),
    "offline_share": ("offline_seniors", "seniors"),
    "group_lasting": ("lasting", "debtors"),
    "group_temporary": ("temporary", "debtors"),
    "group_periodic": ("periodic", "debtors"),
}
# whole = sum of its parts; a part is never more than its whole
SUMS = {"debtors": ("hard", "soft"), "persons": ("adults", "minors")}
GROUPS = ("lasting", "temporary", "periodic")
INSIDE = (("debtors", "adults"), ("seniors", "adults"), ("offline_seniors", "seniors"))
UNKNOWNS = ("households", "persons", "adults", "minors", "seniors", "offline_seniors", "debtors", "hard",
            "soft", *GROUPS)  # fmt: skip
Figures = Mapping[tuple[str, int], float | None]  # (indicator, area), area 0 = city; None = withheld


@dataclass
class System:
    """Inequalities coefficients · unknowns <= limit over all areas and the city."""

    areas: tuple[int, ...]
    rows: list[np.ndarray] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    def column(self, name: str, area: int) -> int:
        """The place of one unknown."""
        return (0 if area == CITY else 1 + self.areas.index(area)) * len(UNKNOWNS) + UNKNOWNS.index(name)

    def at_most(self, limit: float, **terms: tuple[int, float]) -> None:
        """Add one inequality: unknown=(area, coefficient), …"""
        row = np.zeros(len(UNKNOWNS) * (len(self.areas) + 1))
        for name, (area, coefficient) in terms.items():
            row[self.column(name, area)] += coefficient
        self.add(row, limit)

    def add(self, row: np.ndarray, limit: float) -> None:
        """Add one inequality as a row of coefficients."""
        self.rows.append(row)
        self.limits.append(limit)

    def equal_zero(self, row: np.ndarray) -> None:
        """Add an equation, but for the tiny slack that the rounding of sums needs."""
        self.add(row, 1e-6)
        self.add(-row, 1e-6)

    def range_of(self, name: str, area: int) -> tuple[float, float]:
        """Least and largest value of an unknown that all inequalities allow."""
        aim = np.zeros(len(UNKNOWNS) * (len(self.areas) + 1))
        aim[self.column(name, area)] = 1.0
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(sign * aim, np.array(self.rows), np.array(self.limits), method="highs")
            ends.append(float(aim @ found.x) if found.status == 0 else -sign * np.inf)
        return ends[0], ends[1]


def set_up(figures: Figures) -> System:
    """Everything that follows from the shown figures, and from what the words mean."""
    system = System(tuple(sorted({area for _, area in figures} - {CITY})))
    for area in (CITY, *system.areas):
        for whole, parts in {**SUMS, "debtors ": GROUPS}.items():
            row = np.zeros(len(UNKNOWNS) * (len(system.areas) + 1))
            row[system.column(whole.strip(), area)] = -1.0
            for part in parts:
                row[system.column(part, area)] += 1.0
            system.equal_zero(row)
        for part, whole in INSIDE:
            system.at_most(0.0, **{part: (area, 1.0), whole: (area, -1.0)})
    for name in UNKNOWNS:
        row = np.zeros(len(UNKNOWNS) * (len(system.areas) + 1))
        row[system.column(name, CITY)] = -1.0
        for area in system.areas:
            row[system.column(name, area)] = 1.0
        system.equal_zero(row)
    for (code, area), value in figures.items():
        if value is not None:
            _read(system, code, area, value)
    return system


def _read(system: System, code: str, area: int, value: float) -> None:
    if code in COUNTS:
        half = COUNTS[code] / 2
        system.at_most(value + half, **{code: (area, 1.0)})
        system.at_most(half - value, **{code: (area, -1.0)})
    elif code in SHARES:
        part, whole = SHARES[code]
        system.at_most(0.0, **{part: (area, 1.0), whole: (area, -(value + 0.05) / 100)})
        system.at_most(0.0, **{part: (area, -1.0), whole: (area, (value - 0.05) / 100)})
