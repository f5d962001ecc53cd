"""Where a delivery jumps against the one before: area by area, column by column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kodala.core.german import german_number
from microcells.domain.area_profile import AreaProfiles
from microcells.domain.rows import Floats
from microcells.domain.schema import Column, Schema

POINT_UNITS = ("%", "Punkte")


@dataclass(frozen=True)
class CheckedChange:
    """How far columns of each family may move: shares of the earlier value, and points."""

    households: float
    counts: float
    means: float
    points: float
    compared_cells: int


@dataclass(frozen=True)
class Jumps:
    """jumps: column, numbers of its areas, and what would have been allowed, in words; n_compared: of all."""

    jumps: list[tuple[Column, list[int], str]]
    n_compared: int


def check_jumps(now: AreaProfiles, before: AreaProfiles, schema: Schema, limits: CheckedChange) -> Jumps:
    """Compare every column that both deliveries have, in areas with enough rows in both.

    An area that one of them leaves out is not a jump: W-GEBIET-LEER and the number of rows tell that.
    """
    _, own, other = np.intersect1d(now.numbers, before.numbers, return_indices=True)
    jumps: list[tuple[Column, list[int], str]] = []
    n_compared = 0
    for column in schema.columns:
        if column.name not in now.values or column.name not in before.values:
            continue
        enough = (now.counts[column.name][own] >= limits.compared_cells) & (
            before.counts[column.name][other] >= limits.compared_cells
        )
        new, old = now.values[column.name][own][enough], before.values[column.name][other][enough]
        numbers = now.numbers[own][enough]
        n_compared += len(numbers)
        is_jump, allowed = _jumps(new, old, column, limits)
        if is_jump.any():
            jumps.append((column, numbers[is_jump].tolist(), allowed))
    return Jumps(jumps, n_compared)


def _jumps(new: Floats, old: Floats, column: Column, limits: CheckedChange) -> tuple[np.ndarray, str]:
    if column.unit in POINT_UNITS:
        unit = "Prozentpunkte" if column.unit == "%" else "Punkte"
        return np.abs(new - old) > limits.points, f"{german_number(limits.points)} {unit}"
    share = limits.means
    if column.added:
        share = limits.households if column.name == "households" else limits.counts
    return np.abs(new - old) > share * np.abs(old), f"{german_number(share * 100)} %"
