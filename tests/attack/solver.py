"""The attacker's arithmetic: every shown number bounds unknown counts; all bounds are one linear programme.

Unknown are the counts behind all figures at every place. A shown number of 8,6 % says that the count lies
between 8.55 and 8.65 per cent of its base. Bases of persons are known to everybody; those of types are the
unknown number of people in debt. Both Datenstände describe one day, so they bound the same counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

from kodala.publication.definitions import protection_rules
from tests.attack.crawler import Number
from tests.attack.site import CELLS, JOINED
from tests.attack.truth import CITY, Truth

COUNTS = {"households": 1.0, "persons": 1.0, "seniors": 1.0, "debtors": 10.0, "offline_seniors": 10.0}
GROUPS = ("group_lasting", "group_temporary", "group_periodic")
TYPES = tuple(f"type_{number}" for number in range(1, 9))
NUMERATORS = {"debt_rate": "debtors", "offline_share": "offline_seniors"}
SUMS = {
    "debtors": ("debt_rate_hard", "debt_rate_soft"),
    "debtors ": GROUPS,
    "group_lasting": TYPES[:3],
    "group_temporary": TYPES[3:5],
    "group_periodic": TYPES[5:],
}
PARTED = {area: tuple(-number for number in parts) for area, parts in CELLS.items() if len(parts) > 1}
PLACES = (CITY, *CELLS, *(district for parts in PARTED.values() for district in parts))
QUANTITIES = (*COUNTS, "debt_rate_hard", "debt_rate_soft", *GROUPS, *TYPES, "participation")
INFEASIBLE, UNBOUNDED = 2, 3  # status of linprog
WIDTH = len(QUANTITIES) * len(PLACES)
SLACK = 1e-6  # sums of results differ by less
EXACT = 1.0  # persons; a range this short names the whole number
ROUND_OFF = 1e-4
Terms = Mapping[int, float]


def column(quantity: str, place: int) -> int:
    """The place of one unknown among all."""
    return QUANTITIES.index(quantity) * len(PLACES) + PLACES.index(place)


def quantity_of(code: str) -> str:
    """The count whose size a figure tells."""
    return NUMERATORS.get(code, code)


def places_of(number: Number) -> tuple[int, ...]:
    """The places that one figure is about."""
    return JOINED if number.joined else (number.place,)


def read_german(text: str) -> float | None:
    """ "1.234,5 %" as a number, None for words."""
    figure = text.split()[0].replace(".", "").replace(",", ".")
    return float(figure) if figure.replace(".", "").isdigit() else None


@dataclass
class System:
    """Inequalities: coefficients · unknowns <= limit."""

    rows: list[Terms] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    def at_most(self, terms: Terms, limit: float) -> None:
        """Add one inequality."""
        self.rows.append(terms)
        self.limits.append(limit)

    def between(self, terms: Terms, low: float, high: float) -> None:
        """Add two inequalities."""
        self.at_most(terms, high)
        self.at_most({at: -factor for at, factor in terms.items()}, -low)

    def range_of(self, terms: Terms, whole: Collection[int] = ()) -> tuple[float, float]:
        """Least and largest value that everything known allows; whole: unknowns that are whole numbers."""
        aim = np.zeros(WIDTH)
        aim[list(terms)] = list(terms.values())
        is_whole = np.isin(np.arange(WIDTH), list(whole)).astype(int) if whole else None
        return _ends(aim, self._matrix(), self.limits, is_whole)

    def share_of(self, part: Terms, whole: Terms) -> tuple[float, float]:
        """Least and largest share of one sum in another of at least 1, as everything known allows.

        Source: Charnes and Cooper 1962: all unknowns and the limits are divided by the whole.
        """
        matrix = csr_array(hstack([self._matrix(), -np.array(self.limits)[:, None]]))
        aim, one = np.zeros(WIDTH + 1), np.zeros(WIDTH + 1)
        aim[list(part)], one[list(whole)] = list(part.values()), list(whole.values())
        per_whole = np.zeros(WIDTH + 1)
        per_whole[-1] = 1.0
        both = csr_array(vstack([matrix, [one, -one, per_whole]]))
        return _ends(aim, both, [*np.zeros(len(self.limits)), 1.0, -1.0, 1.0])

    def _matrix(self) -> csr_array:
        flat = [(at, row, factor) for at, own in enumerate(self.rows) for row, factor in own.items()]
        rows, columns, factors = zip(*flat, strict=True)
        return csr_array((factors, (rows, columns)), shape=(len(self.rows), WIDTH))


def _ends(
    aim: np.ndarray, matrix: csr_array, limits: Sequence[float], is_whole: np.ndarray | None = None
) -> tuple[float, float]:
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * aim, matrix, limits, integrality=is_whole)
        if found.status not in (0, INFEASIBLE, UNBOUNDED):  # presolving stumbles over numbers of all sizes
            found = linprog(sign * aim, matrix, limits, integrality=is_whole, options={"presolve": False})
        if found.status == INFEASIBLE:
            raise ValueError("what is shown contradicts itself")
        if found.status not in (0, UNBOUNDED):
            raise RuntimeError(found.message)
        ends.append(float(aim @ found.x) if found.status == 0 else -sign * np.inf)
    return ends[0], ends[1]


def set_up(numbers: Iterable[Number], truth: Truth) -> System:
    """Everything that follows from the shown numbers and from what the words mean."""
    system = System()
    _add_meaning(system)
    for place in PLACES:
        system.at_most({column("debtors", place): 1.0}, truth.base("debt_rate", place) + SLACK)
    for number in sorted(set(numbers), key=repr):
        value = read_german(number.text)
        if value is not None:
            _add_shown(system, number, value, truth)
    return system


def _add_meaning(system: System) -> None:
    for place in PLACES:
        for whole, parts in SUMS.items():
            total = {column(whole.strip(), place): -1.0}
            system.between({**total, **{column(part, place): 1.0 for part in parts}}, -SLACK, SLACK)
        for part, whole in (("offline_seniors", "seniors"), ("seniors", "persons"), ("debtors", "persons")):
            system.at_most({column(part, place): 1.0, column(whole, place): -1.0}, 0.0)
        system.at_most({column("participation", place): 1.0, column("seniors", place): -100.0}, 0.0)
    for quantity in QUANTITIES:
        for whole, parts in {CITY: tuple(CELLS), **PARTED}.items():
            total = {column(quantity, whole): -1.0}
            system.between({**total, **{column(quantity, part): 1.0 for part in parts}}, -SLACK, SLACK)


def _add_shown(system: System, number: Number, value: float, truth: Truth) -> None:
    places, quantity = places_of(number), quantity_of(number.code)
    terms = {column(quantity, place): 1.0 for place in places}
    if number.code in COUNTS:
        half = COUNTS[number.code] / 2
        system.between(terms, value - half, value + half)
    elif number.code in (*GROUPS, *TYPES):
        for sign in (1.0, -1.0):
            share = (value + sign * 0.05) / 100
            whole = {column("debtors", place): -sign * share for place in places}
            system.at_most({**whole, **dict.fromkeys(terms, sign)}, SLACK)
    else:
        scale = 1.0 if number.code == "participation" else 100.0
        base = sum(truth.base(number.code, place) for place in places)
        system.between(terms, (value - 0.05) * base / scale - SLACK, (value + 0.05) * base / scale + SLACK)


def list_withheld(numbers: Iterable[Number]) -> list[tuple[str, tuple[int, ...]]]:
    """Figures of which the pages say that they are protected, and the places they are about."""
    return sorted({(own.code, places_of(own)) for own in numbers if own.text == "geschützt"})


def recover(numbers: Collection[Number], truth: Truth) -> tuple[list[object], list[object]]:
    """(Exactly known, not far enough off) among the withheld numbers."""
    system, exact, narrow = set_up(numbers, truth), [], []
    for code, places in list_withheld(numbers):
        low, high = system.range_of({column(quantity_of(code), place): 1.0 for place in places})
        if high - low < EXACT:
            exact.append((code, places))
        if is_too_near(low, high, sum(truth.numerators[code, place] for place in places)):
            narrow.append((code, places))
    return exact, narrow


def is_too_near(low: float, high: float, truth: float) -> bool:
    """Whether a small number must lie nearer to its true value than the rules allow.

    Raises ValueError if the true value is not among the possible ones.
    """
    count_min = protection_rules().count_min
    if not low - ROUND_OFF <= truth <= high + ROUND_OFF:
        raise ValueError("the attacker is wrong")
    is_near = high - truth < count_min - ROUND_OFF or truth - low < min(count_min, truth) - ROUND_OFF
    return truth < count_min and is_near
